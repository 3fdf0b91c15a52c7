"""What a file is, by its content; its name decides nothing."""

from __future__ import annotations

import mmap
import re
import zipfile
from pathlib import Path
from typing import Literal

from mlops_lib.objects.errors import InputError

Format = Literal["text", "parquet", "arrow", "arrow_stream", "xlsx", "xlsb", "xls", "ods", "json"]
Container = Literal["gzip", "zip", "zstd"]

CONTAINERS: tuple[Container, ...] = ("gzip", "zip", "zstd")
"""What a table may be packed in."""

READABLE = (
    "Fulcrum reads CSV and other delimited text, Parquet, Arrow and Feather, Excel (.xlsx, .xlsb, .xls), OpenDocument "
    "(.ods), JSON and JSON Lines, each also packed as .gz, .zip or .zst."
)

_STARTS: tuple[tuple[bytes, Format | Container], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_IN_ZIP: tuple[tuple[str, Format], ...] = (
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsb"),
)
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x04\x22\x4d\x18", "an LZ4 archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"FEA1", "a Feather file of version 1, which newer programs no longer write"),
    (b"PARE", "an encrypted Parquet file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"$FL2", "an SPSS file"),
    (b"<stata_dta", "a Stata file"),
    (b"\x93NUMPY", "a NumPy array"),
    *((b"\x80" + bytes([protocol]), "a Python pickle") for protocol in (2, 3, 4, 5)),
    (b"<?xml", "an XML document"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"{\\rtf", "a rich-text document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IN_OLE2: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "an Office file with a password"),
    ("WordDocument", "an old Word document"),
    ("PowerPoint Document", "an old PowerPoint file"),
    ("HwpSummaryInformation", "a Hangul document (.hwp)"),
)
_JSON_START = re.compile(rb'\s*(\{\s*["}]|\[\s*[\[{"\]tfn\d-])')
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HEAD = 1 << 16


def detect_format(path: Path, name: str) -> Format | Container:
    """What the file is: a table's format, or what a table may be packed in.

    Raises InputError, naming what the file seems to be, for anything else.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _inside_zip(path, name)
    if head.startswith(_OLE2):
        return _inside_ole2(path, name)
    return format_of_head(head, name)


def format_of_head(head: bytes, name: str) -> Format | Container:
    """What the first bytes of a file say, as far as they alone can. Raises InputError for what is no table."""
    if not head.strip(b"\x00\xef\xbb\xbf \t\r\n"):
        raise InputError(f"'{name}' is empty.", "Upload a file with a row of names and at least one row of values.")
    found = next((kind for mark, kind in _STARTS if head.startswith(mark)), None)
    if found is not None:
        return found
    if head.startswith(b"\xff\xff\xff\xff") and 0 < int.from_bytes(head[4:8], "little") < 1 << 26:
        return "arrow_stream"
    _refuse_foreign(head, name)
    order = _utf16_order(head)
    if b"\x00" in head and order is None:
        raise _not_a_table(name, "a binary file")
    text = head[: len(head) // 2 * 2].decode(order, "ignore").encode() if order else head
    return "json" if _JSON_START.match(text.removeprefix(b"\xef\xbb\xbf")) else "text"


def utf16_without_mark(head: bytes) -> str | None:
    """The UTF-16 byte order that the position of the zero bytes shows, None where they show none."""
    start = head[:4096]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if min(even, odd) > 0.05 * len(start) or max(even, odd) < 0.1 * len(start):
        return None
    order = "utf-16-le" if odd > even else "utf-16-be"
    text = start.decode(order, "ignore")
    return None if any(letter < " " and letter not in "\t\r\n" for letter in text) else order


def _utf16_order(head: bytes) -> str | None:
    return "utf-16" if head.startswith(_UTF16_MARKS) else utf16_without_mark(head)


def _refuse_foreign(head: bytes, name: str) -> None:
    lowered = head[:64].lstrip().lower()
    for mark, what in _FOREIGN:
        if head.startswith(mark) or (mark.startswith(b"<") and lowered.startswith(mark)):
            raise _not_a_table(name, what)
    if head[257:262] == b"ustar":
        raise _not_a_table(name, "a tar archive")


def _inside_zip(path: Path, name: str) -> Format | Container:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except Exception:  # noqa: BLE001  (zipfile raises whatever a damaged file makes it stumble over)
        raise InputError(
            f"'{name}' is a ZIP archive or Excel file that is damaged or cut off.", "Upload it again."
        ) from None
    found = next((kind for entry, kind in _IN_ZIP if entry in names), None)
    if found is not None:
        return found
    if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "ods"
    if kind or "[Content_Types].xml" in names:
        raise _not_a_table(name, "an Office document that holds no spreadsheet")
    return "zip"


def _inside_ole2(path: Path, name: str) -> Format:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = next((what for entry, what in _IN_OLE2 if content.find(entry.encode("utf-16-le")) >= 0), None)
        workbook = any(content.find(entry.encode("utf-16-le")) >= 0 for entry in ("Workbook", "Book"))
    if found is None and workbook:
        return "xls"
    raise _not_a_table(name, found or "an old Office file that holds no spreadsheet, or is cut off")


def _not_a_table(name: str, what: str) -> InputError:
    return InputError(
        f"'{name}' looks like {what}, whatever its name says. {READABLE}", "Save the table as CSV and try again."
    )
