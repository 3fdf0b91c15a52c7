"""Whether hold-out rows look like training rows: how well a quick model tells the two apart by the features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from mlops_lib.checks.check import Seen, Silent, quoted
from mlops_lib.checks.quick_model import Matrix, judge, matrix_of, spread_folds
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.words import count, interval, listed, number, percent
from mlops_lib.stats.features import Feature

SAMPLE_ROWS = 5_000
"""Rows taken from each side at most."""
CLEAR = 0.6
"""ROC-AUC from which the two sides differ enough to matter; below, a certain difference is still a small one."""
SMALL = 0.55
"""ROC-AUC below which the two sides count as alike, however certain a difference is."""
_FOLDS = 5
_TREES = 30
_ENOUGH = 50
_CERTAIN = 0.01
_NAMED = 3
_TELLS = 0.1
_SEED = 0


@dataclass(frozen=True)
class Apart:
    """ROC-AUC of telling hold-out from training rows out of fold, its 95 % interval, one-sided p, and gain shares."""

    auc: float
    low: float
    high: float
    p: float
    gains: np.ndarray


def tell_apart(matrix: Matrix, held: np.ndarray, seed: int) -> Apart:
    """How well a boosted model tells rows apart that it was not fitted on.

    Where nothing tells them apart, the ROC-AUC of m against n rows has mean 1/2 and variance (m + n + 1) / (12 m n)
    (Mann & Whitney 1947); p comes from there. Folds share rows, which widens the true spread by about a third, so that
    p < 0.01 happens to 4 to 5 in 100 random splits. The interval is Hanley & McNeil's (1982, Radiology 143). ROC-AUC
    is the mean over folds, as scores of different models have no common scale.

    Parameters
    ----------
    held : int (n,) of 0 and 1.
    """
    folds = spread_folds(held, _FOLDS, seed)
    said = judge(matrix, held, 2, folds, seed, trees=_TREES)
    auc = float(np.mean([roc_auc(said.chances[rows, 1], held[rows] == 1) for _, rows in folds]))
    m, n = int(held.sum()), int(len(held) - held.sum())
    error = hanley_mcneil(auc, m, n)
    p = float(norm.sf((auc - 0.5) / np.sqrt((m + n + 1) / (12 * m * n))))
    return Apart(auc, max(auc - 1.96 * error, 0.0), min(auc + 1.96 * error, 1.0), p, said.gains)


def roc_auc(score: np.ndarray, positive: np.ndarray) -> float:
    """Share of pairs in which the positive row has the higher score, ties half; both kinds must occur."""
    up, down = score[positive], np.sort(score[~positive])
    below = np.searchsorted(down, up, "left") + np.searchsorted(down, up, "right")
    return float(below.mean() / (2 * len(down)))


def hanley_mcneil(auc: float, positives: int, negatives: int) -> float:
    """Standard error of a ROC-AUC (Hanley & McNeil 1982, eq. 2)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (q1 - auc**2) + (negatives - 1) * (q2 - auc**2)
    return float(np.sqrt(max(spread, 0.0) / (positives * negatives)))


def shift(table: CheckedTable) -> Seen | Silent:
    """Whether the features tell hold-out from training rows; the answers of the hold-out are not looked at."""
    if table.plan is None:
        return Silent("There is no split yet.", applies=False)
    if not table.schema.features():
        return Silent("There is no feature column to tell rows apart by.", applies=False)
    training, held = _drawn(table.rows, 0), _drawn(table.plan.hold_out_rows(), 1)
    if min(len(training), len(held)) < _ENOUGH:
        return Silent(f"One side has fewer than {_ENOUGH} rows.", applies=False)
    features = table.features_on(np.concatenate([training, held]))
    side = np.repeat([0, 1], [len(training), len(held)])
    found = tell_apart(matrix_of(features), side, _SEED)
    which = f"{count(len(training))} training and {count(len(held))} hold-out rows"
    if found.p >= _CERTAIN or found.auc < SMALL:
        return Silent(
            f"A quick model hardly tells {which} apart: ROC-AUC {number(found.auc)} "
            f"({interval(found.low, found.high)}), where 0.5 is chance."
        )
    return _seen(table, found, features, side, which)


def _drawn(rows: np.ndarray, seed: int) -> np.ndarray:
    if len(rows) <= SAMPLE_ROWS:
        return rows
    return np.sort(np.random.default_rng([_SEED, seed]).choice(rows, SAMPLE_ROWS, replace=False))


def _seen(table: CheckedTable, found: Apart, features: list[Feature], side: np.ndarray, which: str) -> Seen:
    order = np.argsort(-found.gains, kind="stable")[:_NAMED]
    telling = [features[k] for k in order if found.gains[k] >= _TELLS] or [features[order[0]]]
    kind = table.plan.kind if table.plan is not None else "stratified"
    severity = "warning" if found.auc >= CLEAR and kind == "stratified" else "info"
    told = listed([_told(f, side) for f in telling])
    return Seen(
        severity,  # type: ignore[arg-type]
        tuple(f.name for f in telling),
        0,
        f"A quick model tells hold-out from training rows with ROC-AUC {number(found.auc)} "
        f"({interval(found.low, found.high)}; 0.5 is chance), mostly by {told}.{_EXPECTED[kind]}",
        f"A boosted model on {which}, judged on rows it was not fitted on; features only, never the answers of the "
        "hold-out.",
        "What a model learns of training rows holds for rows like them; the more the hold-out differs, the more its "
        "figures say of change and the less of chance.",
        f"Ask whether {quoted([f.name for f in telling])} will keep changing. A column that only tells when a row came "
        "about helps for no later row: leave it out.",
    )


_EXPECTED = {
    "time": " That is expected of a split in time: the hold-out is later.",
    "group": " Some of that is expected of a split by groups: the hold-out has other groups.",
    "predefined": " The table itself says which rows are held out.",
    "stratified": " In a random split that happens by chance once in twenty.",
}


def _told(feature: Feature, side: np.ndarray) -> str:
    """The column with what differs most: the medians, or the label whose share changes most."""
    if feature.kind != "categorical":
        before, after = (np.nanmedian(v) if not np.isnan(v).all() else np.nan for v in _sides(feature.values, side))
        if feature.kind == "date":
            return f"'{feature.name}' (median {_day(before)} in training, {_day(after)} held out)"
        return f"'{feature.name}' (median {number(float(before))} in training, {number(float(after))} held out)"
    levels = len(feature.levels)
    shares = [np.bincount(v + 1, minlength=levels + 1) / max(1, len(v)) for v in _sides(feature.values, side)]
    most = int(np.argmax(np.abs(shares[1] - shares[0])))
    name = f"'{feature.levels[most - 1]}'" if most else "missing"
    return f"'{feature.name}' ({name}: {percent(shares[0][most])} in training, {percent(shares[1][most])} held out)"


def _day(days: float) -> str:
    return str(np.datetime64(0, "D") + int(days)) if not np.isnan(days) else "missing"


def _sides(values: np.ndarray, side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return values[side == 0], values[side == 1]
