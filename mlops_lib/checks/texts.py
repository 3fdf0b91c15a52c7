"""Columns kept as text whose cells are mostly something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_lib.checks.check import Seen, Silent, no_columns, quoted
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.words import count, counted, listed, percent

LEAST_SHARE = 0.05
"""Both kinds of cells need that share of a column for it to be mixed, where reading said nothing of it."""
_DATE = r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T]\d{1,2}:\d{2}.*)?$|^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}$"


def hidden_numbers(table: CheckedTable) -> Seen | Silent:
    """Columns that would be numbers if a token or two counted as missing."""
    reading = table.dataset.reading
    if reading is None:
        return Silent("The table was not read from a file.", applies=False)
    if not reading.suggested_missing:
        return Silent("No column of text is numeric but for a token or two.")
    tokens = listed([f"'{t}'" for t in reading.suggested_missing])
    columns = table.numbers_as_text
    return Seen(
        "serious",
        columns,
        0,
        f"{counted(len(columns), 'column')} would be numeric if {tokens} counted as missing.",
        "Columns in which every cell but a token or two reads as a number.",
        "As text, every number is a label of its own: order and distance are lost.",
        f"Read the table again with {tokens} as missing (above, under 'How it was read').",
    )


@dataclass(frozen=True)
class _Mixture:
    """A column of text of which `fitting` cells read as `kind` ("number" or "date") and `cells` do not."""

    column: str
    kind: str
    fitting: int
    cells: int
    examples: tuple[str, ...]

    @property
    def share(self) -> float:
        return self.fitting / (self.fitting + self.cells)


def mixed_types(table: CheckedTable) -> Seen | Silent:
    """Columns of text that hold numbers or dates in part: as reading counted them, and by a look at the others."""
    texts = _texts(table)
    if not texts:
        return no_columns("text")
    told = _misfits(table)
    known = {m.column for m in told}
    found = [*told, *(m for name in texts if name not in known and (m := _mixture(table, name)) is not None)]
    if not found:
        return Silent("No column of text holds numbers or dates in part.")
    found.sort(key=lambda m: -m.share)
    said = [
        f"'{m.column}': {percent(m.share)} read as {m.kind}s, {counted(m.cells, 'cell')} "
        f"{'does' if m.cells == 1 else 'do'} not ({quoted(m.examples)})"
        for m in found[:3]
    ]
    more = f"; and {counted(len(found) - 3, 'column')} more" if len(found) > 3 else ""
    return Seen(
        "warning" if any(m.share >= 0.5 for m in found) else "info",
        tuple(m.column for m in found),
        sum(m.cells for m in found),
        f"{'; '.join(said)}{more}.",
        f"Cells of a column of text that read as numbers or dates, and others, each at least {percent(LEAST_SHARE)} of "
        f"{_seen(table)}; or what was counted in all rows when the table was read.",
        "As text, every number is a label of its own: order and distance are lost. But codes may look like numbers.",
        "Where they are numbers or dates, say so under 'How it was read' and read again: the other cells are missing "
        "then. Where they are codes, leave the column as it is.",
    )


def _texts(table: CheckedTable) -> tuple[str, ...]:
    """Columns of text but the target, identifiers and those that `hidden_numbers` speaks of."""
    skip = {c.name for c in table.schema.columns if c.role == "target" or c.kind in ("identifier", "constant")}
    skip |= set(table.numbers_as_text)
    return tuple(n for n in table.texts if n not in skip)


def _seen(table: CheckedTable) -> str:
    taken = len(table.sample)
    return table.which if taken == len(table.rows) else f"{count(taken)} of {table.which}, evenly taken"


def _misfits(table: CheckedTable) -> list[_Mixture]:
    reading = table.dataset.reading
    texts = _texts(table)
    return [
        _Mixture(m.column, m.kind, m.fitting, m.cells, tuple(text for text, _ in m.examples[:3]))
        for m in (reading.misfits if reading else ())
        if not m.missing and m.column in texts
    ]


def _mixture(table: CheckedTable, name: str) -> _Mixture | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    from mlops_lib.data.numbers import NUMBER

    cells = table.dataset.table([name])[name].take(table.rows[table.sample])
    counted_values = pc.value_counts(cells.drop_null())
    values, counts = counted_values.field("values"), counted_values.field("counts")
    every = pc.sum(counts).as_py() or 0
    for kind, pattern in (("number", NUMBER), ("date", _DATE)):
        fits = pc.match_substring_regex(pc.utf8_trim_whitespace(values), pattern)
        fitting = pc.sum(pc.if_else(fits, counts, 0)).as_py() or 0
        if LEAST_SHARE <= fitting / max(1, every) <= 1 - LEAST_SHARE:
            examples = _commonest(values, pc.if_else(fits, pa.scalar(0, counts.type), counts))
            return _Mixture(name, kind, fitting, every - fitting, examples)
    return None


def _commonest(values: Any, counts: Any) -> tuple[str, ...]:
    import pyarrow.compute as pc

    order = pc.select_k_unstable(counts, k=3, sort_keys=[("", "descending")])
    return tuple(values.take(order).to_pylist())
