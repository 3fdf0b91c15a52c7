"""The Data page asks each kind of split for what it needs, and takes it up again."""

from __future__ import annotations

from typing import Any

from mlops_lib.data.samples import load_sample
from mlops_lib.objects.split import SplitPlan
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import keep_view
from pages.shared.data_words import ABOVE
from tests.pages.conftest import texts
from tests.pages.test_data import CSV, OpenApp, by_prefix, state, uploaded


def opened(open_app: OpenApp, workspace: Workspace, dataset: str, **draft: Any) -> Any:
    saved = keep_view(workspace, {"nouns": {"dataset": dataset}, "drafts": {"data": draft}, "jobs": {}})
    return open_app(view=saved)


def locked(app: Any, workspace: Workspace) -> tuple[SplitPlan, dict[str, str]]:
    app.get_by_key("data_confirm").click().run()
    nouns = state(app, workspace)["nouns"]
    return workspace.get(SplitPlan, nouns["split"]), nouns


def shown_code(app: Any) -> SplitPlan:
    shown: dict[str, Any] = {}
    exec(app.code[0].value, shown)  # what "Show the code" shows has to run as it stands
    return shown["split"]  # type: ignore[no-any-return]


def test_repeats_are_asked_for_where_folds_are_by_chance(open_app: OpenApp, workspace: Workspace, do_jobs: Any) -> None:
    fingerprint = state(uploaded(open_app(), do_jobs, CSV), workspace)["nouns"]["dataset"]
    app = opened(open_app, workspace, fingerprint, target="left", positive="Yes", split=[0.2, 4, 1])
    assert not [w for w in app.number_input if str(w.key).startswith("data_gap_")]
    by_prefix(app, "number_input", "data_repeats_").set_value(3).run()
    assert "in 4 folds, dealt out 3 times (12 fits a recipe)" in texts(app).replace("\\", "")
    plan, nouns = locked(app, workspace)
    assert (plan.folds, plan.repeats, plan.hold_out, plan.seed) == (4, 3, 0.2, 1)
    again = open_app(**nouns)
    assert by_prefix(again, "number_input", "data_repeats_").value == 3
    assert "This split is locked" in texts(again)
    assert shown_code(again).fingerprint == plan.fingerprint


def test_a_gap_is_asked_for_in_a_split_in_time_and_its_cost_is_said(open_app: OpenApp, workspace: Workspace) -> None:
    fingerprint = load_sample(workspace, "flights").fingerprint
    columns = {"time_hour": ["date", "time"]}
    app = opened(open_app, workspace, fingerprint, target="arr_delay", mode=ABOVE, limit=15.0, columns=columns)
    assert not [w for w in app.number_input if str(w.key).startswith("data_repeats_")]
    by_prefix(app, "number_input", "data_gap_").set_value(2.0).run()
    assert "The gap of 2 days costs each fold" in texts(app).replace("\\", "")
    plan, nouns = locked(app, workspace)
    assert plan.usable_from is not None
    again = open_app(**nouns)
    assert by_prefix(again, "number_input", "data_gap_").value == 2.0
    assert "This split is locked" in texts(again)


def test_the_held_out_value_of_a_split_column_is_confirmed(
    open_app: OpenApp, workspace: Workspace, do_jobs: Any
) -> None:
    rows = [f"{'Yes' if k % 5 == 0 else 'No'},{k % 7},{1 + k % 3},{'ABCD'[k // 5 % 4]}" for k in range(400)]
    app = uploaded(open_app(), do_jobs, "left,x,w,part\n" + "\n".join(rows))
    fingerprint = state(app, workspace)["nouns"]["dataset"]
    columns = {"part": ["categorical", "split"], "w": ["numeric", "weight"]}
    app = opened(open_app, workspace, fingerprint, target="left", positive="Yes", columns=columns)
    held = by_prefix(app, "selectbox", "data_held_")
    assert held.value is None
    assert not [b for b in app.button if b.key == "data_confirm"]
    held.select("C").run()
    assert not app.exception
    assert "says which part a row belongs to; 'C' is held out" in texts(app).replace("\\", "")
    assert "weighed by 'w'" in texts(app).replace("\\", "")
    plan, nouns = locked(app, workspace)
    assert (plan.kind, plan.folds, plan.held, len(plan.hold_out_rows())) == ("predefined", 3, "C", 100)
    again = open_app(**nouns)
    assert by_prefix(again, "selectbox", "data_held_").value == "C"
    assert "This split is locked" in texts(again)
    assert shown_code(again).fingerprint == plan.fingerprint


def test_how_rows_are_dealt_is_asked_and_changes_the_role_of_the_column(
    open_app: OpenApp, workspace: Workspace, do_jobs: Any
) -> None:
    rows = [f"{'Yes' if k % 5 == 0 else 'No'},{k % 7},{1 + k % 3},team {k // 5 % 16}" for k in range(400)]
    fingerprint = state(uploaded(open_app(), do_jobs, "left,x,w,team\n" + "\n".join(rows)), workspace)["nouns"][
        "dataset"
    ]
    app = opened(open_app, workspace, fingerprint, target="left", positive="Yes")
    basis = f"data_basis_{fingerprint}"
    assert app.selectbox(key=basis).value == "stratified"
    app.selectbox(key=basis).select("group").run()
    assert not app.exception
    assert not [b for b in app.button if b.key == "data_confirm"]  # which column is still to be said
    assert app.selectbox(key=basis).value == "group"
    app.selectbox(key=f"data_basis_column_{fingerprint}_group").select("team").run()
    app.selectbox(key=f"data_weight_{fingerprint}").select("w").run()
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "all rows of one 'team' lie on the same side" in said
    assert "weighed by 'w'" in said
    plan, nouns = locked(app, workspace)
    assert plan.kind == "group"
    again = open_app(**nouns)
    assert again.selectbox(key=basis).value == "group"
    again.selectbox(key=basis).select("stratified").run()
    assert "Rows are dealt by chance" in texts(again)
    assert "weighed by 'w'" in texts(again).replace("\\", "")
    again.selectbox(key=f"data_weight_{fingerprint}").set_value(None).run()
    assert not again.exception
    assert "weighed by" not in texts(again)
