"""What a file is, by its content; its name decides nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

from mlops_lib.objects.errors import InputError

Format = Literal["text", "parquet", "excel"]

READABLE = "Fulcrum reads CSV, TSV, Parquet and Excel (.xlsx)."

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\xd0\xcf\x11\xe0", "an old or password-protected Office file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"ARROW1", "an Arrow or Feather file"),
    (b"ORC", "an ORC file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"<?xml", "an XML document"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"{\\rtf", "a rich-text document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 1 << 16


def detect_format(path: Path, name: str) -> Format:
    """Text, Parquet or Excel. Raises InputError, naming what the file seems to be, for anything else."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\x00\xef\xbb\xbf \t\r\n"):
        raise InputError(f"'{name}' is empty.", "Upload a file with a row of names and at least one row of values.")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return _inside_zip(path, name)
    lowered = head[:64].lstrip().lower()
    for mark, what in _FOREIGN:
        if head.startswith(mark) or (mark.startswith(b"<") and lowered.startswith(mark)):
            raise _not_a_table(name, what)
    if lowered.startswith((b"{", b"[")):
        raise _not_a_table(name, "JSON text")
    if b"\x00" in head and not head.startswith(_UTF16_MARKS) and utf16_without_mark(head) is None:
        raise _not_a_table(name, "a binary file")
    return "text"


def utf16_without_mark(head: bytes) -> str | None:
    """The UTF-16 byte order that the position of the zero bytes shows, None where they show none."""
    start = head[:4096]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if min(even, odd) > 0.05 * len(start) or max(even, odd) < 0.1 * len(start):
        return None
    order = "utf-16-le" if odd > even else "utf-16-be"
    text = start.decode(order, "ignore")
    return None if any(letter < " " and letter not in "\t\r\n" for letter in text) else order


def _inside_zip(path: Path, name: str) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        raise InputError(f"'{name}' starts like an Excel file but is damaged or cut off.", "Upload it again.") from None
    if "xl/workbook.xml" in names:
        return "excel"
    if "xl/workbook.bin" in names:
        raise _not_a_table(name, "a binary Excel workbook (.xlsb)")
    if "mimetype" in names:
        raise _not_a_table(name, "an OpenDocument file")
    raise _not_a_table(name, "a ZIP archive or another Office document")


def _not_a_table(name: str, what: str) -> InputError:
    return InputError(
        f"'{name}' looks like {what}, whatever its name says. {READABLE}", "Save the table as CSV and try again."
    )
