"""Packed files are unpacked whole, and refused before they fill the memory."""

from __future__ import annotations

import gzip
import io
import struct
import time
import tracemalloc
import zipfile
from typing import Any

import files
import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest
import xlwt
from read_cells import cells, refusal

from mlops_lib.data import limits
from mlops_lib.objects.errors import TooLargeError


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
        assert self.refused(read, files.parquet(table)) == "The table has 10,000,001 rows; the limit is 10,000,000."

    @pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
    def test_json_without_end_in_depth_is_refused(self, read: Any, opening: bytes) -> None:
        said = self.refused(read, opening * 2_000_000, seconds=5.0)
        assert said == "'bomb' is nested more deeply than a table can be."

    def test_json_with_a_new_name_in_every_object_is_refused(self, read: Any) -> None:
        rows = b"\n".join(b'{"a%d": 1}' % k for k in range(3000))
        assert self.refused(read, rows) == "The table has 2,001 columns; the limit is 2,000."


def test_all_limits_are_one_sentence() -> None:
    assert limits.limits_sentence() == (
        "Up to 500 MB (2.0 GB once unpacked), 10,000,000 rows, 2,000 columns and 100,000,000 cells "
        "(5,000,000 in a workbook)."
    )
