"""The forest plot: what is drawn is what the table says, for few features and for many."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlops_lib.charts.feature_tests import MOST, effect_chart, effect_pages
from mlops_lib.explore.feature_tests import feature_tests
from mlops_lib.explore.survival import survival
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Classes
from tests.explore.conftest import Ask, Asked, employees


def wide(ask: Ask, features: int) -> Asked:
    rng = np.random.default_rng(3)
    left = rng.random(500) < 0.4
    columns = {f"feature with a long name {i}": rng.normal(size=500) + left * (i % 5) / 5 for i in range(features)}
    return ask(table=pa.table({**columns, "left": np.where(left, "Yes", "No")}))


@pytest.mark.parametrize("features", [5, 40, 200])
def test_every_feature_has_one_point_on_one_page(ask: Ask, features: int) -> None:
    asked = wide(ask, features)
    tests, survived = feature_tests(*asked, Selection()), survival(*asked, Selection())
    assert effect_pages(tests) == -(-features // MOST)
    drawn: list[int] = []
    for page in range(1, effect_pages(tests) + 1):
        figure = effect_chart(tests, survived, page)
        folds, *points = figure.data
        assert len(figure.layout.yaxis.ticktext) <= MOST
        assert len(folds.x) == 3 * len(figure.layout.yaxis.ticktext)
        assert all(len(str(name)) <= 24 for name in figure.layout.yaxis.ticktext)
        drawn += [place for trace in points for (place,) in trace.customdata]
        assert figure.layout.height / max(1, len(figure.layout.yaxis.ticktext)) >= 17
    assert sorted(drawn) == list(range(features))


def test_points_know_their_row_and_their_interval(ask: Ask) -> None:
    asked = ask()
    tests = feature_tests(*asked, Selection())
    figure = effect_chart(tests, survival(*asked, Selection()))
    low, high = figure.layout.xaxis.range
    for trace in figure.data[1:]:
        rows = tests.table.iloc[[place for (place,) in trace.customdata]]
        np.testing.assert_allclose(trace.x, rows["strength"])
        np.testing.assert_allclose(trace.x - trace.error_x.arrayminus, rows["strength_low"])
        np.testing.assert_allclose(trace.x + trace.error_x.array, rows["strength_high"])
        assert (rows["strength_high"] <= high).all()
        assert low < 0
    assert {trace.marker.symbol for trace in figure.data[1:]} == {"circle", "circle-open"}


def test_the_range_over_folds_stands_below_its_interval(ask: Ask) -> None:
    asked = ask()
    tests, survived = feature_tests(*asked, Selection()), survival(*asked, Selection())
    lines = effect_chart(tests, survived).data[0]
    found = survived.table.set_index("feature").loc[tests.strongest]
    assert list(lines.x[:3]) == [found["effect_low"], found["effect_high"], None]
    assert 0 < lines.y[0] < 0.5
    assert [t.name for t in effect_chart(tests).data] == ["kept", "left out"]


def test_hovers_say_what_the_table_says(ask: Ask) -> None:
    asked = ask()
    tests = feature_tests(*asked, Selection())
    hovers = [text for trace in effect_chart(tests, survival(*asked, Selection())).data[1:] for text in trace.hovertext]
    assert all("folds, effect there" in text for text in hovers)
    assert sum("is above 0.05: not told from chance" in text for text in hovers) == len(tests.table) - len(tests.kept)


@pytest.mark.parametrize(("target", "question"), [("late", None), ("grade", Classes(None))])
def test_other_targets(ask: Ask, target: str, question: Classes | None) -> None:
    asked = ask(target, question)
    tests = feature_tests(*asked, Selection(min_effect=0.2))
    figure = effect_chart(tests)
    assert sum(len(trace.x) for trace in figure.data) == tests.tested
    assert "your limit 0.2" in figure.layout.xaxis.title.text


def test_nothing_tested_draws_an_empty_figure(ask: Ask) -> None:
    table = employees().select(["left"]).append_column("same", pa.array(np.ones(400)))
    asked = ask(table=table)
    figure = effect_chart(feature_tests(*asked, Selection()), survival(*asked, Selection()))
    assert all(len(trace.x) == 0 for trace in figure.data)
