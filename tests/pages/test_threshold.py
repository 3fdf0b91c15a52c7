import re

import pytest

from mlops_lib.objects.decision import Cost, Decision, Fixed
from mlops_lib.threshold.choosing import choose
from mlops_lib.train.runs import load_run, out_of_fold
from mlops_lib.workspace.views import find_view
from tests.pages.trained import said, view_of

NOUNS = ("dataset", "schema", "split", "experiment", "run")


@pytest.fixture
def page(open_app, nouns):
    return open_app("threshold", **{name: nouns[name] for name in NOUNS})


def kept(app, workspace):
    return workspace.get(Decision, find_view(workspace, view_of(app))["nouns"]["decision"])


def typed(page, nouns):
    return page.get_by_key(f"threshold_typed_{nouns['run']}")


def test_without_a_run_it_says_what_is_missing(open_app, nouns):
    app = open_app("threshold", **{name: nouns[name] for name in NOUNS[:-1]})
    assert "needs a chosen run" in said(app)


def test_the_decision_is_said_first_with_its_stability(page):
    first = next(m.value for m in page.markdown if m.value.startswith("#### "))
    assert "For the best F1, flag from a score of" in first
    assert re.search(r"puts it anywhere from \S+ to \S+ .{,2}95 % of draws", first)
    assert page.dataframe[0].value["At"].tolist() == [
        "The policy's threshold",
        "The same, each fold by the others",
        "0.5",
    ]
    assert not page.exception
    assert not page.error


def test_costs_move_the_threshold(page, nouns, workspace):
    page.get_by_key("threshold_policy_kind").select("cost").run()
    page.get_by_key("threshold_policy_miss").set_value(20.0).run()
    page.get_by_key("threshold_policy_currency").set_value("EUR").run()
    expected = choose(out_of_fold(workspace, load_run(workspace, nouns["run"])), Cost(20.0, 1.0, "EUR"))
    assert typed(page, nouns).value == expected.threshold
    assert "least cost (a miss 20 EUR" in said(page)
    assert any("Cost per 1,000 rows (EUR)" in c for c in page.dataframe[0].value.columns)


@pytest.mark.parametrize("kind", ["capacity", "at_least"])
def test_other_policies_answer(page, kind):
    page.get_by_key("threshold_policy_kind").select(kind).run()
    assert not page.exception
    assert not page.error
    assert next(m.value for m in page.markdown if m.value.startswith("#### "))


def test_what_cannot_be_promised_is_said(page):
    page.get_by_key("threshold_policy_kind").select("at_least").run()
    page.get_by_key("threshold_policy_minimum_of").select("precision").run()
    page.get_by_key("threshold_policy_minimum").set_value(0.99).run()
    assert "These data cannot promise a precision of 99" in said(page)


def test_a_typed_threshold_is_evaluated_exactly_and_can_be_kept(page, nouns, workspace):
    typed(page, nouns).set_value(0.37).run()
    first = page.dataframe[0].value.iloc[0]
    assert (first["At"], first["Threshold"]) == ("The handle", "0.370")
    predictions = out_of_fold(workspace, load_run(workspace, nouns["run"]))
    assert first["Flagged"] == f"{100 * (predictions.score >= 0.37).mean():.1f} %"
    page.get_by_key("threshold_keep").click().run()
    assert kept(page, workspace).policy == Fixed(0.37)
    assert "Kept: flag from a score of 0.370 on." in said(page)
    page.get_by_key("threshold_back").click().run()
    assert "The handle has moved since" in said(page)


def test_the_policys_own_decision_is_kept_whole(page, workspace):
    page.get_by_key("threshold_keep").click().run()
    decision = kept(page, workspace)
    assert decision.policy.metric == "f1"
    assert decision.stability is not None
    assert decision.chosen_on == "out-of-fold"


def test_the_handle_and_the_policy_survive_a_reload(page, nouns, open_app):
    page.get_by_key("threshold_policy_kind").select("cost").run()
    typed(page, nouns).set_value(0.37).run()
    again = open_app("threshold", view=view_of(page))
    assert again.get_by_key("threshold_policy_kind").value == "cost"
    assert typed(again, nouns).value == 0.37


def test_the_hold_out_answers_on_request_and_every_threshold_is_another_look(page, nouns, do_jobs):
    page.get_by_key("threshold_open").click().run()
    assert do_jobs() == 1
    page.run()
    assert "On the hold-out: A threshold of" in said(page)
    assert "Opened **1 time**" in said(page)
    typed(page, nouns).set_value(0.37).run()
    assert "On the hold-out: A threshold of" not in said(page)
    page.get_by_key("threshold_open").click().run()
    do_jobs()
    page.run()
    assert "Opened **2 times**" in said(page)


def test_many_rows_are_chosen_on_in_a_job(page, nouns, do_jobs, monkeypatch):
    before = typed(page, nouns).value
    monkeypatch.setattr("mlops_lib.threshold.compared.QUICK_ROWS", 10)
    page.run()
    assert not page.dataframe
    assert do_jobs() == 1
    page.run()
    assert typed(page, nouns).value == before
    assert not page.error
