"""A difference of two versions in sentences and as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mlops_lib.data.difference import Difference, KeyedRows, Kind, Shift
from mlops_lib.objects.words import MISSING, count, counted, listed, number, percent

if TYPE_CHECKING:
    import pandas as pd

_HOLDS: dict[Kind, str] = {"number": "numbers", "date": "dates", "text": "text"}
_FEW = 3


def headline(difference: Difference) -> str:
    """What matters first, in one sentence; plain text."""
    rows = difference.rows
    if difference.before == difference.after:
        return "Every cell is the same."
    if rows.in_order and difference.same_columns:
        return "The rows are the same."
    if not rows.added and not rows.removed and rows.unchanged:
        order = "in the same order" if rows.in_order else "in another order"
        where = "" if difference.same_columns else " where the columns are"
        return f"The {counted(rows.before, 'row')} are the same{where}, {order}."
    if difference.keyed is not None:
        return _keyed_words(difference.keyed)
    came = _came(rows.added)
    return (
        f"{came[0].upper()}{came[1:]} new and {_went(rows.removed)} gone; {counted(rows.unchanged, 'row')} "
        f"{_verb(rows.unchanged)} unchanged."
    )


def details(difference: Difference) -> tuple[str, ...]:
    """What changed besides: columns, rows by their cells, and what moved; finished sentences of plain text."""
    return tuple(s for s in (*_column_words(difference), _cell_words(difference), _moved_words(difference)) if s)


def shift_words(shift: Shift) -> str:
    """How a column moved: "median 3,000 to 3,200", or the labels that came, went or grew."""
    if shift.kind != "text":
        return f"median {median(shift, after=False)} to {median(shift, after=True)}"
    came = f"{_labels(shift.came, shift.came_in_all)} new" if shift.came else ""
    went = f"{_labels(shift.went, shift.went_in_all)} gone" if shift.went else ""
    if came or went:
        return " and ".join(part for part in (came, went) if part)
    most = max(shift.bins, key=lambda b: abs(b.after - b.before))
    return f"'{most.name}' {percent(most.before)} to {percent(most.after)}"


def _labels(names: tuple[str, ...], in_all: int) -> str:
    shown = names[:_FEW]
    more = [f"{count(in_all - len(shown))} more"] if in_all > len(shown) else []
    return f"{listed([*_quoted(shown), *more])} {_verb(in_all)}"


def median(shift: Shift, after: bool) -> str:
    """The median of a side as people write it: a number, or a day."""
    value = shift.median_after if after else shift.median_before
    if value is None:
        return MISSING
    if shift.kind == "date":
        return datetime.fromtimestamp(value, UTC).date().isoformat()
    return number(value)


def shift_table(difference: Difference) -> pd.DataFrame:
    """A row for each compared column, the one that moved most first.

    `column`, `moved` and `by chance` between 0 and 1, `how` in words, `missing before` and `missing after` as shares,
    `n before` and `n after` filled cells, and `p`.
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "column": [s.column for s in difference.shifts],
            "moved": [s.moved for s in difference.shifts],
            "how": [shift_words(s) for s in difference.shifts],
            "missing before": [s.missing_before for s in difference.shifts],
            "missing after": [s.missing_after for s in difference.shifts],
            "n before": [s.n_before for s in difference.shifts],
            "n after": [s.n_after for s in difference.shifts],
            "by chance": [s.by_chance for s in difference.shifts],
            "p": [s.p for s in difference.shifts],
        }
    )


def _keyed_words(keyed: KeyedRows) -> str:
    if not keyed.added and not keyed.removed:
        changed = count(keyed.changed) if keyed.changed else "none"
        same = f"By '{keyed.key}', the same {counted(keyed.matched, 'row')}"
        return f"{same}, of which {changed} {_verb(keyed.changed, 'has', 'have') if keyed.changed else 'has'} changed."
    return (
        f"By '{keyed.key}', {_came(keyed.added)} new and {_went(keyed.removed)} gone; "
        f"{_changed(keyed.changed, keyed.matched)}."
    )


def _changed(changed: int, matched: int) -> str:
    if not matched:
        return "no row is in both"
    if matched == 1:
        return "the other one has changed" if changed else "the other one is the same"
    if changed in (0, matched):
        return f"all {count(matched)} others {'have changed' if changed else 'are the same'}"
    return f"{count(changed)} of the {count(matched)} others {_verb(changed, 'has', 'have')} changed"


def _came(rows: int) -> str:
    return f"{counted(rows, 'row')} {_verb(rows)}" if rows else "no row is"


def _went(rows: int) -> str:
    return f"{count(rows)} {_verb(rows)}" if rows else "none is"


def _verb(rows: int, one: str = "is", many: str = "are") -> str:
    return one if rows == 1 else many


def _column_words(difference: Difference) -> list[str]:
    said = []
    for names, what in ((difference.added_columns, "new"), (difference.removed_columns, "gone")):
        if names:
            said.append(f"{_columns(names)} {_verb(len(names))} {what}: {listed(_quoted(names))}.")
    said += [
        f"'{t.column}' held {_HOLDS[t.before]} and holds {_HOLDS[t.after]} now." for t in difference.retyped[:_FEW]
    ]
    if len(difference.retyped) > _FEW:
        said.append(f"{counted(len(difference.retyped) - _FEW, 'more column')} changed the kind as well.")
    if difference.reordered:
        said.append("The columns stand in another order.")
    return said


def _columns(names: tuple[str, ...]) -> str:
    return "One column" if len(names) == 1 else counted(len(names), "column")


def _cell_words(difference: Difference) -> str:
    keyed = difference.keyed
    if keyed is None or not keyed.cells:
        return ""
    most = listed([f"'{name}' ({count(cells)})" for name, cells in keyed.cells[:_FEW]])
    more = "" if len(keyed.cells) <= _FEW else f", out of {counted(len(keyed.cells), 'column')} with changes"
    return f"Cells changed most often in {most}{more}."


def _moved_words(difference: Difference) -> str:
    moved = difference.noticeable
    if not difference.shifts:
        return ""
    if not moved:
        return f"None of {counted(len(difference.shifts), 'compared column')} moved noticeably."
    first = moved[0]
    others = listed(_quoted([s.column for s in moved[1:]]), _FEW)
    also = f"; {others} moved too" if others else ""
    gap = abs(first.missing_after - first.missing_before)
    how = shift_words(first)
    if gap >= first.distance:
        how = f"missing cells from {percent(first.missing_before)} to {percent(first.missing_after)}"
    return f"'{first.column}' moved most: {how}{also}."


def _quoted(names: tuple[str, ...] | list[str]) -> list[str]:
    return [f"'{name}'" for name in names]
