"""Whatever a CSV writer writes comes back cell by cell; a spoilt line costs itself and no other."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_lib.data.reading import ReadTable, read_table
from mlops_lib.objects.dataset import ReadingOptions

CELL = st.text(alphabet="ab,;\"'\n\t 1.0é한", max_size=8)
PLAIN = st.text(alphabet="abc123é한", min_size=1, max_size=6)
DELIMITER = st.sampled_from([",", ";", "\t", "|", "^", "~", ":", "§"])
NAMES = ["first", "second", "third"]


def read(folder: Path, text: str, delimiter: str, encoding: str = "utf-8") -> ReadTable:
    path = folder / "table"
    path.write_bytes(text.encode(encoding))
    options = ReadingOptions(encoding=encoding, delimiter=delimiter, header=True, text_columns=tuple(NAMES))
    return read_table(path, "table.csv", options)


def written(rows: list[list[str]], delimiter: str, quoting: int, end: str) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([NAMES, *rows])
    return buffer.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=DELIMITER,
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "cp949"]),
)
def test_what_is_written_comes_back(
    folder: Path, rows: list[list[str]], delimiter: str, quoting: int, end: str, encoding: str
) -> None:
    rows = [[cell.replace("é", "e") if encoding == "cp949" else cell for cell in row] for row in rows]
    result = read(folder, written(rows, delimiter, quoting, end), delimiter, encoding)
    expected = [[cell.strip() or None for cell in row] for row in rows]
    found = [list(row.values()) for row in result.table.to_pylist()]
    assert found == expected
    assert result.reading.skipped_in_all == 0


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(PLAIN, min_size=3, max_size=3), min_size=4, max_size=30),
    place=st.integers(0, 29),
    spoil=st.sampled_from(["{0},{1}", "{0},{1},{2},{2}", '"{0},{1},{2}', '{0},"{1},{2}', '{0},{1},"{2}']),
)
def test_a_spoilt_line_costs_itself_and_no_other(folder: Path, rows: list[list[str]], place: int, spoil: str) -> None:
    place %= len(rows)
    lines = [",".join(row) for row in rows]
    lines[place] = spoil.format(*rows[place])
    result = read(folder, "\n".join([",".join(NAMES), *lines]) + "\n", ",")
    assert [list(row.values()) for row in result.table.to_pylist()] == [r for k, r in enumerate(rows) if k != place]
    assert [s.line for s in result.reading.skipped] == [place + 2]
    assert result.reading.rows_in_file == len(rows)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(PLAIN, st.integers(0, 999), PLAIN), min_size=2, max_size=12),
    title=st.lists(st.sampled_from(["Report", "Seoul; 2020", "by: Anna"]), max_size=3),
    notes=st.lists(st.integers(0, 11), max_size=3),
    delimiter=st.sampled_from([",", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_titles_and_comments_are_left_out_and_nothing_else(
    folder: Path, rows: list[tuple[str, int, str]], title: list[str], notes: list[int], delimiter: str, end: str
) -> None:
    lines = [delimiter.join(map(str, row)) for row in rows]
    for place in sorted((note % len(lines) for note in notes), reverse=True):
        lines.insert(place, "# a note")
    text = end.join([*title, *([""] if title else []), delimiter.join(NAMES), *lines]) + end
    path = folder / "table"
    path.write_bytes(text.encode())
    result = read_table(path, "table.csv", ReadingOptions(comment="#", text_columns=("first", "third")))
    assert result.table.to_pylist() == [dict(zip(NAMES, row, strict=True)) for row in rows]
    assert result.reading.options.header_row == (len(title) + 2 if title else 1)
    assert any(f"{len(notes)} line" in sentence for sentence in result.reading.repairs) == bool(notes)
