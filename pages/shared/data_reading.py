"""How the table was read: what was found, changed or left out, and what only the user can say.

It is in sight until the split is locked, and one click away from then on; what is still asked stays in sight.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from mlops_lib.data.datasets import first_rows
from mlops_lib.data.delimited import DELIMITER_NAMES
from mlops_lib.objects.dataset import Dataset, Reading, ReadingOptions
from mlops_lib.objects.words import count, counted, listed, size
from pages.shared.boundary import guarded
from pages.shared.data_asking import ask, examples
from pages.shared.data_corrections import correct
from pages.shared.data_draft import is_confirmed
from pages.shared.data_start import leave_table, read_again
from pages.shared.escape import escape
from pages.shared.reading_job import ask_again
from pages.shared.show import table

_PREVIEW_ROWS = 50
_IN_SIGHT = 6
"""Sentences that are always on screen; the others are one click away."""
_AMONG_THE_FACTS = (
    "The encoding is",
    "The delimiter is",
    "The first row holds",
    "There is no row of names",
    "The decimal sign is",
)


def show_reading(dataset: Dataset) -> None:
    """How the table was read, what the user is asked about it, and how to read it in another way."""
    reading = dataset.reading
    if reading is None:
        return
    with st.container(border=True, key="data_read"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{_in_a_line(dataset, reading)}**", width="stretch")
            if reading.query:
                st.button("Ask again", key="data_ask_again", on_click=guarded(ask_again), args=(dataset,))
            st.button("Another table", key="data_other", on_click=guarded(leave_table))
        if not is_confirmed():
            describe_reading(reading)
    if is_confirmed():
        with st.expander("How it was read", icon="🔎", key="data_how_read"):
            describe_reading(reading)
    if reading.file:
        ask(dataset, reading)
        _choose_sheet(dataset, reading)
        with st.expander("Correct and read again", icon="🔧", key="data_how"):
            correct(dataset, reading)
    with st.expander(f"The first {min(_PREVIEW_ROWS, dataset.rows)} rows", icon="👀", key="data_rows"):
        table(first_rows(dataset, _PREVIEW_ROWS).to_pandas(), key=f"data_preview_{dataset.fingerprint}")


def describe_reading(reading: Reading) -> None:
    """How a table was read, without anything to change it."""
    _facts(reading)
    _notes(reading)


def _in_a_line(dataset: Dataset, reading: Reading) -> str:
    skipped = f"{count(reading.skipped_in_all)} skipped" if reading.skipped_in_all else "none skipped"
    drawn = dataset.sampling if dataset.parent is None else None
    of = f" of {count(drawn.parent_rows)}, drawn at random," if drawn is not None else ""
    return f"{counted(reading.rows_kept, 'row')}{of} and {counted(len(dataset.columns), 'column')} read, {skipped}"


def _facts(reading: Reading) -> None:
    """What was found, each fact under its name."""
    with st.grid(min_column_width=150, gap="small"):
        for label, value in _named_facts(reading):
            with st.container(gap=None):
                st.caption(label)
                st.markdown(escape(value))


def _named_facts(reading: Reading) -> Iterator[tuple[str, str]]:
    used = reading.options
    yield "Format", reading.format
    if reading.container:
        yield "Packed in", reading.container
    if reading.file_bytes:
        yield "Size", _sizes(reading)
    rows = "Rows in the answer" if reading.query else "Rows in the file"
    yield rows, f"{count(reading.rows_in_file)}, {_kept(reading)} kept"
    if reading.source:
        yield "Database", reading.source
    if used.sheet:
        yield "Sheet", used.sheet
    if used.encoding:
        yield "Encoding", used.encoding
    if used.delimiter:
        yield "Delimiter", DELIMITER_NAMES.get(used.delimiter, used.delimiter)
    if used.header is not None:
        yield "Names of columns", _header(used)
    if used.comment:
        yield "Comments begin with", used.comment
    if used.decimal and (used.delimiter or used.sheet):
        yield "Decimal sign", {".": "point", ",": "comma"}.get(used.decimal, used.decimal)
    yield "Missing", listed(["empty cells", *(f"'{token}'" for token in used.missing or ())], most=8)


def _kept(reading: Reading) -> str:
    return "all" if reading.rows_kept == reading.rows_in_file else count(reading.rows_kept)


def _sizes(reading: Reading) -> str:
    unpacked = reading.decoded_bytes if reading.container else 0
    return f"{size(reading.file_bytes)}, {size(unpacked)} unpacked" if unpacked else size(reading.file_bytes)


def _header(used: ReadingOptions) -> str:
    if not used.header:
        return "none, so they are numbered"
    return f"line {used.header_row}" if used.header_row else "first row"


def _notes(reading: Reading) -> None:
    """What was changed, left out or found, the first sentences in sight and the others behind a click."""
    notes = list(_sentences(reading))
    if notes:
        st.markdown("\n".join(f"- {note}" for note in notes[:_IN_SIGHT]))
    if len(notes) > _IN_SIGHT:
        with st.expander(f"{counted(len(notes) - _IN_SIGHT, 'more note')} on how it was read", key="data_more_notes"):
            st.markdown("\n".join(f"- {note}" for note in notes[_IN_SIGHT:]))
    if len(reading.skipped) > _IN_SIGHT:
        with st.expander(f"The {counted(reading.skipped_in_all, 'row')} that were skipped", key="data_skipped_rows"):
            _skipped(reading)


def _sentences(reading: Reading) -> Iterator[str]:
    if reading.query:
        yield f"Asked: {escape(reading.query)}"
    if reading.skipped:
        lines = [f"line {row.line:,} ({row.reason})" for row in reading.skipped]
        yield f"Skipped: {escape(listed(lines))}."
    for misfit in reading.misfits:
        if misfit.missing:
            yield (
                f"{counted(misfit.cells, 'cell')} of '{escape(misfit.column)}' "
                f"{'is' if misfit.cells == 1 else 'are'} no {misfit.kind} and count as missing: {examples(misfit)}."
            )
    asked = {*reading.ambiguous_dates, *reading.ambiguous_numbers}
    yield from map(escape, reading.repairs)
    yield from (escape(s) for s in reading.guessed if not (reading.file and _is_asked(s, asked)) and not _is_fact(s))


def _is_fact(sentence: str) -> bool:
    return sentence.startswith(_AMONG_THE_FACTS)


def _is_asked(sentence: str, asked: set[str]) -> bool:
    """Whether the page asks about it below: it is not said twice."""
    kept = sentence.endswith("kept as text.") and any(f"'{name}'" in sentence for name in asked)
    return kept or "counted as missing" in sentence


def _skipped(reading: Reading) -> None:
    if reading.skipped_in_all > len(reading.skipped):
        st.caption(f"The first {len(reading.skipped)} of them:")
    lines = pd.DataFrame([(row.line, row.reason) for row in reading.skipped], columns=["line of the file", "why"])
    table(lines, key="data_skipped", download="skipped-rows.csv")


def _choose_sheet(dataset: Dataset, reading: Reading) -> None:
    if len(reading.sheets) < 2:
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
