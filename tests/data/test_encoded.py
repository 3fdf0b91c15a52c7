"""Columns encoded once: the same numbers as the cells, whoever made them and whenever."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
from datetime import UTC, timedelta
from datetime import datetime as moment
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mlops_lib.data import encoded as store
from mlops_lib.data.catalogue import add_version, size_on_disk
from mlops_lib.data.datasets import TO_SCORE, keep
from mlops_lib.data.encoded import FOLDER, encode, encoded, encoded_column
from mlops_lib.data.reading import ReadTable
from mlops_lib.data.removal import purge, remove
from mlops_lib.data.target import resolve_target
from mlops_lib.explore.binning import bin_feature
from mlops_lib.objects.dataset import Dataset, Reading, ReadingOptions
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Above, Classes, Column, Number, Question, Schema
from mlops_lib.stats.association import association_matrix
from mlops_lib.stats.features import Feature, feature_from
from mlops_lib.stats.testing import Answers, run_test
from mlops_lib.workspace.folder import Workspace

ROWS = 60_000
"""More than are decoded each time."""


def kept(workspace: Workspace, columns: dict[str, pa.Array], source: str = "upload") -> Dataset:
    table = pa.table(columns)
    reading = Reading("CSV", ReadingOptions(), table.num_rows, table.num_rows)
    return keep(workspace, ReadTable(table, reading), "made.csv", source)


def repeated(values: list[object], kind: pa.DataType | None = None) -> pa.Array:
    """The values over and over, the last one missing."""
    full = (values * (ROWS // len(values) + 1))[: ROWS - 1]
    return pa.array([*full, None], kind)


def files(dataset: Dataset) -> list[str]:
    folder = Path(dataset.path).parent / FOLDER
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def cells(column: Feature) -> list[object]:
    """Levels and days as the cells they stand for."""
    if column.kind == "categorical":
        return [None if code < 0 else column.levels[code] for code in column.values.tolist()]
    return [None if np.isnan(v) else v for v in column.values.tolist()]


def test_each_type_of_column_is_kept_as_its_cells_are(workspace: Workspace) -> None:
    values: dict[str, tuple[list[object], pa.DataType, list[object]]] = {
        "whole": ([3, -2, 2**40], pa.int64(), [3.0, -2.0, float(2**40)]),
        "decimals": ([0.1, float("inf"), -1e300], pa.float64(), [0.1, float("inf"), -1e300]),
        "한국어": (["영업", "인사", "가"], pa.string(), ["영업", "인사", "가"]),
    }
    dataset = kept(workspace, {name: repeated(given, kind) for name, (given, kind, _) in values.items()})
    assert files(dataset) == ["0-values.npy", "1-values.npy", "2-codes.npy", "2-levels.json"]
    columns = encoded(dataset, {"한국어": "categorical", "whole": "numeric", "decimals": "numeric"})
    assert list(columns) == ["한국어", "whole", "decimals"]
    for name, (_, _, wanted) in values.items():
        assert cells(columns[name])[:3] == wanted
        assert cells(columns[name])[-1] is None
    assert columns["한국어"].levels == ("가", "영업", "인사")
    assert columns["한국어"].values.dtype == np.int8
    assert columns["whole"].values.dtype == np.float64


def test_dates_before_1970_and_in_9999_are_days(workspace: Workspace) -> None:
    days = [np.datetime64(day, "us") for day in ("1583-01-01", "1969-12-31T12", "9999-12-31")]
    dataset = kept(workspace, {"day": repeated(days, pa.timestamp("us"))})
    column = encoded_column(dataset, "day", "date")
    assert column.kind == "date"
    assert column.values[:3].tolist() == [-141_349.0, -0.5, 2_932_896.0]
    assert np.isnan(column.values[-1])


def test_numbers_may_be_categories_of_sorted_labels(workspace: Workspace) -> None:
    dataset = kept(workspace, {"code": repeated([10, 9, 1], pa.int64())})
    code = encoded_column(dataset, "code", "categorical")
    assert code.levels == ("1", "9", "10")
    assert cells(code)[:3] == ["10", "9", "1"]


def test_types_that_tables_of_elsewhere_have() -> None:
    flags = pa.chunked_array([[True, None], [False]])
    assert encode(flags, "flag", "categorical").levels == ("False", "True")
    assert cells(encode(flags, "flag", "numeric")) == [1.0, None, 0.0]
    prices = pa.chunked_array([pa.array([Decimal("1.50"), None, Decimal("0.25")], pa.decimal128(6, 2))])
    assert encode(prices, "price", "categorical").levels == ("0.25", "1.50")
    with pytest.raises(InputError, match="marked numeric but holds text"):
        encode(prices, "price", "numeric")
    assert encode(pa.chunked_array([], pa.string()), "none", "categorical").values.shape == (0,)
    days = pa.chunked_array([pa.array([dt.date(1969, 12, 31)], pa.date32())])
    assert encode(days, "day", "date").values.tolist() == [-1.0]


@pytest.mark.parametrize(("levels", "width"), [(126, np.int8), (127, np.int16), (32_767, np.int32), (40_000, np.int32)])
def test_codes_are_as_small_as_leaves_room_for_one_more(
    workspace: Workspace, levels: int, width: type[np.signedinteger]
) -> None:
    dataset = kept(workspace, {"label": repeated([f"L{k:05d}" for k in range(levels)], pa.string())})
    column = encoded_column(dataset, "label", "categorical")
    assert column.values.dtype == width
    assert len(column.levels) == levels
    assert (column.values + 1).max() == levels
    assert np.array_equal(column.values[:-1], np.arange(ROWS - 1) % levels)


def test_a_column_without_a_value_has_no_level_and_no_number(workspace: Workspace) -> None:
    dataset = kept(workspace, {"x": pa.nulls(ROWS, pa.float64()), "label": pa.nulls(ROWS, pa.string())})
    assert files(dataset) == []  # such columns are proposed as no feature
    label = encoded_column(dataset, "label", "categorical")
    assert label.levels == ()
    assert set(label.values.tolist()) == {-1}
    assert np.isnan(encoded_column(dataset, "x", "numeric").values).all()
    again = encoded_column(dataset, "label", "categorical")
    assert (again.levels, again.values.tolist()) == (label.levels, label.values.tolist())


def test_what_is_kept_is_what_pandas_encodes(workspace: Workspace) -> None:
    rng = np.random.default_rng(3)
    labels = np.array(["b", "a", "10", "영업", "é", ""])[rng.integers(0, 6, ROWS)]
    numbers = np.where(rng.random(ROWS) < 0.1, np.nan, rng.normal(size=ROWS))
    days = np.datetime64("1960-03-01", "us") + rng.integers(0, 10**6, ROWS) * np.timedelta64(1, "h")
    dataset = kept(
        workspace,
        {"label": pa.array(labels), "x": pa.array(numbers, from_pandas=True), "day": pa.array(days)},
    )
    frame = dataset.frame()
    for name, kind in (("label", "categorical"), ("x", "numeric"), ("day", "date")):
        ours, theirs = encoded_column(dataset, name, kind), feature_from(frame[name], kind)
        assert (ours.name, ours.kind, ours.levels) == (theirs.name, theirs.kind, theirs.levels)
        assert np.array_equal(ours.values, theirs.values, equal_nan=True)


def test_what_is_kept_is_opened_and_not_made_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = kept(workspace, {"x": repeated([1, 2, 3], pa.int64()), "label": repeated(["a", "b"], pa.string())})
    monkeypatch.setattr(store, "encode", lambda *_: pytest.fail("It was encoded again."))
    columns = encoded(dataset, {"x": "numeric", "label": "categorical"})
    assert columns["x"].values[:3].tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(ValueError, match="read-only"):
        columns["x"].values[0] = 9


def test_another_kind_is_made_at_its_first_use(workspace: Workspace) -> None:
    dataset = kept(workspace, {"code": repeated([3, 1, 2], pa.int64())})
    assert files(dataset) == ["0-values.npy"]
    made = encoded_column(dataset, "code", "categorical")
    assert files(dataset) == ["0-codes.npy", "0-levels.json", "0-values.npy"]
    again = encoded_column(dataset, "code", "categorical")
    assert again.levels == made.levels
    assert np.array_equal(again.values, made.values)


def test_very_many_labels_are_sorted_at_their_first_use(workspace: Workspace) -> None:
    labels = [f"K{k % 29_989}" for k in range(ROWS)]
    dataset = kept(workspace, {"customer": pa.array(labels), "x": repeated([1, 2], pa.int64())})
    assert files(dataset) == ["1-values.npy"]
    column = encoded_column(dataset, "customer", "categorical")
    assert column.levels == tuple(sorted(set(labels)))
    assert cells(column) == labels
    assert files(dataset) == ["0-codes.npy", "0-levels.json", "1-values.npy"]


def test_small_tables_and_tables_to_score_are_left_alone(workspace: Workspace) -> None:
    small = kept(workspace, {"x": pa.array([1, 2, 3])})
    to_score = kept(workspace, {"x": repeated([1, 2], pa.int64())}, TO_SCORE)
    assert encoded_column(small, "x", "numeric").values.tolist() == [1.0, 2.0, 3.0]
    assert files(small) == files(to_score) == []


def test_nothing_is_kept_beside_a_table_of_another_name(workspace: Workspace, tmp_path: Path) -> None:
    dataset = kept(workspace, {"x": repeated([1, 2], pa.int64())})
    elsewhere = tmp_path / "elsewhere" / "table.parquet"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(Path(dataset.path).read_bytes())
    moved = Dataset(dataset.fingerprint, "moved", "made", ROWS, ("x",), str(elsewhere), "2026-01-01")
    assert encoded_column(moved, "x", "numeric").values[:2].tolist() == [1.0, 2.0]
    assert files(moved) == []


def test_where_nothing_can_be_written_columns_are_made_each_time(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = kept(workspace, {"code": repeated([2, 1], pa.int64())})

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(store.atomic, "new_file", full)
    assert encoded_column(dataset, "code", "categorical").levels == ("1", "2")
    assert files(dataset) == ["0-values.npy"]


def _encode_often(dataset: Dataset, go: object, answers: object) -> None:
    go.wait()  # type: ignore[attr-defined]
    column = encoded_column(dataset, "label", "categorical")
    answers.put((os.getpid(), column.levels[:2], int(column.values.astype(np.int64).sum())))  # type: ignore[attr-defined]


def test_two_processes_may_make_the_same_column_at_once(workspace: Workspace) -> None:
    dataset = kept(workspace, {"label": repeated(list(range(1_000)), pa.int64())})
    context = multiprocessing.get_context("spawn")
    go, answers = context.Event(), context.Queue()
    both = [context.Process(target=_encode_often, args=(dataset, go, answers)) for _ in range(2)]
    for process in both:
        process.start()
    go.set()
    found = [answers.get(timeout=60) for _ in both]
    for process in both:
        process.join(60)
        assert process.exitcode == 0
    assert len({pid for pid, *_ in found}) == 2
    assert {tuple(rest) for _, *rest in found} == {(("0", "1"), sum(k % 1_000 for k in range(ROWS - 1)) - 1)}
    assert files(dataset) == ["0-codes.npy", "0-levels.json", "0-values.npy"]  # no half-written file is left


def test_the_columns_go_with_their_table(workspace: Workspace) -> None:
    dataset = kept(workspace, {"x": repeated([1, 2], pa.int64())})
    version = add_version(workspace, dataset)
    assert size_on_disk(workspace, version) > 8 * ROWS
    remove(workspace, version)
    assert purge(workspace, moment.now(UTC) + timedelta(days=31)) == (dataset.fingerprint,)
    assert not Path(dataset.path).parent.exists()


@pytest.mark.parametrize(
    ("target", "question"),
    [
        ("label", Classes("b")),
        ("label", Classes(None)),
        ("x", Above(1.5)),
        ("x", Number()),
        ("x", Classes("2")),
    ],
)
def test_the_target_of_a_kept_table_is_that_of_a_small_one(
    workspace: Workspace, target: str, question: Question
) -> None:
    cells_of: dict[str, list[object]] = {"label": ["b", "a", None, "c"], "x": [3, None, 2, 1]}
    large = {name: pa.array(values * (ROWS // 4)) for name, values in cells_of.items()}
    few = {name: pa.array(values) for name, values in cells_of.items()}
    kinds = {"label": "categorical", "x": "numeric"}
    found = []
    for columns in (large, few):
        dataset = kept(workspace, columns)
        roles = [Column(n, kinds[n], "target" if n == target else "feature") for n in kinds]  # type: ignore[arg-type]
        found.append(resolve_target(dataset, Schema(dataset.fingerprint, tuple(roles), question)))
    assert (found[0].kind, found[0].names) == (found[1].kind, found[1].names)
    assert np.array_equal(found[0].values[:4], found[1].values, equal_nan=True)
    assert np.array_equal(found[0].values, np.tile(found[1].values, ROWS // 4), equal_nan=True)


def test_small_codes_count_as_large_ones_do() -> None:
    rng = np.random.default_rng(8)
    n, answers = 20_000, Answers(rng.integers(0, 2, 20_000).astype(np.int8), 2)
    narrow = [
        encode(pa.chunked_array([pa.array([f"L{k}" for k in rng.integers(0, levels, n)])]), f"x{levels}", "categorical")
        for levels in (120, 126, 300)
    ]
    wide = [Feature(f.name, f.kind, f.values.astype(np.int64), f.levels) for f in narrow]
    assert [f.values.dtype for f in narrow] == [np.int8, np.int8, np.int16]
    for small, large in zip(narrow, wide, strict=True):
        assert run_test(small, answers) == run_test(large, answers)
        by_small, by_large = bin_feature(small), bin_feature(large)
        assert by_small.labels == by_large.labels
        assert np.array_equal(by_small.codes, by_large.codes)
    first, second = (association_matrix(columns) for columns in (narrow, wide))
    assert np.array_equal(first.corrected, second.corrected, equal_nan=True)
    assert np.array_equal(first.plain, second.plain, equal_nan=True)
