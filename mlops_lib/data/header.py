"""Whether the first row of a table holds names, told from what stands below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlops_lib.data.numbers import MISSING_TOKENS, is_number

_MONEY = re.compile(r"^[(+-]?\s*[€$£¥₩]?\s*[+-]?\d[\d.,' \u00a0]*\)?\s*(%|[€$£¥₩원円元]|[A-Z]{3})?$")
_DATE = re.compile(r"^(\d{1,4}[-/.]\s?\d{1,2}[-/.]\s?\d{1,4}\.?([ T].*)?|\d{1,2}:\d{2}(:\d{2})?|\d{4}년.*|\d{4}年.*)$")
_YEAR = re.compile(r"^(19|20)\d\d$")
_RECURRING = 0.5


def sniff_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds names: nothing speaks against it, or something speaks for it."""
    return header_evidence(rows) >= 0


def header_evidence(rows: Sequence[Sequence[str]]) -> int:
    """1 where the first row must hold names, -1 where it must be a row of values, 0 where nothing tells.

    Text above numbers or dates speaks for names, a number above numbers or a date above dates against them; so do cells
    that occur again in their own columns.
    """
    if len(rows) < 2:
        return 0
    first, body = rows[0], [row for row in rows[1:] if list(row) != list(rows[0])]
    if _is_index_row(first):
        return 1
    votes = [_vote(cell.strip(), _below(body, position)) for position, cell in enumerate(first)]
    if 1 in votes:
        return 1
    if -1 in votes:
        return -1
    return -1 if _recurs(first, rows[1:]) else 0


def _vote(cell: str, below: list[str]) -> int:
    kind = _commonest_kind(below)
    if kind == "text" or not cell or cell in MISSING_TOKENS:
        return 0
    if _kind(cell) != kind:
        return 1
    years = sum(bool(_YEAR.match(other)) for other in below)
    # A year above figures that are no years is the name of a column.
    return 1 if _YEAR.match(cell) and 2 * years < len(below) else -1


def _below(body: Sequence[Sequence[str]], position: int) -> list[str]:
    cells = (row[position].strip() for row in body if position < len(row))
    return [cell for cell in cells if cell and cell not in MISSING_TOKENS]


def _commonest_kind(cells: list[str]) -> str:
    kinds = [_kind(cell) for cell in cells]
    return next((kind for kind in ("number", "date") if kinds.count(kind) > 0.5 * len(kinds)), "text")


def _kind(cell: str) -> str:
    if is_number(cell) or _MONEY.match(cell):
        return "number"
    return "date" if _DATE.match(cell) else "text"


def _is_index_row(first: Sequence[str]) -> bool:
    """A blank and then 0, 1, 2, ...: the names that pandas gives to columns without names."""
    return len(first) > 2 and not first[0].strip() and list(first[1:]) == [str(k) for k in range(len(first) - 1)]


def _recurs(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    filled = [(position, cell.strip()) for position, cell in enumerate(first) if cell.strip()]
    again = sum(cell in _below(body, position) for position, cell in filled)
    return again >= max(2, _RECURRING * len(filled))
