"""Planned comparisons: every run against the reference, and the runs of one model against each other."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import special

from mlops_lib.evaluate.intervals import FoldTest, percentile_bounds
from mlops_lib.evaluate.judged import AnyMetric
from mlops_lib.objects.run import Run
from mlops_lib.stats.multiple import holm
from mlops_lib.train.ladder import recipe_title

LEVEL = 0.05
TAIL = 10
"""Resamples beyond 0 from which their share is taken as it is."""

REFERENCE, WITHIN = "against the reference", "within one model"
BETTER, WORSE, SAME, UNKNOWN = "better", "worse", "practically equal", "no detectable difference"
UNDEFINED = "not defined in every fold"


@dataclass(frozen=True, eq=False)
class Paired:
    """One metric of all runs by run, arrays (k,) over the same folds, and every pair of runs tested against each other.

    Where a fold has no value (one class only), `drawn` holds the metric on the same resamples of all rows, arrays (b,),
    and `values` arrays (1,) with the value on all rows: the pairs are then compared by a paired bootstrap, whose
    variance is multiplied by 1 + `overlap` (rows tested in all folds / rows trained in one), as on folds.
    """

    values: Mapping[str, np.ndarray]
    ratio: float | None = None
    drawn: Mapping[str, np.ndarray] | None = None
    overlap: float = 0.0

    def value(self, run: str) -> float:
        """The mean of the folds."""
        return float(self.values[run].mean())

    def test(self, first: str, second: str) -> FoldTest:
        """The test of "first - second is 0"."""
        row, column = self._place[first], self._place[second]
        mean, low, high, t, p = (float(part[row, column]) for part in self._tests)
        return FoldTest(mean, low, high, t, self._folds - 1, p)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {run: place for place, run in enumerate(self.values)}

    @cached_property
    def _folds(self) -> int:
        return len(next(iter(self.values.values())))

    @cached_property
    def _tests(self) -> tuple[np.ndarray, ...]:
        """Mean, low, high, statistic and p of each pair, arrays (runs, runs)."""
        table = np.array(list(self.values.values()), dtype=np.float64)
        if self.drawn is not None:
            return bootstrap_tests(table[:, 0], np.array([self.drawn[run] for run in self.values]), self.overlap)
        return corrected_tests(
            table[:, None, :] - table[None, :, :],
            1.0 / max(self._folds - 1, 1) if self.ratio is None else self.ratio,
        )


def corrected_tests(differences: np.ndarray, ratio: float) -> tuple[np.ndarray, ...]:
    """`intervals.corrected_t` of many pairs at once: differences (..., k) to mean, low, high, statistic and p."""
    k = differences.shape[-1]
    mean = differences.mean(axis=-1)
    if k < 2:
        unknown = np.full(mean.shape, np.nan)
        return mean, unknown, unknown, unknown, unknown
    error = differences.std(axis=-1, ddof=1) * np.sqrt(1.0 / k + ratio)
    sharp = error <= 1e-12 * np.maximum(1.0, np.abs(mean))
    alike = sharp & (np.abs(mean) <= 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(sharp, np.where(alike, 0.0, np.copysign(np.inf, mean)), mean / error)
    reach = np.where(sharp, 0.0, special.stdtrit(k - 1, 0.975) * error)
    return mean, mean - reach, mean + reach, t, 2.0 * special.stdtr(k - 1, -np.abs(t))


def bootstrap_tests(whole: np.ndarray, drawn: np.ndarray, overlap: float = 0.0) -> tuple[np.ndarray, ...]:
    """A percentile interval of each difference on common resamples, and twice the share of them beyond 0.

    `whole` (runs,), `drawn` (runs, resamples); all found are (runs, runs). Resamples of rows say nothing of what other
    training rows would have given, so each is moved away from the difference by sqrt(1 + `overlap`): the variance that
    Nadeau & Bengio (2003) add on folds. Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapters 13 and
    15.4; one is added to both counts, so that no p is 0 (Davison & Hinkley 1997, section 4.2.3).

    Where fewer than TAIL resamples lie beyond 0, their share is too coarse to be adjusted for many pairs: p is then
    that of a normal difference with their spread, if it is smaller.
    """
    mean = whole[:, None] - whole[None, :]
    low, high, p = (np.full(mean.shape, np.nan) for _ in range(3))
    for row, column in itertools.product(range(len(whole)), repeat=2):
        apart = drawn[row] - drawn[column]
        apart = mean[row, column] + np.sqrt(1.0 + overlap) * (apart[np.isfinite(apart)] - mean[row, column])
        if len(apart) and np.isfinite(mean[row, column]):
            low[row, column], high[row, column] = percentile_bounds(apart)
            p[row, column] = _beyond(apart, mean[row, column])
    return mean, low, high, np.full(mean.shape, np.nan), p


def _beyond(apart: np.ndarray, mean: float) -> float:
    """Two-sided p of "the difference is 0" from its resamples (b,)."""
    beyond = min(int((apart <= 0).sum()), int((apart >= 0).sum()))
    counted = min(1.0, 2.0 * (beyond + 1) / (len(apart) + 1))
    error = float(apart.std())
    return counted if beyond >= TAIL or not error > 0 else min(counted, float(2.0 * special.ndtr(-abs(mean) / error)))


def planned_comparisons(
    runs: Mapping[str, Run], paired: Paired, reference: str, metric: AnyMetric, margin: float
) -> pd.DataFrame:
    """The test of each planned pair (corrected resampled t on folds, else paired bootstrap), Holm-adjusted over all.

    Columns: `kind` (REFERENCE or WITHIN), `first`, `second` (fingerprints), `first_recipe`, `second_recipe`,
    `difference` (first - second, mean of the folds), `low`, `high` (95 %), `t`, `df`, `p`, `p_holm`, `outcome` (of the
    first: BETTER, WORSE, SAME, UNKNOWN or UNDEFINED). A difference counts when p_holm < 0.05 and its interval is not
    wholly inside ± margin; an interval wholly inside is equivalence shown by two one-sided tests at 2.5 % each.
    """
    tests = {(a, b, kind): paired.test(a, b) for a, b, kind in _pairs(runs, reference)}
    adjusted = holm(np.array([t.p for t in tests.values()]))
    rows = [
        {
            "kind": kind, "first": a, "second": b, "first_recipe": recipe_title(runs[a].recipe),
            "second_recipe": recipe_title(runs[b].recipe), "difference": test.mean, "low": test.low, "high": test.high,
            "t": test.statistic, "df": test.df, "p": test.p, "p_holm": p,
            "outcome": outcome(test, p, metric.higher_is_better, margin),
        }
        for ((a, b, kind), test), p in zip(tests.items(), adjusted, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


_COLUMNS = (
    "kind", "first", "second", "first_recipe", "second_recipe", "difference", "low", "high", "t", "df", "p", "p_holm",
    "outcome",
)  # fmt: skip


def fold_values(folds: pd.DataFrame, column: str, runs: Iterable[str]) -> dict[str, np.ndarray]:
    """A column of every one of the runs in each fold, arrays (k,) in fold order."""
    wanted = set(runs)
    parts = folds.loc[folds["run"].isin(wanted), ["run", "fold", column]].sort_values("fold", kind="stable")
    found = {str(run): part[column].to_numpy(dtype=np.float64) for run, part in parts.groupby("run", sort=False)}
    return {run: found[run] for run in runs if run in found}


def _pairs(runs: Mapping[str, Run], reference: str) -> list[tuple[str, str, str]]:
    pairs = [(run, reference, REFERENCE) for run in runs if run != reference and reference in runs]
    planned = {frozenset((a, b)) for a, b, _ in pairs}
    for a, b in itertools.combinations(runs, 2):
        if runs[a].recipe.model.name == runs[b].recipe.model.name and frozenset((a, b)) not in planned:
            pairs.append((b, a, WITHIN))
    return pairs


def outcome(test: FoldTest, p_holm: float, higher_is_better: bool, margin: float) -> str:
    """What a test says of the first run, in words."""
    if np.isnan(p_holm):
        return UNDEFINED
    if -margin <= test.low and test.high <= margin:
        return SAME
    if p_holm >= LEVEL:
        return UNKNOWN
    return BETTER if (test.mean > 0) == higher_is_better else WORSE
