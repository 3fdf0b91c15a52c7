"""The form in which everything about the reading of a file can be corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from mlops_lib.data.delimited import DELIMITER_NAMES, DELIMITERS
from mlops_lib.data.encoding import ENCODINGS
from mlops_lib.data.numbers import MISSING_TOKENS
from mlops_lib.objects.dataset import Dataset, Reading, ReadingOptions
from pages.shared.reading_job import read_again

_FOUND = "find out"
_DECIMALS: Mapping[str, str | None] = {_FOUND: None, "point": ".", "comma": ","}
_THOUSANDS: Mapping[str, str | None] = {
    _FOUND: None,
    "none": "",
    "comma": ",",
    "point": ".",
    "blank": " ",
    "apostrophe": "'",
}


def correct(dataset: Dataset, reading: Reading) -> None:
    """The form; what it says is read again at once when it is sent."""
    used, mark = reading.options, dataset.fingerprint
    with st.form(f"data_corrections_{mark}", border=False):
        with st.grid(min_column_width=150, gap="small"):
            options = _text_options(used, mark) if used.delimiter else used
            options = _table_options(options, mark) if used.delimiter or used.sheet else options
        options = replace(options, missing=_missing(used, mark))
        options = _kinds(options, dataset.columns, mark)
        if st.form_submit_button("Read again", type="primary"):
            read_again(dataset, _found_anew(used, options))
            st.rerun()


def _found_anew(used: ReadingOptions, options: ReadingOptions) -> ReadingOptions:
    """Under another delimiter, what was found out under the old one says nothing."""
    if options.delimiter == used.delimiter:
        return options
    names = (options.header, options.header_row) != (used.header, used.header_row)
    return replace(
        options,
        header=options.header if names else None,
        header_row=options.header_row if names else None,
        decimal=options.decimal if options.decimal != used.decimal else None,
    )


def _text_options(used: ReadingOptions, mark: str) -> ReadingOptions:
    encoding = st.selectbox(
        "Encoding",
        list(dict.fromkeys([used.encoding or "utf-8", *ENCODINGS])),
        accept_new_options=True,
        key=f"data_fix_encoding_{mark}",
    )
    delimiter = st.selectbox(
        "Delimiter",
        list(dict.fromkeys([used.delimiter or ",", *DELIMITERS])),
        format_func=lambda sign: DELIMITER_NAMES.get(sign, sign),
        accept_new_options=True,
        help="Choose one, or type any other sign.",
        key=f"data_fix_delimiter_{mark}",
    )
    comment = st.text_input(
        "Comments begin with",
        used.comment or "",
        help="Lines that begin with this sign are left out. Empty: none are.",
        key=f"data_fix_comment_{mark}",
    )
    return replace(used, encoding=encoding, delimiter=delimiter, comment=comment)


def _table_options(used: ReadingOptions, mark: str) -> ReadingOptions:
    line = st.number_input(
        "Line of the names",
        0,
        value=_line(used),
        help="The line of the file (the row of the sheet) that holds the names of the columns; what is above is left "
        "out. 0: there are no names.",
        key=f"data_fix_line_{mark}",
    )
    if line != _line(used):
        used = replace(used, header=bool(line), header_row=int(line) or None)
    decimal = st.selectbox(
        "Decimal sign", list(_DECIMALS), _place(_DECIMALS, used.decimal), key=f"data_fix_decimal_{mark}"
    )
    thousands = st.selectbox(
        "Sign between thousands",
        list(_THOUSANDS),
        _place(_THOUSANDS, used.thousands),
        key=f"data_fix_thousands_{mark}",
    )
    return replace(used, decimal=_DECIMALS[decimal or _FOUND], thousands=_THOUSANDS[thousands or _FOUND])


def _line(used: ReadingOptions) -> int:
    return (used.header_row or 1) if used.header else 0


def _place(signs: Mapping[str, str | None], sign: str | None) -> int:
    return list(signs.values()).index(sign) if sign in signs.values() else 0


def _missing(used: ReadingOptions, mark: str) -> tuple[str, ...]:
    now = list(used.missing or ())
    chosen = st.multiselect(
        "Count as missing, beside empty cells",
        list(dict.fromkeys([*now, *MISSING_TOKENS, "-999"])),
        default=now,
        accept_new_options=True,
        placeholder="None; choose or type what stands for a missing value",
        key=f"data_fix_missing_{mark}",
    )
    return tuple(chosen)


def _kinds(used: ReadingOptions, columns: tuple[str, ...], mark: str) -> ReadingOptions:
    with st.grid(min_column_width=260, gap="small"):
        chosen = {
            field: _columns(label, columns, getattr(used, field), note, f"data_fix_{field}_{mark}")
            for field, (label, note) in {
                "text_columns": ("Keep as text", "Codes and identifiers that only look like numbers or dates."),
                "number_columns": ("Read as numbers", "Cells that are no number become missing, and are listed."),
                "date_columns": ("Read as dates", "Cells that are no date become missing, and are listed."),
                "day_first": ("Day before month", "Dates such as 03/04/2021 that mean 3 April."),
                "month_first": ("Month before day", "Dates such as 03/04/2021 that mean March 4."),
            }.items()
        }
    return replace(used, **chosen)


def _columns(label: str, columns: tuple[str, ...], now: tuple[str, ...], note: str, key: str) -> tuple[str, ...]:
    kept = [name for name in now if name in columns]
    return tuple(st.multiselect(label, columns, default=kept, help=note, placeholder="No column", key=key))
