"""Files go in as people have them; nothing shifts, nothing is lost without a word."""

from __future__ import annotations

import datetime
import io
import os
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops_lib.data import limits
from mlops_lib.data.reading import ReadTable, read_table
from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.errors import InputError, NotFoundError, TooLargeError


def day(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts)  # noqa: DTZ001 (tables hold times without a zone)


def read(tmp_path: Path, content: bytes | str, name: str = "table.csv", **options: object) -> ReadTable:
    path = tmp_path / "upload"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, name, ReadingOptions(**options))  # type: ignore[arg-type]


def columns(read: ReadTable) -> dict[str, list[object]]:
    return read.table.to_pydict()


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp949", "cp949"),
    ],
)
def test_korean_text_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str, found: str) -> None:
    text = "부서,월급여\n영업부,100\n인사부,200\n연구개발부,300\n" * 1
    result = read(tmp_path, text.encode(encoding))
    assert result.reading.options.encoding == found
    assert columns(result) == {"부서": ["영업부", "인사부", "연구개발부"], "월급여": [100, 200, 300]}


def test_western_text_is_not_taken_for_korean(tmp_path: Path) -> None:
    result = read(tmp_path, "nom,ville\nRené,Orléans\nZoë,Besançon\n“Loïc”,Nîmes\n".encode("cp1252"))
    assert result.reading.options.encoding == "cp1252"
    assert columns(result)["nom"] == ["René", "Zoë", "“Loïc”"]


def test_a_byte_that_is_undefined_in_cp1252_is_read_as_latin_1(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,b\n\xe9t\xe9 \x81,1\n").reading.options.encoding == "latin-1"


def test_an_encoding_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not ascii text"):
        read(tmp_path, "a\né\n", encoding="ascii")
    with pytest.raises(InputError, match="no text encoding called"):
        read(tmp_path, "a\n1\n", encoding="martian")


def test_a_lone_surrogate_is_replaced_and_said(tmp_path: Path) -> None:
    result = read(tmp_path, b"a,b\nx\xed\xa0\x80y,1\nz,2\n")
    assert result.reading.options.encoding == "utf-8"
    assert columns(result)["a"][0].startswith("x\ufffd")  # type: ignore[union-attr]
    assert "Not valid UTF-8: 3 places do not fit, the first on line 2 (byte 0xED)" in result.reading.repairs[0]
    result.table.to_pandas().to_json()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["name", "x", "y"], ["a", "1", "2"], ["b", "3", "4"]]
    result = read(tmp_path, "\n".join(delimiter.join(row) for row in rows))
    assert result.reading.options.delimiter == delimiter
    assert columns(result) == {"name": ["a", "b"], "x": [1, 3], "y": [2, 4]}


def test_a_semicolon_in_a_cell_does_not_make_a_second_column(tmp_path: Path) -> None:
    assert columns(read(tmp_path, "c0\nv0\na;b\n")) == {"c0": ["v0", "a;b"]}


def test_decimal_commas_are_found_where_another_sign_separates(tmp_path: Path) -> None:
    result = read(tmp_path, "name;x\na;1,5\nb;2,25\n")
    assert columns(result)["x"] == [1.5, 2.25]
    assert result.reading.options.decimal == ","
    assert "The decimal sign is a comma." in result.reading.guessed


def test_a_table_without_names_gets_names(tmp_path: Path) -> None:
    result = read(tmp_path, "M,0.4,15\nF,0.5,9\nM,0.6,10\n")
    assert result.reading.options.header is False
    assert columns(result) == {"column 1": ["M", "F", "M"], "column 2": [0.4, 0.5, 0.6], "column 3": [15, 9, 10]}


def test_rows_that_end_with_a_comma_do_not_shift(tmp_path: Path) -> None:
    result = read(tmp_path, "a,b\n1,2,\n3,4,\n5,6,\n")
    assert columns(result) == {"a": [1, 3, 5], "b": [2, 4, 6]}
    assert any("left out" in sentence for sentence in result.reading.repairs)


def test_fewer_names_than_fields_are_refused_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Line 1 has 2 names, but line 2 has 3 values"):
        read(tmp_path, "a,b\nr1,1,2\nr2,3,4\n")


def test_rows_of_another_width_are_skipped_with_their_lines(tmp_path: Path) -> None:
    lines = ["a,b", *[f"{k},{k}" for k in range(60)]]
    lines[5] = "4,4,4"
    lines[10] = "9"
    result = read(tmp_path, "\n".join(lines))
    assert [(s.line, s.reason) for s in result.reading.skipped] == [
        (6, "3 values instead of 2"),
        (11, "1 value instead of 2"),
    ]
    assert result.reading.rows_in_file == 60
    assert result.reading.rows_kept == result.table.num_rows == 58
    assert columns(result)["a"] == [k for k in range(60) if k not in (4, 9)]


def test_skipped_lines_are_counted_right_after_blank_lines_and_cells_of_several_lines(tmp_path: Path) -> None:
    text = 'a,b\n"x\ny\nz",1\n\n\nq,2\nbad,3,4\nw,5\n'
    result = read(tmp_path, text)
    assert [s.line for s in result.reading.skipped] == [8]
    assert columns(result) == {"a": ["x\ny\nz", "q", "w"], "b": [1, 2, 5]}
    assert "2 empty lines were left out." in result.reading.repairs


def test_an_unclosed_quote_costs_one_row_and_names_it(tmp_path: Path) -> None:
    lines = ["a,b", *[f'"{k}",{k}' for k in range(200)]]
    lines[57] = '"56,56'
    result = read(tmp_path, "\n".join(lines))
    assert [(s.line, s.reason) for s in result.reading.skipped] == [(58, "a quotation mark is opened and never closed")]
    assert columns(result)["b"] == [k for k in range(200) if k != 56]


def test_two_unclosed_quotes_do_not_swallow_what_lies_between(tmp_path: Path) -> None:
    lines = ["a,b,c", *[f"{k},{k},x" for k in range(100)]]
    lines[20] = '19,"19,x'
    lines[60] = '59,"59,x'
    result = read(tmp_path, "\n".join(lines))
    assert [s.line for s in result.reading.skipped] == [21, 61]
    assert result.table.num_rows == 98


def test_an_inch_sign_in_a_cell_is_a_sign_like_any_other(tmp_path: Path) -> None:
    result = read(tmp_path, 'what,n\n5" pipe,1\n"7"" pipe",2\nrod,3\n')
    assert columns(result)["what"] == ['5" pipe', '7" pipe', "rod"]


def test_an_unclosed_quote_after_an_inch_sign_is_found_too(tmp_path: Path) -> None:
    result = read(tmp_path, 'what,n\nrod,1\n5" pipe,"2\nrod,3\nrod,4\n')
    assert [s.line for s in result.reading.skipped] == [3]
    assert columns(result)["n"] == [1, 3, 4]


def test_names_are_repaired_and_the_repairs_are_said(tmp_path: Path) -> None:
    result = read(tmp_path, "a,a,, b \n1,2,3,4\n5,6,7,8\n")
    assert result.table.column_names == ["a", "a (2)", "column 3", "b"]
    assert len(result.reading.repairs) == 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(tmp_path: Path, end: str) -> None:
    result = read(tmp_path, end.join(["a,b", "1,x", "2,y,z", "3,w", ""]))
    assert columns(result) == {"a": [1, 3], "b": ["x", "w"]}
    assert [s.line for s in result.reading.skipped] == [3]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2", ""], [1, 2, None]),
        (["1", "2.5", " "], [1.0, 2.5, None]),
        (["1e3", "-.5", "+2."], [1000.0, -0.5, 2.0]),
        (["yes", "no", "yes"], ["yes", "no", "yes"]),
        (["true", "false", "true"], ["true", "false", "true"]),
        (["007", "012", "100"], ["007", "012", "100"]),
        (["1234567890123456789", "2", "3"], ["1234567890123456789", "2", "3"]),
        (["99999999999999999999999", "1", "2"], ["99999999999999999999999", "1", "2"]),
        (["NA", "US", "NA"], ["NA", "US", "NA"]),
        (["None", "null", "x"], ["None", "null", "x"]),
        (["1", "inf", "2"], ["1", "inf", "2"]),
        (["0x10", "1", "2"], ["0x10", "1", "2"]),
        (["2024-02-29", "", "2023-01-01"], [day(2024, 2, 29), None, day(2023, 1, 1)]),
        (["2023-02-30", "2023-01-01", ""], ["2023-02-30", "2023-01-01", None]),
        (["1/2/2020", "1/13/2020", "12/1/2020"], [day(2020, 1, 2), day(2020, 1, 13), day(2020, 12, 1)]),
        (["1.2.2020", "13.1.2020", ""], [day(2020, 2, 1), day(2020, 1, 13), None]),
        (["1/2/2020", "3/4/2020", ""], ["1/2/2020", "3/4/2020", None]),
        (["2005.01", "2005.10", "2005.12"], [day(2005, 1, 1), day(2005, 10, 1), day(2005, 12, 1)]),
        (["2013-01-01T11:00:00Z", "2013-01-01T12:00:00+02:00", ""], [day(2013, 1, 1, 11), day(2013, 1, 1, 10), None]),
        ([" a", "a ", "b"], ["a", "a", "b"]),
    ],
)  # fmt: skip
def test_cells_become_what_they_say(tmp_path: Path, cells: list[str], expected: list[object]) -> None:
    text = "x,row\n" + "".join(f'"{cell}",r{k}\n' for k, cell in enumerate(cells))
    assert columns(read(tmp_path, text))["x"] == expected


def test_a_token_that_hides_numbers_is_suggested_and_counts_as_missing_only_when_said_so(tmp_path: Path) -> None:
    text = "x,y\n1,a\n?,b\n3,?\n"
    first = read(tmp_path, text)
    assert columns(first)["x"] == ["1", "?", "3"]
    assert first.reading.suggested_missing == ("?",)
    assert "'x' would be numeric if '?' counted as missing." in first.reading.guessed
    assert "In 'y', '?' is kept as a label, not as missing." in first.reading.guessed
    second = read(tmp_path, text, missing=("?",))
    assert columns(second) == {"x": [1, None, 3], "y": ["a", "b", None]}


def test_one_word_late_in_a_long_column_is_stated(tmp_path: Path) -> None:
    text = "x\n" + "\n".join(map(str, range(120_000))) + "\nnot measured\n"
    result = read(tmp_path, text)
    assert result.reading.suggested_missing == ("not measured",)
    assert pa.types.is_string(result.table["x"].type)


def test_a_column_can_be_kept_as_text(tmp_path: Path) -> None:
    assert columns(read(tmp_path, "zip,n\n12,1\n13,2\n", text_columns=("zip",)))["zip"] == ["12", "13"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n0000", "a PNG picture"),
        (b"PK\x03\x04broken", "damaged or cut off"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file that holds no spreadsheet, or is cut off"),
        (b'{"a": ', "cut off"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\x00\x01\x02\x03" * 100, "a binary file"),
        (b"PAR1 but no more", "cut-off or unusual Parquet"),
        (b"a,b,c\n", "no row of values"),
        (b'a,b\n"1,2\n', "values"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(tmp_path, content)


def test_a_file_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no file 'gone\.csv'"):
        read_table(tmp_path / "gone", "gone.csv")


def test_limits_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = ",".join(f"c{k}" for k in range(limits.MAX_COLUMNS + 1))
    with pytest.raises(TooLargeError, match="2,001 columns; the limit is 2,000"):
        read(tmp_path, f"{wide}\n{wide}\n")
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 10)
    with pytest.raises(TooLargeError, match="the limit is"):
        read(tmp_path, "a,b\n1,2\n3,4\n")


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2]}), buffer)
    result = read(tmp_path, buffer.getvalue(), name="table.csv")
    assert result.reading.format == "Parquet"
    assert columns(result) == {"a": [1, 2]}


def test_parquet_types_become_the_few_that_fulcrum_knows(tmp_path: Path) -> None:
    frame = pa.table(
        {
            "small": pa.array([1, None, 3], pa.int8()),
            "id": pa.array([2**60, 1, 2], pa.int64()),
            "half": pa.array([1.5, float("nan"), float("inf")], pa.float32()),
            "yes": pa.array([True, False, None]),
            "day": pa.array([datetime.date(2020, 1, 1), None, datetime.date(2021, 1, 1)]),
            "label": pa.array(["a", "b", "a"]).dictionary_encode(),
            "money": pa.array([1, 2, 3], pa.int32()).cast(pa.decimal128(12, 2)),
            "list": pa.array([[1], [2], [3]]),
            "nothing": pa.nulls(3),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(frame, buffer)
    result = read(tmp_path, buffer.getvalue())
    assert columns(result) == {
        "small": [1, None, 3],
        "id": [str(2**60), "1", "2"],
        "half": [1.5, None, None],
        "yes": ["true", "false", None],
        "day": [day(2020, 1, 1), None, day(2021, 1, 1)],
        "label": ["a", "b", "a"],
        "money": [1.0, 2.0, 3.0],
        "nothing": [None, None, None],
    }
    said = " ".join(result.reading.repairs)
    for name in ("'id'", "'half'", "'yes'", "'list'"):
        assert name in said


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_sheet_of_several_is_chosen(tmp_path: Path) -> None:
    content = workbook(empty=[], people=[["name", "age"], ["Kim", 30], ["Lee", None]], places=[["city"], ["Seoul"]])
    first = read(tmp_path, content, name="book.xlsx")
    assert first.reading.sheets == ("empty", "people", "places")
    assert first.reading.options.sheet == "people"
    assert columns(first) == {"name": ["Kim", "Lee"], "age": [30, None]}
    assert columns(read(tmp_path, content, sheet="places")) == {"city": ["Seoul"]}
    with pytest.raises(InputError, match="no sheet 'plants'"):
        read(tmp_path, content, sheet="plants")


def test_excel_cells_keep_their_kind(tmp_path: Path) -> None:
    rows = [
        [None, None, None, None, None],
        ["day", "share", "ok", "code", "formula"],
        [day(2020, 1, 31), 0.5, True, "007", "#N/A"],
        [day(2020, 2, 1, 12, 30), 1.0, False, "010", 3],
    ]
    result = read(tmp_path, workbook(one=rows))
    assert columns(result) == {
        "day": [day(2020, 1, 31), day(2020, 2, 1, 12, 30)],
        "share": [0.5, 1.0],
        "ok": ["TRUE", "FALSE"],
        "code": ["007", "010"],
        "formula": [None, 3],
    }
    assert any("1 cell with an error" in sentence for sentence in result.reading.repairs)


def test_csv_parquet_and_excel_of_one_table_give_the_same_cells(tmp_path: Path) -> None:
    frame = pd.DataFrame({"age": [30, 41, 55], "pay": [1.5, np.nan, 2.5], "dept": ["R&D", "Sales", None]})
    parquet, excel = io.BytesIO(), io.BytesIO()
    frame.to_parquet(parquet)
    frame.to_excel(excel, index=False)
    tables = [
        read(tmp_path, content).table for content in (frame.to_csv(index=False), parquet.getvalue(), excel.getvalue())
    ]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


DATA = os.environ.get("FULCRUM_TEST_DATA")
needs_data = pytest.mark.skipif(DATA is None, reason="FULCRUM_TEST_DATA is unset: the shared tables are not at hand")


@needs_data
@pytest.mark.parametrize(
    ("name", "shape", "first"),
    [
        ("ibm_hr_attrition.csv", (1470, 35), "Age"),
        ("nycflights13_sample.csv", (30000, 36), "year"),
        ("ozone_onehour.csv", (2536, 74), "Date"),
        ("kosis_airline_company_cp949.csv", (3696, 6), "시점"),
    ],
)
def test_real_tables_are_read_whole(name: str, shape: tuple[int, int], first: str) -> None:
    result = read_table(Path(str(DATA)) / name, name)
    assert result.table.shape == shape
    assert result.table.column_names[0] == first
    assert result.reading.skipped_in_all == 0


@needs_data
def test_the_ozone_table_is_numeric_once_its_question_mark_is_declared() -> None:
    path = Path(str(DATA)) / "ozone_onehour.csv"
    suggested = read_table(path, path.name).reading.suggested_missing
    assert suggested == ("?",)
    table = read_table(path, path.name, ReadingOptions(missing=suggested)).table
    assert sum(column.null_count for column in table.columns) == 14_938
    assert not any(pa.types.is_string(kind) for kind in table.schema.types)
