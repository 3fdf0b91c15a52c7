"""The Charter page: begun, changed, hypotheses added, judged and taken back; its costs reach the Threshold page."""

from __future__ import annotations

from mlops_lib.data.charters import history, keep_charter, list_charters
from mlops_lib.objects.charter import Charter, Criterion, Hypothesis
from tests.pages.trained import said

NOUNS = ("dataset", "schema", "split")


def press(app, label: str):
    next(b for b in app.button if b.label == label).click()
    return app.run()


def field(app, label: str):
    kinds = (app.text_input, app.text_area, app.number_input, app.selectbox)
    return next(w for kind in kinds for w in kind if w.label == label)


def test_a_project_is_begun_and_changed(open_app, workspace) -> None:
    app = open_app("charter")
    field(app, "Project").input("Who leaves?")
    field(app, "The question").input("Who hands in notice within a year?")
    field(app, "A miss costs").set_value(5000.0)
    field(app, "A false alarm costs").set_value(300.0)
    field(app, "Metric").select("roc_auc")
    field(app, "Limit").set_value(0.8)
    app = press(app, "Write it down")
    assert not app.exception
    (charter,) = list_charters(workspace)
    assert (charter.miss, charter.criterion) == (5000.0, Criterion("roc_auc", 0.8))
    assert "#### Who hands in notice within a year?" in said(app)
    field(app, "Limit").set_value(0.75)
    field(app, "Why it changes").input("It was too strict.")
    app = press(app, "Keep the change")
    assert [s.why for s in history(workspace, charter.project)] == ["written down", "It was too strict."]


def test_an_empty_name_is_refused_in_words(open_app, workspace) -> None:
    app = press(open_app("charter"), "Write it down")
    assert "The project has no name." in said(app)
    assert list_charters(workspace) == ()


def test_hypotheses_are_added_judged_and_taken_back(open_app, workspace, nouns) -> None:
    kept = keep_charter(workspace, Charter("p", "Who leaves?"))
    app = open_app("charter", charter=kept, **{n: nouns[n] for n in NOUNS})
    field(app, "In words").input("Overtime drives people away.")
    field(app, "Column").select("overtime")
    field(app, "In rows of the positive class it").select("higher")
    field(app, "Label, where the column has labels").input("Yes")
    app = press(app, "Add it")
    assert not app.exception
    (charter,) = list_charters(workspace)
    assert charter.hypotheses == (Hypothesis("Overtime drives people away.", "overtime", "higher", "Yes", 0.1),)
    assert "✅ confirmed · **Overtime drives people away.**" in said(app)
    assert "overtime = Yes: As expected; left is 'Yes' in " in said(app)
    app = press(app, "Take it back")
    assert list_charters(workspace)[0].hypotheses == ()


def test_costs_reach_the_threshold_and_success_stands_on_compare(open_app, workspace, nouns, do_jobs) -> None:
    charter = Charter(
        "p", "A", miss=5000.0, false_alarm=300.0, currency="EUR", criterion=Criterion("roc_auc", 0.6, 1e5)
    )
    kept = keep_charter(workspace, charter)
    app = open_app("threshold", charter=kept, **{n: nouns[n] for n in (*NOUNS, "experiment", "run")})
    assert app.get_by_key("threshold_policy_miss").value == 5000.0
    assert app.get_by_key("threshold_policy_kind").value == "cost"
    app = open_app("compare", charter=kept, **{n: nouns[n] for n in (*NOUNS, "experiment")})
    do_jobs()
    told = said(app.run())
    assert "calls success" in told
    assert "the charter asks for at least 0.600" in told
    assert "in 95 % of the calls; the charter allows 100,000 ms." in told
    assert "changed after these runs were trained" in told
    assert not app.exception
