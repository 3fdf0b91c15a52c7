"""How the table was read, and the options to read it in another way."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from mlops_lib.data.datasets import first_rows
from mlops_lib.data.delimited import DELIMITER_NAMES, DELIMITERS
from mlops_lib.data.encoding import ENCODINGS
from mlops_lib.data.numbers import MISSING_TOKENS
from mlops_lib.objects.dataset import Dataset, Reading, ReadingOptions
from mlops_lib.objects.words import count, counted, listed, size
from pages.shared.boundary import guarded
from pages.shared.data_start import read_again
from pages.shared.escape import escape
from pages.shared.session import session
from pages.shared.show import table

_PREVIEW_ROWS = 50


def show_reading(dataset: Dataset) -> None:
    """One line on how the table was read; behind it every repair and guess, the skipped rows, and corrections."""
    reading = dataset.reading
    if reading is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="data_read"):
        st.markdown(_in_a_line(dataset, reading), width="stretch")
        st.button("Another table", key="data_other", on_click=_leave)
    _suggest_missing(dataset, reading)
    _choose_sheet(dataset, reading)
    title = "How it was read, and corrections" if reading.file else "How it was read"
    with st.expander(title, icon="🔍", key="data_how"):
        _facts(reading)
        if reading.skipped:
            _skipped(reading)
        if reading.file:
            _corrections(dataset, reading)
    with st.expander(f"The first {min(_PREVIEW_ROWS, dataset.rows)} rows", icon="👀", key="data_rows"):
        table(first_rows(dataset, _PREVIEW_ROWS).to_pandas(), key=f"data_preview_{dataset.fingerprint}")


def _in_a_line(dataset: Dataset, reading: Reading) -> str:
    used = reading.options
    how = [reading.format]
    if used.encoding:
        how.append(used.encoding)
    if used.delimiter:
        how.append(DELIMITER_NAMES.get(used.delimiter, used.delimiter))
    if used.sheet:
        how.append(f"sheet '{used.sheet}'")
    missing = listed(["empty cells", *(f"'{t}'" for t in used.missing or ())])
    skipped = f", **{count(reading.skipped_in_all)} skipped**" if reading.skipped_in_all else ", none skipped"
    repaired = f", {counted(len(reading.repairs), 'repair')}" if reading.repairs else ""
    return (
        f"{count(reading.rows_kept)} rows and {counted(len(dataset.columns), 'column')} read{skipped}{repaired} "
        f"({escape(', '.join(how))}; {escape(missing)} count as missing)."
    )


def _suggest_missing(dataset: Dataset, reading: Reading) -> None:
    if not reading.suggested_missing or not reading.file:
        return
    tokens = listed([f"'{t}'" for t in reading.suggested_missing])
    said = [s for s in reading.guessed if "would be numeric" in s]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="data_suggestion"):
        st.markdown(f"💡 {escape(' '.join(said))}", width="stretch")
        options = replace(reading.options, missing=(*(reading.options.missing or ()), *reading.suggested_missing))
        st.button(
            f"Count {escape(tokens)} as missing",
            key="data_count_missing",
            on_click=guarded(read_again),
            args=(dataset, options),
        )


def _choose_sheet(dataset: Dataset, reading: Reading) -> None:
    if len(reading.sheets) < 2 or not reading.file:
        return
    now, key = reading.options.sheet, f"data_sheet_{dataset.fingerprint}"
    st.selectbox(
        f"Sheet, one of {len(reading.sheets)}",
        reading.sheets,
        index=reading.sheets.index(now) if now in reading.sheets else None,
        key=key,
        on_change=_read_sheet,
        args=(dataset, key),
    )


@guarded
def _read_sheet(dataset: Dataset, key: str) -> None:
    chosen = st.session_state[key]
    if chosen is not None and dataset.reading is not None:
        # Types and names are found anew: what was found out about one sheet says nothing about another.
        read_again(dataset, ReadingOptions(sheet=chosen, missing=dataset.reading.options.missing))


def _facts(reading: Reading) -> None:
    missing = listed(["empty cells", *(f"'{t}'" for t in reading.options.missing or ())], most=20)
    facts = [
        (
            f"{size(reading.file_bytes)}, {reading.format}; {counted(reading.rows_in_file, 'row')} in the file, "
            f"{count(reading.rows_kept)} kept, {count(reading.skipped_in_all)} skipped."
        ),
        f"Missing: {missing}.",
        *(f"Found out: {sentence}" for sentence in reading.guessed),
        *(f"Repaired: {sentence}" for sentence in reading.repairs),
    ]
    st.markdown("\n".join(f"- {escape(fact)}" for fact in facts))


def _skipped(reading: Reading) -> None:
    more = "" if reading.skipped_in_all == len(reading.skipped) else f" (the first {len(reading.skipped)} of them)"
    st.markdown(f"**{counted(reading.skipped_in_all, 'row')} skipped**{more}")
    lines = pd.DataFrame([(row.line, row.reason) for row in reading.skipped], columns=["line of the file", "why"])
    table(lines, key="data_skipped", download="skipped-rows.csv")


def _corrections(dataset: Dataset, reading: Reading) -> None:
    used = reading.options
    with st.form(f"data_corrections_{dataset.fingerprint}", border=False):
        st.markdown("**Read it in another way**")
        options = replace(_text_options(used) if used.delimiter else used, missing=_missing(used))
        texts = st.multiselect(
            "Columns to keep as text", dataset.columns, default=[c for c in used.text_columns if c in dataset.columns]
        )
        if st.form_submit_button("Read again"):
            read_again(dataset, replace(options, text_columns=tuple(texts)))
            st.rerun()


def _text_options(used: ReadingOptions) -> ReadingOptions:
    encodings = list(dict.fromkeys([used.encoding or "utf-8", *ENCODINGS]))
    delimiters = list(dict.fromkeys([used.delimiter or ",", *DELIMITERS]))
    with st.grid(min_column_width=150, gap="small"):
        encoding = st.selectbox("Encoding", encodings)
        delimiter = st.selectbox("Delimiter", delimiters, format_func=lambda d: DELIMITER_NAMES.get(d, d))
        decimal = st.selectbox("Decimal sign", [".", ","], index=int(used.decimal == ","))
        header = st.selectbox("First row", ["holds the names", "is a row like the others"], index=int(not used.header))
    return replace(used, encoding=encoding, delimiter=delimiter, decimal=decimal, header=header == "holds the names")


def _missing(used: ReadingOptions) -> tuple[str, ...]:
    now = list(used.missing or ())
    offered = list(dict.fromkeys([*now, *MISSING_TOKENS]))
    chosen = st.multiselect(
        "Count as missing, beside empty cells",
        offered,
        default=now,
        accept_new_options=True,
        placeholder="None; choose or type what stands for a missing value",
    )
    return tuple(chosen)


@guarded
def _leave() -> None:
    session().set(dataset=None)
