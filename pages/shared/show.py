"""Ways to show results: a sentence, cards in one row, a figure, a table. Numbers come formatted from `words`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlops_lib.objects.words import count, counted, duration, interval, listed, money, number, p_value, percent, size
from pages.shared.escape import escape

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

__all__ = [
    "Card",
    "cards",
    "count",
    "counted",
    "duration",
    "escape",
    "figure",
    "interval",
    "listed",
    "money",
    "number",
    "p_value",
    "percent",
    "sentence",
    "size",
    "table",
]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_TABLE_ROWS = 12


@dataclass(frozen=True)
class Card:
    """A key number with its label, what it means (`note`, one short phrase) and why it matters (`help`)."""

    label: str
    value: str
    note: str = ""
    help: str = ""


def sentence(text: str) -> None:
    """The sentence that matters first. It is Markdown: pass names and cells of the user's table through `escape`."""
    st.markdown(f"#### {text}", anchors=False)


def cards(items: Sequence[Card]) -> None:
    """Key numbers in one row that wraps where the screen is narrow. Labels and notes are plain text."""
    with st.grid(min_column_width=150, gap="small", border=True):
        for item in items:
            with st.container(gap=None):
                st.metric(escape(item.label), escape(item.value), help=item.help or None)
                if item.note:
                    st.caption(escape(item.note))


def figure(
    drawn: go.Figure, *, alt: str, key: str, on_select: Any = "ignore", small: bool = False, **options: Any
) -> Any:
    """A Plotly figure over the whole width; `alt` says in words what it shows. Returns what `st.plotly_chart` does.

    A `small` one has no buttons of its own, which would lie over its marks.
    """
    config = {
        "displaylogo": False,
        "responsive": True,
        "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"],
        **({"displayModeBar": False} if small else {}),
    }
    return st.plotly_chart(
        drawn, width="stretch", theme="streamlit", key=key, alt=alt, on_select=on_select, config=config, **options
    )


def table(
    frame: pd.DataFrame,
    *,
    key: str,
    download: str | Callable[[], str] | None = None,
    alt: str | None = None,
    height: int | None = None,
    formats: Mapping[str, Callable[[Any], str]] | None = None,
    **options: Any,
) -> Any:
    """A table that can be sorted and searched, without its index, and a button that downloads it as CSV.

    `download` is the file name (without it there is no button). `formats` say how to write the numbers of a column
    (`p_value`, `percent`, ...); they still sort as numbers. `options` go to `st.dataframe` (column_config,
    on_select, selection_mode, ...). Returns what `st.dataframe` returns.
    """
    tall = height or ("content" if len(frame) <= _TABLE_ROWS else 35 * (_TABLE_ROWS + 1))
    written = frame if formats is None else frame.style.format(dict(formats))
    shown = st.dataframe(written, width="stretch", height=tall, hide_index=True, key=key, alt=alt, **options)
    if download is not None:
        name = download() if callable(download) else download
        st.download_button(
            f"Download {counted(len(frame), 'row')} as CSV",
            data=lambda: as_csv(frame),
            file_name=name,
            mime="text/csv",
            key=f"{key}_download",
            on_click="ignore",
            type="tertiary",
            icon="⬇️",
        )
    return shown


def as_csv(frame: pd.DataFrame) -> bytes:
    """A frame as CSV that a spreadsheet opens as text: cells that would start a formula get an apostrophe before them.

    UTF-8 with a byte order mark, so that Excel shows Korean; numbers at full precision.
    """
    safe = frame.copy(deep=False)
    safe.columns = [_disarmed(c) for c in frame.columns]
    for place, kind in enumerate(frame.dtypes):
        if kind.kind not in "biufcmM":
            safe.isetitem(place, frame.iloc[:, place].map(_disarmed, na_action="ignore"))
    text = io.StringIO(newline="")
    safe.to_csv(text, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    return text.getvalue().encode("utf-8-sig", "replace")


def _disarmed(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
