"""Whether cells are missing more often where the answer is one thing than where it is another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlops_lib.checks.check import Seen, Silent, offers
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.words import counted, listed, number, p_value, percent
from mlops_lib.stats.features import Feature
from mlops_lib.stats.multiple import benjamini_hochberg
from mlops_lib.stats.result import TestResult
from mlops_lib.stats.testing import Answers, run_test

ENOUGH_CELLS = 10
"""Missing cells, and filled ones, that a column needs to be tested."""
MOST_P, LEAST_EFFECT = 0.05, 0.1
"""Adjusted p at most, and effect (bias-corrected V, or the root of epsilon squared) at least: Cohen's small effect."""


@dataclass(frozen=True, eq=False)
class _Pattern:
    """Where a column is missing, set against the target."""

    name: str
    gone: np.ndarray
    p: float
    effect: float


def missing_by_target(table: CheckedTable) -> Seen | Silent:
    """Columns whose missing cells go with the target, by a test for each column, adjusted for their number."""
    names = [n for n in table.schema.features() if _enough(int(table.missing[n]), len(table.rows))]
    if not names:
        return Silent(f"No column has {ENOUGH_CELLS} missing cells and as many filled ones.", applies=False)
    patterns = [_tested(table, name) for name in names]
    adjusted = benjamini_hochberg(np.array([pattern.p for pattern in patterns]))
    found = [(q, p) for q, p in zip(adjusted, patterns, strict=True) if q <= MOST_P and p.effect >= LEAST_EFFECT]
    if not found:
        least = float(np.nanmin(adjusted)) if not np.isnan(adjusted).all() else float("nan")
        return Silent(
            f"In none of {counted(len(names), 'column')} with missing cells does missingness go with the target "
            f"(smallest adjusted p {p_value(least)}; an effect from {LEAST_EFFECT:g} counts)."
        )
    found.sort(key=lambda pair: -pair[1].effect)
    columns = [pattern.name for _, pattern in found]
    told = [f"'{p.name}' ({_shares(table, p)}; effect {number(p.effect)}, p {p_value(q)})" for q, p in found[:3]]
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    return Seen(
        "warning",
        tuple(columns),
        table.any_missing(columns),
        f"Whether a cell is missing goes with '{table.schema.target}': {'; '.join(told)}{more}.",
        f"{'Kruskal-Wallis' if table.target.kind == 'number' else 'Chi-square'} test of missing or not against the "
        f"target on {table.which}, p adjusted for {counted(len(names), 'column')} (Benjamini-Hochberg); an effect from "
        f"{LEAST_EFFECT:g} counts.",
        "Filling such cells in hides something that a model can use, and that may also be known only after the event.",
        "Ask why they are missing. If that is known before the event, mark what was missing; categories keep missing "
        "as a level of its own unless you fill it in.",
        offers(table.schema, columns, ("indicator", "drop")),
    )


def _enough(gone: int, rows: int) -> bool:
    return min(gone, rows - gone) >= ENOUGH_CELLS


def _tested(table: CheckedTable, name: str) -> _Pattern:
    gone = ~table.feature(name).known
    answers = Answers(_answers(table), 0 if table.target.kind == "number" else len(table.target.names))
    result = run_test(Feature(name, "categorical", gone.astype(np.int32), ("filled", "missing")), answers)
    return _Pattern(name, gone, trusted_p(result), result.strength if result.possible else 0.0)


def trusted_p(result: TestResult) -> float:
    """P where the test's assumptions hold or p does not need them; NaN elsewhere."""
    return result.p if result.assumption_met or result.p_from != "reference" else float("nan")


def _answers(table: CheckedTable) -> np.ndarray:
    return table.target.values[table.rows] if table.target.kind == "number" else table.target.codes(table.rows)


def _shares(table: CheckedTable, pattern: _Pattern) -> str:
    """How the missing cells differ, in words."""
    answers = _answers(table)
    if table.target.kind == "number":
        middle = [number(float(np.median(answers[side]))) for side in (pattern.gone, ~pattern.gone)]
        return f"median {middle[0]} where missing, {middle[1]} where filled"
    shares = {k: float(pattern.gone[answers == k].mean()) for k in np.unique(answers)}
    ordered = sorted(shares, key=lambda k: -shares[k])
    said = [f"{percent(shares[k])} of '{table.target.names[k]}'" for k in (ordered[0], ordered[-1])]
    return f"missing in {listed(said)}"
