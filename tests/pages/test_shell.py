"""What all pages share: state, address, error boundary, escaping, and long work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.objects.errors import FulcrumError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import find_view, keep_view
from pages.shared.calls import progress_words
from pages.shared.escape import escape
from pages.shared.session import DOWNSTREAM
from pages.shared.show import as_csv
from pages.shared.steps import STEPS

OpenApp = Callable[..., AppTest]


def _script(body: str) -> AppTest:
    """A visitor of a small page made of the shared parts."""
    lines = [
        "import streamlit as st",
        "from pages.shared.boundary import boundary",
        "from pages.shared.session import restore_session, session",
        "restore_session()",
        body,
    ]
    return AppTest.from_string("\n".join(lines), default_timeout=60)


def test_the_first_page_opens_without_anything(open_app: OpenApp) -> None:
    app = open_app()
    assert not app.exception
    assert "view" not in app.query_params


def test_every_page_opens_without_its_inputs(open_app: OpenApp) -> None:
    for step in STEPS.values():
        app = open_app(step.name)
        assert not app.exception, step.name
        assert not app.error, step.name
        assert [step.title in title.value for title in app.title] == [True], step.name


def test_steps_name_each_page_once_and_in_its_section() -> None:
    assert list(STEPS) == [step.path.stem for step in STEPS.values()]
    assert len({step.icon for step in STEPS.values()}) == len(STEPS)
    assert not any(":material" in step.icon for step in STEPS.values())


def test_two_visitors_do_not_see_each_others_state(workspace: Workspace) -> None:
    body = """
name = st.text_input("name", key="name")
if name:
    session().set(dataset=name)
    draft = session().draft("schema", [])
    draft.append(name)
    session().set_draft("schema", draft)
st.text(str(session().id("dataset")))
st.text(str(session().draft("schema")))
"""
    one, two = _script(body).run(), _script(body).run()
    one.text_input(key="name").set_value("aaa").run()
    two.run()
    assert [t.value for t in one.text] == ["aaa", "['aaa']"]
    assert [t.value for t in two.text] == ["None", "None"]
    two.text_input(key="name").set_value("bbb").run()
    one.text_input(key="name").set_value("").run()
    assert one.text[0].value == "aaa"
    assert one.query_params["view"] != two.query_params["view"]


def test_an_address_restores_the_state_for_a_colleague_and_later_changes_do_not_reach_it(workspace: Workspace) -> None:
    body = """
if st.button("choose", key="choose"):
    session().set(dataset="d1", run="r1")
    session().set_draft("schema", {"columns": [1, "급여"]})
if st.button("other", key="other"):
    session().set(run="r2")
st.text(f"{session().id('dataset')} {session().id('run')} {session().draft('schema')}")
"""
    one = _script(body).run()
    one.button(key="choose").click().run()
    view = one.query_params["view"]
    two = _script(body)
    two.query_params["view"] = view
    two.run()
    assert two.text[0].value == one.text[0].value == "d1 r1 {'columns': [1, '급여']}"
    one.button(key="other").click().run()
    assert one.query_params["view"] != view
    assert two.run().text[0].value.startswith("d1 r1")
    assert find_view(workspace, view) == {
        "nouns": {"dataset": "d1", "run": "r1"},
        "drafts": {"schema": {"columns": [1, "급여"]}},
        "jobs": {},
    }


def test_an_address_of_another_workspace_is_told(open_app: OpenApp) -> None:
    app = open_app(view="0123456789abcdef")
    assert "0123456789abcdef" in app.warning[0].value
    assert "view" not in app.query_params


def test_the_address_is_written_again_when_a_page_switch_cleared_it(workspace: Workspace) -> None:
    app = _script('if st.button("go", key="go"): session().set(dataset="d1")').run()
    app.button(key="go").click().run()
    view = app.query_params["view"]
    del app.query_params["view"]
    assert app.run().query_params["view"] == view


@pytest.mark.parametrize("changed", [noun for noun, below in DOWNSTREAM.items() if below])
def test_a_changed_noun_clears_what_hangs_on_it_and_nothing_else(workspace: Workspace, changed: str) -> None:
    every = {noun: f"{noun}1" for noun in DOWNSTREAM}
    view = keep_view(workspace, {"nouns": every, "drafts": {}, "jobs": {}})
    body = f"""
if st.button("same", key="same"): session().set({changed}="{changed}1")
if st.button("change", key="change"): session().set({changed}="new")
st.text(" ".join(n for n in {list(DOWNSTREAM)} if session().id(n)))
"""
    app = _script(body)
    app.query_params["view"] = view
    app.run()
    app.button(key="same").click().run()
    assert app.text[0].value.split() == list(DOWNSTREAM)
    app.button(key="change").click().run()
    assert app.text[0].value.split() == [n for n in DOWNSTREAM if n not in DOWNSTREAM[changed]]


def test_nouns_chosen_together_stay_together_and_drafts_go_with_their_dataset(workspace: Workspace) -> None:
    body = """
if st.button("first", key="first"):
    session().set(dataset="d1", schema="s1", split="p1")
    session().set_draft("recipe", 1)
if st.button("second", key="second"): session().set(dataset="d2", schema="s2")
st.text(f"{session().id('dataset')} {session().id('schema')} {session().id('split')} {session().draft('recipe')}")
"""
    app = _script(body).run()
    app.button(key="first").click().run()
    assert app.text[0].value == "d1 s1 p1 1"
    app.button(key="second").click().run()
    assert app.text[0].value == "d2 s2 None None"


def test_a_draft_is_a_copy_and_only_plain_json(workspace: Workspace) -> None:
    body = """
session().set_draft("d", {"a": [1]})
session().draft("d")["a"].append(2)
st.text(str(session().draft("d")))
with boundary():
    session().set_draft("d", {"a": object()})
st.text(str(session().draft("d")))
"""
    app = _script(body).run()
    assert [t.value for t in app.text] == ["{'a': [1]}", "{'a': [1]}"]
    assert "plain JSON" in app.warning[0].value


def test_an_unexpected_error_shows_an_id_and_no_traceback_and_the_log_has_both(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    app = _script("with boundary():\n    raise ValueError('a secret of /server/path')\nst.text('after')").run()
    assert not app.exception
    shown = app.error[0].value
    assert "Something went wrong" in shown
    assert "secret" not in shown
    assert "ValueError" not in shown
    identity = shown.split("id ")[1].split(".")[0]
    assert identity in caplog.text
    assert "a secret of /server/path" in caplog.text
    assert app.text[0].value == "after"


def test_an_error_of_ours_shows_message_and_hint_as_text(workspace: Workspace) -> None:
    body = """
from mlops_lib.objects.errors import InputError
with boundary():
    raise InputError("The column '![p](http://x.invalid)' is not there.", "Choose *another*.")
"""
    shown = _script(body).run().warning[0].value
    assert "\\!\\[p\\]\\(" in shown
    assert "\\*another\\*" in shown


def test_stop_and_rerun_pass_the_boundary(workspace: Workspace) -> None:
    body = """
with boundary():
    if "again" not in st.session_state:
        st.session_state["again"] = True
        st.rerun()
    st.text("second run")
    st.stop()
st.text("never")
"""
    app = _script(body).run()
    assert [t.value for t in app.text] == ["second run"]
    assert not app.error


@pytest.mark.parametrize(
    "text",
    [
        "![p](http://x.invalid/p.png)",
        "[l](http://x.invalid)",
        ":material/home:",
        ":red[hot]",
        "$x^2$",
        "<b>b</b>",
        "# head",
        "1. one",
        "| a | b |",
        "급여 (원)",
    ],
)
def test_escape_leaves_no_mark_unescaped(text: str) -> None:
    bare = escape(text).replace("\\\\", "")
    for mark in "![](){}<>#*_`~$|:":
        assert bare.count(mark) == bare.count("\\" + mark)
    assert escape(text).replace("\\", "").replace("\N{WORD JOINER}", "") == text.replace("\\", "")


def test_escape_keeps_a_cell_on_one_line() -> None:
    assert escape("a\n\n# b\r\nc") == "a \\# b c"


def test_csv_disarms_formulas_and_keeps_numbers() -> None:
    frame = pd.DataFrame({"=name": ["=1+1", "@x", "-2", "fine", None], "value": [-1.5, 2.0, 0.1, 1e-17, float("nan")]})
    text = as_csv(frame).decode("utf-8-sig")
    assert text.splitlines() == ["'=name,value", "'=1+1,-1.5", "'@x,2.0", "'-2,0.1", "fine,1e-17", ","]
    assert frame.columns[0] == "=name"
    assert frame.iloc[0, 0] == "=1+1"


def test_cached_keeps_results_by_what_determines_the_arguments(workspace: Workspace) -> None:
    body = """
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from pages.shared.calls import cached
calls = st.session_state.setdefault("calls", [])
def weigh(recipe, factor=1):
    calls.append(recipe)
    return recipe.sampler.name * factor
smote, adasyn = (Recipe(Model("m"), sampler=Sampler(n)) for n in ("smote", "adasyn"))
renamed = Recipe(Model("m"), rung="another label", sampler=Sampler("smote"))
answers = [cached(weigh)(r) for r in (smote, adasyn, renamed, smote)] + [cached(weigh)(smote, factor=2)]
st.text(f"{answers} {len(calls)}")
"""
    assert _script(body).run().text[0].value == "['smote', 'adasyn', 'smote', 'smote', 'smotesmote'] 3"


def test_cached_refuses_a_frame() -> None:
    from pages.shared.calls import cached

    with pytest.raises(TypeError, match="DataFrame"):
        cached(len)(pd.DataFrame({"a": [1]}))


def test_recipes_that_differ_in_one_class_name_differ_in_fingerprint() -> None:
    assert Recipe(Model("a")).fingerprint != Recipe(Model("b")).fingerprint
    assert Recipe(Model("a"), sampler=Sampler("a")).fingerprint != Recipe(Model("a")).fingerprint


def slow_sum(workspace: Workspace, spec: dict[str, int], emit: Callable[[object], None]) -> dict[str, int]:
    """A piece of work for the tests below."""
    from mlops_lib.objects.progress import Progress

    emit(Progress(1, 2, "adding", 3.0))
    if spec["a"] < 0:
        raise FulcrumError("Got -1.", "Give a positive number.")
    return {"sum": spec["a"] + spec["b"]}


JOB_PAGE = """
from pages.shared.calls import job
a = st.number_input("a", value=1, step=1, key="a")
with boundary():
    found = job("test-sum", {"a": a, "b": 2}, label="Adding *up*")
    if found is not None: st.text(f"sum {found['sum']}")
"""


@pytest.fixture
def sum_work(monkeypatch: pytest.MonkeyPatch) -> None:
    from mlops_lib.jobs.work import WORK, Work

    monkeypatch.setitem(WORK, "test-sum", Work(run=f"{__name__}:slow_sum"))


def test_a_job_shows_progress_then_its_result_and_is_found_again(
    workspace: Workspace, do_jobs: Callable[[], int], sum_work: None
) -> None:
    app = _script(JOB_PAGE).run()
    assert not app.text
    assert any("Adding \\*up\\*" in m.value for m in app.markdown)
    other = _script(JOB_PAGE).run()
    assert do_jobs() == 1
    assert app.run().text[0].value == "sum 3"
    assert other.run().text[0].value == "sum 3"
    assert do_jobs() == 0


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(0, 1, "Reading hr.csv"), "Reading hr.csv"),
        (Progress(3, 1200, "Counting"), "Counting · 3 of 1,200"),
        (Progress(1, 2, "Adding", 3.0), "Adding · 1 of 2 · about 3.0 s left"),
    ],
)
def test_progress_of_a_single_part_is_not_counted(progress: Progress, words: str) -> None:
    assert progress_words(progress) == words


def test_a_failed_job_says_why_and_can_be_tried_again(
    workspace: Workspace, do_jobs: Callable[[], int], sum_work: None
) -> None:
    app = _script(JOB_PAGE)
    app.run()
    app.number_input(key="a").set_value(-1).run()
    assert do_jobs() == 2
    app.run()
    assert "Got \\-1\\." in app.warning[0].value
    assert "Give a positive number" in app.warning[0].value
    again = next(b for b in app.button if b.label == "Try again")
    again.click().run()
    assert do_jobs() == 1


def test_a_cancelled_job_says_so_and_does_not_start_by_itself(
    workspace: Workspace, do_jobs: Callable[[], int], sum_work: None
) -> None:
    app = _script(JOB_PAGE).run()
    next(b for b in app.button if b.label == "Cancel").click().run()
    app.run()
    assert any("cancelled" in m.value for m in app.markdown)
    assert do_jobs() == 0
    next(b for b in app.button if b.label == "Start again").click().run()
    assert do_jobs() == 1


def test_the_app_can_be_started_from_any_folder(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not open_app().exception


def test_a_page_without_its_inputs_offers_the_sample_and_works_after_one_click(open_app: OpenApp) -> None:
    needy = [step for step in STEPS.values() if step.name in ("explore", "feature_tests", "resampling", "train")]
    for step in needy:
        app = open_app(step.name)
        app.button(key="missing_sample").click().run()
        assert not app.exception, step.name
        assert not app.error, step.name
        assert not any(b.key == "missing_sample" for b in app.button), step.name
        assert "3,000 rows" in "\n".join(c.value for c in app.caption)
