"""The Data page: from a file or a sample to a locked split, in few clicks, with nothing guessed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data.datasets import list_datasets
from mlops_lib.data.samples import load_sample
from mlops_lib.objects.schema import Above, Classes, Number, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import find_view, keep_view
from pages.shared.data_words import ABOVE
from tests.pages.conftest import texts

OpenApp = Callable[..., AppTest]
CSV = "id,x,dept,left\n" + "".join(
    f"{k},{k * 7 % 31},{'abc'[k % 3]},{'Yes' if k % 5 == 0 else 'No'}\n" for k in range(200)
)


def by_prefix(app: AppTest, kind: str, prefix: str) -> Any:
    """The only widget of that kind whose key begins so."""
    found = [w for w in app.get(kind) if str(w.key).startswith(prefix)]
    assert len(found) == 1, (prefix, [w.key for w in app.get(kind)])
    return found[0]


def state(app: AppTest, workspace: Workspace) -> dict[str, Any]:
    found = find_view(workspace, view(app))
    assert found is not None
    return found


def view(app: AppTest) -> str:
    """The id that the address shows."""
    return str(app.session_state["fulcrum_view"])


def uploaded(app: AppTest, do_jobs: Callable[[], int], content: str | bytes, name: str = "people.csv") -> AppTest:
    data = content if isinstance(content, bytes) else content.encode()
    app.get_by_key("data_upload").upload(name, data).run()
    assert do_jobs() == 1
    return app.run()


def test_the_first_page_says_what_this_is_and_what_it_takes(open_app: OpenApp) -> None:
    app = open_app()
    assert not app.exception
    said = texts(app)
    for words in ("honest about class imbalance", "The workspace is shared", "500 MB", "The steps ahead"):
        assert words in said


def test_from_an_upload_to_a_locked_split(open_app: OpenApp, workspace: Workspace, do_jobs: Callable[[], int]) -> None:
    app = uploaded(open_app(), do_jobs, CSV)
    assert not app.exception
    assert "200 rows and 4 columns read, none skipped" in texts(app)
    target = by_prefix(app, "selectbox", "data_target_")
    assert target.value is None
    target.select("left").run()
    positive = by_prefix(app, "radio", "data_positive_")
    assert positive.value is None
    assert not [b for b in app.button if b.key == "data_confirm"]
    positive.set_value("Yes").run()
    assert not app.exception
    assert "40 of 200 rows (20.0 %)" in texts(app)
    app.get_by_key("data_confirm").click().run()
    nouns = state(app, workspace)["nouns"]
    schema = workspace.get(Schema, nouns["schema"])
    plan = workspace.get(SplitPlan, nouns["split"])
    assert schema.question == Classes("Yes")
    assert schema.column("id").role == "ignored"
    assert schema.features() == ("x", "dept")
    assert (len(plan.training_rows()), len(plan.hold_out_rows()), plan.folds) == (150, 50, 5)


def test_a_sample_and_its_question_are_two_clicks(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app()
    app.get_by_key("data_sample_employees").click().run()
    assert not app.exception
    app.get_by_key("data_ask_sample").click().run()
    assert not app.exception
    assert "474 of 3,000 rows (15.8 %)" in texts(app)
    app.get_by_key("data_confirm").click().run()
    assert set(state(app, workspace)["nouns"]) >= {"dataset", "schema", "split"}


def test_missing_answers_of_the_flights_are_counted_and_never_no(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app(dataset=load_sample(workspace, "flights").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    assert not app.exception
    said = texts(app)
    assert "have no 'arr" in said.replace("\\", "")
    assert "cancelled flight" in said
    after = by_prefix(app, "multiselect", "data_after_")
    assert set(after.value) == {"dep_time", "dep_delay", "arr_time", "air_time"}
    app.get_by_key("data_confirm").click().run()
    nouns = state(app, workspace)["nouns"]
    schema = workspace.get(Schema, nouns["schema"])
    assert schema.question == Above(15.0)
    assert schema.column("dep_delay").reason == "Known only after the event."
    assert not set(schema.features()) & {"dep_time", "dep_delay", "arr_time", "air_time", "arr_delay", "year"}


def test_a_number_can_stay_a_number_and_several_classes_can_stay(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app(dataset=load_sample(workspace, "employees").fingerprint)
    by_prefix(app, "selectbox", "data_target_").select("monthly_income").run()
    mode = by_prefix(app, "radio", "data_mode_")
    assert mode.value is None
    mode.set_value("The number itself").run()
    assert not app.exception
    app.get_by_key("data_confirm").click().run()
    schema = workspace.get(Schema, state(app, workspace)["nouns"]["schema"])
    assert schema.question == Number()
    app = open_app(dataset=schema.dataset)
    by_prefix(app, "selectbox", "data_target_").select("department").run()
    by_prefix(app, "radio", "data_positive_").set_value("(all classes as they are)").run()
    assert "4 classes" in texts(app)
    by_prefix(app, "radio", "data_positive_").set_value("Sales").run()
    app.get_by_key("data_confirm").click().run()
    assert workspace.get(Schema, state(app, workspace)["nouns"]["schema"]).question == Classes("Sales")


def test_a_question_mark_is_proposed_as_missing_and_the_answers_given_stay(
    open_app: OpenApp, workspace: Workspace, do_jobs: Callable[[], int]
) -> None:
    app = open_app(dataset=load_sample(workspace, "employees_traps").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    assert "Numbers kept as text** (serious)" in texts(app)
    assert by_prefix(app, "multiselect", "data_after_").value == ["notice_period_days"]
    app.get_by_key("data_count_missing").click().run()
    assert do_jobs() == 2  # the checks by quick models, and the reading
    app.run()
    assert not app.exception
    said = texts(app)
    assert "Numbers kept as text** (serious)" not in said
    assert "Repeated rows" in said
    assert by_prefix(app, "selectbox", "data_target_").value == "left"
    assert len(list_datasets(workspace)) == 2


def test_treatments_become_a_draft_for_the_train_page(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app(dataset=load_sample(workspace, "employees").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    by_prefix(app, "selectbox", "data_treat_FUL009").select("clip").run()
    app.get_by_key("data_confirm").click().run()
    drafted = state(app, workspace)["drafts"]["treatments"]
    assert {(t["column"], t["action"]) for t in drafted} == {("distance_km", "median"), ("distance_km", "clip")}


def test_a_reload_shows_the_same_form(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app(dataset=load_sample(workspace, "employees").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    by_prefix(app, "number_input", "data_folds_").set_value(4).run()
    again = open_app(view=view(app))
    assert not again.exception
    assert by_prefix(again, "selectbox", "data_target_").value == "left"
    assert by_prefix(again, "radio", "data_positive_").value == "Yes"
    assert by_prefix(again, "number_input", "data_folds_").value == 4


def test_a_changed_setting_after_the_lock_is_said(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app(dataset=load_sample(workspace, "employees").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    app.get_by_key("data_confirm").click().run()
    again = open_app(view=view(app))
    assert "This split is locked" in texts(again)
    by_prefix(again, "number_input", "data_seed_").set_value(7).run()
    assert "You changed something since the split was locked" in texts(again)


@pytest.mark.parametrize(
    ("content", "says"), [(b"%PDF-1.4", "a PDF document"), (b"a,b\nr,1,2\ns,3,4\n", "Line 1 has 2 names")]
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    open_app: OpenApp, do_jobs: Callable[[], int], content: bytes, says: str
) -> None:
    app = uploaded(open_app(), do_jobs, content)
    assert not app.exception
    assert says in texts(app).replace("\\", "")


def test_a_table_of_the_workspace_is_picked_again(open_app: OpenApp, workspace: Workspace) -> None:
    kept = load_sample(workspace, "rare_event")
    app = open_app()
    app.get_by_key("data_known").select(kept.fingerprint).run()
    app.get_by_key("data_open").click().run()
    assert state(app, workspace)["nouns"] == {"dataset": kept.fingerprint}
    app.get_by_key("data_other").click().run()
    assert "The steps ahead" in texts(app)


def test_names_of_a_table_are_text_and_never_markup(open_app: OpenApp, do_jobs: Callable[[], int]) -> None:
    evil = "![p](http://example.invalid/x.png)"
    content = f'"{evil}",y\n' + "".join(f"{k},{k % 2}\n" for k in range(60))
    app = uploaded(open_app(), do_jobs, content)
    by_prefix(app, "selectbox", "data_target_").select("y").run()
    by_prefix(app, "radio", "data_positive_").set_value("1").run()
    assert not app.exception
    assert "![p](" not in texts(app)


def test_a_link_to_a_locked_split_shows_what_was_confirmed(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app(dataset=load_sample(workspace, "flights").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    by_prefix(app, "number_input", "data_folds_").set_value(3).run()
    app.get_by_key("data_confirm").click().run()
    nouns = state(app, workspace)["nouns"]
    again = open_app(**nouns)
    assert not again.exception
    assert by_prefix(again, "selectbox", "data_target_").value == "arr_delay"
    assert by_prefix(again, "number_input", "data_limit_").value == 15.0
    assert "This split is locked" in texts(again)
    shown: dict[str, Any] = {}
    exec(again.code[0].value, shown)  # what "Show the code" shows has to run as it stands
    assert shown["split"].fingerprint == nouns["split"]


def test_a_role_given_to_a_column_changes_the_split(open_app: OpenApp, workspace: Workspace) -> None:
    fingerprint = load_sample(workspace, "flights").fingerprint
    edits = {"target": "arr_delay", "mode": ABOVE, "limit": 15.0, "columns": {"time_hour": ["date", "time"]}}
    saved = keep_view(workspace, {"nouns": {"dataset": fingerprint}, "drafts": {"data": edits}, "jobs": {}})
    app = open_app(view=saved)
    assert not app.exception
    assert "forward in 'time" in texts(app).replace("\\", "")
    app.get_by_key("data_confirm").click().run()
    plan = workspace.get(SplitPlan, state(app, workspace)["nouns"]["split"])
    assert plan.kind == "time"


def test_a_role_that_does_not_fit_is_said_and_nothing_can_be_locked(open_app: OpenApp, workspace: Workspace) -> None:
    fingerprint = load_sample(workspace, "employees").fingerprint
    edits = {"target": "left", "positive": "Yes", "columns": {"employee_number": ["identifier", "feature"]}}
    saved = keep_view(workspace, {"nouns": {"dataset": fingerprint}, "drafts": {"data": edits}, "jobs": {}})
    app = open_app(view=saved)
    assert "cannot be a feature" in texts(app)
    assert not [b for b in app.button if b.key == "data_confirm"]


def test_one_sheet_of_several_is_chosen(open_app: OpenApp, workspace: Workspace, do_jobs: Callable[[], int]) -> None:
    book = openpyxl.Workbook()
    for title, head in (("people", "age"), ("places", "height")):
        sheet = book.create_sheet(title)
        sheet.append([head, "y"])
        for k in range(40):
            sheet.append([k, k % 2])
    buffer = io.BytesIO()
    book.save(buffer)
    app = uploaded(open_app(), do_jobs, buffer.getvalue(), "book.xlsx")
    assert "sheet 'people'" in texts(app).replace("\\", "")
    by_prefix(app, "selectbox", "data_sheet_").select("places").run()
    assert do_jobs() == 1
    app.run()
    assert not app.exception
    assert list_datasets(workspace)[0].columns == ("height", "y")
    assert "\n places\n" in texts(app)


def test_a_large_table_is_checked_in_a_job(
    open_app: OpenApp, workspace: Workspace, do_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.shared.data_findings.JOB_ROWS", 100)
    app = open_app(dataset=load_sample(workspace, "employees_traps").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    assert "Waiting for the worker" in texts(app) or app.get("progress")
    assert not [b for b in app.button if b.key == "data_confirm"]
    assert do_jobs() == 1
    app.run()
    assert "Knows the answer" in texts(app)
    assert [b for b in app.button if b.key == "data_confirm"]


def test_what_was_confirmed_is_folded_away_and_stays_within_reach(open_app: OpenApp, workspace: Workspace) -> None:
    app = open_app(dataset=load_sample(workspace, "employees").fingerprint)
    app.get_by_key("data_ask_sample").click().run()
    labels = [e.label for e in app.expander]
    assert "How it was read" not in labels
    assert [e.proto.expanded for e in app.expander if "notes:" in e.label] == [True]
    app.get_by_key("data_confirm").click().run()
    again = open_app(view=view(app))
    assert not again.exception
    folded = {e.label: e for e in again.expander}
    assert "Format" in [c.value for c in folded["How it was read"].caption]
    assert "Proposed: 22 features" in folded["Kind and role of 24 columns"].caption[0].value
    assert [e.proto.expanded for label, e in folded.items() if "notes:" in label] == [False]
    assert "This split is locked" in texts(again)
