"""Every format goes in by its content, whole, or is refused in one clear sentence."""

from __future__ import annotations

from typing import Any

import files
import pytest
from read_cells import cells, kinds

from mlops_lib.objects.errors import InputError


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


def test_every_refusal_is_an_error_of_ours(read: Any) -> None:
    with pytest.raises(InputError) as caught:
        read(b"\x89PNG\r\n\x1a\n" + bytes(20))
    assert str(caught.value).endswith("Save the table as CSV and try again.")
