"""Two versions of a table: what came, went and moved, against pandas and SciPy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from mlops_lib.data.comparing import compare_job, compare_versions
from mlops_lib.data.datasets import keep
from mlops_lib.data.difference import Shift, TypeChange
from mlops_lib.data.reading import ReadTable
from mlops_lib.data.shifts import ks_distance
from mlops_lib.objects.dataset import Dataset, Reading, ReadingOptions
from mlops_lib.objects.progress import Progress
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace

Keep = Callable[[pd.DataFrame], Dataset]


@pytest.fixture
def kept(workspace: Workspace) -> Keep:
    def kept(frame: pd.DataFrame) -> Dataset:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        plain = [pa.large_string(), pa.string()]
        columns = [c.cast(pa.string()) if c.type in plain else c for c in table.columns]
        columns = [c.cast(pa.timestamp("us")) if pa.types.is_temporal(c.type) else c for c in columns]
        table = pa.table(columns, names=table.column_names)
        reading = Reading("CSV", ReadingOptions(), table.num_rows, table.num_rows)
        return keep(workspace, ReadTable(table, reading), "t.csv", "test")

    return kept


def people(rows: int = 600, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "number": np.arange(1000, 1000 + rows),
            "age": rng.integers(18, 65, rows),
            "pay": np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(8, 0.4, rows).round(2)),
            "site": np.where(rng.random(rows) < 0.05, None, rng.choice(["north", "south", "east"], rows)),
            "since": pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 3000, rows), unit="D"),
        }
    )


def shift(shifts: tuple[Shift, ...], column: str) -> Shift:
    return next(s for s in shifts if s.column == column)


def test_a_version_compared_with_itself_shows_nothing(kept: Keep) -> None:
    dataset = kept(people())
    same = compare_versions(dataset, dataset)
    assert same.same_columns
    assert (same.rows.unchanged, same.rows.added, same.rows.removed, same.rows.in_order) == (600, 0, 0, True)
    assert same.keyed is not None
    assert (same.keyed.key, same.keyed.matched, same.keyed.changed, same.keyed.cells) == ("number", 600, 0, ())
    assert [s.moved for s in same.shifts] == [0.0] * 4
    assert same.not_compared == (("number", "it names the rows"),)
    assert same.noticeable == ()


def test_columns_that_came_went_changed_their_type_or_place(kept: Keep) -> None:
    frame = people()
    before = kept(frame)
    changed = frame[["age", "number", "site", "since"]].assign(age=frame["age"].astype(str), bonus=1)
    found = compare_versions(before, kept(changed))
    assert (found.added_columns, found.removed_columns) == (("bonus",), ("pay",))
    assert found.retyped == (TypeChange("age", "number", "text"),)
    assert found.reordered
    assert not found.same_columns
    assert {s.column for s in found.shifts} == {"site", "since"}
    assert found.rows.unchanged == 600


def test_whole_numbers_that_became_decimals_are_the_same_numbers(kept: Keep) -> None:
    frame = people()
    found = compare_versions(kept(frame), kept(frame.assign(age=frame["age"].astype(float))))
    assert found.retyped == ()
    assert found.rows.unchanged == 600


def test_rows_are_counted_as_often_as_they_occur_like_a_counter_of_tuples(kept: Keep) -> None:
    rng = np.random.default_rng(3)
    pool = people(40, 1).drop(columns="number").assign(zero=0.0)
    before = pool.iloc[rng.integers(0, 40, 500)].reset_index(drop=True)
    after = pool.iloc[rng.integers(0, 40, 300)].reset_index(drop=True).assign(zero=-0.0)
    found = compare_versions(kept(before), kept(after))
    tuples = [Counter(map(tuple, f.astype(object).where(f.notna(), None).to_numpy().tolist())) for f in (before, after)]
    shared = sum((tuples[0] & tuples[1]).values())
    assert (found.rows.unchanged, found.rows.removed, found.rows.added) == (shared, 500 - shared, 300 - shared)


def test_rows_matched_by_their_identifier_like_a_merge_of_pandas(kept: Keep) -> None:
    rng = np.random.default_rng(4)
    frame = people()
    after = frame.copy()
    hit = rng.random(600) < 0.2
    after.loc[hit, "pay"] = after.loc[hit, "pay"] * 1.03
    after.loc[rng.random(600) < 0.05, "site"] = "west"
    after = pd.concat([after.iloc[50:], people(30, 9).assign(number=np.arange(5000, 5030))]).sample(
        frac=1, random_state=1
    )
    found = compare_versions(kept(frame), kept(after)).keyed
    assert found is not None
    both = frame.merge(after, on="number", suffixes=("", "_after"))
    cells = {}
    for column in ("age", "pay", "site", "since"):
        mine, theirs = both[column], both[f"{column}_after"]
        cells[column] = int(((mine != theirs) & ~(mine.isna() & theirs.isna())).sum())
    assert dict(found.cells) == {c: n for c, n in cells.items() if n}
    assert [n for _, n in found.cells] == sorted((n for n in cells.values() if n), reverse=True)
    assert (found.matched, found.added, found.removed) == (len(both), 30, 50)
    assert max(cells.values()) <= found.changed <= sum(cells.values())


@pytest.mark.parametrize("seed", range(6))
def test_distances_of_numbers_and_dates_are_those_of_scipy(kept: Keep, seed: int) -> None:
    before, after = people(400, seed), people(250, seed + 50)
    after["pay"] = after["pay"] * 1.2
    found = compare_versions(kept(before), kept(after))
    for column in ("age", "pay", "since"):
        mine, theirs = (f[column].dropna().astype("int64" if column == "since" else float) for f in (before, after))
        reference = stats.ks_2samp(mine, theirs, method="asymp")
        moved = shift(found.shifts, column)
        assert moved.distance == pytest.approx(reference.statistic, abs=1e-12)
        limit = stats.kstwobign.sf(reference.statistic * math.sqrt(len(mine) * len(theirs) / (len(mine) + len(theirs))))
        assert moved.p == pytest.approx(limit, rel=1e-9)
        assert moved.p == pytest.approx(reference.pvalue, rel=0.2, abs=0.02)
    pay = shift(found.shifts, "pay")
    assert (pay.median_before, pay.median_after) == pytest.approx((before["pay"].median(), after["pay"].median()))
    since = shift(found.shifts, "since")
    assert since.median_after == pytest.approx(after["since"].median().timestamp(), abs=1)
    assert pay.missing_before == pytest.approx(before["pay"].isna().mean())


def test_the_statistic_holds_with_ties_and_single_values() -> None:
    rng = np.random.default_rng(0)
    for n, m, values in ((1, 1, 3), (5, 1, 2), (100, 7, 4), (300, 300, 1000)):
        first, second = rng.integers(0, values, n).astype(float), rng.integers(0, values, m).astype(float)
        assert ks_distance(np.sort(first), np.sort(second)) == pytest.approx(
            stats.ks_2samp(first, second, method="exact").statistic, abs=1e-12
        )


def test_label_shares_their_distance_and_the_labels_that_came_or_went(kept: Keep) -> None:
    before, after = people(400, 1), people(300, 2)
    after["site"] = after["site"].where(after["site"] != "east", "west")
    found = shift(compare_versions(kept(before), kept(after)).shifts, "site")
    p, q = (f["site"].value_counts(normalize=True) for f in (before, after))
    assert found.distance == pytest.approx(p.sub(q, fill_value=0).abs().sum() / 2)
    counts = pd.concat([f["site"].value_counts() for f in (before, after)], axis=1).fillna(0).to_numpy().T
    assert found.p == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue)
    assert (found.came, found.went, found.came_in_all, found.went_in_all) == (("west",), ("east",), 1, 1)
    assert {b.name: (b.before, b.after) for b in found.bins}["north"] == pytest.approx((p["north"], q["north"]))
    assert found.noticeable


def test_what_chance_gives_is_what_repeated_samples_give(kept: Keep) -> None:
    rng = np.random.default_rng(7)
    numbers, labels = [], []
    for _ in range(40):
        frames = [
            pd.DataFrame(
                {"x": rng.normal(size=n), "c": rng.choice(list("abcdef"), n, p=[0.4, 0.2, 0.2, 0.1, 0.05, 0.05])}
            )
            for n in (200, 300)
        ]
        found = compare_versions(*(kept(f) for f in frames)).shifts
        numbers.append(shift(found, "x"))
        labels.append(shift(found, "c"))
    for shifts, tolerance in ((numbers, 0.15), (labels, 0.15)):
        assert np.mean([s.distance for s in shifts]) == pytest.approx(
            np.mean([s.by_chance for s in shifts]), rel=tolerance
        )
    assert sum(s.noticeable for s in [*numbers, *labels]) <= 2


def test_a_column_that_lost_its_cells_counts_as_moved(kept: Keep) -> None:
    frame = people()
    after = frame.assign(age=frame["age"].where(frame.index % 2 == 0))
    found = compare_versions(kept(frame), kept(after))
    assert found.shifts[0].column == "age"
    assert found.shifts[0].moved == pytest.approx(0.5)
    assert [s.column for s in found.noticeable] == ["age"]


def test_names_and_free_text_are_not_compared_as_shares(kept: Keep) -> None:
    frame = people().assign(name=[f"person {k}" for k in range(600)], empty=None)
    found = compare_versions(kept(frame), kept(frame.iloc[:300]))
    reasons = dict(found.not_compared)
    assert "600 different texts" in reasons["name"]
    assert reasons["empty"] == "every cell is missing in one of the two"
    assert not {s.column for s in found.shifts} & set(reasons)


def test_bins_share_out_all_filled_cells(kept: Keep) -> None:
    for found in compare_versions(kept(people(500, 1)), kept(people(700, 2))).shifts:
        assert sum(b.before for b in found.bins) == pytest.approx(1)
        assert sum(b.after for b in found.bins) == pytest.approx(1)


def test_tables_without_a_common_column_or_row_are_compared_too(kept: Keep) -> None:
    found = compare_versions(kept(pd.DataFrame({"a": [1, 2]})), kept(pd.DataFrame({"b": [1, 2, 3]})))
    assert (found.added_columns, found.removed_columns, found.keyed, found.shifts) == (("b",), ("a",), None, ())
    assert (found.rows.added, found.rows.removed, found.rows.unchanged) == (3, 2, 0)


def test_the_job_gives_the_same_and_is_stored(workspace: Workspace, kept: Keep) -> None:
    before, after = kept(people(200, 1)), kept(people(250, 2))
    told: list[object] = []
    found = compare_job(workspace, {"before": before.fingerprint, "after": after.fingerprint}, told.append)
    assert found == compare_versions(before, after)
    assert codec.from_json(codec.to_json(found)) == found
    assert next(e.what for e in told if isinstance(e, Progress)) == "Comparing number"


def test_a_missing_number_is_not_the_number_zero(kept: Keep) -> None:
    before = kept(pd.DataFrame({"a": pa.array([0, None, 3], pa.int64()).to_pandas(), "c": ["x", None, ""]}))
    after = kept(pd.DataFrame({"a": pa.array([None, 0, 3], pa.int64()).to_pandas(), "c": ["x", None, ""]}))
    assert compare_versions(before, after).rows.unchanged == 1
