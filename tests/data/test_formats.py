"""Every format goes in by its content, whole, or is refused in one clear sentence."""

from __future__ import annotations

import bz2
import datetime
import decimal
import gzip
import io
import json
import lzma
import pickle
import sqlite3
import struct
import time
import tracemalloc
import warnings
import zipfile
from pathlib import Path
from typing import Any

import files
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest
import xlwt

from mlops_lib.data import limits
from mlops_lib.data.reading import ReadTable, read_table
from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.errors import FulcrumError, InputError, TooLargeError


def at(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts)  # noqa: DTZ001  (tables hold times without a zone)


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(content: bytes, name: str = "people.csv", **options: Any) -> ReadTable:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return read_table(path, name, ReadingOptions(**options))

    return read


def cells(read: ReadTable) -> dict[str, list[Any]]:
    return read.table.to_pydict()


def kinds(read: ReadTable) -> dict[str, str]:
    found = {pa.int64(): "whole", pa.float64(): "decimal", pa.timestamp("us"): "date", pa.string(): "text"}
    return {field.name: found[field.type] for field in read.table.schema}


def refusal(read: Any, content: bytes, name: str = "people.csv", **options: Any) -> str:
    """The one sentence with which a file is refused, without its hint."""
    with pytest.raises(FulcrumError) as caught:
        read(content, name, **options)
    assert caught.value.hint.endswith(".")
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("kind", "title", "container"),
    [
        ("csv", "CSV", ""),
        ("csv.gz", "CSV", "gzip"),
        ("csv.zip", "CSV", "zip: people.csv"),
        ("csv.zst", "CSV", "zstd"),
        ("parquet", "Parquet", ""),
        ("arrow", "Arrow", ""),
        ("arrows", "Arrow", ""),
        ("feather", "Arrow", ""),
        ("xlsx", "Excel", ""),
        ("xls", "Excel (.xls)", ""),
        ("ods", "OpenDocument", ""),
        ("json", "JSON", ""),
        ("jsonl", "JSON Lines", ""),
    ],
)
def test_one_table_is_the_same_in_every_format_whatever_its_name_says(
    read: Any, kind: str, title: str, container: str
) -> None:
    found = read(files.GOOD[kind], name="people.pdf")
    assert cells(found) == files.COLUMNS
    assert kinds(found) == {"name": "text", "age": "whole", "pay": "decimal", "joined": "date"}
    said = found.reading
    assert (said.format, said.container, said.rows_in_file, said.rows_kept) == (title, container, 3, 3)
    assert (said.repairs, said.skipped) == ((), ())
    assert said.file_bytes == len(files.GOOD[kind])
    assert said.decoded_bytes == (len(files.CSV) if container else said.file_bytes)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "xlsx", "xls", "ods", "json", "jsonl"])
@pytest.mark.parametrize("pack", [files.gzipped, files.zstandard, lambda content: files.zipped({"inner": content})])
def test_every_format_may_be_packed(read: Any, kind: str, pack: Any) -> None:
    assert cells(read(pack(files.GOOD[kind]))) == files.COLUMNS


class TestPacked:
    def test_files_that_systems_leave_in_archives_do_not_count(self, read: Any) -> None:
        entries = {
            "__MACOSX/._people.csv": b"x",
            ".DS_Store": b"x",
            "data/Thumbs.db": b"x",
            "data/people.csv": files.CSV,
        }
        found = read(files.zipped(entries))
        assert cells(found) == files.COLUMNS
        assert found.reading.container == "zip: people.csv"

    def test_two_gzip_members_are_one_file(self, read: Any) -> None:
        half = len(files.CSV) // 2
        assert cells(read(gzip.compress(files.CSV[:half]) + gzip.compress(files.CSV[half:]))) == files.COLUMNS

    def test_several_tables_are_named(self, read: Any) -> None:
        packed = files.zipped(dict.fromkeys(("a.csv", "b.csv", "c.csv", "d.csv"), files.CSV))
        assert refusal(read, packed, "all.zip") == (
            "The ZIP archive 'all.zip' holds 4 files (a.csv, b.csv, c.csv and 1 more); "
            "only one table can be read at a time."
        )

    def test_an_empty_archive_is_said_to_be(self, read: Any) -> None:
        said = "The ZIP archive 'people.csv' holds no file."
        assert refusal(read, files.zipped({})) == said
        assert refusal(read, files.zipped({"__MACOSX/a": b"x"})) == said

    @pytest.mark.parametrize("pack", [files.gzipped, files.zstandard, lambda content: files.zipped({"a.csv": content})])
    def test_an_empty_file_in_it_is_said_to_be(self, read: Any, pack: Any) -> None:
        assert "is empty" in refusal(read, pack(b""))

    def test_a_password_is_said(self, read: Any) -> None:
        packed = bytearray(files.zipped({"a.csv": files.CSV}, zipfile.ZIP_STORED))
        packed[6] |= 1  # the flag in the entry itself
        packed[packed.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
        assert refusal(read, bytes(packed), "secret.zip") == "'secret.zip' has a password."

    @pytest.mark.parametrize(
        ("packed", "inner"),
        [
            (files.gzipped(files.GOOD["csv.zip"]), "zip"),
            (files.zipped({"a.csv.gz": files.GOOD["csv.gz"]}), "gzip"),
            (files.zipped({"a.zip": files.GOOD["csv.zip"]}), "zip"),
            (files.zstandard(files.GOOD["csv.zst"]), "zstd"),
        ],
    )
    def test_archives_in_archives_are_refused(self, read: Any, packed: bytes, inner: str) -> None:
        assert refusal(read, packed, "a.gz") == f"'a.gz' holds another archive ({inner}) instead of a table."

    def test_what_is_no_table_inside_is_named_with_its_archive(self, read: Any) -> None:
        said = refusal(read, files.zipped({"a/report.csv": b"%PDF-1.7 ..."}), "all.zip")
        assert said.startswith("'report.csv in all.zip' looks like a PDF document, whatever its name says.")

    @pytest.mark.parametrize("kind", ["csv.gz", "csv.zip", "csv.zst"])
    def test_a_damaged_archive_is_one_sentence(self, read: Any, kind: str) -> None:
        good = files.GOOD[kind]
        for cut in (len(good) // 2, len(good) - 5):
            said = refusal(read, good[:cut], "people.gz")
            assert said in (
                "'people.gz' is damaged or cut off and cannot be unpacked.",
                "'people.gz' is a ZIP archive or Excel file that is damaged or cut off.",
            )

    def test_a_wrong_checksum_is_not_overlooked(self, read: Any) -> None:
        broken = bytearray(files.GOOD["csv.gz"])
        broken[-8] ^= 1
        assert "damaged or cut off" in refusal(read, bytes(broken))
        stored = files.zipped({"a.csv": files.CSV}, zipfile.ZIP_STORED).replace(b"Kim", b"Kam", 1)
        assert "damaged or cut off" in refusal(read, stored)


class TestBombs:
    """Small files that unpack to very much: refused soon, and without taking the memory."""

    @pytest.fixture(autouse=True)
    def small_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_DECODED_BYTES", 20_000_000)

    @staticmethod
    def refused(read: Any, content: bytes, seconds: float = 20.0) -> str:
        tracemalloc.start()
        began = time.monotonic()
        said = refusal(read, content, "bomb")
        took, (_, most) = time.monotonic() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert took < seconds
        assert most < 60_000_000
        return said

    @pytest.mark.parametrize("pack", [files.gzipped, files.zstandard, lambda content: files.zipped({"a.csv": content})])
    def test_text_beyond_the_limit_is_refused(self, read: Any, pack: Any) -> None:
        packed = pack(b"a,b\n" + b"1,2\n" * 25_000_000)
        assert len(packed) < 600_000
        assert self.refused(read, packed) == "'bomb' unpacks to more than 20 MB, the limit."

    @pytest.mark.parametrize("pack", [files.gzipped, files.zstandard, lambda content: files.zipped({"a.csv": content})])
    def test_zeros_are_recognised_at_once(self, read: Any, pack: Any) -> None:
        assert "is empty" in self.refused(read, pack(bytes(100_000_000)), seconds=5.0)

    def test_an_archive_that_lies_about_its_size_is_refused(self, read: Any) -> None:
        packed = bytearray(files.zipped({"a.csv": b"a,b\n" + b"1,2\n" * 10_000_000}))
        directory = packed.index(b"PK\x01\x02")
        for place in (22, directory + 24):
            packed[place : place + 4] = struct.pack("<I", 1000)
        assert self.refused(read, bytes(packed)) == "'bomb' is damaged or cut off and cannot be unpacked."

    def test_a_sheet_of_very_much_xml_is_refused(self, read: Any) -> None:
        source = zipfile.ZipFile(io.BytesIO(files.GOOD["xlsx"]))
        entries = {name: source.read(name) for name in source.namelist()}
        entries["xl/worksheets/sheet1.xml"] += b" " * 100_000_000
        assert self.refused(read, files.zipped(entries)) == "'bomb' unpacks to more than 20 MB, the limit."

    def test_a_sheet_of_very_many_cells_is_refused(self, read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mlops_lib.data.workbook.MAX_EXCEL_CELLS", 10_000)
        sheet = files.xlsx({"a": [range(100)] * 101})
        assert self.refused(read, sheet) == "The sheet has more than 10,000 cells, the limit for workbooks."

    def test_two_cells_in_far_corners_do_not_make_a_sheet_of_all_between(self, read: Any) -> None:
        book = xlwt.Workbook()
        sheet = book.add_sheet("a")
        sheet.write(0, 0, 1)
        sheet.write(65_535, 255, 1)
        said = "The sheet has more than 5,000,000 cells, the limit for workbooks."
        assert self.refused(read, files.saved(book)) == said
        assert self.refused(read, files.xlsb({"a": [[1], *[[]] * 9_998, [None] * 999 + [1]]})) == said

    def test_repeated_cells_of_an_opendocument_are_counted_before_they_are_made(self, read: Any) -> None:
        rows = zipfile.ZipFile(io.BytesIO(files.GOOD["ods"]))
        entries = {name: rows.read(name) for name in rows.namelist()}
        for old, new in (
            (b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1000000">'),
            (b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="9999999" '),
        ):
            bomb = {**entries, "content.xml": entries["content.xml"].replace(old, new)}
            assert "cells" in self.refused(read, files.zipped(bomb))

    def test_entities_that_multiply_are_refused(self, read: Any) -> None:
        entities = "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 10))
        doctype = f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{entities}]>'.encode()
        for kind, part, mark in (
            ("ods", "content.xml", b"<text:p>name"),
            ("xlsx", "xl/worksheets/sheet1.xml", b"<v>"),
        ):
            source = zipfile.ZipFile(io.BytesIO(files.GOOD[kind]))
            entries = {name: source.read(name) for name in source.namelist()}
            head, _, body = entries[part].rpartition(b"?>")
            body = body.replace(mark, mark + b"&a9;", 1)
            entries[part] = (head + b"?>" if head else b"") + doctype + body
            assert "damaged or cut-off workbook" in self.refused(read, files.zipped(entries))

    def test_one_long_text_for_every_row_is_refused(self, read: Any) -> None:
        once = pa.array(["x" * 100_000]).dictionary_encode()
        rows = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10_000, np.int32)), once.dictionary)
        for content in (files.arrow_file(pa.table({"a": rows})), files.parquet(pa.table({"a": rows}))):
            assert len(content) < 200_000
            assert self.refused(read, content) == "'bomb' unpacks to more than 20 MB, the limit."

    def test_one_long_text_for_every_row_is_refused_without_a_dictionary_too(
        self, read: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def beyond(*_: Any, **__: Any) -> None:
            raise pa.ArrowMemoryError("malloc of size 4096000000 failed")

        monkeypatch.setattr("mlops_lib.data.parquet.collected", beyond)
        with pytest.raises(TooLargeError) as caught:
            read(files.GOOD["parquet"], "bomb")
        assert caught.value.message.startswith(
            "'bomb' is damaged or too large: it asks for 4.1 GB at once, and the limit"
        )

    def test_a_parquet_file_that_claims_very_many_rows_is_refused(self, read: Any) -> None:
        table = pa.table({"a": pa.nulls(limits.MAX_ROWS + 1, pa.int8())})
        assert self.refused(read, files.parquet(table)) == "The table has 5,000,001 rows; the limit is 5,000,000."

    @pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
    def test_json_without_end_in_depth_is_refused(self, read: Any, opening: bytes) -> None:
        said = self.refused(read, opening * 2_000_000, seconds=5.0)
        assert said == "'bomb' is nested more deeply than a table can be."

    def test_json_with_a_new_name_in_every_object_is_refused(self, read: Any) -> None:
        rows = b"\n".join(b'{"a%d": 1}' % k for k in range(3000))
        assert self.refused(read, rows) == "The table has 2,001 columns; the limit is 2,000."


def test_all_limits_are_one_sentence() -> None:
    assert limits.limits_sentence() == (
        "Up to 500 MB (2.0 GB once unpacked), 5,000,000 rows, 2,000 columns and 100,000,000 cells "
        "(5,000,000 in a workbook)."
    )


class TestForeign:
    """What is no table is named, whatever its name says."""

    @pytest.mark.parametrize(
        ("content", "what"),
        [
            (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
            (b"\x89PNG\r\n\x1a\n" + bytes(20), "a PNG picture"),
            (b"\x7fELF\x02\x01\x01" + bytes(20), "a program"),
            (b"<!DOCTYPE html>\n<html></html>", "a web page"),
            (b"  <html><table></table></html>", "a web page"),
            (b"<?xml version='1.0'?><Workbook/>", "an XML document"),
            (pickle.dumps({"a": [1]}), "a Python pickle"),
            (pickle.dumps({"a": [1]}, protocol=2), "a Python pickle"),
            (bz2.compress(files.CSV), "a bzip2 archive"),
            (lzma.compress(files.CSV), "an xz archive"),
            (bytes(257) + b"x" + bytes(20), "a binary file"),
            (b"a" * 257 + b"ustar\x0000" + bytes(200), "a tar archive"),
            (b"FEA1" + bytes(40), "a Feather file of version 1"),
            (b"PARE" + bytes(40) + b"PARE", "an encrypted Parquet file"),
            (b"$FL2@(#) SPSS DATA FILE", "an SPSS file"),
            (files.zipped({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<t/>"}), "an Office document"),
            (files.zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}), "an Office document"),
        ],
    )
    def test_other_files_are_named(self, read: Any, content: bytes, what: str) -> None:
        said = refusal(read, content)
        assert said.startswith(f"'people.csv' looks like {what}")
        assert "Fulcrum reads CSV" in said

    def test_a_database_is_named(self, read: Any, tmp_path: Path) -> None:
        with sqlite3.connect(tmp_path / "made.db") as connection:
            connection.execute("create table a (b)")
        connection.close()
        assert "an SQLite database" in refusal(read, (tmp_path / "made.db").read_bytes())

    @pytest.mark.parametrize(
        ("entry", "what"),
        [
            ("EncryptedPackage", "an Office file with a password"),
            ("WordDocument", "an old Word document"),
            ("HwpSummaryInformation", "a Hangul document (.hwp)"),
            ("Something", "an old Office file that holds no spreadsheet, or is cut off"),
        ],
    )
    def test_old_office_files_are_told_apart(self, read: Any, entry: str, what: str) -> None:
        content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + entry.encode("utf-16-le") + bytes(600)
        assert refusal(read, content).startswith(f"'people.csv' looks like {what}, whatever")

    def test_a_feather_file_of_the_old_version_is_named(self, read: Any, tmp_path: Path) -> None:
        with warnings.catch_warnings():
            # pyarrow announces the end of version 1, which is the point of this test.
            warnings.simplefilter("ignore", DeprecationWarning)
            pyarrow.feather.write_feather(pa.table({"a": [1]}), str(tmp_path / "old"), version=1)
        assert "a Feather file of version 1" in refusal(read, (tmp_path / "old").read_bytes())

    @pytest.mark.parametrize("kind", ["parquet", "arrow", "arrows", "feather", "xlsx", "xls", "ods", "json"])
    @pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
    def test_a_file_that_is_cut_off_is_one_sentence(self, read: Any, kind: str, share: float) -> None:
        content = files.GOOD[kind]
        said = refusal(read, content[: int(share * len(content))], "people")
        assert said.startswith(("'people' is", "'people' looks like an old Office file"))
        assert any(word in said for word in ("cut off", "cut-off", "damaged"))

    def test_lines_that_are_cut_off_cost_the_last_line(self, read: Any) -> None:
        found = read(files.GOOD["jsonl"][:-20])
        assert found.reading.rows_kept == 2
        assert [(s.line, s.reason[:7]) for s in found.reading.skipped] == [(3, "no JSON")]

    def test_a_text_that_begins_with_a_bracket_is_text(self, read: Any) -> None:
        assert cells(read(b"[id],{name}\n1,a\n2,b\n")) == {"[id]": [1, 2], "{name}": ["a", "b"]}


class TestArrow:
    def test_columns_of_lists_and_structs_are_left_out_with_a_sentence(self, read: Any) -> None:
        table = pa.table({"a": [1, 2], "tags": [["x"], []], "place": [{"x": 1}, None], "b": ["u", "v"]})
        for content in (files.parquet(table), files.arrow_file(table), files.arrow_stream(table)):
            found = read(content)
            assert cells(found) == {"a": [1, 2], "b": ["u", "v"]}
            assert found.reading.repairs == (
                "The column 'tags' holds lists and was left out.",
                "The column 'place' holds structs and was left out.",
            )

    def test_a_table_of_nested_columns_only_is_refused(self, read: Any) -> None:
        table = pa.table({"tags": [["x"], []], "place": [{"x": 1}, None]})
        for content in (files.parquet(table), files.arrow_file(table)):
            assert refusal(read, content) == (
                "'people.csv' has no column of numbers, dates or text, only lists or other nested values."
            )

    def test_names_with_dots_and_names_that_come_twice_are_kept_apart(self, read: Any) -> None:
        table = pa.Table.from_arrays(
            [pa.array([{"b": 1}]), pa.array([2]), pa.array([3]), pa.array([4])], names=["a", "a.b", "c", "c"]
        )
        found = read(files.parquet(table))
        assert cells(found) == {"a.b": [2], "c": [3], "c (2)": [4]}
        assert any("'a' holds" in sentence for sentence in found.reading.repairs)

    def test_types_become_the_few_that_fulcrum_knows(self, read: Any) -> None:
        table = pa.table({
            "id": pa.array([2**63, 1], pa.uint64()),
            "exact": pa.array([decimal.Decimal("1234567890123456789"), None], pa.decimal128(38, 0)),
            "money": pa.array([decimal.Decimal("12.34"), None], pa.decimal128(12, 2)),
            "span": pa.array([90, None], pa.duration("s")),
            "clock": pa.array([datetime.time(3, 4), None]),
            "zone": pa.array([at(2020, 1, 1, 12), None], pa.timestamp("ms", tz="Asia/Seoul")),
            "nano": pa.array([1, None], pa.timestamp("ns")),
            "bytes": pa.array([b"text", None]),
            "blob": pa.array([b"\xff\xfe", None]),
            "yes": pa.array([True, None]),
        })  # fmt: skip
        found = read(files.arrow_file(table))
        assert cells(found) == {
            "id": [str(2**63), "1"],
            "exact": ["1234567890123456789", None],
            "money": [12.34, None],
            "span": [90.0, None],
            "clock": ["03:04:00.000000", None],
            "zone": [at(2020, 1, 1, 12), None],
            "nano": [at(1970, 1, 1), None],
            "bytes": ["text", None],
            "yes": ["true", None],
        }
        said = " ".join(found.reading.repairs)
        for name in ("'id'", "'exact'", "'span'", "'clock'", "'zone'", "'nano'", "'bytes'", "'blob'", "'yes'"):
            assert name in said

    def test_dates_beyond_the_calendar_are_missing_and_counted(self, read: Any) -> None:
        table = pa.table({"d": pa.array([0, 2**40, -(2**40)], pa.timestamp("s"))})
        found = read(files.arrow_file(table))
        assert cells(found) == {"d": [at(1970, 1, 1), None, None]}
        assert found.reading.repairs == ("2 dates in 'd' lie outside the years 1 to 9999 and count as missing.",)

    def test_a_file_without_rows_is_refused(self, read: Any) -> None:
        empty = files.arrow_table().slice(0, 0)
        for content in (files.parquet(empty), files.arrow_file(empty), files.arrow_stream(empty)):
            assert refusal(read, content) == "'people.csv' has no rows."

    def test_dates_written_as_text_are_dates_and_numbers_written_as_text_are_not(self, read: Any) -> None:
        table = pa.table({"day": ["2020-01-31", "2021-12-01"], "zip": ["12345", "01234"], "n": ["1", "2"]})
        found = read(files.parquet(table))
        assert cells(found) == {
            "day": [at(2020, 1, 31), at(2021, 12, 1)],
            "zip": ["12345", "01234"],
            "n": ["1", "2"],
        }
        assert "'n' holds numbers that the file declares as text; it is kept as text." in found.reading.guessed
        assert kinds(read(files.parquet(table), number_columns=("n",)))["n"] == "whole"

    def test_missing_tokens_and_columns_kept_as_text_count_here_too(self, read: Any) -> None:
        table = pa.table({"a": ["x", "?"], "n": [1, 2]})
        found = read(files.arrow_file(table), missing=("?",), text_columns=("n",))
        assert cells(found) == {"a": ["x", None], "n": ["1", "2"]}

    def test_categories_of_pandas_are_labels(self, read: Any) -> None:
        frame = pd.DataFrame({"c": pd.Categorical(["b", "a", None])})
        assert cells(read(files.parquet(pa.Table.from_pandas(frame)))) == {"c": ["b", "a", None]}


SPREADSHEETS = pytest.mark.parametrize("write", [files.xlsx, files.xls, files.ods], ids=["xlsx", "xls", "ods"])


class TestSpreadsheets:
    @SPREADSHEETS
    def test_the_sheet_can_be_chosen_and_hidden_ones_come_last(self, read: Any, write: Any) -> None:
        sheets = {
            "notes": [["x"], [9]],
            "empty": [],
            "title": [["Staff"]],
            "people": [["name"], ["Kim"]],
            "places": [["city"], ["Seoul"]],
        }
        content = write(sheets, hidden=("notes",))
        found = read(content)
        assert cells(found) == {"name": ["Kim"]}
        assert found.reading.sheets == ("notes", "empty", "title", "people", "places")
        assert found.reading.options.sheet == "people"
        assert "The sheet 'people' is read, the first of 5 that holds a table." in found.reading.guessed
        assert cells(read(content, sheet="places")) == {"city": ["Seoul"]}
        hidden = read(content, sheet="notes")
        assert cells(hidden) == {"x": [9]}
        assert "The sheet 'notes' is hidden in the workbook." in hidden.reading.guessed
        assert refusal(read, content, sheet="plants") == "There is no sheet 'plants' in 'people.csv'."
        assert refusal(read, content, sheet="empty") == "The sheet 'empty' in 'people.csv' is empty."

    @SPREADSHEETS
    def test_a_title_above_the_table_is_left_out_and_said(self, read: Any, write: Any) -> None:
        rows = [[], ["Staff of 2024"], [], ["name", "age"], ["Kim", 30], ["Lee", 41]]
        found = read(write({"a": rows}))
        assert cells(found) == {"name": ["Kim", "Lee"], "age": [30, 41]}
        assert found.reading.options.header_row == 4
        assert "2 rows above the table left out: 'Staff of 2024'." in found.reading.guessed

    @SPREADSHEETS
    def test_the_row_of_names_can_be_chosen(self, read: Any, write: Any) -> None:
        content = write({"a": [["a", "b"], ["c", "d"], ["x", 1], ["y", 2]]})
        assert cells(read(content, header_row=2)) == {"c": ["x", "y"], "d": [1, 2]}
        assert cells(read(content, header=False)) == {
            "column 1": ["a", "c", "x", "y"],
            "column 2": ["b", "d", "1", "2"],
        }
        assert refusal(read, content, header_row=9) == "Row 9 of the sheet 'a' holds no names."
        assert refusal(read, content, header_row=4) == "The sheet 'a' has a row of names and no row of values."

    @SPREADSHEETS
    def test_cells_keep_what_they_say(self, read: Any, write: Any) -> None:
        rows = [
            ["code", "flag", "share", "moment", "big"],
            ["007", True, 0.1, at(2020, 1, 31, 12, 30), 123456789012345],
            ["010", False, 1e-7, at(1999, 12, 31), 1],
        ]
        found = read(write({"a": rows}))
        assert cells(found) == {
            "code": ["007", "010"],
            "flag": ["TRUE", "FALSE"],
            "share": [0.1, 1e-7],
            "moment": [at(2020, 1, 31, 12, 30), at(1999, 12, 31)],
            "big": [123456789012345, 1],
        }

    @SPREADSHEETS
    def test_rows_and_columns_without_cells_are_left_out(self, read: Any, write: Any) -> None:
        rows = [[None, "a", None, "b"], [None, 1, None, 2], [], [None, 3, None, 4]]
        found = read(write({"a": rows}))
        assert cells(found) == {"a": [1, 3], "b": [2, 4]}
        assert found.reading.repairs == (
            "1 empty row left out.",
            "2 columns without a name and without a value left out.",
        )

    def test_a_number_that_is_formatted_as_a_date_is_a_date(self, read: Any) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (["d", "n"], [43831, 43831], [43832, 43832]):
            sheet.append(row)
        for place in ("A2", "A3"):
            sheet[place].number_format = "dd/mm/yyyy"
        found = read(files.saved(book))
        assert cells(found) == {"d": [at(2020, 1, 1), at(2020, 1, 2)], "n": [43831, 43832]}

    @pytest.mark.parametrize("write", [files.xlsx, files.xls], ids=["xlsx", "xls"])
    def test_durations_are_seconds_and_said(self, read: Any, write: Any) -> None:
        rows = [["t", "n"], [datetime.timedelta(hours=26), 1], [None, 2], [datetime.timedelta(minutes=1.5), 3]]
        found = read(write({"a": rows}))
        assert cells(found)["t"] == [93600, None, 90]
        assert "The durations of 't' are now numbers of seconds." in found.reading.repairs

    def test_times_of_an_opendocument_are_times_until_one_exceeds_a_day(self, read: Any) -> None:
        def spans(*values: str) -> ReadTable:
            column = [[files.ods_cell("x", valuetype="time", timevalue=value)] for value in values]
            found = read(files.ods({"a": [["t"], *column]}))
            assert isinstance(found, ReadTable)
            return found

        assert cells(spans("PT03H04M05S", "PT23H00M00S"))["t"] == ["03:04:05", "23:00:00"]
        assert cells(spans("PT03H04M05S", "PT26H00M00S"))["t"] == [11045, 93600]

    def test_errors_are_missing_and_counted(self, read: Any) -> None:
        found = read(files.xlsx({"a": [["x", "y"], [1, "#N/A"], ["#DIV/0!", 2]]}))
        assert cells(found) == {"x": [1, None], "y": [None, 2]}
        assert found.reading.repairs == ("2 cells with an error (such as #N/A) count as missing.",)
        book = xlwt.Workbook()
        sheet = book.add_sheet("a")
        for place, value in (((0, 0), "x"), ((0, 1), "y"), ((1, 1), 2), ((2, 0), 3)):
            sheet.write(*place, value)
        sheet.row(1).set_cell_error(0, "#DIV/0!")
        sheet.row(2).set_cell_error(1, "#REF!")
        found = read(files.saved(book))
        assert cells(found) == {"x": [None, 3], "y": [2, None]}
        assert found.reading.repairs == ("2 cells with an error (such as #N/A) count as missing.",)
        error = files.ods_cell("#DIV/0!", formula="of:=1/0")
        found = read(files.ods({"a": [["x", "y"], [1, error], [2, "#1 in rank"]]}))
        assert cells(found) == {"x": [1, 2], "y": [None, "#1 in rank"]}
        assert found.reading.repairs == ("1 cell with an error (such as #N/A) count as missing.",)

    def test_a_binary_workbook_is_read_and_what_it_hides_is_said(self, read: Any) -> None:
        sheets = {"notes": [["x"], [9]], "a": [["name", "ok", "n"], ["Öz", True, 1.5], ["007", False, "#N/A"]]}
        found = read(files.xlsb(sheets, hidden=("notes",)))
        assert cells(found) == {"name": ["Öz", "007"], "ok": ["TRUE", "FALSE"], "n": [1.5, None]}
        assert (found.reading.format, found.reading.sheets) == ("Excel (.xlsb)", ("notes", "a"))
        said = (
            "In this format a cell with an error (such as #N/A) cannot be told from an empty one; it counts as missing."
        )
        assert said in found.reading.guessed
        content = files.xlsb(sheets)
        assert "damaged or cut off" in refusal(read, content[: len(content) // 2])

    def test_merged_cells_are_said(self, read: Any) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (["a", "b"], ["x", 1], [None, 2], ["y", 3]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")
        said = "1 area of cells is merged; the value stands in the first cell and the others are empty."
        found = read(files.saved(book))
        assert cells(found) == {"a": ["x", None, "y"], "b": [1, 2, 3]}
        assert said in found.reading.guessed
        merged = [files.ods_cell("x", numberrowsspanned=2), 1]
        found = read(files.ods({"a": [["a", "b"], merged, [files.covered(), 2], ["y", 3]]}))
        assert cells(found) == {"a": ["x", None, "y"], "b": [1, 2, 3]}
        assert said in found.reading.guessed

    def test_formulas_give_their_stored_value_or_are_said_to_have_none(self, read: Any) -> None:
        content = files.xlsx({"a": [["x", "y"], [1, "=A2*2"], [2, "=A3*2"], [3, 4]]})
        found = read(content)
        assert cells(found) == {"x": [1, 2, 3], "y": [None, None, 4]}
        said = "2 formulas without a stored result count as missing; open and save it in Excel."
        assert said in found.reading.guessed
        source = zipfile.ZipFile(io.BytesIO(content))
        entries = {name: source.read(name) for name in source.namelist()}
        part = "xl/worksheets/sheet1.xml"
        entries[part] = entries[part].replace(b"<v />", b"<v>8</v>").replace(b"<v></v>", b"<v>8</v>")
        found = read(files.zipped(entries))
        assert cells(found)["y"] == [8, 8, 4]
        assert said not in found.reading.guessed

    def test_blanks_tabs_and_lines_in_an_opendocument_are_kept(self, read: Any) -> None:
        from odf.text import LineBreak, P, S, Tab

        cell = files.TableCell(valuetype="string")
        paragraph = P(text="a")
        for part in (S(c=2), Tab(), LineBreak()):
            paragraph.addElement(part)
        paragraph.addText("b")
        cell.addElement(paragraph)
        cell.addElement(P(text="c"))
        assert cells(read(files.ods({"a": [["t", "n"], [cell, 1]]})))["t"] == ["a  \t\nb\nc"]

    def test_an_opendocument_with_a_password_is_said_to_have_one(self, read: Any) -> None:
        source = zipfile.ZipFile(io.BytesIO(files.GOOD["ods"]))
        entries = {name: source.read(name) for name in source.namelist()}
        entries["META-INF/manifest.xml"] += b"<manifest:encryption-data/>"
        assert refusal(read, files.zipped(entries)) == "'people.csv' has a password."


class TestJson:
    def test_objects_may_have_different_names(self, read: Any) -> None:
        found = read(b'[{"a": 1}, {"b": "x", "a": 2}, {"b": null}]')
        assert cells(found) == {"a": [1, 2, None], "b": [None, "x", None]}

    def test_lines_may_be_blank_and_broken_ones_are_listed(self, read: Any) -> None:
        lines = [json.dumps({"a": k}) for k in range(10)]
        lines[3], lines[6] = "", "{broken"
        found = read("\n".join([*lines, "[1]"]).encode())
        assert found.reading.format == "JSON Lines"
        assert cells(found)["a"] == [0, 1, 2, 4, 5, 7, 8, 9]
        assert (found.reading.rows_in_file, found.reading.rows_kept, found.reading.skipped_in_all) == (10, 8, 2)
        assert [s.line for s in found.reading.skipped] == [7, 11]
        assert found.reading.skipped[1].reason == "a list instead of an object"

    def test_more_broken_lines_than_good_ones_are_no_table(self, read: Any) -> None:
        said = refusal(read, b'{"a": 1}\nno\nno\n', "people")
        assert said.startswith("2 of the 3 lines of 'people' are no JSON objects, the first in line 2: no JSON")

    @pytest.mark.parametrize(
        "content",
        [
            {"a": [1, 2], "b": ["x", "y"]},
            {"data": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], "total": 2},
            {"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [2, "y"]]},
            {"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}},
        ],
        ids=["arrays", "wrapper", "split", "pandas"],
    )
    def test_the_usual_shapes_of_one_table_are_read(self, read: Any, content: dict[str, Any]) -> None:
        found = read(json.dumps(content, indent=1).encode())
        assert cells(found) == {"a": [1, 2], "b": ["x", "y"]}
        assert found.reading.format == "JSON"

    def test_what_stands_beside_a_wrapped_table_is_said(self, read: Any) -> None:
        found = read(b'{"total": 1, "next": null, "items": [{"a": 1}]}')
        assert cells(found) == {"a": [1]}
        assert found.reading.guessed == ("The table is the array 'items'; total and next beside it were left out.",)

    @pytest.mark.parametrize("orient", ["records", "split", "columns"])
    def test_what_pandas_writes_comes_back(self, read: Any, orient: Any) -> None:
        frame = pd.DataFrame({"a": [1.5, None, 3.0], "b": ["x", "y", None]})
        assert cells(read(frame.to_json(orient=orient).encode())) == {"a": [1.5, None, 3.0], "b": ["x", "y", None]}

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"[]", "'t' has no rows."),
            (b"[{}, {}]", "'t' has no rows."),
            (b"[1, 2]", "Element 1 of 't' is a number instead of an object."),
            (b'["a"]', "Element 1 of 't' is a text instead of an object."),
            (b'[{"a": 1}, [2]]', "Element 2 of 't' is a list instead of an object."),
            (b'[{"a": 1}, null]', "Element 2 of 't' is null instead of an object."),
            (b'{"a": [1, 2], "b": [1]}', "The arrays of 't' have different lengths (1 to 2)."),
            (b'{"a": [{"x": 1}], "b": [{"y": 1}]}', "'t' holds 2 tables: a and b."),
            (b'{"a": {"x": 1}, "b": [1]}', "'t' is one JSON object in which no table can be told for sure."),
            (b'{"columns": ["a"], "data": [[1, 2]]}', "The rows of 't' do not go with its 1 column."),
            (b'{"a": 1}\n{\n"a": 2}', "2 of the 3 lines of 't' are no JSON objects, the first in line 2: no JSON"),
            (b'[{"a": [1]}, {"a": {}}]', "'t' has no column of numbers, dates or text, only lists"),
            (b'[{"a": 1},\n{"a": 2\n', "'t' is damaged or cut off: it is no JSON any more from line 3 on"),
            (b'[{"a": 1}] [2]', "'t' is damaged or cut off: it is no JSON any more from line 1 on"),
        ],
    )  # fmt: skip
    def test_what_is_no_table_is_refused(self, read: Any, content: bytes, said: str) -> None:
        assert refusal(read, content, "t").startswith(said)

    def test_no_digit_is_lost_and_no_kind_is_mixed_up(self, read: Any) -> None:
        rows = [
            '{"id": 1234567890123456789, "yes": true, "mix": 1, "one": 1, "text": "12", "far": 1e400, "n": 20240131}',
            '{"id": 2, "yes": false, "mix": "a", "one": "2", "text": "13", "far": 1, "n": 20240201}',
            '{"id": null, "yes": null, "mix": true, "one": null, "text": "", "far": NaN, "n": 20240301}',
        ]
        found = read("\n".join(rows).encode())
        assert cells(found) == {
            "id": ["1234567890123456789", "2", None],
            "yes": ["true", "false", None],
            "mix": ["1", "a", "true"],
            "one": ["1", "2", None],
            "text": ["12", "13", None],
            "far": [None, 1.0, None],
            "n": [20240131, 20240201, 20240301],
        }
        said = " ".join((*found.reading.repairs, *found.reading.guessed))
        assert "'id' has whole numbers of more than 15 digits, so it is kept as text to lose none." in said
        assert "The yes/no values of 'yes' are kept as labels." in said
        assert "'mix' mixes number values, text values and yes/no values; it is kept as text." in said
        assert "'one' mixes number values and text values; it is kept as text." in said
        assert "'text' holds numbers that the file declares as text; it is kept as text." in said
        assert "1 infinite values in 'far' count as missing." in said

    def test_a_word_among_numbers_counts_as_missing_when_said_so(self, read: Any) -> None:
        content = b'[{"a": 1}, {"a": "n/a"}, {"a": 2.5}]'
        assert cells(read(content)) == {"a": ["1", "n/a", "2.5"]}
        assert cells(read(content, missing=("n/a",))) == {"a": [1.0, None, 2.5]}

    def test_nested_columns_are_left_out_with_a_sentence(self, read: Any) -> None:
        found = read(b'[{"a": 1, "tags": ["x"], "place": {"x": 1}}, {"a": 2, "tags": "y", "place": []}]')
        assert cells(found) == {"a": [1, 2]}
        assert found.reading.repairs == (
            "The column 'tags' holds lists and was left out.",
            "The column 'place' holds lists and objects and was left out.",
        )

    def test_a_name_that_comes_twice_in_an_object_is_said(self, read: Any) -> None:
        found = read(b'[{"a": 1, "a": 2, "b": 3}, {"a": 4, "b": 5}]')
        assert cells(found) == {"a": [2, 4], "b": [3, 5]}
        assert found.reading.repairs == ("1 row had a name more than once; the last value counts.",)

    def test_dates_are_found_and_encodings_too(self, read: Any) -> None:
        content = '[{"날짜": "2020-01-31", "도시": "서울"}]'
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le"):
            assert cells(read(content.encode(encoding))) == {"날짜": [at(2020, 1, 31)], "도시": ["서울"]}

    def test_half_a_sign_becomes_a_question_mark_and_is_said(self, read: Any) -> None:
        found = read(b'[{"a": "x\\ud800y"}, {"a": "z"}]')
        assert cells(found) == {"a": ["x?y", "z"]}
        assert "1 text had half a sign (a lone surrogate); it is now a '?'." in found.reading.repairs

    def test_more_rows_than_are_held_at_once_keep_their_order(self, read: Any) -> None:
        rows = [json.dumps({"k": k, **({"late": k} if k > 140_000 else {})}) for k in range(150_000)]
        found = read("\n".join(rows).encode())
        assert found.table["k"].to_pylist() == list(range(150_000))
        assert found.table["late"].null_count == 140_001

    def test_a_table_of_too_many_cells_is_refused_while_reading(
        self, read: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_CELLS", 100_000)
        with pytest.raises(TooLargeError, match="cells; the limit is 100,000"):
            read(b"\n".join(b'{"a": 1, "b": 2}' for _ in range(70_000)))


def test_every_refusal_is_an_error_of_ours(read: Any) -> None:
    with pytest.raises(InputError) as caught:
        read(b"\x89PNG\r\n\x1a\n" + bytes(20))
    assert str(caught.value).endswith("Save the table as CSV and try again.")
