"""Columns that know the answer."""

from __future__ import annotations

from typing import Literal

import numpy as np

from mlops_lib.checks.check import Seen, Silent
from mlops_lib.checks.column_scores import SAMPLE_ROWS, score_within_blocks
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.words import count, listed, number, percent
from mlops_lib.stats.features import Feature

NEAR_COPY, SUSPICIOUS = 0.95, 0.85
"""One-column ROC-AUC (for a number: absolute rank correlation) from which a column is a near-copy, or suspected."""

IN_ORDER, BLOCKS = 0.9, 10
"""A column follows the order of the rows from that rank correlation on; then it is judged within so many stretches."""
NEARLY_UNIQUE = 0.5


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
        f"{told} {'tells' if len(columns) == 1 else 'tell'} '{table.schema.target}' alone.{_reasons(table, ordered)}",
        f"Learnt on one half of {table.which}, judged on the other (at most {count(SAMPLE_ROWS)} rows).",
        "A column that is filled in after the event makes every figure look splendid and the model worthless.",
        "Ask: is it known at the time of the prediction? If not, name it as known only after the event.",
        suggest_ignore=True,
    )


def _reasons(table: CheckedTable, columns: list[str]) -> str:
    """Sentences on columns that may know the answer through time or by naming rows; empty where none does."""
    said = [s for name in columns[:5] for s in (_time_reason(table, name), _name_reason(table, name)) if s]
    return "".join(f" {s}" for s in said)


def _time_reason(table: CheckedTable, name: str) -> str:
    order = abs(_with_order(table.feature(name), table.sample))
    if not order >= IN_ORDER:
        return ""
    kind = table.schema.column(name).kind
    within = score_within_blocks(table.sampled[name], kind, table.target, table.rows[table.sample], BLOCKS)
    rises = f"'{name}' follows the order of the rows (rank correlation {number(order)})"
    if np.isnan(within):
        return f"{rises}, so time may be the reason."
    if within >= SUSPICIOUS:
        return f"{rises}, but it also tells the answer within each of {BLOCKS} stretches of rows ({within:.3f})."
    return (
        f"{rises}; within each of {BLOCKS} stretches of rows it reaches {within:.3f} only: it tells when, and the "
        "answers changed over time."
    )


def _with_order(feature: Feature, sample: np.ndarray) -> float:
    """Rank correlation of a column with the order of the rows; a label stands where its rows are on average."""
    values, place = feature.values[sample], np.arange(len(sample), dtype=np.float64)
    known = feature.known[sample]
    values, place = values[known], place[known]
    if feature.kind == "categorical" and len(values):
        sums = np.bincount(values, weights=place)
        values = (sums / np.maximum(np.bincount(values), 1))[values]
    if len(values) < BLOCKS or np.ptp(values) == 0:
        return 0.0
    from scipy.stats import spearmanr

    return float(spearmanr(values, place).statistic)


def _name_reason(table: CheckedTable, name: str) -> str:
    feature = table.feature(name)
    known = feature.values[feature.known]
    distinct = np.unique(known)
    share = len(distinct) / max(1, len(known))
    if share < NEARLY_UNIQUE or (feature.kind != "categorical" and not _counts_on(distinct)):
        return ""
    return f"{percent(share)} of the values of '{name}' are different: it may be a number that was given to each row."


def _counts_on(distinct: np.ndarray) -> bool:
    """Whether these ascending numbers are whole and leave out few between them, as numbers that were given do."""
    return bool((distinct == np.round(distinct)).all() and np.ptp(distinct) <= 2 * len(distinct))
