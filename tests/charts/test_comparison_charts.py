import numpy as np
import pytest

from mlops_lib.charts.comparison import Matrix, confusion_chart, difference_chart, value_chart
from mlops_lib.charts.curves import precision_recall_chart, reliability_chart, roc_chart
from mlops_lib.charts.theme import model_colour
from mlops_lib.charts.threshold import decision_chart
from mlops_lib.evaluate.comparison import Entry, comparison_table
from mlops_lib.evaluate.sweep import sweep_of
from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost, Fixed
from mlops_lib.threshold.choosing import choose
from mlops_lib.threshold.sweep_payload import sweep_payload
from tests.evaluate.scored import a_run, scored

RUNS = {"a": "logistic_regression", "b": "random_forest", "c": "lightgbm"}


@pytest.fixture(scope="module")
def comparison():
    entries = [
        Entry(a_run(name, model), scored(run=name, noise_seed=k), np.full(5, 0.3))
        for k, (name, model) in enumerate(RUNS.items())
    ]
    failed = Entry(a_run("bad", "extra_trees", state="failed"))
    return comparison_table([*entries, failed], "b")


@pytest.mark.parametrize("chart", [roc_chart, precision_recall_chart, reliability_chart])
def test_the_chosen_run_lies_on_top_and_only_two_runs_have_a_colour(comparison, chart):
    figure = chart(comparison.judgement, "c", "b")
    coloured = [t for t in figure.data if t.showlegend is not False and t.name]
    assert [t.line.color for t in coloured] == [model_colour("random_forest"), model_colour("lightgbm")]
    assert "LightGBM" in coloured[-1].name
    lines = [t for t in figure.data if t.hovertemplate and t.name]
    assert len(lines) == 3


def test_reliability_before_calibration_shows_the_raw_scores(comparison):
    after, before = (reliability_chart(comparison.judgement, "c", raw=raw) for raw in (False, True))
    assert list(after.data[-1].x) != list(before.data[-1].x)
    assert after.layout.xaxis.range == before.layout.xaxis.range
    assert after.layout.yaxis.range == before.layout.yaxis.range
    assert [f.layout.title.text.split()[0] for f in (before, after)] == ["Before", "After"]


def test_two_names_over_the_curves_have_room_under_the_title(comparison):
    one, two = (roc_chart(comparison.judgement, "c", other) for other in ("c", "b"))
    assert two.layout.margin.t - one.layout.margin.t == two.layout.height - one.layout.height > 15


def test_values_are_drawn_best_first_with_their_intervals(comparison):
    figure = value_chart(comparison, "a")
    table = comparison.table.dropna(subset=["rank"])
    trace = figure.data[0]
    assert list(trace.x) == pytest.approx(table["average_precision"])
    assert np.asarray(trace.x) - np.asarray(trace.error_x.arrayminus) == pytest.approx(table["average_precision_low"])
    names = [a.text for a in figure.layout.annotations]
    assert names[list(table["run"]).index("a")] == "Logistic regression · base ◀ chosen"
    assert len(names) == 3


def test_differences_are_those_to_the_reference(comparison):
    figure = difference_chart(comparison)
    assert len(figure.data[0].x) == 2
    assert "does not matter" in figure.layout.xaxis.title.text


def test_a_confusion_matrix_says_counts_and_shares():
    figure = confusion_chart(Matrix("<b>two</b>", 8, 5, 2, 85), ("No", "Yes"))
    cells = figure.data[0]
    assert cells.text[1][1] == "<b>8</b><br>80.0 %"
    assert cells.text[0][1] == "<b>5</b><br>5.6 %"
    assert cells.customdata[1][0] == "missed"
    assert "&lt;b&gt;two" in figure.layout.title.text


def test_classes_called_0_and_1_are_names_in_a_confusion_matrix():
    figure = confusion_chart(Matrix("two", 8, 5, 2, 85), ("0", "1"))
    assert figure.layout.yaxis.type == "category"


@pytest.mark.parametrize(
    "policy", [Cost(5, 1, "EUR"), Best("mcc"), Capacity(10, 100), AtLeast("recall", 0.6), Fixed(0.4)]
)
def test_a_decision_is_drawn_over_what_its_policy_weighs(policy):
    predictions = scored(400)
    payload = sweep_payload(sweep_of(predictions), predictions.names)
    decision = choose(predictions, policy, resamples=100)
    figure = decision_chart(payload, decision)
    assert len(figure.data[0].x) == len(figure.data[0].y)
    lines = [s.x0 for s in figure.layout.shapes if s.type == "line"]
    assert lines == [decision.threshold, 0.5]
