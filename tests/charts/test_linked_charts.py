"""Linked figures hold the counts of the result, take clicks on every bin, and show text as text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlops_lib.charts.linked import bins_in, linked_chart, places_of
from mlops_lib.charts.two_features import clicked, two_features_chart
from mlops_lib.explore.binned import Binned, bin_columns
from mlops_lib.explore.linked import filtered
from mlops_lib.explore.rare_levels import ENOUGH
from mlops_lib.explore.two_features import joint, margin
from mlops_lib.objects.schema import Classes, Question
from tests.explore.conftest import Ask, ask  # noqa: F401  a fixture
from tests.explore.test_linked import ASKED

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def binned(ask: Ask) -> Binned:  # noqa: F811
    return bin_columns(*ask(), True)


@pytest.mark.parametrize("name", ["age", "dept", "hired", "code", "left"])
@pytest.mark.parametrize(("target", "question"), ASKED)
def test_bars_are_the_shares_of_all_and_of_selected_rows(
    ask: Ask,  # noqa: F811
    name: str,
    target: str,
    question: Question | None,
) -> None:
    found = filtered(bin_columns(*ask(target, question), True), {"grade": (0,)}, [name])
    part = found.columns[0]
    figure = linked_chart(found, part)
    across = "x" if part.column.edges is None else "y"
    hits, every, some = figure.data[:3]
    assert len(getattr(hits, across)) == len(part.column.labels)
    np.testing.assert_allclose(getattr(every, across), part.every / part.every.sum())
    np.testing.assert_allclose(getattr(some, across), part.counts / part.counts.sum())
    assert len(figure.data) == (3 if name == target else 4)


def test_without_a_selection_there_is_one_set_of_bars_and_marks(binned: Binned) -> None:
    found = filtered(binned, {}, ["age"])
    figure = linked_chart(found, found.columns[0])
    assert [trace.type for trace in figure.data] == ["bar", "bar", "scatter"]
    shown = np.asarray(figure.data[2].y, dtype=float)
    enough = found.columns[0].counts >= min(ENOUGH, found.n / ENOUGH)
    np.testing.assert_array_equal(np.isnan(shown), ~enough)
    assert figure.layout.shapes[0].y0 == found.overall.value


@pytest.mark.parametrize("name", ["age", "dept", "hired", "code"])
def test_every_bin_can_be_clicked_and_covered_by_a_drag(binned: Binned, name: str) -> None:
    column = binned.column(name)
    places = places_of(column)
    along = "y" if column.edges is None else "x"
    for place, (centre, width) in enumerate(zip(places.centres, places.widths, strict=True)):
        assert bins_in(column, {"points": [{"curve_number": 0, "point_index": place}], "box": []}) == (place,)
        box = {along: [centre + 0.3 * width, centre - 0.3 * width], "y" if along == "x" else "x": [0.0, 0.01]}
        assert bins_in(column, {"points": [], "box": [box]}) == (place,)
    whole = {along: [min(places.centres), max(places.centres)]}
    assert bins_in(column, {"box": [whole]}) == tuple(range(len(column.labels)))
    assert bins_in(column, {"points": [{"curve_number": 1, "point_index": 0}]}) == ()


def test_chosen_bins_are_tinted(binned: Binned) -> None:
    found = filtered(binned, {"dept": (1,)}, ["dept"])
    tints = linked_chart(found, found.columns[0]).data[0].marker.color
    assert [tint.endswith(", 0)") for tint in tints] == [True, False, True]


def test_dragging_is_off_unless_asked_for(binned: Binned) -> None:
    found = filtered(binned, {}, ["age"])
    assert linked_chart(found, found.columns[0]).layout.dragmode is False
    assert linked_chart(found, found.columns[0], drag=True).layout.dragmode == "select"


@pytest.mark.parametrize(("target", "question"), ASKED)
def test_the_map_colours_only_cells_with_rows_enough(
    ask: Ask,  # noqa: F811
    target: str,
    question: Question | None,
) -> None:
    found = joint(bin_columns(*ask(target, question), True), "age", "dept")
    figure = two_features_chart(found)
    sure, unsure = (trace for trace in figure.data if trace.type == "heatmap")
    n = found.cells.n.T
    np.testing.assert_array_equal(np.isnan(np.asarray(sure.z, dtype=float)), n < ENOUGH)
    np.testing.assert_array_equal(~np.isnan(np.asarray(unsure.z, dtype=float)), (n > 0) & (n < ENOUGH))
    level = found.cells.levels(found.of)[0].T
    np.testing.assert_allclose(np.asarray(sure.z, dtype=float)[n >= ENOUGH], level[n >= ENOUGH])


def test_a_choice_filters_the_other_margin(binned: Binned) -> None:
    found = joint(binned, "age", "dept")
    bars = [trace for trace in two_features_chart(found, (), (1,)).data if trace.type == "bar"]
    above = next(bar for bar in bars if bar.yaxis == "y2" and bar.width == 0.5)
    np.testing.assert_allclose(above.y, margin(found, 0, (1,)).level)
    assert not [bar for bar in bars if bar.xaxis == "x2" and bar.width == 0.5]


def test_a_click_chooses_a_cell_or_a_bar(binned: Binned) -> None:
    found = joint(binned, "age", "dept")
    across = found.cells.n.shape[0]

    def click(curve: int, place: int) -> dict[str, list[dict[str, int]]]:
        return {"points": [{"curve_number": curve, "point_index": place}]}

    cell = click(0, 2 * across + 3)
    assert clicked(found, cell, (), ()) == ((3,), (2,))
    assert clicked(found, cell, (3,), (2,)) == ((), ())
    assert clicked(found, click(1, 4), (3,), (2,)) == ((3, 4), (2,))
    assert clicked(found, click(2, 2), (3,), (2,)) == ((3,), ())
    assert clicked(found, {"points": []}, (3,), ()) == ((3,), ())


def test_text_from_the_table_is_never_markup(binned: Binned) -> None:
    columns = [
        replace(c, name=c.name if c.name == "left" else f"{EVIL}{c.name}", labels=tuple(EVIL + x for x in c.labels))
        for c in binned.columns
    ]
    evil = replace(binned, columns=tuple(columns), classes=(EVIL, EVIL + "!"))
    names = [c.name for c in columns]
    found = filtered(evil, {names[1]: (0,)})
    drawn = [linked_chart(found, part) for part in found.columns]
    drawn.append(two_features_chart(joint(evil, names[1], names[2]), (0,), (1,)))
    texts = [str(figure.to_plotly_json()) for figure in drawn]
    assert all("&lt;img" in text for text in texts)
    assert not any("<img" in text for text in texts)


def test_many_classes_are_drawn_for_the_one_asked_about(ask: Ask) -> None:  # noqa: F811
    binned = bin_columns(*ask("grade", Classes(None)), True)
    found = filtered(binned, {}, ["dept"], of=1)
    marks = linked_chart(found, found.columns[0]).data[-1]
    np.testing.assert_allclose(marks.x, found.columns[0].by_class[:, 1] / found.columns[0].counts)
