"""The Pairs part of Explore: a cell or a row chosen shows the target over both features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mlops_lib.objects.schema import Classes
from mlops_lib.workspace.folder import Workspace
from pages.shared.explore_pairs import CHOSEN, FIGURE, TABLE, choose, choose_row
from tests.pages.test_explore import figures, nouns, part

Open = Callable[..., AppTest]


@pytest.fixture
def leave(workspace: Workspace) -> dict[str, str]:
    return nouns(workspace, "left", Classes("Yes"))


def test_a_chosen_pair_is_drawn_below_the_matrix(open_app: Open, leave: dict[str, str]) -> None:
    app = part(open_app("explore", **leave), "Pairs")
    assert not app.exception
    before = len(figures(app))
    cells = figures(app)[0]["data"][1]
    assert len(cells["customdata"]) == len(figures(app)[0]["data"][0]["x"]) ** 2
    first, second = app.dataframe[0].value.iloc[0][["first", "second"]] if app.dataframe else ("age", "salary")
    app.session_state[CHOSEN] = (first, second)
    app.run()
    assert not app.exception
    assert len(figures(app)) == before + 1


def test_the_target_and_one_column_with_itself_are_no_pair(
    open_app: Open, leave: dict[str, str], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlops_lib.objects.schema import Schema

    schema = workspace.get(Schema, leave["schema"])
    of: Any = (None, schema, None)
    a, b = schema.features()[:2]
    state: dict[str, Any] = {}
    with monkeypatch.context() as patched:
        patched.setattr(st, "session_state", state)
        for points, expected in (([0, 1], (a, b)), ([0, 0], None), ([0, 2], None)):
            state[FIGURE] = {"selection": {"points": [{"customdata": points}]}}
            choose(of, (a, b, schema.target))
            assert state[CHOSEN] == expected
        state[TABLE] = {"selection": {"rows": [1]}}
        choose_row(of, [(a, b), (b, a)])
        assert state[CHOSEN] == (b, a)
