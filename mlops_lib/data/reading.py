"""A file to a table, with everything that was found out, repaired or left out on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from mlops_lib.data.convert import Converted, Rules, convert, sniff_decimal
from mlops_lib.data.delimited import read_delimited
from mlops_lib.data.encoding import decode
from mlops_lib.data.formats import detect_format
from mlops_lib.data.limits import check_file_size
from mlops_lib.data.names import repair_names
from mlops_lib.data.parquet import plain_column, read_parquet
from mlops_lib.data.spreadsheet import read_sheet
from mlops_lib.objects.dataset import Reading, ReadingOptions
from mlops_lib.objects.errors import InputError, NotFoundError


@dataclass(frozen=True, eq=False)
class ReadTable:
    """A table of int64, float64, timestamp[us] and text columns, and how it was read."""

    table: pa.Table
    reading: Reading


def read_table(path: str | Path, name: str, options: ReadingOptions | None = None) -> ReadTable:
    """Read a CSV, TSV, Parquet or Excel (.xlsx) file; its content decides which it is.

    Parameters
    ----------
    path : where the file lies.
    name : what the user calls it; appears in messages.
    options : None in a field means: find out, and say what was found.

    Raises
    ------
    NotFoundError : there is no such file.
    InputError : it is empty, is no table, or its rows and names cannot be brought together.
    TooLargeError : it exceeds a limit of `data.limits`.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError(f"There is no file '{name}' any more.", "Upload it again.")
    size = path.stat().st_size
    check_file_size(size)
    found = detect_format(path, name)
    readers = {"text": _from_text, "parquet": _from_parquet, "excel": _from_excel}
    read = readers[found](path, name, options or ReadingOptions())
    return replace(read, reading=replace(read.reading, file_bytes=size))


def _from_text(path: Path, name: str, options: ReadingOptions) -> ReadTable:
    text = decode(path.read_bytes(), name, options.encoding)
    raw = read_delimited(text.utf8, options.delimiter, options.header)
    names, repairs = repair_names(raw.names)
    decimal = options.decimal or ("." if raw.delimiter == "," else sniff_decimal(raw.columns))
    guessed = [f"The encoding is {text.encoding}."] if text.guessed else []
    if decimal == "," and options.decimal is None:
        guessed.append("The decimal sign is a comma.")
    rules = Rules(options.missing or (), decimal, options.text_columns)
    columns = convert(raw.columns, names, rules)
    rows = len(raw.columns[0])
    used = replace(
        options,
        encoding=text.encoding,
        delimiter=raw.delimiter,
        decimal=decimal,
        header=raw.header,
        missing=rules.missing,
    )
    reading = Reading(
        format="TSV" if raw.delimiter == "\t" else "CSV",
        options=used,
        rows_in_file=rows + raw.skipped_in_all,
        rows_kept=rows,
        skipped=raw.skipped,
        skipped_in_all=raw.skipped_in_all,
        repairs=(*text.repairs, *raw.repairs, *repairs),
        guessed=(*guessed, *raw.guessed),
    )
    return _finished(columns, names, reading)


def _from_excel(path: Path, name: str, options: ReadingOptions) -> ReadTable:
    sheet = read_sheet(path, name, options.sheet, options.header)
    names, repairs = repair_names(sheet.names)
    rules = Rules(options.missing or (), options.decimal or ".", options.text_columns)
    columns = convert(sheet.columns, names, rules)
    rows = len(sheet.columns[0])
    used = replace(options, header=sheet.header, sheet=sheet.chosen, decimal=rules.decimal, missing=rules.missing)
    reading = Reading(
        format="Excel",
        options=used,
        rows_in_file=rows,
        rows_kept=rows,
        repairs=(*sheet.repairs, *repairs),
        sheets=sheet.sheets,
        guessed=sheet.guessed,
    )
    return _finished(columns, names, reading)


def _from_parquet(path: Path, name: str, options: ReadingOptions) -> ReadTable:
    table = read_parquet(path, name)
    names, repairs = repair_names(table.column_names)
    kept: list[tuple[str, Converted]] = []
    left_out: list[str] = []
    for column, title in zip(table.columns, names, strict=True):
        found = plain_column(column, title, as_text=title in options.text_columns)
        if found is None:
            left_out.append(f"The column '{title}' holds {column.type} and was left out.")
        else:
            kept.append((title, _missing_tokens(found, options.missing or ())))
    if not kept:
        raise InputError(f"'{name}' has no column of numbers, dates or text.", "Upload a table of plain values.")
    reading = Reading(
        format="Parquet",
        options=replace(options, missing=options.missing or ()),
        rows_in_file=table.num_rows,
        rows_kept=table.num_rows,
        repairs=(*repairs, *left_out),
    )
    return _finished([c for _, c in kept], tuple(title for title, _ in kept), reading)


def _missing_tokens(column: Converted, tokens: tuple[str, ...]) -> Converted:
    """Text columns of a Parquet file under the same missing tokens as those of a CSV file; types stay as declared."""
    if not tokens or not pa.types.is_string(column.values.type):
        return column
    import pyarrow.compute as pc

    found = pc.is_in(column.values, pa.array(tokens, pa.string()))
    return replace(column, values=pc.if_else(found, pa.scalar(None, pa.string()), column.values))


def _finished(columns: Sequence[Converted], names: tuple[str, ...], reading: Reading) -> ReadTable:
    table = pa.table([column.values for column in columns], names=list(names))
    tokens = dict.fromkeys(token for column in columns for token in column.suggested)
    suggestions = [_suggestion(t, [n for n, c in zip(names, columns, strict=True) if t in c.suggested]) for t in tokens]
    return ReadTable(
        table,
        replace(
            reading,
            repairs=(*reading.repairs, *(s for column in columns for s in column.repairs)),
            guessed=(*reading.guessed, *(s for column in columns for s in column.guessed), *suggestions),
            suggested_missing=tuple(tokens),
        ),
    )


def _suggestion(token: str, names: list[str]) -> str:
    first = ", ".join(f"'{name}'" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{first} would be numeric if '{token}' counted as missing."
