"""All metrics at all thresholds, DeLong and the bootstrap of ROC-AUC, beside scikit-learn and the usual forms.

python -m benchmarks.evaluate [rows] [bootstrap rows]
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.stats import rankdata
from sklearn import metrics as peer

from benchmarks.figures import Figure, report
from benchmarks.rounds import fastest
from mlops_lib.evaluate.bootstrap import auc_replicates, picks
from mlops_lib.evaluate.delong import delong
from mlops_lib.evaluate.metrics import SCORE_METRICS, at_every_cut
from mlops_lib.evaluate.sweep import Sweep, sweep

ROWS, BOOTSTRAP_ROWS = 1_000_000, 100_000
REPLICATES, PEER_REPLICATES = 1_000, 10
SHARE, SEED, ROUNDS = 0.02, 0, 15
_CLOSE = 1e-9


def made(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers with 2 % positives and the scores of two models, all distinct."""
    rng = np.random.default_rng(SEED)
    truth = (rng.random(rows) < SHARE).astype(np.int8)
    strength = rng.normal(size=rows) + 1.5 * truth - 4.0
    return truth, *(1.0 / (1.0 + np.exp(-strength - noise * rng.normal(size=rows))) for noise in (0.0, 0.5))


def everything(truth: np.ndarray, score: np.ndarray) -> tuple[Sweep, dict[str, np.ndarray], dict[str, float]]:
    """Every metric of decisions at every threshold, and every metric of scores."""
    swept = sweep(truth, score)
    _ = swept.thresholds
    return swept, at_every_cut(swept), {m.name: m.of(swept) for m in SCORE_METRICS}


def two_curves(truth: np.ndarray, score: np.ndarray) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """What scikit-learn offers for all thresholds."""
    return peer.roc_curve(truth, score), peer.precision_recall_curve(truth, score)


def check_everything(truth: np.ndarray, score: np.ndarray) -> None:
    """Stops where a value differs from scikit-learn's."""
    swept, decided, scored = everything(truth, score)
    found, recall, _ = peer.precision_recall_curve(truth, score)
    _agree("precision", decided["precision"][:-1], found[:-1])
    _agree("recall", decided["recall"], recall)
    for name, theirs in (("roc_auc", peer.roc_auc_score), ("average_precision", peer.average_precision_score),
                         ("brier", peer.brier_score_loss), ("log_loss", peer.log_loss)):  # fmt: skip
        _agree(name, scored[name], theirs(truth, score))
    cut = swept.cut_of(0.1)
    _agree("mcc", decided["mcc"][cut], peer.matthews_corrcoef(truth, score >= 0.1))
    _agree("f_beta:2", decided["f_beta:2"][cut], peer.fbeta_score(truth, score >= 0.1, beta=2))


def all_metrics(truth: np.ndarray, score: np.ndarray) -> list[Figure]:
    """Counts, thresholds and all metrics against two curves, and against one sort of the scores."""
    check_everything(truth, score)
    ours, curves, sort = fastest(
        [lambda: everything(truth, score), lambda: two_curves(truth, score), lambda: np.sort(score)], ROUNDS
    )
    note = f"{ours:.3f} s; {curves:.3f} s roc_curve and precision_recall_curve"
    return [
        Figure("all_metrics_times_faster", curves / ours, 3, note, at_least=True),
        Figure("all_metrics_over_sort", ours / sort, 8, f"{sort:.3f} s np.sort"),
    ]


def sun_and_xu(truth: np.ndarray, *scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ROC-AUC of each score and their covariance by midranks (Sun & Xu 2014), as people write it."""
    areas, of_positives, of_negatives = [], [], []
    for score in scores:
        up, down = score[truth == 1], score[truth == 0]
        m, n = len(up), len(down)
        among_up, among_down, among_all = (rankdata(part) for part in (up, down, np.concatenate([up, down])))
        areas.append(among_all[:m].sum() / m / n - (m + 1.0) / 2.0 / n)
        of_positives.append((among_all[:m] - among_up) / n)
        of_negatives.append(1.0 - (among_all[m:] - among_down) / m)
    return np.array(areas), np.cov(np.array(of_positives)) / m + np.cov(np.array(of_negatives)) / n


def paired_test(truth: np.ndarray, score: np.ndarray, other: np.ndarray) -> list[Figure]:
    """DeLong's test against the form with rankdata."""
    found = delong(truth, score, other)
    areas, covariance = sun_and_xu(truth, score, other)
    _agree("DeLong areas", np.array([found.auc, found.other]), areas)
    error = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    _agree("DeLong z", found.z, (areas[0] - areas[1]) / error)
    ours, ranks = fastest([lambda: delong(truth, score, other), lambda: sun_and_xu(truth, score, other)], ROUNDS // 2)
    return [Figure("delong_times_faster", ranks / ours, 4, f"{ours:.3f} s; {ranks:.3f} s rankdata", at_least=True)]


def peer_bootstrap(truth: np.ndarray, score: np.ndarray, times: int) -> list[float]:
    """ROC-AUC of the same resamples by scikit-learn, in a loop."""
    sides = [np.flatnonzero(truth == 1), np.flatnonzero(truth == 0)]
    found = []
    for r in range(times):
        drawn = [side[picks(SEED, np.array([r]), stream, len(side))[0]] for stream, side in enumerate(sides)]
        rows = np.concatenate(drawn)
        found.append(float(peer.roc_auc_score(truth[rows], score[rows])))
    return found


def plain_loop(truth: np.ndarray, score: np.ndarray, times: int) -> list[float]:
    """The loop that people write."""
    rng, found = np.random.default_rng(SEED), []
    for _ in range(times):
        rows = rng.integers(0, len(truth), len(truth))
        found.append(float(peer.roc_auc_score(truth[rows], score[rows])))
    return found


def bootstrap(truth: np.ndarray, score: np.ndarray) -> list[Figure]:
    """Resamples of ROC-AUC against a loop over scikit-learn, which is timed on fewer and scaled."""
    _agree("resamples", auc_replicates(truth, score, PEER_REPLICATES, SEED),
           np.array(peer_bootstrap(truth, score, PEER_REPLICATES)))  # fmt: skip
    ours, loop = fastest(
        [lambda: auc_replicates(truth, score, REPLICATES, SEED), lambda: plain_loop(truth, score, PEER_REPLICATES)],
        ROUNDS // 2,
    )
    loop *= REPLICATES / PEER_REPLICATES
    note = f"{ours:.2f} s; {loop:.1f} s the loop, scaled from {PEER_REPLICATES} of {REPLICATES:,}"
    return [Figure("bootstrap_times_faster", loop / ours, 30, note, at_least=True)]


def _agree(what: str, ours: np.ndarray | float, theirs: np.ndarray | float) -> None:
    if not np.allclose(ours, theirs, rtol=_CLOSE, atol=0.0):
        raise SystemExit(f"{what}: ours is {ours!r}, but the peer has {theirs!r}")


def main(rows: int = ROWS, bootstrap_rows: int = BOOTSTRAP_ROWS) -> int:
    """Measure, print, and return the exit code."""
    truth, score, other = made(rows)
    figures = [*all_metrics(truth, score), *paired_test(truth, score, other)]
    truth, score, _ = made(bootstrap_rows)
    return report([*figures, *bootstrap(truth, score)])


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:3])))
