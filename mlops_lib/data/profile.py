"""What each column seems to be and what it could be for, with the reason; the user decides."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.part_names import meaning_of
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Column, Kind, Role
from mlops_lib.workspace import codec

PROPOSALS = "columns.json"
"""The file beside a table that holds what its columns seem to be."""
VERSION = 2
"""Raised when proposals change, so that those of the past are not mistaken for them."""

FEW_VALUES = 10
"""Whole numbers with at most this many distinct values may be codes; the reason says so."""
MANY_LABELS = 50
NEARLY_UNIQUE = 0.9
SEVERAL = 2
ENOUGH_ROWS = 20
"""Below this many filled cells, being unique says nothing."""

_ID_NAME = re.compile(
    r"(^|[^a-z])(id|uuid|guid|key|nr|no|num|number|code|index|serial)$|number$|[a-z]id$|번호$|아이디$", re.IGNORECASE
)
_WEIGHT_NAME = re.compile(
    r"(^|[^a-z])(weights?|wgt|wt|pweight|fweight|sample_?weight|frequency_weight)$|가중치", re.IGNORECASE
)
_IGNORED: tuple[Kind, ...] = ("constant", "identifier", "text")


@dataclass(frozen=True)
class ColumnFacts:
    """Counts of one column: filled and distinct cells, and its only value where it has one.

    Different decimals are not counted, which would take long and tell nothing: they are `SEVERAL`.
    """

    name: str
    rows: int
    filled: int
    distinct: int
    only: str = ""

    @property
    def missing(self) -> int:
        return self.rows - self.filled

    @property
    def unique_share(self) -> float:
        return self.distinct / self.filled if self.filled else 0.0


def propose_columns(dataset: Dataset) -> tuple[Column, ...]:
    """Kind, role and reason of every column, in table order. No column is proposed as target.

    They were made when the table was kept and lie beside it; those of an older version of this module are made anew.
    """
    kept = Path(dataset.path).with_name(PROPOSALS)
    if kept.is_file():
        version, columns = codec.from_json(kept.read_text(encoding="utf-8", errors="surrogatepass"))
        if version == VERSION:
            return tuple(columns)
    return _propose(dataset.table())


def keep_proposals(table: pa.Table, folder: Path) -> tuple[Column, ...]:
    """Write what `propose_columns` says of a table into its folder, and return it."""
    columns = _propose(table)
    (folder / PROPOSALS).write_text(codec.to_json((VERSION, columns)), encoding="utf-8", errors="surrogatepass")
    return columns


def _propose(table: pa.Table) -> tuple[Column, ...]:
    with ThreadPoolExecutor(2) as pool:  # Arrow computes outside Python's lock
        return tuple(pool.map(propose_column, table.columns, table.column_names))


def propose_column(values: pa.ChunkedArray, name: str) -> Column:
    """Kind, role and reason of one column."""
    facts = _facts(values, name)
    kind, reason = _kind(values, facts)
    role: Role = "ignored" if kind in _IGNORED else "feature"
    reason += _hint(values, name, kind)
    if facts.missing and facts.filled:
        reason += f" {facts.missing:,} missing ({100 * facts.missing / facts.rows:.1f} %)."
    return Column(name, kind, role, reason)


def _hint(values: pa.ChunkedArray, name: str, kind: Kind) -> str:
    """What the name or the labels suggest that only the user can know; the role stays as it is."""
    if kind == "numeric" and _WEIGHT_NAME.search(name) and _bounds(values)[0] > 0:
        return " If it says how much a row counts, give it the role 'weight'."
    if kind == "categorical" and pa.types.is_string(values.type):
        labels = values.slice(0, 10_000).unique().drop_null().to_pylist()
        if len(labels) > 1 and all(meaning_of(label) not in ("", "fold") for label in labels):
            return " Its labels name parts: as 'split', the table is parted as it says."
    return ""


def sounds_like_identifier(name: str) -> bool:
    """Whether a column's name is one that identifiers have: "customer_id", "Nr", "번호"."""
    return _ID_NAME.search(name) is not None


def _facts(values: pa.ChunkedArray, name: str) -> ColumnFacts:
    filled = len(values) - values.null_count
    if not filled:
        return ColumnFacts(name, len(values), 0, 0)
    distinct = _distinct(values)
    only = str(next(v for v in values.unique().to_pylist() if v is not None)) if distinct == 1 else ""
    return ColumnFacts(name, len(values), filled, distinct, only)


def _distinct(values: pa.ChunkedArray) -> int:
    if not pa.types.is_floating(values.type):
        return int(pc.count_distinct(values, mode="only_valid").as_py())
    low, high = _bounds(values)
    return 0 if low is None else 1 if low == high else SEVERAL


def _kind(values: pa.ChunkedArray, facts: ColumnFacts) -> tuple[Kind, str]:
    if facts.filled == 0:
        return "constant", "Every cell is missing."
    if facts.distinct == 1 and facts.missing:
        return "categorical", f"'{_short(facts.only)}' or missing: that it is missing may be the information."
    if facts.distinct == 1:
        return "constant", f"The same value, '{_short(facts.only)}', in every row."
    if pa.types.is_timestamp(values.type):
        return "date", _date_reason(values)
    if pa.types.is_integer(values.type):
        return _whole(values, facts)
    if pa.types.is_floating(values.type):
        low, high = _bounds(values)
        return "numeric", f"Numbers from {low:.4g} to {high:.4g}."
    return _labels(values, facts)


def _date_reason(values: pa.ChunkedArray) -> str:
    low, high = _bounds(values)
    return f"Dates from {low:%Y-%m-%d} to {high:%Y-%m-%d}. As 'time', the split goes forward in time."


def _whole(values: pa.ChunkedArray, facts: ColumnFacts) -> tuple[Kind, str]:
    low, high = _bounds(values)
    if facts.filled >= ENOUGH_ROWS and facts.distinct == facts.filled:
        sign = _identifier_sign(values, facts, low, high)
        if sign:
            return (
                "identifier",
                f"A different whole number in every row, {sign}: it names a row and tells nothing about it.",
            )
    if facts.filled >= ENOUGH_ROWS and facts.unique_share > NEARLY_UNIQUE and sounds_like_identifier(facts.name):
        return "identifier", f"{facts.distinct:,} different whole numbers in {facts.filled:,} rows, under such a name."
    if facts.distinct <= FEW_VALUES:
        return "numeric", (
            f"{facts.distinct} whole numbers from {low:,} to {high:,}: a scale or codes. "
            "Choose 'categorical' if their order means nothing."
        )
    return (
        "numeric",
        f"Whole numbers from {low} to {high}." if high < 10_000 else f"Whole numbers from {low:,} to {high:,}.",
    )


def _identifier_sign(values: pa.ChunkedArray, facts: ColumnFacts, low: int, high: int) -> str:
    plain = values.drop_null().to_numpy()
    if np.all(np.diff(plain) > 0):
        return "rising from row to row"
    if sounds_like_identifier(facts.name):
        return f"under the name '{facts.name}'"
    if high - low + 1 <= 1.05 * facts.filled:
        return "almost without a gap"
    return ""


def _labels(values: pa.ChunkedArray, facts: ColumnFacts) -> tuple[Kind, str]:
    sample = values.drop_null().slice(0, 2000)
    words = pc.mean(pc.add(pc.count_substring(sample, " "), 1)).as_py()
    length = pc.mean(pc.utf8_length(sample)).as_py()
    varied = facts.filled >= ENOUGH_ROWS and facts.unique_share > 0.5
    if varied and (words >= 4 or length > 60):
        return "text", f"Free text: {facts.distinct:,} different texts of {words:.0f} words on average."
    if facts.filled >= ENOUGH_ROWS and facts.unique_share > NEARLY_UNIQUE:
        return "identifier", f"{facts.distinct:,} different labels in {facts.filled:,} rows: it names a row."
    if facts.distinct > MANY_LABELS:
        return "categorical", f"{facts.distinct:,} labels; those in less than 1 % of the rows are taken together."
    return "categorical", f"{facts.distinct} labels, such as {_examples(values)}."


def _examples(values: pa.ChunkedArray) -> str:
    first = values.slice(0, 1000).unique().drop_null().slice(0, 3).to_pylist()
    return ", ".join(f"'{_short(v)}'" for v in first)


def _bounds(values: pa.ChunkedArray) -> tuple:  # type: ignore[type-arg]
    bounds = pc.min_max(values)
    return bounds["min"].as_py(), bounds["max"].as_py()


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"
