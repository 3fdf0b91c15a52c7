"""Columns that know the answer."""

from __future__ import annotations

from typing import Literal

from mlops_lib.checks.check import Seen, Silent
from mlops_lib.checks.column_scores import SAMPLE_ROWS
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.words import count, listed

NEAR_COPY, SUSPICIOUS = 0.95, 0.85
"""One-column ROC-AUC (for a number: absolute rank correlation) from which a column is a near-copy, or suspected."""


def near_copies(table: CheckedTable) -> Seen | Silent:
    """Columns that tell nearly all of the answer alone."""
    return _knowing(table, "serious", [n for n, s in table.scores.items() if s >= NEAR_COPY], NEAR_COPY)


def suspects(table: CheckedTable) -> Seen | Silent:
    """Columns that tell a lot of the answer alone."""
    return _knowing(table, "warning", [n for n, s in table.scores.items() if SUSPICIOUS <= s < NEAR_COPY], SUSPICIOUS)


def _knowing(
    table: CheckedTable, severity: Literal["warning", "serious"], columns: list[str], limit: float
) -> Seen | Silent:
    scores = table.scores
    measure = "rank correlation" if table.target.kind == "number" else "ROC-AUC"
    if not scores:
        return Silent(f"{table.which} are too few to judge a column on rows it was not learnt on.", applies=False)
    if not columns:
        best = max(scores, key=lambda n: scores[n])
        upper = " up to 0.95" if limit == SUSPICIOUS else ""
        return Silent(f"No column has a {measure} from {limit:g}{upper} alone; '{best}' has {scores[best]:.3f}.")
    ordered = sorted(columns, key=lambda n: -scores[n])
    told = listed([f"'{n}' ({measure} {scores[n]:.3f})" for n in ordered])
    return Seen(
        severity,
        tuple(ordered),
        0,
        f"{told} {'tells' if len(columns) == 1 else 'tell'} '{table.schema.target}' alone.",
        f"Learnt on one half of {table.which}, judged on the other (at most {count(SAMPLE_ROWS)} rows).",
        "A column that is filled in after the event makes every figure look splendid and the model worthless.",
        "Ask: is it known at the time of the prediction? If not, name it as known only after the event.",
        suggest_ignore=True,
    )
