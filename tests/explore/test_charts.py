"""Figures hold the numbers of the results, and text from the table never as markup."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pytest

from mlops_lib.charts.associations import association_chart
from mlops_lib.charts.balance import balance_chart, folds_chart
from mlops_lib.charts.distributions import column_chart, small_chart, target_chart
from mlops_lib.charts.feature_tests import effect_chart
from mlops_lib.charts.labels import faded, shortened
from mlops_lib.charts.theme import NEGATIVE, POSITIVE
from mlops_lib.explore.associations import associations
from mlops_lib.explore.balance import class_balance
from mlops_lib.explore.distributions import column_distribution, overview
from mlops_lib.explore.feature_tests import feature_tests
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Classes
from tests.explore.conftest import Ask, employees

EVIL = "<img src=x onerror=alert(1)>"


def test_balance_and_folds(ask: Ask) -> None:
    balance = class_balance(*ask())
    bars = balance_chart(balance)
    assert list(bars.data[0].x) == [balance.counts[1], balance.counts[0]]
    assert list(bars.data[0].marker.color) == [POSITIVE, NEGATIVE]
    folds = folds_chart(balance)
    assert list(folds.data[0].y) == balance.folds["training_smallest"].tolist()
    assert list(folds.data[1].y) == balance.folds["validation_smallest"].tolist()


def test_many_classes_and_a_number(ask: Ask) -> None:
    many = class_balance(*ask("grade", Classes(None)))
    assert list(balance_chart(many).data[0].x) == sorted(many.counts, reverse=True)
    asked = ask("late")
    number = class_balance(*asked)
    assert list(folds_chart(number).data[0].y) == number.folds["training_rows"].tolist()
    histogram = target_chart(column_distribution(*asked, "late"))
    assert sum(histogram.data[0].y) == number.n


@pytest.mark.parametrize("column", ["age", "dept", "hired", "pay", "code"])
@pytest.mark.parametrize(("target", "question"), [("left", None), ("late", None), ("grade", Classes(None))])
def test_every_row_of_a_column_is_drawn_once(ask: Ask, column: str, target: str, question: Classes | None) -> None:
    found = column_distribution(*ask(target, question), column)
    figure = column_chart(found)
    across = "x" if found.edges is None else "y"
    rows = [t for t in figure.data if t.type == "bar" and getattr(t, f"{across}axis") in (None, across)]
    drawn = sum(float(np.sum(getattr(t, across))) for t in rows)
    assert drawn == found.n


def test_the_positive_rate_has_its_interval(ask: Ask) -> None:
    found = column_distribution(*ask(), "dept")
    rate = next(t for t in column_chart(found).data if t.type == "scatter")
    np.testing.assert_allclose(rate.x, found.level)
    np.testing.assert_allclose(rate.x + rate.error_x.array, found.high)
    np.testing.assert_allclose(rate.x - rate.error_x.arrayminus, found.low)


def test_small_figures_leave_out_rates_of_a_few_rows(ask: Ask) -> None:
    for found in overview(*ask()):
        figure = small_chart(found)
        drawn = ~np.isnan(np.asarray(figure.data[1].y, dtype=float))
        assert (found.counts[drawn] >= min(20, found.n / 20)).all()


def test_associations_are_sizes_without_the_diagonal(ask: Ask) -> None:
    found = associations(*ask())
    heat = association_chart(found).data[0]
    assert np.isnan(np.diag(heat.z)).all()
    assert np.nanmin(heat.z) >= 0
    assert np.nanmax(heat.z) == pytest.approx(np.nanmax(np.abs(np.triu(found.matrix.values(), 1))), abs=1e-4)


def test_effects_show_kept_and_left_out(ask: Ask) -> None:
    tests = feature_tests(*ask(), Selection())
    kept, left = effect_chart(tests).data
    assert len(kept.x) == len(tests.kept)
    assert len(left.x) == len(tests.table) - len(tests.kept)
    limit = effect_chart(feature_tests(*ask(), Selection(min_effect=0.2)))
    assert limit.layout.shapes[0].x0 == 0.2


def test_text_from_the_table_is_never_markup(ask: Ask) -> None:
    table = employees()
    names = [EVIL if c == "pay" else c for c in table.column_names]
    dept = pa.array([EVIL if v == "IT" else v for v in table["dept"].to_pylist()])
    table = table.rename_columns(names).set_column(1, "dept", dept)
    asked = ask(table=table)
    figures: list[go.Figure] = [column_chart(column_distribution(*asked, c)) for c in (EVIL, "dept")]
    figures += [small_chart(d) for d in overview(*asked)]
    figures += [association_chart(associations(*asked)), effect_chart(feature_tests(*asked, Selection()))]
    assert "&lt;img" in figures[0].to_json().replace("\\u0026", "&")
    assert not any("<img" in f.to_json().replace("\\u003c", "<") for f in figures)


def test_long_names_are_cut() -> None:
    assert shortened("a" * 30) == "a" * 21 + "…"
    assert shortened("짧은 이름") == "짧은 이름"
    assert faded("#D55E00") == "rgba(213, 94, 0, 0.45)"
