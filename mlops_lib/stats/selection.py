"""The selection rule: the one place where it is applied, for the Feature tests page and in every fold of training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.words import listed, number, p_value
from mlops_lib.stats.association import AssociationMatrix, association_matrix
from mlops_lib.stats.collinearity import Collinearity, collinearity, prune
from mlops_lib.stats.features import Feature
from mlops_lib.stats.multiple import benjamini_hochberg, holm
from mlops_lib.stats.result import TestResult
from mlops_lib.stats.testing import Answers, run_test
from mlops_lib.stats.threads import in_threads

MANY_ROWS = 50_000
"""Rows from which threads gain more than they cost."""


@dataclass(frozen=True, eq=False)
class SelectionResult:
    """What a rule keeps, in the order the columns were given, and one row a column in `table`.

    `table` columns: feature, kind, test, statistic, df, p, log_p, adjusted_p (by the adjustment that the rule names),
    bh_p and holm_p (both adjustments), n, effect, corrected, strength, effect_low, effect_high, strength_low,
    strength_high, assumption_met, assumption, p_from, p_words, p_reference, detectable, vif (NaN where not looked at),
    kept (bool), reason (a sentence). `perfect` are groups of numeric columns that are exact combinations of each
    other. `note` is a sentence where the rule had to be bent, else empty.
    """

    kept: tuple[str, ...]
    table: pd.DataFrame
    perfect: tuple[tuple[str, ...], ...] = ()
    note: str = ""


@dataclass(frozen=True, eq=False)
class Measured:
    """What a rule looks at: the test of each column by name, the inflation of the numeric ones and how strongly any two
    columns go together (None: not needed; numbers by Pearson).

    It depends on the rows alone, so rules can be tried on it without touching them again.
    """

    kinds: Mapping[str, str]
    tests: Mapping[str, TestResult]
    collinearity: Collinearity | None
    associations: AssociationMatrix | None = None


def select(columns: Mapping[str, Feature], target: np.ndarray, rule: Selection) -> SelectionResult:
    """Apply a rule to columns of n rows and the target on the same rows.

    `target` of shape (n,) holds integer class codes from 0, or float64 numbers. Names forced by the rule that are not
    among the columns are passed over (a recipe may meet a table without them).

    Raises
    ------
    NotPossibleError : there are no columns.
    """
    needed = {"inflation": rule.max_vif is not None, "associations": rule.max_correlation is not None}
    return decide(measure(columns, target, **needed, intervals=False, threads=False), rule)


def measure(
    columns: Mapping[str, Feature],
    target: np.ndarray,
    *,
    inflation: bool = True,
    associations: bool = True,
    intervals: bool = True,
    threads: bool = True,
) -> Measured:
    """Test each column against the target.

    `threads`: large tables are tested column beside column; False where folds run beside each other already. Results
    do not depend on it.

    Raises
    ------
    NotPossibleError : there are no columns.
    """
    if not columns:
        raise NotPossibleError("There is no feature to select from.", "Give at least one column the role 'feature'.")
    answers = Answers.of(target)
    beside = in_threads if threads and len(target) >= MANY_ROWS else map
    tests = beside(lambda column: run_test(column, answers, intervals=intervals), columns.values())
    numeric = {name: column.values for name, column in columns.items() if column.kind != "categorical"}
    found = collinearity(numeric) if inflation and numeric else None
    kinds = {name: column.kind for name, column in columns.items()}
    pairs = association_matrix(tuple(columns.values()), ranks=False) if associations else None
    return Measured(kinds, dict(zip(columns, tests, strict=True)), found, pairs)


def decide(measured: Measured, rule: Selection) -> SelectionResult:
    """Apply a rule to what was measured: `max_vif` needs the inflation in it, `max_correlation` the associations."""
    tests, found = measured.tests, measured.collinearity
    p = np.array([r.p for r in tests.values()])
    both = {"fdr_bh": benjamini_hochberg(p), "holm": holm(p)}
    adjusted = both[rule.adjust]
    verdicts = {
        name: _judge(name, result, float(q), rule) for (name, result), q in zip(tests.items(), adjusted, strict=True)
    }
    if measured.associations is not None and rule.max_correlation is not None:
        verdicts |= _parted(measured.associations, tests, verdicts, rule.max_correlation, rule.keep)
    if found is not None and rule.max_vif is not None:
        verdicts |= _pruned(found, tests, verdicts, rule)
    note = _keep_one(verdicts, tests, rule)
    kept = tuple(name for name in tests if verdicts[name][0])
    return SelectionResult(kept, _table(measured, both, adjusted, verdicts), found.perfect if found else (), note)


Verdict = tuple[bool, str]


def _judge(name: str, result: TestResult, adjusted: float, rule: Selection) -> Verdict:
    seen = "the training rows" if rule.seen == "training rows" else rule.seen
    by_hand = f"by hand, after seeing {seen}" if seen else "by hand"
    if name in rule.keep:
        return True, f"Kept {by_hand}."
    if name in rule.drop:
        return False, f"Left out {by_hand}."
    if not result.possible:
        return False, f"Not tested: {result.assumption}."
    p, effect = p_value(adjusted), f"{result.strength:.3f}"
    if adjusted > rule.max_p:
        return False, f"Adjusted p {p} is above {rule.max_p:g}: not told from chance in {result.n:,} rows."
    if result.strength < rule.min_effect:
        return False, f"Effect {effect} is below {rule.min_effect:g}, though adjusted p is {p}."
    return True, f"Adjusted p {p}, effect {effect}."


def _parted(
    found: AssociationMatrix,
    results: Mapping[str, TestResult],
    verdicts: Mapping[str, Verdict],
    limit: float,
    keep: tuple[str, ...],
) -> dict[str, Verdict]:
    """From the strongest on, a column goes where one that stays is more closely associated with it than the limit."""
    place = {name: i for i, name in enumerate(found.names)}
    size = np.nan_to_num(np.abs(found.values("pearson")))  # a column that never changes goes with none
    passed = [name for name, (kept, _) in verdicts.items() if kept]
    stay: list[str] = []
    dropped: dict[str, Verdict] = {}
    for name in sorted(passed, key=lambda name: (name not in keep, -_order(results[name]))):
        near = [(float(size[place[name], place[other]]), other) for other in stay]
        most, other = max(near, default=(0.0, ""))
        if name in keep or not most > limit:
            stay.append(name)
        else:
            dropped[name] = (False, f"Association {number(most)} with '{other}', which says more, is above {limit:g}.")
    return dropped


def _pruned(
    found: Collinearity, results: Mapping[str, TestResult], verdicts: Mapping[str, Verdict], rule: Selection
) -> dict[str, Verdict]:
    strength = {name: _order(results[name]) for name, (kept, _) in verdicts.items() if kept}
    limit = rule.max_vif if rule.max_vif is not None else float("inf")
    dropped = prune(found, strength, limit, rule.keep)
    return {d.name: (False, _vif_reason(d.vif, d.like, limit)) for d in dropped}


def _vif_reason(vif: float, like: tuple[str, ...], limit: float) -> str:
    names = [f"'{name}'" for name in like]
    if np.isinf(vif):
        return f"Follows exactly from {listed(names, 3)}."
    return f"VIF {number(vif)} is above {limit:g}: it goes together with {listed(names, 3) or 'the other columns'}."


def _keep_one(verdicts: dict[str, Verdict], results: Mapping[str, TestResult], rule: Selection) -> str:
    """Keep the strongest column where the rule leaves none; says so, and returns the sentence."""
    if any(kept for kept, _ in verdicts.values()):
        return ""
    strongest = max(results, key=lambda name: (name not in rule.drop, _order(results[name])))
    reason = "No column meets the rule; the strongest is kept, because a model needs one."
    verdicts[strongest] = (True, reason)
    return f"{reason[:-1]}: '{strongest}'."


def _order(result: TestResult) -> float:
    """Strength for ranking, with the plain effect as tie-break; below everything where there is no test."""
    return result.strength + 1e-9 * result.effect if result.possible else -1.0


def _table(
    measured: Measured, both: Mapping[str, np.ndarray], adjusted: np.ndarray, verdicts: Mapping[str, Verdict]
) -> pd.DataFrame:
    found = measured.collinearity
    vif = dict(zip(found.names, found.vif.tolist(), strict=True)) if found else {}
    table = pd.DataFrame([_row(name, measured.kinds[name], result) for name, result in measured.tests.items()])
    table["adjusted_p"], table["bh_p"], table["holm_p"] = adjusted, both["fdr_bh"], both["holm"]
    table["vif"] = [vif.get(name, float("nan")) for name in measured.tests]
    table["kept"] = [verdicts[name][0] for name in measured.tests]
    table["reason"] = [verdicts[name][1] for name in measured.tests]
    return table


_NO_INTERVAL = (float("nan"), float("nan"))


def _row(name: str, kind: str, r: TestResult) -> dict[str, object]:
    effect, strength = r.effect_interval or _NO_INTERVAL, r.strength_interval or _NO_INTERVAL
    return {
        "feature": name, "kind": kind, "test": r.test, "statistic": r.statistic, "df": r.df, "p": r.p, "log_p": r.log_p,
        "n": r.n, "effect": r.effect, "corrected": r.corrected, "strength": r.strength,
        "effect_low": effect[0], "effect_high": effect[1], "strength_low": strength[0], "strength_high": strength[1],
        "assumption_met": r.assumption_met, "assumption": r.assumption,
        "p_from": r.p_from, "p_words": r.p_words, "p_reference": r.p_reference, "detectable": r.detectable,
    }  # fmt: skip
