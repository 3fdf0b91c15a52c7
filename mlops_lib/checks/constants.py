"""Columns that never change."""

from __future__ import annotations

from mlops_lib.checks.check import Seen, Silent, quoted
from mlops_lib.checks.table import CheckedTable


def constants(table: CheckedTable) -> Seen | Silent:
    """Columns with one value, whether they were left out by the schema already or are constant on these rows."""
    known = [c.name for c in table.schema.columns if c.kind == "constant"]
    now = [str(n) for n in table.frame.columns if len(table.frame[n].unique()) == 1]
    columns = [*known, *(n for n in now if n not in known)]
    if not columns:
        return Silent(f"Every column has at least two values among {table.which}.")
    return Seen(
        "warning" if now else "info",
        tuple(columns),
        0,
        f"{quoted(columns)}: the same value in every row.",
        f"One distinct value among {table.which}.",
        "What never changes cannot tell rows apart.",
        "Leave them out." if now else "They are left out already.",
        suggest_ignore=bool(now),
    )
