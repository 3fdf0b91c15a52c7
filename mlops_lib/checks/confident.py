"""Labels that may be wrong, by confident learning (Northcutt, Jiang & Chuang 2021, JAIR 70)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Doubts:
    """Which labels are doubted.

    `positions` of the candidates, the clearest first; `better` is the class that the model would give each. `joint`
    (k, k) estimates the share of rows labelled i (row) that are truly j (column), all shares adding up to one.
    """

    positions: np.ndarray
    better: np.ndarray
    joint: np.ndarray

    @property
    def noise(self) -> float:
        """Estimated share of rows with a wrong label."""
        return float(1 - np.trace(self.joint))


def doubt(chances: np.ndarray, labels: np.ndarray) -> Doubts:
    """Rows whose label the out-of-fold chances contradict.

    A row counts for class j where its chance of j reaches the mean chance of j among rows labelled j; of several such
    classes the likeliest counts (the confident joint, eq. 1 and 2 of the paper). The joint is scaled to the labels'
    counts (eq. 3). Of the rows labelled i, as many are candidates as it says are truly j, those first that prefer j
    most (prune by noise rate), if i is also among the least likely answers of its class (prune by class): both must
    agree ("C+NR").

    Parameters
    ----------
    chances : float (n, k), rows adding up to one. labels : int (n,).
    """
    n, classes = chances.shape
    counts = np.bincount(labels, minlength=classes)
    joint = _scaled(_confident_joint(chances, labels, counts), counts)
    own = chances[np.arange(n), labels]
    margin = chances - own[:, None]
    wanted = np.rint(joint * n).astype(np.int64)
    by_rate = np.zeros(n, bool)
    by_class = np.zeros(n, bool)
    for i in range(classes):
        rows = np.flatnonzero(labels == i)
        others = [j for j in range(classes) if j != i]
        by_class[_first(rows, own[rows], int(wanted[i, others].sum()))] = True
        for j in others:
            by_rate[_first(rows, -margin[rows, j], int(wanted[i, j]))] = True
    better = chances.argmax(axis=1)
    doubted = np.flatnonzero(by_rate & by_class & (better != labels))
    order = doubted[np.argsort(-margin[doubted, better[doubted]], kind="stable")]
    return Doubts(order, better[order], joint)


def _first(rows: np.ndarray, key: np.ndarray, number: int) -> np.ndarray:
    return rows[np.argsort(key, kind="stable")[:number]]


def _confident_joint(chances: np.ndarray, labels: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """How many rows labelled i are confidently j."""
    classes = len(counts)
    sums = np.array([chances[labels == j, j].sum() for j in range(classes)])
    threshold = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    sure = np.where(chances >= threshold - 1e-12, chances, -1.0)
    likeliest = sure.argmax(axis=1)
    confident = sure[np.arange(len(labels)), likeliest] >= 0
    counted = np.bincount(labels[confident] * classes + likeliest[confident], minlength=classes**2)
    joint = counted.reshape(classes, classes).astype(np.float64)
    empty = joint.sum(axis=1) == 0
    joint[empty, empty] = 1
    return joint


def _scaled(joint: np.ndarray, counts: np.ndarray) -> np.ndarray:
    scaled = joint / joint.sum(axis=1, keepdims=True) * counts[:, None]
    share: np.ndarray = scaled / scaled.sum()
    return share
