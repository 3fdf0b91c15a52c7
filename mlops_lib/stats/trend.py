"""Does a share rise or fall along ordered groups?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr


@dataclass(frozen=True)
class Trend:
    """A straight line through shares along scores, and its test.

    `slope` is the change of the share per unit of score, `first` and `last` the line's values at the smallest and the
    largest score. `p` is two-sided; `log_p`, its natural logarithm, stays finite where `p` is too small for a float.
    """

    z: float
    p: float
    log_p: float
    slope: float
    first: float
    last: float


def cochran_armitage(hits: np.ndarray, n: np.ndarray, scores: np.ndarray) -> Trend | None:
    """The trend test of Cochran (1954, Biometrics 10, 417-451) and Armitage (1955, Biometrics 11, 375-386).

    `hits` of `n` rows in each group, all three of shape (groups,); groups without rows do not count. None where all
    rows are hits, none are, or all scores are the same. The line is the least-squares line of all rows.
    """
    hits, n, scores = (np.asarray(a, dtype=np.float64)[np.asarray(n) > 0] for a in (hits, n, scores))
    total = float(n.sum())
    share = float(hits.sum()) / total if total else 0.0
    middle = float((n * scores).sum()) / total if total else 0.0
    spread = float((n * (scores - middle) ** 2).sum())
    if not 0 < share < 1 or spread <= 0:
        return None
    slope, first, last = weighted_line(hits / n, n, scores)
    z = slope * math.sqrt(spread / (share * (1 - share)))
    log_p = math.log(2) + float(log_ndtr(-abs(z)))
    return Trend(z, math.exp(log_p), log_p, slope, min(1.0, max(0.0, first)), min(1.0, max(0.0, last)))


def weighted_line(level: np.ndarray, weights: np.ndarray, scores: np.ndarray) -> tuple[float, float, float]:
    """Slope of the weighted least-squares line of `level` along `scores`, and its values at both ends.

    All of shape (groups,), weights above zero, at least two different scores.
    """
    total = weights.sum()
    centre, height = (weights * scores).sum() / total, (weights * level).sum() / total
    slope = float((weights * (scores - centre) * (level - height)).sum() / (weights * (scores - centre) ** 2).sum())
    first, last = (float(height + slope * (end - centre)) for end in (scores.min(), scores.max()))
    return slope, first, last
