"""The parts of Compare that look into runs: Diagnose, Two runs, Speed."""

import pytest

from mlops_lib.jobs import refitting
from mlops_lib.train import processing
from mlops_lib.train.engine import SerialEngine
from pages.shared import compare_diagnose, compare_speed
from tests.pages.trained import said

NOUNS = ("dataset", "schema", "split", "experiment")


@pytest.fixture
def page(open_app, nouns):
    return open_app("compare", **{name: nouns[name] for name in NOUNS})


def part(page, name):
    page.get_by_key("compare_part").select(name).run()
    assert not page.exception
    assert not page.error
    return page


def test_the_learning_curve_is_a_job_that_any_metric_reads(page, do_jobs, monkeypatch):
    monkeypatch.setattr(refitting, "ForkEngine", SerialEngine)
    part(page, "Diagnose")
    assert "Fitting Logistic regression" in said(page)
    assert do_jobs() == 1
    page.run()
    assert not page.error
    assert "the last doubling, from" in said(page)
    assert "on rows held back" in said(page)
    assert len(page.get("plotly_chart")) == 2
    page.get_by_key("compare_metric").select("brier").run()
    assert "Brier score is" in said(page)
    assert do_jobs() == 0


def test_long_refits_wait_to_be_asked_for(page, monkeypatch):
    monkeypatch.setattr(compare_diagnose, "AT_ONCE_SECONDS", 0.0)
    part(page, "Diagnose")
    assert "which takes about" in said(page)
    page.get_by_key("compare_learning_start").click().run()
    assert not page.error
    assert "Fitting Logistic regression" in said(page)
    page.run()
    assert "Fitting Logistic regression" in said(page)


def test_groups_of_all_columns_or_of_one(page):
    part(page, "Diagnose").get_by_key("compare_diagnose").select("Groups of rows").run()
    assert "looks, adjusted by Holm" in said(page)
    assert not page.get("plotly_chart")
    box = next(s for s in page.selectbox if s.label == "Groups of")
    box.select(box.options[1]).run()
    assert not page.error
    assert len(page.get("plotly_chart")) == 3
    assert {"Group", "Recall", "False-alarm rate", "Happened"} <= set(page.dataframe[0].value.columns)


def test_the_surest_errors_of_both_kinds(page):
    part(page, "Diagnose").get_by_key("compare_diagnose").select("Surest errors").run()
    assert set(page.dataframe[0].value["Truth"]) == {"Yes"}
    kinds = page.get_by_key("compare_errors_kind")
    kinds.select(kinds.options[1]).run()
    assert not page.error
    assert set(page.dataframe[0].value["Truth"]) == {"No"}
    assert len(page.dataframe[0].value.columns) > 8


def test_two_runs_row_by_row(page, nouns):
    part(page, "Two runs")
    same = "the reference itself" in said(page)
    key = f"compare_reference_{nouns['experiment']}"
    other = nouns["dummy"] if page.get_by_key(key).value != nouns["dummy"] else nouns["selection"]
    page.get_by_key(key).select(other).run()
    assert not page.error
    assert "flip" in said(page)
    assert same
    view = page.get_by_key("compare_two_view")
    view.select("Probabilities").run()
    assert len(page.get("plotly_chart")) == 3
    page.get_by_key("compare_two_view").select("Only what differs").run()
    fields = len(page.dataframe[-1].value)
    page.get_by_key("compare_two_all").set_value(True).run()
    assert len(page.dataframe[-1].value) > fields
    assert not page.error


def test_speed_is_measured_in_a_job(page, do_jobs, monkeypatch):
    monkeypatch.setattr(processing, "CALLS", 8)
    monkeypatch.setattr(processing, "BULK_ROWS", 200)
    part(page, "Speed")
    assert "Timing 3 runs" in said(page)
    assert do_jobs() == 1
    page.run()
    assert not page.error
    assert len(page.dataframe[0].value) == 3
    assert "Measured on a machine with" in said(page)
    assert len(page.get("plotly_chart")) == 1


def test_of_many_runs_the_best_of_each_model_is_timed_first(page, monkeypatch):
    monkeypatch.setattr(compare_speed, "FEW_RUNS", 2)
    part(page, "Speed")
    assert page.get_by_key("compare_speed_all").value is False
    assert "Timing 2 runs takes about" in said(page)
    page.get_by_key("compare_speed_all").select(True).run()
    assert "Timing 3 runs takes about" in said(page)
    assert not page.error
