"""Intervals around a metric: from folds where there are folds, else from a stratified bootstrap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from mlops_lib.evaluate.metrics import DecisionMetric, Metric, ScoreMetric
from mlops_lib.evaluate.sweep import Counts, Sweep
from mlops_lib.stats import proportions

FOLDS = "folds, corrected resampled t"
BOOTSTRAP = "stratified bootstrap"
BINS = 2_048
"""Above this many distinct scores a bootstrap works on groups of neighbouring scores."""

FEW, FEW_RANKED, FEW_NUMBERS = 100, 50, 1_000
"""Rows of a class below which an interval is called approximate, from a bootstrap and from DeLong's variance, and rows
of a numeric target; measured in docs/statistics.md."""

_CHUNK = 1 << 21


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval and where the interval comes from (FOLDS or BOOTSTRAP).

    `approximate` says that theory does not promise the 95 %: docs/statistics.md has what was measured.
    """

    value: float
    low: float
    high: float
    method: str
    approximate: bool = False


@dataclass(frozen=True)
class FoldTest:
    """The mean of k fold values, its 95 % interval and the test of "the mean is 0": t with k - 1 degrees of freedom."""

    mean: float
    low: float
    high: float
    statistic: float
    df: int
    p: float


def corrected_t(values: np.ndarray, ratio: float) -> FoldTest:
    """Corrected resampled t (Nadeau & Bengio 2003, Machine Learning 52, section 4.2.2).

    `values` (k,) of the folds; `ratio` rows tested / rows trained of one fold (1 / (k - 1) in k-fold validation). The
    variance of the mean is s² (1/k + ratio): folds share training rows, so the plain s²/k is far too small.
    """
    k, mean = len(values), float(np.mean(values))
    error = float(np.std(values, ddof=1)) * np.sqrt(1.0 / k + ratio) if k > 1 else float("nan")
    if not np.isfinite(error):
        return FoldTest(mean, float("nan"), float("nan"), float("nan"), k - 1, float("nan"))
    if error <= 1e-12 * max(1.0, abs(mean)):
        alike = abs(mean) <= 1e-12
        return FoldTest(mean, mean, mean, 0.0 if alike else np.copysign(np.inf, mean), k - 1, 1.0 if alike else 0.0)
    t = mean / error
    reach = float(stats.t.ppf(0.975, k - 1)) * error
    return FoldTest(mean, mean - reach, mean + reach, t, k - 1, float(2 * stats.t.sf(abs(t), k - 1)))


def fold_interval(values: np.ndarray, ratio: float, bounds: tuple[float, float]) -> Interval:
    """Mean of fold values (k,) with its interval, kept inside the values the metric can take.

    Approximate: no estimate of the variance over folds is unbiased (Bengio & Grandvalet 2004, JMLR 5).
    """
    test = corrected_t(values, ratio)
    low, high = np.clip([test.low, test.high], *bounds)
    return Interval(test.mean, float(low), float(high), FOLDS, approximate=True)


def bounds_of(metric: Metric) -> tuple[float, float]:
    """The values a metric can take."""
    return metric.bounds


def grouped(swept: Sweep, bins: int = BINS) -> Sweep:
    """The sweep with neighbouring scores put together, so that at most `bins` levels are left.

    A group's level is the mean of its scores; both classes weigh the same in where the groups begin.
    """
    if len(swept.levels) <= bins:
        return swept
    first = _group_starts(swept, bins)
    return merged(swept, first, _group_means(swept, first))


def grouped_levels(swept: Sweep, bins: int = BINS) -> tuple[np.ndarray, np.ndarray]:
    """The levels of `grouped`, and the lowest score of each group."""
    if len(swept.levels) <= bins:
        return swept.levels, swept.levels
    first = _group_starts(swept, bins)
    return _group_means(swept, first), swept.levels[first]


def _group_starts(swept: Sweep, bins: int) -> np.ndarray:
    weight = swept.positives_at / (swept.positives or 1) + swept.negatives_at / (swept.negatives or 1)
    group = np.minimum((np.cumsum(weight) / weight.sum() * bins).astype(np.int64), bins - 1)
    return np.flatnonzero(np.diff(group, prepend=-1))


def _group_means(swept: Sweep, first: np.ndarray) -> np.ndarray:
    rows = swept.positives_at + swept.negatives_at
    return np.asarray(np.add.reduceat(swept.levels * rows, first) / np.add.reduceat(rows, first))


def merged(swept: Sweep, first: np.ndarray, levels: np.ndarray) -> Sweep:
    """The sweep with its levels put together in groups that begin at the indices `first`, under new `levels`."""
    positives = np.add.reduceat(swept.positives_at, first)
    negatives = np.add.reduceat(swept.negatives_at, first)
    squares = None if swept.squares is None else merged(swept.squares, first, levels)
    return Sweep(levels, positives, negatives, squares, swept.rows)


def resamples(swept: Sweep, times: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Stratified bootstrap of the rows at every level, in chunks: (positives, negatives), each (chunk, d).

    Each class keeps its number of rows. Drawing the level counts is the same as drawing rows and counting them; under
    weights a level stands as its effective number of rows (Kish 1965), which keeps mean and variance of what is drawn.
    """
    rng = np.random.default_rng(seed)
    chunk = max(1, min(times, _CHUNK // max(len(swept.levels), 1)))
    up, down = (swept.squares.positives_at, swept.squares.negatives_at) if swept.squares else (None, None)
    positive_rows, negative_rows = swept.rows or (None, None)
    for start in range(0, times, chunk):
        size = min(chunk, times - start)
        drawn = _drawn(rng, swept.positives_at, size, up, positive_rows)
        yield drawn, _drawn(rng, swept.negatives_at, size, down, negative_rows)


def _drawn(
    rng: np.random.Generator, at: np.ndarray, size: int, squares: np.ndarray | None = None, rows: int | None = None
) -> np.ndarray:
    """Draws of the cells `at` (d,) with replacement, (size, d): counts, or weights where there are `squares`."""
    total = at.sum()
    if total == 0:
        return np.zeros((size, len(at)), dtype=at.dtype)
    if squares is None or rows is None:
        return rng.multinomial(int(total), at / total, size=size)
    each = np.divide(squares, at, out=np.zeros(len(at)), where=at > 0)
    effective = np.divide(at, each, out=np.zeros(len(at)), where=each > 0)
    nothing = max(rows - effective.sum(), 0.0)
    share = np.append(effective, nothing) / (effective.sum() + nothing)
    return np.asarray(rng.multinomial(rows, share, size=size)[:, :-1] * each)


def bootstrap_interval(
    swept: Sweep, metric: Metric, threshold: float = 0.5, times: int = 1_000, seed: int = 0
) -> Interval:
    """The interval of a metric over a stratified bootstrap; `threshold` counts for decision metrics only."""
    return bootstrap_intervals(swept, [metric], threshold, times, seed)[metric.name]


def bootstrap_intervals(
    swept: Sweep, metrics: Sequence[Metric], threshold: float = 0.5, times: int = 1_000, seed: int = 0
) -> dict[str, Interval]:
    """`bootstrap_interval` of several metrics by name; those of scores on one set of resamples."""
    scores = [one for one in metrics if isinstance(one, ScoreMetric)]
    small, values = grouped(swept), {one.name: np.empty(times) for one in scores}
    done = 0
    for up, down in resamples(small, times, seed) if scores else ():
        drawn = Sweep(small.levels, up, down)
        for one in scores:
            values[one.name][done : done + len(up)] = one.each(drawn)
        done += len(up)
    counts = swept.counts.at(swept.cut_of(threshold))
    return {
        one.name: spread(one, one.of(swept), values[one.name], swept.rows_each)
        if isinstance(one, ScoreMetric)
        else counts_interval(counts, one, times, seed)
        for one in metrics
    }


def counts_interval(counts: Counts, metric: DecisionMetric, times: int = 1_000, seed: int = 0) -> Interval:
    """The interval of a decision metric over a stratified bootstrap of the counts at one threshold."""
    return spread(metric, float(metric.of(counts)), metric.of(resampled_counts(counts, times, seed)), counts.rows_each)


def spread(metric: Metric, value: float, drawn: np.ndarray, rows: tuple[int, int]) -> Interval:
    """The interval of a metric from its values on resamples (b,) of so many positive and negative rows."""
    return drawn_interval(value, drawn, too_few(rows), metric.biased, metric.bounds)


def drawn_interval(
    value: float, drawn: np.ndarray, approximate: bool, biased: bool = False, bounds: tuple[float, float] = (0.0, 1.0)
) -> Interval:
    """An interval from the values of a metric on resamples (b,); NaN where none of them is defined.

    A metric that a sample moves (`biased`) is moved again by each resample, so that percentiles lie on the wrong side
    of the value: its interval is the basic one, the percentiles turned around the value (Davison & Hinkley 1997,
    section 5.2.1), within `bounds` and made to hold the value, and approximate always.
    """
    low, high = percentile_bounds(drawn)
    if biased:
        turned = np.clip([2 * value - high, 2 * value - low], *bounds)
        low, high = float(np.minimum(turned[0], value)), float(np.maximum(turned[1], value))
    return Interval(value, low, high, BOOTSTRAP, biased or approximate)


def resampled_counts(counts: Counts, times: int, seed: int) -> Counts:
    """Stratified bootstrap of the counts at one threshold, arrays of shape (times,)."""
    rng = np.random.default_rng(seed)
    if counts.squares is not None and counts.rows is not None:
        return _resampled_weights(rng, counts, counts.squares, counts.rows, times)
    positives, negatives = int(counts.positives), int(counts.n - counts.positives)
    tp = rng.binomial(positives, int(counts.tp) / max(positives, 1), times)
    fp = rng.binomial(negatives, int(counts.fp) / max(negatives, 1), times)
    return Counts(tp, fp, positives - tp, negatives - fp)


def _resampled_weights(
    rng: np.random.Generator, counts: Counts, squares: Counts, rows: tuple[int, int], times: int
) -> Counts:
    up = _drawn(rng, np.array([counts.tp, counts.fn]), times, np.array([squares.tp, squares.fn]), rows[0])
    down = _drawn(rng, np.array([counts.fp, counts.tn]), times, np.array([squares.fp, squares.tn]), rows[1])
    return Counts(up[:, 0], down[:, 0], up[:, 1], down[:, 1])


def too_few(rows: tuple[int, ...], few: int = FEW) -> bool:
    """Whether one of the classes (rows of each) is too small for an interval to hold its 95 %."""
    return min(rows) < few


def percentile_bounds(drawn: np.ndarray) -> tuple[float, float]:
    """The bounds between which 95 % of resamples (b,) lie; NaN where none of them is defined.

    They are the values at 0.025 and 0.975 of b + 1, for the sample itself is one of as many (Davison & Hinkley 1997,
    section 5.2): with 200 resamples the usual quantiles hold a percent less.
    """
    known = drawn[np.isfinite(drawn)]
    low, high = np.quantile(known, [0.025, 0.975], method="weibull") if len(known) else (np.nan, np.nan)
    return float(low), float(high)


def wilson(successes: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two-sided 95 % Wilson score interval of a share (`stats.proportions`); NaN where n is 0."""
    low, high = proportions.wilson(successes, n)
    known = np.asarray(n) > 0
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def lower_bound(successes: np.ndarray, n: np.ndarray, level: float = 0.95) -> np.ndarray:
    """One-sided exact lower bound of a share (Clopper & Pearson 1934); 0 where nothing succeeded."""
    successes, n = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    safe = np.maximum(successes, 1.0)
    bound = special.betaincinv(safe, np.maximum(n - safe + 1.0, 1.0), 1.0 - level)
    return np.asarray(np.where(successes > 0, bound, 0.0))


def reaches(successes: np.ndarray, n: np.ndarray, minimum: float, level: float = 0.95) -> np.ndarray:
    """Whether `lower_bound` is at least `minimum`, asked as a binomial tail, which is quick for many thresholds."""
    successes, n = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if minimum <= 0.0:
        return np.ones(successes.shape, dtype=bool)
    safe = np.maximum(successes, 1.0)
    tail = special.betainc(safe, np.maximum(n - safe + 1.0, 1.0), min(minimum, 1.0))
    return np.asarray((successes > 0) & (tail <= 1.0 - level))
