"""The ledger: rows are added, read back newest first, and tell where an alias came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_lib.objects.errors import NotFoundError
from mlops_lib.registry import ledger
from mlops_lib.workspace.folder import Workspace


def move(workspace: Workspace, what: str, before: int | None, after: int) -> None:
    ledger.write(workspace, "m", what, who="ann", before=before, after=after, alias="champion")


def test_entries_come_newest_first_with_all_they_hold(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    ledger.write(workspace, "m", ledger.REGISTERED, who="ann", after=1, digest="d1", why="first")
    ledger.write(workspace, "other", ledger.REGISTERED, who="bob", after=1, digest="d2")
    move(workspace, ledger.ALIAS_SET, None, 1)
    latest, first = ledger.entries(workspace, "m")
    assert (latest.what, latest.alias, latest.before, latest.after) == ("alias set", "champion", None, 1)
    assert (first.who, first.after, first.digest, first.why) == ("ann", 1, "d1", "first")
    assert len(ledger.entries(workspace)) == 3
    assert [e.model for e in ledger.entries(workspace, limit=1, offset=1)] == ["other"]


def test_the_digest_is_the_one_noted_at_registration(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    ledger.write(workspace, "m", ledger.REGISTERED, who="ann", after=1, digest="first")
    ledger.write(workspace, "m", ledger.REGISTERED, who="eve", after=1, digest="later")
    assert ledger.registered_digest(workspace, "m", 1) == "first", "a later row changes nothing"
    with pytest.raises(NotFoundError, match="did not register 'm' version 2"):
        ledger.registered_digest(workspace, "m", 2)


def test_going_back_walks_the_moves_as_a_stack(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for before, after in ((None, 1), (1, 2), (2, 3)):
        move(workspace, ledger.ALIAS_SET, before, after)
    assert ledger.previous_version(workspace, "m", "champion") == 2
    move(workspace, ledger.WENT_BACK, 3, 2)
    assert ledger.previous_version(workspace, "m", "champion") == 1
    move(workspace, ledger.ALIAS_SET, 2, 4)
    assert ledger.previous_version(workspace, "m", "champion") == 2


def test_without_an_earlier_version_there_is_nothing_to_go_back_to(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(NotFoundError, match="no earlier version"):
        ledger.previous_version(workspace, "m", "champion")
    move(workspace, ledger.ALIAS_SET, None, 1)
    with pytest.raises(NotFoundError, match="no earlier version"):
        ledger.previous_version(workspace, "m", "champion")
