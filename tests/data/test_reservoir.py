"""Samples of files in one pass: fair, repeatable, the same rows as a whole reading has, and small in memory."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest
from scipy.stats import chi2

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.reading import read_table
from mlops_lib.data.reservoir import Reservoir, keep_sample, sample_file
from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.errors import FulcrumError, InputError, NotPossibleError, TooLargeError
from mlops_lib.workspace.folder import Workspace


def drawn_from(rows: int, size: int, seed: int, blocks: list[int]) -> np.ndarray:
    """Positions in a reservoir after blocks of rows have come by."""
    reservoir, kept, start = Reservoir(size, seed), np.full(size, -1), 0
    for block in blocks:
        taken, slots = reservoir.offer(block)
        assert (np.diff(taken) > 0).all()
        kept[slots] = start + taken
        start += block
    assert start == reservoir.seen == rows
    return np.sort(kept)


@pytest.mark.parametrize(("rows", "size"), [(60, 10), (200, 3), (12, 11), (500, 1)])
def test_every_row_has_the_same_chance(rows: int, size: int) -> None:
    seeds, half = 3000, rows // 3
    counts = np.zeros(rows)
    for seed in range(seeds):
        counts[drawn_from(rows, size, seed, [half, rows - half])] += 1
    share = size / rows
    # Counts of one row vary by seeds * share * (1 - share); they add up to seeds * size, which takes a degree.
    statistic = ((counts - seeds * share) ** 2).sum() / (seeds * share * (1 - share)) * (rows - 1) / rows
    low, high = chi2.ppf([0.0005, 0.9995], rows - 1)
    assert low < statistic < high


def test_pairs_of_rows_are_drawn_alike() -> None:
    rows, size, seeds = 8, 3, 8_000
    pairs = np.zeros((rows, rows))
    for seed in range(seeds):
        kept = drawn_from(rows, size, seed, [rows])
        pairs[np.ix_(kept, kept)] += 1
    found = pairs[np.triu_indices(rows, 1)]
    expected = seeds * size * (size - 1) / (rows * (rows - 1))
    assert np.abs(found - expected).max() < 5 * np.sqrt(expected)


def test_blocks_change_nothing() -> None:
    rows, size = 100_000, 50
    whole = drawn_from(rows, size, 7, [rows])
    for block in (1, 49, 50, 51, 4096):
        blocks = [block] * (rows // block) + ([rows % block] if rows % block else [])
        assert (drawn_from(rows, size, 7, blocks) == whole).all()
    assert (drawn_from(rows, size, 8, [rows]) != whole).any()


def test_fewer_rows_than_asked_for_are_all_taken() -> None:
    taken, slots = Reservoir(10, 0).offer(4)
    assert taken.tolist() == slots.tolist() == [0, 1, 2, 3]


def csv_text(rows: int, end: str = "\n") -> str:
    lines = [f'{k},"text, {k}\nand more {k}",{k / 4},2024-01-{k % 28 + 1:02d},é' for k in range(rows)]
    return end.join(["id,note,price,day,letter", *lines]) + end


def jsonl(rows: int) -> bytes:
    return "".join(json.dumps({"id": k, "note": f"n{k}", "price": k / 4}) + "\n" for k in range(rows)).encode()


def arrow_table(rows: int) -> pa.Table:
    return pa.table(
        {
            "id": np.arange(rows),
            "label": pa.array([f"l{k % 7}" for k in range(rows)]).dictionary_encode(),
            "day": pa.array(np.arange(rows, dtype=np.int32)).cast(pa.date32()),
            "list": [[k] for k in range(rows)],
        }
    )


def parquet_bytes(rows: int) -> bytes:
    sink = io.BytesIO()
    pq.write_table(arrow_table(rows), sink, row_group_size=997)
    return sink.getvalue()


def arrow_bytes(rows: int, kind: Callable[..., ipc.RecordBatchFileWriter]) -> bytes:
    sink = io.BytesIO()
    with kind(sink, arrow_table(rows).schema) as writer:
        writer.write_table(arrow_table(rows), max_chunksize=1000)
    return sink.getvalue()


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


FILES: dict[str, Callable[[], bytes]] = {
    "csv": lambda: csv_text(20_000).encode(),
    "csv.gz": lambda: gzip.compress(csv_text(20_000).encode()),
    "csv.gz of two": lambda: gzip.compress(csv_text(9_000).encode()) + gzip.compress(b"7,x,1.5,2024-02-02,u\n" * 9_000),
    "csv.zst": lambda: zstd(csv_text(20_000).encode()),
    "semicolons": lambda: "".join(f"{k};{k},5;t{k}\n" for k in range(30_000)).join(["a;b;c\n", ""]).encode(),
    "tabs, no names": lambda: "".join(f"{k}\t{k * 2}\tt{k}\n" for k in range(30_000)).encode(),
    "utf-16": lambda: ("a,b\n" + "".join(f"{k},가{k}\n" for k in range(90_000))).encode("utf-16"),
    "cp949": lambda: ("나이,이름\n" + "".join(f"{k},홍길동{k}\n" for k in range(60_000))).encode("cp949"),
    "mark": lambda: b"\xef\xbb\xbf" + csv_text(5_000).encode(),
    "returns": lambda: ("a,b\r" + "".join(f"{k},t{k}\r" for k in range(60_000))).encode(),
    "returns and newlines": lambda: csv_text(20_000, "\r\n").encode(),
    "blank lines": lambda: ("a,b\n" + "".join(f"{k},t{k}\n\n" for k in range(30_000))).encode(),
    "one column": lambda: ("a\n" + "".join(f"{k}\n" for k in range(50_000))).encode(),
    "ends with delimiter": lambda: ("a,b\n" + "".join(f"{k},t{k},\n" for k in range(50_000))).encode(),
    "repeated names": lambda: ("a,a,\n" + "".join(f"{k},t{k},z\n" for k in range(50_000))).encode(),
    "no line end": lambda: ("a,b\n" + "\n".join(f"{k},t{k}" for k in range(50_000))).encode(),
    "jsonl": lambda: jsonl(20_000),
    "jsonl.gz": lambda: gzip.compress(jsonl(20_000)),
    "parquet": lambda: parquet_bytes(20_000),
    "arrow": lambda: arrow_bytes(20_000, ipc.new_file),
    "arrow stream": lambda: arrow_bytes(20_000, ipc.new_stream),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_a_sample_has_the_rows_that_a_whole_reading_has(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILES[kind]())
    whole = read_table(path, "file")
    found = sample_file(path, "file", 700, seed=1)
    assert found.sampling.parent_rows == whole.table.num_rows
    assert found.row_ids.tolist() == sorted(set(found.row_ids.tolist()))
    assert len(found.row_ids) == found.table.num_rows == found.reading.rows_kept == 700
    assert found.table.equals(whole.table.take(pa.array(found.row_ids)))
    assert found.reading.file_bytes == path.stat().st_size
    assert found.reading.options.encoding == whole.reading.options.encoding


def test_rows_that_do_not_fit_are_counted_and_not_drawn(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("a,b\n" + "".join(f"{k},x\n" if k % 5 else f"{k},x,too much\n" for k in range(50_000)))
    found = sample_file(path, "odd.csv", 1000, seed=0)
    assert (found.sampling.parent_rows, found.reading.rows_in_file, found.reading.skipped_in_all) == (
        40_000, 50_000, 10_000
    )  # fmt: skip
    whole = read_table(path, "odd.csv")
    assert found.table.equals(whole.table.take(pa.array(found.row_ids)))
    assert all(number % 5 for number in found.table.column("a").to_pylist())


def test_broken_lines_of_json_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(jsonl(5000) + b"no json\n" + jsonl(10) + b'{"id": }\n')
    found = sample_file(path, "odd.jsonl", 10_000, seed=0)
    assert (found.table.num_rows, found.reading.skipped_in_all) == (5010, 2)
    assert len(found.row_ids) == 5010


def test_the_seed_decides_and_options_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"{k},{'?' if k % 3 else k}\n" for k in range(30_000)))
    options = ReadingOptions(missing=("?",), text_columns=("a",))
    first, again = (sample_file(path, "t.csv", 300, 5, options) for _ in range(2))
    assert first.table.equals(again.table)
    assert not first.table.equals(sample_file(path, "t.csv", 300, 6, options).table)
    assert first.table.schema.types == [pa.string(), pa.int64()]
    assert (first.reading.options.missing, first.reading.options.delimiter) == (("?",), ",")


def test_bytes_that_are_no_text_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    body = b"".join(b"%d,\xc3\xa9\n" % k for k in range(100_000))
    path.write_bytes(b"a,b\n" + body + b"7,\xff\xfe\n" * 3)
    found = sample_file(path, "t.csv", 50, 0)
    assert "6 bytes of the file are no valid text" in " ".join(found.reading.repairs)


def test_a_row_longer_than_a_block_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "".join(f"{k},x\n" for k in range(100_000)) + f"1,{'y' * 3_000_000}\n" + "2,z\n")
    found = sample_file(path, "long.csv", 5, 3)
    assert found.sampling.parent_rows == 100_002


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"a,b\n" + b"1,2\n" * 200_000 + b'"open,1\n' + b"1,2\n" * 9_000_000, TooLargeError, "never closed"),
        (b"a,b\n" + b"1,2\n" * 200_000 + b'"open,1\n' + b"1,2\n" * 50, InputError, "50 lines cannot be told apart"),
        (b'a,b\n"5 inch,2\n' + b"1,2\n" * 5_000 + b'2,"\n' + b"1,2\n" * 5_000, InputError, "lines cannot be told"),
        (gzip.compress(csv_text(5000).encode())[:-2000], InputError, "damaged or cut off"),
        (zstd(csv_text(5000).encode())[:-2000], InputError, "damaged or cut off"),
        (parquet_bytes(5000)[:-100], InputError, "damaged"),
        (arrow_bytes(5000, ipc.new_file)[:-100], InputError, "damaged"),
        (gzip.compress(parquet_bytes(100)), NotPossibleError, "packed parquet"),
        (b'{"a": [1, 2],\n "b": 3}', NotPossibleError, "one JSON document"),
        (b"[" + b'{"a": 1, "b": 2},\n' * 50_000 + b'{"a": 1}]', NotPossibleError, "one JSON document"),
        (b"PK\x03\x04 no zip", InputError, "damaged"),
        (b"%PDF-1.4", InputError, "PDF"),
        (b"", InputError, "empty"),
    ],
)
def test_what_cannot_be_sampled_is_said(tmp_path: Path, content: bytes, error: type[FulcrumError], words: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(error, match=words) as caught:
        sample_file(path, "file", 10, 0)
    assert "\n" not in caught.value.message
    assert str(tmp_path) not in str(caught.value)


def test_a_sample_has_at_least_a_row(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one row"):
        sample_file(tmp_path / "file", "file", 0, 0)


def test_a_kept_sample_knows_its_rows_and_how_many_there_were(tmp_path: Path) -> None:
    path, workspace = tmp_path / "t.csv", Workspace(tmp_path / "home")
    path.write_bytes(csv_text(5000).encode())
    read = sample_file(path, "t.csv", 200, 4)
    kept = open_dataset(workspace, keep_sample(workspace, read, "t", "server file").fingerprint)
    assert kept.sampling is not None
    assert (kept.sampling.method, kept.sampling.parent_rows, kept.rows) == ("reservoir", 5000, 200)
    assert kept.operation is not None
    assert (kept.operation.seed, dict(kept.operation.settings)) == (4, {"method": "reservoir", "rows": 200})
    assert kept.operation.said == ("Random sample of 200 of 5,000 rows, drawn in one pass",)
    assert (kept.row_ids() == read.row_ids).all()
    assert kept.frame(["id"])["id"].tolist() == read.row_ids.tolist()
    assert kept.weights() is None


_DRAW = """
import sys, time
from pathlib import Path
from mlops_lib.data.reservoir import sample_file
began = time.monotonic()
found = sample_file(sys.argv[1], "large.csv", 100_000, 0)
facts = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(found.table.num_rows, found.sampling.parent_rows, int(facts["VmHWM"].split()[0]), time.monotonic() - began)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="This system does not say how much memory was used.")
def test_a_file_of_a_gigabyte_is_sampled_in_little_memory(tmp_path: Path) -> None:
    block = "".join(
        f'{k},"name, {k % 97}",{k / 7:.4f},2024-01-{k % 28 + 1:02d},{k % 3}\n' for k in range(100_000)
    ).encode()
    path, blocks = tmp_path / "large.csv", 1_000_000_000 // len(block) + 1
    try:
        with path.open("wb") as file:
            file.write(b"id,name,price,day,label\n")
            for _ in range(blocks):
                file.write(block)
        assert path.stat().st_size > 1_000_000_000
        command = [sys.executable, "-c", _DRAW, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    finally:
        path.unlink()
    rows, parent, peak, seconds = done.stdout.split()
    assert (int(rows), int(parent)) == (100_000, 100_000 * blocks)
    assert int(peak) < 300_000, f"{int(peak) / 1000:.0f} MB"
    assert float(seconds) < 60
