"""Explanations drawn: the figures hold the numbers of the explanation, and text from the table stays text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlops_lib.charts.explanation import (
    BARS,
    POINTS,
    STEPS,
    beeswarm,
    dependence,
    importance_bars,
    permutation_bars,
    waterfall,
)
from mlops_lib.charts.scored import probability_chart
from mlops_lib.charts.theme import NEGATIVE, POSITIVE
from mlops_lib.explain.explanation import Explanation, PermutationImportance

HOSTILE = "<b>bold</b><img src=x>"
COLUMNS = ("age", "dept", "joined", HOSTILE, *(f"column number {k} with a very long name indeed" for k in range(12)))


@pytest.fixture
def explanation() -> Explanation:
    rng = np.random.default_rng(0)
    n, width = 900, len(COLUMNS)
    values = rng.normal(size=(n, width)) * np.linspace(1.0, 0.1, width)
    age = values[:, 0] * 10 + 40
    cells = {
        "age": np.where(rng.random(n) < 0.1, np.nan, age),
        "dept": rng.choice(["Sales", "R&D", HOSTILE], n),
        "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
        **{c: rng.normal(size=n) for c in COLUMNS[3:]},
    }
    score = values.sum(axis=1) - 1.0
    probability = 1 / (1 + np.exp(-score))
    return Explanation(
        run="r", names=("No", "Yes"), scale="log-odds", method="m", columns=COLUMNS, summed=("dept",), values=values,
        cells=pd.DataFrame(cells), expected=-1.0, background=100, row=np.arange(n) * 3, score=score, raw=probability,
        probability=probability, out_of_fold=probability, truth=np.ones(n, dtype=np.int8), training_rows=5_000,
        base_rate=0.2, additivity=0.0, seconds=1.0,
    )  # fmt: skip


def texts(figure: object) -> str:
    return str(figure.to_json())  # type: ignore[attr-defined]


def test_bars_are_the_means_with_their_errors(explanation: Explanation) -> None:
    (bars,) = importance_bars(explanation).data
    top = explanation.importance.head(BARS)
    np.testing.assert_allclose(bars.x[::-1], top["mean_abs"])
    np.testing.assert_allclose(bars.error_x.array[::-1], 1.96 * top["error"])
    assert len(set(bars.y)) == BARS, "names that are alike once shortened have places of their own"


def test_a_census_has_no_error_bars(explanation: Explanation) -> None:
    (bars,) = importance_bars(replace(explanation, training_rows=explanation.n)).data
    assert bars.error_x.array is None


@pytest.mark.parametrize("column", [0, 1, 2, 3])
def test_text_from_the_table_is_escaped_everywhere(explanation: Explanation, column: int) -> None:
    drawn = [
        importance_bars(explanation),
        beeswarm(explanation),
        dependence(explanation, COLUMNS[column]),
        waterfall(explanation, 3),
        probability_chart(np.arange(40), 0.3, ("No", HOSTILE)),
    ]
    assert not any("<b>bold" in texts(f) or "<img" in texts(f) for f in drawn)


def test_a_waterfall_goes_from_the_mean_to_the_score(explanation: Explanation) -> None:
    (steps,) = waterfall(explanation, 30).data
    assert len(steps.x) == STEPS + 3
    assert steps.x[0] == explanation.expected
    assert sum(steps.x[:-1]) == pytest.approx(steps.x[-1]) == pytest.approx(explanation.score[10])
    assert (steps.increasing.marker.color, steps.decreasing.marker.color) == (POSITIVE, NEGATIVE)
    largest = explanation.parts(30)["value"].iloc[0]
    assert steps.x[1] == largest


def test_a_beeswarm_draws_every_row_of_a_sample_at_its_value(explanation: Explanation) -> None:
    figure = beeswarm(explanation)
    top = explanation.importance["column"].iloc[0]
    dots = figure.data[-1]
    assert len(dots.x) == POINTS
    assert set(np.round(dots.x, 12)) <= set(np.round(explanation.values[:, COLUMNS.index(top)], 12))
    places = np.round(np.asarray(dots.y))
    assert len(set(places)) == 1, "dots stay in their own row"


def test_dependence_leaves_missing_cells_out_and_says_the_direction(explanation: Explanation) -> None:
    figure = dependence(explanation, "age")
    assert figure.layout.title.text == "Higher age goes with a higher score"
    assert not np.isnan(np.asarray(figure.data[0].x, dtype=float)).any()


def test_dependence_of_labels_is_a_box_a_label_with_its_count(explanation: Explanation) -> None:
    boxes = dependence(explanation, "dept").data
    counts = explanation.cells["dept"].value_counts()
    assert {b.name.partition(" (n=")[0] for b in boxes} == {
        "Sales",
        "R&amp;D",
        "&lt;b&gt;bold&lt;/b&gt;&lt;img src=x&gt;",
    }
    assert sum(len(b.y) for b in boxes) == counts.sum()


def test_permutation_bars_show_drop_and_spread() -> None:
    table = pd.DataFrame({"column": ["a", "b"], "drop": [0.2, 0.1], "spread": [0.02, 0.01]})
    figure = permutation_bars(PermutationImportance("r", table, 0.9, 100, 100, 5, 1.0))
    assert list(figure.data[0].x) == [0.1, 0.2]
    assert list(figure.data[0].error_x.array) == [0.01, 0.02]
    assert figure.layout.title.text == "Shuffling a costs 0.200 of ROC-AUC"


def test_scored_rows_have_the_colour_of_their_side_of_the_threshold() -> None:
    (bars,) = probability_chart(np.ones(10), 0.5, ("No", "Yes")).data
    assert list(bars.marker.color) == [NEGATIVE] * 5 + [POSITIVE] * 5
