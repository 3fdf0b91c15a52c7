from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from mlops_lib.workspace.database import database, views
from mlops_lib.workspace.folder import Workspace, open_workspace
from mlops_lib.workspace.views import find_view, keep_view


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("FULCRUM_DATABASE", raising=False)
    return open_workspace(tmp_path)


def _rows(workspace: Workspace) -> int:
    with database(workspace).connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(views)).scalar_one())


def test_a_view_comes_back_and_the_order_of_its_entries_does_not_count(workspace: Workspace) -> None:
    state = {"nouns": {"dataset": "d1", "run": "r1"}, "drafts": {"컬럼": [1, None, 2.5]}, "jobs": {}}
    identity = keep_view(workspace, state)
    assert find_view(workspace, identity) == state
    assert keep_view(workspace, dict(reversed(state.items()))) == identity
    assert keep_view(workspace, {**state, "nouns": {"dataset": "d2"}}) != identity
    assert _rows(workspace) == 2


def test_an_unknown_view_is_none(workspace: Workspace) -> None:
    assert find_view(workspace, "0123456789abcdef") is None


def test_many_visitors_may_keep_the_same_view_at_once(workspace: Workspace) -> None:
    with ThreadPoolExecutor(8) as pool:
        identities = set(pool.map(lambda _: keep_view(workspace, {"nouns": {}, "drafts": {}, "jobs": {}}), range(40)))
    assert len(identities) == 1
    assert _rows(workspace) == 1


def test_a_view_holds_plain_json_only(workspace: Workspace) -> None:
    for state in ({"a": object()}, {"a": float("nan")}):
        with pytest.raises((TypeError, ValueError)):
            keep_view(workspace, state)
    assert _rows(workspace) == 0
