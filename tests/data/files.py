"""Files of every format that the tests write themselves, as bytes."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import struct
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

NAMES = ("name", "age", "pay", "joined")
DAYS = (datetime.datetime(2020, 1, 31), datetime.datetime(2021, 12, 1), None)  # noqa: DTZ001
ROWS: tuple[tuple[Any, ...], ...] = (("Kim", 30, 1.5, DAYS[0]), ("Lee", 41, 2.25, DAYS[1]), ("Öz", None, 3.0, DAYS[2]))
COLUMNS: dict[str, list[Any]] = {name: [row[k] for row in ROWS] for k, name in enumerate(NAMES)}
"""The table that `read` gives for every good file below."""


def day(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if value else ""


CSV = "\n".join([",".join(NAMES), *(f"{n},{'' if a is None else a},{p},{day(j)}" for n, a, p, j in ROWS), ""]).encode()


def arrow_table() -> pa.Table:
    return pa.table(COLUMNS, schema=pa.schema(
        [("name", pa.string()), ("age", pa.int64()), ("pay", pa.float64()), ("joined", pa.timestamp("us"))]
    ))  # fmt: skip


def parquet(table: pa.Table | None = None, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(arrow_table() if table is None else table, buffer, **settings)
    return buffer.getvalue()


def arrow_file(table: pa.Table | None = None, compression: str | None = None) -> bytes:
    return _ipc(pa.ipc.new_file, arrow_table() if table is None else table, compression)


def arrow_stream(table: pa.Table | None = None, compression: str | None = None) -> bytes:
    return _ipc(pa.ipc.new_stream, arrow_table() if table is None else table, compression)


def _ipc(writer: Any, table: pa.Table, compression: str | None) -> bytes:
    buffer = io.BytesIO()
    with writer(buffer, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as open_writer:
        open_writer.write_table(table)
    return buffer.getvalue()


def zipped(entries: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content)


def zstandard(content: bytes) -> bytes:
    with tempfile.NamedTemporaryFile() as file:
        with pa.OSFile(file.name, "wb") as sink, pa.CompressedOutputStream(sink, "zstd") as stream:
            stream.write(content)
        return Path(file.name).read_bytes()


def xlsx(sheets: Mapping[str, Sequence[Sequence[Any]]] | None = None, hidden: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for title, rows in (sheets or {"people": [NAMES, *ROWS]}).items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if title in hidden else "visible"
    return saved(book)


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(sheets: Mapping[str, Sequence[Sequence[Any]]] | None = None, hidden: Sequence[str] = ()) -> bytes:
    book = xlwt.Workbook()
    for title, rows in (sheets or {"people": [NAMES, *ROWS]}).items():
        sheet = book.add_sheet(title)
        sheet.visibility = int(title in hidden)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is not None:
                    style = {datetime.datetime: _DAY, datetime.timedelta: _SPAN}.get(type(value))
                    given = value.total_seconds() / 86_400 if isinstance(value, datetime.timedelta) else value
                    sheet.write(r, c, given, *([style] if style else []))
    return saved(book)


_DAY, _SPAN = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss"), xlwt.easyxf(num_format_str="[h]:mm:ss")


def xlsb(sheets: Mapping[str, Sequence[Sequence[Any]]] | None = None, hidden: Sequence[str] = ()) -> bytes:
    """A workbook of binary records ([MS-XLSB]): the least that a reader needs. Dates are numbers here."""
    titles = list(sheets or {"people": []})
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "xl/_rels/workbook.bin.rels": b"<Relationships>%s</Relationships>" % b"".join(
            b'<Relationship Id="r%d" Type="worksheet" Target="worksheets/sheet%d.bin"/>' % (k, k)
            for k in range(len(titles))
        ),
        "xl/workbook.bin": _record(131) + _record(143) + b"".join(
            _record(156, struct.pack("<II", int(title in hidden), k + 1) + _wide(f"r{k}") + _wide(title))
            for k, title in enumerate(titles)
        ) + _record(144) + _record(132),
    }  # fmt: skip
    for k, rows in enumerate((sheets or {"people": [NAMES, *ROWS]}).values()):
        lines = b"".join(
            _record(0, struct.pack("<I", r) + bytes(13)) + b"".join(_binary_cell(c, v) for c, v in enumerate(row))
            for r, row in enumerate(rows)
        )
        extent = struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, max([len(row) for row in rows], default=1) - 1)
        parts[f"xl/worksheets/sheet{k}.bin"] = (
            _record(129) + _record(148, extent) + _record(145) + lines + _record(146) + _record(130)
        )
    return zipped(parts)


def _record(kind: int, content: bytes = b"") -> bytes:
    """Kind and length seven bits at a time, low ones first, then the content."""
    kinds = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    length, rest = b"", len(content)
    while rest > 127:
        length, rest = length + bytes([rest & 127 | 128]), rest >> 7
    return kinds + length + bytes([rest]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _binary_cell(column: int, value: Any) -> bytes:
    place = struct.pack("<II", column, 0)
    if value is None:
        return b""
    if isinstance(value, bool):
        return _record(4, place + bytes([value]))
    if isinstance(value, str):
        return _record(3, place + b"\x2a") if value == "#N/A" else _record(6, place + _wide(value))
    return _record(5, place + struct.pack("<d", value))


def ods(sheets: Mapping[str, Sequence[Sequence[Any]]] | None = None, hidden: Sequence[str] = ()) -> bytes:
    document = OpenDocumentSpreadsheet()
    unseen = Style(name="unseen", family="table")
    unseen.addElement(TableProperties(display="false"))
    document.automaticstyles.addElement(unseen)
    for title, rows in (sheets or {"people": [NAMES, *ROWS]}).items():
        table = Table(name=title, **({"stylename": unseen} if title in hidden else {}))
        for row in rows:
            line = TableRow()
            for value in row:
                line.addElement(value if hasattr(value, "qname") else ods_cell(value))
            table.addElement(line)
        document.spreadsheet.addElement(table)
    return saved(document)


def ods_cell(value: Any, **attributes: Any) -> TableCell:
    """A cell as Calc writes it: the value in an attribute, and what is seen in a paragraph."""
    if value is None:
        return TableCell(**attributes)
    kinds: dict[type, dict[str, Any]] = {
        bool: {"valuetype": "boolean", "booleanvalue": str(value).lower()},
        int: {"valuetype": "float", "value": value},
        float: {"valuetype": "float", "value": value},
        datetime.datetime: {"valuetype": "date", "datevalue": value.isoformat() if hasattr(value, "year") else ""},
    }
    cell = TableCell(**{**kinds.get(type(value), {"valuetype": "string"}), **attributes})
    cell.addElement(P(text=str(value)))
    return cell


def covered() -> CoveredTableCell:
    return CoveredTableCell()


def json_rows() -> list[dict[str, Any]]:
    return [{**dict(zip(NAMES, row, strict=True)), "joined": day(row[3]) or None} for row in ROWS]


def json_array() -> bytes:
    return json.dumps(json_rows(), ensure_ascii=False).encode()


def json_lines() -> bytes:
    return "".join(json.dumps(row) + "\n" for row in json_rows()).encode()


GOOD: dict[str, bytes] = {
    "csv": CSV,
    "csv.gz": gzipped(CSV),
    "csv.zip": zipped({"people.csv": CSV}),
    "csv.zst": zstandard(CSV),
    "parquet": parquet(),
    "arrow": arrow_file(),
    "arrows": arrow_stream(),
    "feather": arrow_file(compression="zstd"),
    "xlsx": xlsx(),
    "xls": xls(),
    "ods": ods(),
    "json": json_array(),
    "jsonl": json_lines(),
}
"""The same table in every format."""
