"""One feature on the Feature tests page: the card, its pictures, and that it comes from a job for large tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.explore import work
from mlops_lib.objects.schema import Classes, Number, Question
from mlops_lib.workspace.folder import Workspace
from pages.shared.escape import escape
from tests.pages.conftest import texts
from tests.pages.test_explore import EVIL, figures, nouns

Open = Callable[..., AppTest]


@pytest.fixture
def leave(workspace: Workspace) -> dict[str, str]:
    return nouns(workspace, "left", Classes("Yes"))


def card(app: AppTest, feature: str = "") -> AppTest:
    app.segmented_control(key="feature_tests_part").set_value("One feature").run()
    if feature:
        choice(app).set_value(feature).run()
    assert not app.exception
    return app


def choice(app: AppTest) -> object:
    return next(w for w in app.get("selectbox") if w.key.startswith("feature_tests_feature_"))


def test_the_strongest_feature_comes_first(open_app: Open, leave: dict[str, str]) -> None:
    app = open_app("feature_tests", **leave)
    strongest = app.dataframe[0].value["feature"].iloc[0]
    card(app)
    assert choice(app).value == strongest  # type: ignore[attr-defined]
    said = texts(app)
    assert escape(f"Does {strongest} go with left?") in said
    assert "with left: effect 0" in said.replace("\\", "")
    assert "an adjusted p of at most 0" in said
    assert len(figures(app)) == 1
    tests, rests = (frame.value for frame in app.dataframe)
    assert "Mutual information" in set(tests["test"])
    assert rests["assumption"].iloc[-1] == "Rows are independent"


def test_categories_and_numbers_have_their_pictures(open_app: Open, leave: dict[str, str]) -> None:
    app = card(open_app("feature_tests", **leave), "department")
    assert {trace["type"] for trace in figures(app)[0]["data"]} == {"bar"}
    card(app, "monthly_income")
    assert {trace["type"] for trace in figures(app)[0]["data"]} == {"scatter"}
    app.segmented_control(key="feature_tests_picture_Ridges").set_value("Boxes").run()
    assert not app.exception
    assert "box" in {trace["type"] for trace in figures(app)[0]["data"]}


@pytest.mark.parametrize(("target", "question"), [("department", Classes(None)), ("monthly_income", Number())])
def test_every_feature_has_a_card(open_app: Open, workspace: Workspace, target: str, question: Question) -> None:
    app = card(open_app("feature_tests", **nouns(workspace, target, question)))
    for name in choice(app).options:  # type: ignore[attr-defined]
        card(app, name)
        assert escape(f"Does {name} go with {target}?") in texts(app)


def test_names_are_shown_as_they_are(open_app: Open, workspace: Workspace) -> None:
    app = open_app("feature_tests", **nouns(workspace, "left", Classes("Yes"), "evil", rename="department"))
    card(app, EVIL)
    assert escape(EVIL) in texts(app)
    assert "<img" not in texts(app).replace(escape(EVIL), "")
    assert "<img" not in str(figures(app)[0]["layout"])


def test_a_large_table_is_looked_at_in_a_job(
    open_app: Open, leave: dict[str, str], do_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = card(open_app("feature_tests", **leave), "department").dataframe[0].value
    monkeypatch.setattr(work, "JOB_ROWS", 100)
    monkeypatch.setattr("pages.shared.exploring.JOB_ROWS", 100)
    monkeypatch.setattr("pages.shared.tests_card.JOB_ROWS", 100)
    app = open_app("feature_tests", **leave)
    do_jobs()
    card(app.run(), "department")
    assert "Looking at department" in texts(app)
    assert not figures(app)
    assert do_jobs() >= 1
    app.run()
    assert not app.exception
    assert app.dataframe[0].value.equals(at_once)
