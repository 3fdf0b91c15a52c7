"""What is no table, or one that is not read, is refused by its name."""

from __future__ import annotations

import bz2
import lzma
import pickle
import sqlite3
import warnings
from pathlib import Path
from typing import Any

import files
import pyarrow as pa
import pyarrow.feather
import pytest
from read_cells import cells, refusal


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
