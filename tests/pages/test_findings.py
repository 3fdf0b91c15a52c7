"""The findings on the Data page: what is shown, what goes into the recipes, and the ways out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data.samples import load_sample
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.drafts import treatments_of
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import find_view
from tests.pages.conftest import texts

OpenApp = Callable[..., AppTest]


@pytest.fixture
def app(open_app: OpenApp, workspace: Workspace) -> AppTest:
    """The sample with traps, its question answered."""
    app = open_app(dataset=load_sample(workspace, "employees_traps").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    assert not app.exception
    return app


def drafts(app: AppTest, workspace: Workspace) -> dict[str, Any]:
    found = find_view(workspace, str(app.session_state["fulcrum_view"]))
    assert found is not None
    return dict(found["drafts"])


def treatment(app: AppTest, code: str) -> Any:
    (found,) = [w for w in app.selectbox if str(w.key).startswith(f"data_treat_{code}_")]
    return found


def test_what_is_chosen_goes_into_the_recipe_with_its_cells(app: AppTest, workspace: Workspace) -> None:
    assert treatment(app, "FUL015").value == "as_missing"
    assert treatment(app, "FUL020").value == "leave"
    (told,) = [box.value for box in app.markdown if box.value.startswith("**Into every recipe go**")]
    ways = [line.split(":")[0] for line in told.splitlines() if line.startswith("- ")]
    assert len(ways) == len(set(ways)) > 1, "one line for each way, however many columns it is for"
    treatment(app, "FUL020").select("merge").run()
    treatment(app, "FUL009").select("log").run()
    app.get_by_key("data_confirm").click().run()
    kept = treatments_of(drafts(app, workspace)["treatments"])
    told = {(t.column, t.action): (t.values, t.into) for t in kept}
    assert told["training_days", "as_missing"] == (("99",), "")
    assert told["training_days", "log"] == ((), "")
    assert told["job_role", "merge"] == (("Research scientst",), "Research scientist")
    assert set(told["department", "merge"][0]) == {"SALES", "sales"}
    assert all("FUL0" in t.why for t in kept)


def test_a_finding_may_be_left_as_it_is(app: AppTest, workspace: Workspace) -> None:
    for code in ("FUL015", "FUL019"):
        treatment(app, code).select("leave").run()
    app.get_by_key("data_confirm").click().run()
    actions = {t.action for t in treatments_of(drafts(app, workspace)["treatments"])}
    assert not actions & {"as_missing", "merge"}


def test_checks_that_found_nothing_say_why(app: AppTest) -> None:
    (box,) = [e for e in app.expander if "checks found nothing" in e.label]
    said = "".join(m.value for m in box.markdown).replace("\\", "")
    assert "No column misses more than 60.0 % of its cells among 1,138 training rows" in said
    assert said.count("(FUL0") >= 10


def test_a_suggested_role_is_given_by_a_button_and_changes_the_split(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app(dataset=load_sample(workspace, "flights").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    app.get_by_key("data_role_FUL033_time_hour").click().run()
    assert not app.exception
    assert "goes forward in" in texts(app)
    app.get_by_key("data_confirm").click().run()
    found = find_view(workspace, str(app.session_state["fulcrum_view"]))
    assert found is not None
    assert workspace.get(SplitPlan, found["nouns"]["split"]).kind == "time"


def test_repeated_rows_are_removed_by_a_new_version(app: AppTest, workspace: Workspace) -> None:
    app.get_by_key("data_derive_FUL006").click().run()
    draft = drafts(app, workspace)["derive"]
    assert draft["operation"] == "drop_duplicates"
    assert "employee_number" not in draft["columns"]
    assert "age" in draft["columns"]


def test_single_rows_are_looked_at_unless_that_is_switched_off(app: AppTest, do_jobs: Callable[[], int]) -> None:
    assert do_jobs() == 1
    app.run()
    assert not app.exception
    (box,) = [e for e in app.expander if "checks found nothing" in e.label]
    assert int(box.label.split(" ")[0]) > 12 or "FUL035" in texts(app) or "Answers that may be wrong" in texts(app)
    (toggle,) = [t for t in app.toggle if str(t.key).startswith("data_closer_")]
    toggle.set_value(False).run()
    assert not app.exception
    (box,) = [e for e in app.expander if "checks found nothing" in e.label or "check found nothing" in e.label]
    assert "FUL037" not in texts(app)
