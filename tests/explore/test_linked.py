"""What a selection filters is what a filter on the raw rows gives, for every kind of column and target."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops_lib.explore import linked
from mlops_lib.explore.binned import LINKED_BINS, Binned, BinnedColumn, bin_columns
from mlops_lib.explore.linked import Filtered, filtered
from mlops_lib.objects.errors import InputError, TooLargeError
from mlops_lib.objects.schema import Classes, Question
from mlops_lib.stats.proportions import wilson
from mlops_lib.workspace import codec
from tests.explore.conftest import Ask, Asked, employees

ASKED: list[tuple[str, Question | None]] = [("left", None), ("grade", Classes(None)), ("late", None)]


def raw(asked: Asked) -> pd.DataFrame:
    """All rows whose target is known, as pandas reads them; dates in days since 1970."""
    dataset, schema, _ = asked
    frame = pd.read_parquet(dataset.path)
    if "hired" in frame:
        frame["hired"] = (frame["hired"] - pd.Timestamp(0)) / pd.Timedelta(days=1)
    return frame[frame[schema.target].notna()]


def rows_in(column: BinnedColumn, values: pd.Series, place: int) -> np.ndarray:
    """The rows that a reader would say lie in a bin, from its label or edges and the raw cells."""
    if column.missing and place == len(column.labels) - 1:
        return values.isna().to_numpy()
    if column.edges is None:
        named = [label for label in column.labels if not label.endswith(" other levels")]
        words = values.map(str)
        inside = ~words.isin(named) if column.labels[place].endswith(" other levels") else words == column.labels[place]
        return (inside & values.notna()).to_numpy()
    low, high = column.edges[place], column.edges[place + 1]
    return ((values >= low) & (values < high)).to_numpy()


def selected(binned: Binned, frame: pd.DataFrame, selections: dict[str, tuple[int, ...]]) -> np.ndarray:
    mask = np.ones(len(frame), dtype=bool)
    for name, bins in selections.items():
        column = binned.column(name)
        mask &= np.any([rows_in(column, frame[name], b) for b in bins], axis=0)
    return mask


def assert_equal_to_raw(binned: Binned, frame: pd.DataFrame, found: Filtered) -> None:
    chosen = dict(found.selections)
    assert found.selected == selected(binned, frame, chosen).sum()
    for part in found.columns:
        mask = selected(binned, frame, {n: b for n, b in chosen.items() if n != part.column.name})
        for place in range(len(part.column.labels)):
            inside = rows_in(part.column, frame[part.column.name], place)
            answers = frame.loc[mask & inside, binned.target]
            assert part.every[place] == inside.sum()
            assert part.counts[place] == len(answers)
            for code, name in enumerate(binned.classes):
                assert part.by_class[place, code] == (answers.map(str) == name).sum()
            if found.of < 0 and len(answers):
                assert part.level[place] == pytest.approx(answers.mean(), rel=1e-12)


def some_selections(binned: Binned, seed: int) -> dict[str, tuple[int, ...]]:
    """Some bins of one to three columns, few or nearly all."""
    rng = np.random.default_rng(seed)
    names = rng.choice([c.name for c in binned.columns], rng.integers(1, 4), replace=False)
    sizes = {str(name): len(binned.column(str(name)).labels) for name in names}
    return {n: tuple(map(int, rng.choice(size, rng.integers(1, size + 1), replace=False))) for n, size in sizes.items()}


@pytest.mark.parametrize(("target", "question"), ASKED)
def test_counts_and_levels_are_those_of_a_filter_on_the_raw_rows(
    ask: Ask, target: str, question: Question | None
) -> None:
    asked = ask(target, question)
    binned, frame = bin_columns(*asked, True), raw(asked)
    for seed in range(12):
        assert_equal_to_raw(binned, frame, filtered(binned, some_selections(binned, seed)))


def test_the_level_inside_has_wilsons_interval_and_ignores_the_selection_of_the_target(ask: Ask) -> None:
    asked = ask()
    binned, frame = bin_columns(*asked, True), raw(asked)
    found = filtered(binned, {"grade": (0, 1), "left": (0,)}, ["grade"])
    mask = selected(binned, frame, {"grade": (0, 1)})
    hits = int((frame.loc[mask, "left"] == "Yes").sum())
    low, high = wilson(np.array([hits]), np.array([mask.sum()]))
    assert (found.inside.n, found.inside.value) == (mask.sum(), hits / mask.sum())
    assert (found.inside.low, found.inside.high) == (low[0], high[0])
    assert found.overall.value == (frame["left"] == "Yes").mean()
    assert found.selected == (mask & (frame["left"] == binned.column("left").labels[0])).sum()


def test_the_mean_inside_has_the_normal_interval(ask: Ask) -> None:
    asked = ask("late", None)
    binned, frame = bin_columns(*asked, True), raw(asked)
    found = filtered(binned, {"grade": (0,)}, ["age"])
    values = frame.loc[selected(binned, frame, {"grade": (0,)}), "late"]
    reach = 1.959963984540054 * values.std() / np.sqrt(len(values))
    assert found.inside.value == pytest.approx(values.mean(), rel=1e-12)
    assert found.inside.low == pytest.approx(values.mean() - reach, rel=1e-12)
    assert found.inside.high == pytest.approx(values.mean() + reach, rel=1e-12)


def test_the_class_asked_about_can_be_chosen(ask: Ask) -> None:
    binned = bin_columns(*ask("grade", Classes(None)))
    found = filtered(binned, {}, ["dept"], of=0)
    assert found.asked == binned.classes[0]
    np.testing.assert_array_equal(found.columns[0].level, found.columns[0].by_class[:, 0] / found.columns[0].counts)
    with pytest.raises(InputError, match="3 classes"):
        filtered(binned, {}, of=3)


def test_no_rows_are_left_where_selections_exclude_each_other(ask: Ask) -> None:
    table = pa.table({"a": ["x"] * 50 + ["y"] * 50, "b": ["u"] * 50 + ["v"] * 50, "left": ["No", "Yes"] * 50})
    binned = bin_columns(*ask(table=table, a="categorical", b="categorical"), True)
    found = filtered(binned, {"a": (0,), "b": (1,)})
    assert found.selected == 0
    assert np.isnan([found.inside.value, found.inside.low, found.inside.high]).all()
    assert {part.column.name: part.counts.tolist() for part in found.columns}["a"] == [0, 50]


def test_rare_levels_stand_together_and_gaps_are_a_bin(ask: Ask) -> None:
    rng = np.random.default_rng(2)
    words = [f"level {i}" for i in np.minimum(rng.geometric(0.02, 3000), 1000)]
    city = pa.array(words, mask=rng.random(3000) < 0.1)
    asked = ask(table=pa.table({"city": city, "left": rng.choice(["No", "Yes"], 3000)}), city="categorical")
    binned = bin_columns(*asked, True)
    column = binned.column("city")
    assert len(column.labels) == LINKED_BINS + 1
    assert column.labels[-2].endswith(" other levels")
    assert column.labels[-1] == "missing"
    assert_equal_to_raw(binned, raw(asked), filtered(binned, {"city": (LINKED_BINS - 1, LINKED_BINS)}))
    assert binned.totals[binned.place("city")].sum() == 3000


def test_features_stand_in_order_of_strength_and_one_without_a_test_last(ask: Ask) -> None:
    table = employees().append_column("same", pa.array([1.0] * 400))
    binned = bin_columns(*ask(table=table))
    strengths = [c.strength for c in binned.columns[1:]]
    assert binned.columns[0].name == "left"
    assert strengths[:-1] == sorted(strengths[:-1], reverse=True)
    assert np.isnan(strengths[-1])
    assert binned.features[-1] == "same"


def test_only_rows_looked_at_are_counted(ask: Ask) -> None:
    asked = ask()
    training, every = bin_columns(*asked), bin_columns(*asked, True)
    assert (training.n, every.n) == (len(asked[2].training_rows()), 392)
    assert training.fingerprint != every.fingerprint


def test_unknown_columns_and_bins_are_refused(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ask()
    binned = bin_columns(*asked)
    with pytest.raises(InputError, match="no column 'salary'"):
        filtered(binned, {"salary": (0,)})
    with pytest.raises(InputError, match="has the bins 0 to 2"):
        filtered(binned, {"grade": (3,)})
    assert dict(filtered(binned, {"grade": ()}).selections) == {}
    monkeypatch.setattr("mlops_lib.explore.binned.MAX_COLUMNS", 3)
    with pytest.raises(TooLargeError, match="7 features"):
        bin_columns(*asked)


def test_it_counts_the_same_from_a_memory_map(ask: Ask, tmp_path: Path) -> None:
    binned = bin_columns(*ask())
    folder = tmp_path / "stored"
    folder.mkdir()
    codec.save(binned, folder)
    opened = codec.load(folder, mapped=True)
    assert opened.codes.dtype == np.uint8
    first, second = (filtered(one, {"grade": (0,), "age": (1, 2)}) for one in (binned, opened))
    for a, b in zip(first.columns, second.columns, strict=True):
        np.testing.assert_array_equal(a.by_class, b.by_class)
    assert first.inside == second.inside
    assert linked.checked(opened, {"age": [2, 1, 1]}) == {"age": (1, 2)}
