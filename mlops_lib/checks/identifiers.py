"""Columns that name a row."""

from __future__ import annotations

from mlops_lib.checks.check import Seen, Silent, quoted
from mlops_lib.checks.table import CheckedTable


def identifiers(table: CheckedTable) -> Seen | Silent:
    """Columns that the schema calls identifiers."""
    named = [c for c in table.schema.columns if c.kind == "identifier"]
    used = [c.name for c in named if c.role == "feature"]
    columns = [c.name for c in named if c.role in ("feature", "ignored")]
    if not columns:
        return Silent("No column has a different value in nearly every row.")
    return Seen(
        "warning" if used else "info",
        tuple(columns),
        0,
        f"{quoted(columns)}: a different value in (nearly) every row.",
        "Whole numbers that rise or run without gaps, or labels of which more than 90 % differ.",
        "A model can learn them by heart, which helps for no new row.",
        "Leave them out." if used else "They are left out already.",
        suggest_ignore=bool(used),
    )
