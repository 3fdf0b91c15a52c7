import numpy as np
import pytest

from mlops_lib.charts.diagnosis import gap_chart, learning_chart, slice_chart
from mlops_lib.charts.speed import trade_off_chart
from mlops_lib.charts.two_runs import probabilities_chart, right_chart
from mlops_lib.evaluate.flips import GRID, flips
from mlops_lib.evaluate.fold_gap import fold_gap
from mlops_lib.evaluate.measures import Scores, measure_of
from mlops_lib.evaluate.more_rows import more_rows
from mlops_lib.evaluate.slices import slices
from mlops_lib.stats.features import Feature
from tests.evaluate.scored import scored
from tests.evaluate.test_trade_off import joined

AUC = measure_of("binary", "roc_auc")
WOBBLE = np.array([-0.004, 0.002, 0.0, 0.003, -0.001])
P = scored(600, rate=0.3)
HALF = np.full(5, 0.4)


def curve(*means, spread=1.0):
    rows = [100.0 * 2**k for k in range(len(means))]
    return more_rows(AUC, rows, [m + spread * np.roll(WOBBLE, k) for k, m in enumerate(means)], 0.25, 0.01)


def test_the_curve_is_drawn_with_its_intervals_and_the_line_beyond_it():
    made = curve(0.6, 0.65, 0.7)
    drawn = learning_chart(made, "lightgbm")
    assert "still rises with more rows" in drawn.layout.title.text
    assert list(drawn.data[0].y) == pytest.approx([0.6, 0.65, 0.7])
    np.testing.assert_allclose(drawn.data[0].error_y.array, made.table["high"] - made.table["value"])
    assert list(drawn.data[1].x) == [400.0, 800.0]
    assert drawn.data[1].y[1] == pytest.approx(made.doubled[0])
    assert drawn.layout.xaxis.ticktext == ("100", "200", "400", "800")
    flat = learning_chart(curve(0.6, 0.6, 0.6, spread=10), "lightgbm")
    assert len(flat.data) == 1
    assert "may or may not" in flat.layout.title.text


def test_every_fold_has_both_values():
    held = Scores(P.truth, P.score, P.fold)
    made = fold_gap(AUC, Scores(P.truth, (P.score + P.truth) / 2, P.fold), held, 0.25, 0.01)
    drawn = gap_chart(made)
    validation, learnt = drawn.data[-2:]
    np.testing.assert_allclose(validation.x, made.table["validation"])
    np.testing.assert_allclose(learnt.x, made.table["learnt"])
    assert list(learnt.y) == [1, 2, 3, 4, 5]


def test_groups_are_drawn_with_their_intervals_and_what_the_others_have():
    levels = ("<b>A</b>", "B", "a level whose name is longer than there is room")
    made = slices(P, HALF, {"x": Feature("x", "categorical", np.random.default_rng(5).integers(0, 3, 600), levels)})
    for measure in ("recall", "false_alarms", "observed"):
        drawn = slice_chart(made, measure)
        np.testing.assert_allclose(drawn.data[0].x, made.table[measure])
        np.testing.assert_allclose(drawn.data[0].error_x.array, made.table[f"{measure}_high"] - made.table[measure])
        beside = "mean_score" if measure == "observed" else f"rest_{measure}"
        np.testing.assert_allclose(drawn.data[1].x, made.table[beside])
        assert "<b>A" not in " ".join(drawn.layout.yaxis.ticktext)
        assert max(map(len, drawn.layout.yaxis.ticktext)) <= 22


def test_both_classes_and_who_is_right_are_counted():
    made = flips(P, scored(600, rate=0.3, noise_seed=1), (HALF, HALF))
    for positive in (True, False):
        drawn = probabilities_chart(made, positive)
        text = [int(v) for line in drawn.data[0].text for v in line]
        assert sum(text) == (P.positives if positive else 600 - P.positives)
        assert len(drawn.data[0].x) == GRID
    cells = right_chart(made).data[0].text
    assert cells[1][0].startswith(f"<b>{made.right[0, 1]}</b>")  # the chosen run right, the reference wrong


def test_runs_that_nobody_beats_are_filled_named_and_joined():
    made = joined()
    drawn = trade_off_chart(made)
    assert drawn.data[1].marker.symbol == ("circle", "circle", "circle-open", "circle")
    assert list(drawn.data[0].x) == [0.5, 1.0, 40.0]
    assert [a.text for a in drawn.layout.annotations] == ["the nothing one", "the quick one", "the slow one"]
    ticks = drawn.layout.xaxis.tickvals
    assert ticks[0] < 0.5
    assert ticks[-1] > 40
    assert drawn.layout.title.text.startswith("3 of 4 runs")
