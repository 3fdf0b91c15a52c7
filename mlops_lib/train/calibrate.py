"""Calibrators: from a model's raw probability to one that can be taken at its word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Calibration
from mlops_lib.objects.run import Calibrator
from mlops_lib.train.scores import apply_calibrator, logit


def fit_calibrator(
    kind: Calibration, raw: np.ndarray, truth: np.ndarray, weight: np.ndarray | None = None
) -> Calibrator:
    """A calibrator fitted on raw probabilities and 0/1 truth of shape (n,), which the model must not have seen.

    `weight` (n,) says how much each row counts: 2 is a row that occurs twice.

    For many classes `raw` has shape (n, classes) and `truth` holds codes: each class against the rest (Zadrozny & Elkan
    2002, KDD, section 4).

    Raises InputError for "prior", which is made from class counts (`prior_calibrator`).
    """
    if kind == "none":
        return Calibrator()
    if kind == "sigmoid" and raw.ndim == 2:
        fitted = [_platt(logit(raw[:, k]), truth == k, weight) for k in range(raw.shape[1])]
        return Calibrator("sigmoid", (*(a for a, _ in fitted), *(b for _, b in fitted)))
    if kind == "sigmoid":
        return Calibrator("sigmoid", _platt(logit(raw), truth == 1, weight))
    if kind == "isotonic":
        return Calibrator("isotonic", _isotonic(raw, truth, weight))
    raise InputError(f"The calibration '{kind}' is not fitted on scores.", "Choose none, sigmoid or isotonic.")


def prior_calibrator(before: Sequence[float], after: Sequence[float]) -> Calibrator:
    """The calibrator that gives back the odds of the classes before sampling or weighing.

    `before` counts the rows (negative, positive), `after` what the model learnt from: rows after the sampler, each
    counted as often as its class weighs. Of more classes, whose probabilities are multiplied by their own factors, both
    have one number each.

    Saerens, Latinne & Decaestecker (2002), Neural Computation 14(1), equation 2.4; for two classes Elkan (2001), IJCAI,
    theorem 2.
    """
    if len(before) > 2:
        learnt = np.asarray(after, dtype=np.float64)
        factors = np.asarray(before, dtype=np.float64) / np.where(learnt > 0, learnt, 1)
        return Calibrator("prior", tuple(float(f) for f in factors / factors.sum()))
    return Calibrator("prior", (float((before[1] / before[0]) / (after[1] / after[0])),))


def cross_fit(
    kind: Calibration,
    raw: np.ndarray,
    truth: np.ndarray,
    fold: np.ndarray,
    forward: bool = False,
    weight: np.ndarray | None = None,
) -> np.ndarray:
    """Calibrated scores of the shape of `raw`: those of each fold by a calibrator fitted on the other folds.

    With `forward` (a split in time) on the earlier folds only; the first fold, which has none, on the later ones.
    """
    score = np.empty(raw.shape)
    for k in np.unique(fold):
        mine, others = fold == k, calibrating_rows(fold, k, forward)
        counts = None if weight is None else weight[others]
        score[mine] = apply_calibrator(fit_calibrator(kind, raw[others], truth[others], counts), raw[mine])
    return score


def calibrating_rows(fold: np.ndarray, k: int, forward: bool) -> np.ndarray:
    """The rows (n,) that the calibrator of fold `k` is fitted on: those of the other folds, in a split in time
    (`forward`) of the earlier ones, where there is one."""
    earlier = fold < k
    return earlier if forward and earlier.any() else fold != k


def _platt(x: np.ndarray, positive: np.ndarray, weight: np.ndarray | None = None) -> tuple[float, float]:
    """Slope and intercept of the sigmoid by Newton's method with backtracking, unpenalised.

    Targets are smoothed as in Platt (1999): (N+ + 1)/(N+ + 2) and 1/(N- + 2); the step rule is that of
    Lin, Lin & Weng (2007), Machine Learning 68(3).
    """
    w = np.ones(len(x)) if weight is None else weight
    n, n_positive = float(w.sum()), float(w[positive].sum())
    target = np.where(positive, (n_positive + 1) / (n_positive + 2), 1 / (n - n_positive + 2))
    mean = float((w * target).sum() / n)
    if np.ptp(x) < 1e-12:
        return 0.0, float(np.log(mean / (1 - mean)))
    center = float((w * x).sum() / n)
    spread = float(np.sqrt((w * (x - center) ** 2).sum() / n))
    design = np.column_stack([(x - center) / spread, np.ones_like(x)])
    beta = np.array([0.0, np.log(mean / (1 - mean))])
    loss = _cross_entropy(design @ beta, target, w)
    for _ in range(100):
        p = 1 / (1 + np.exp(-(design @ beta)))
        gradient = design.T @ (w * (p - target))
        hessian = design.T @ (design * (w * (p * (1 - p)))[:, None]) + 1e-12 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        beta, new_loss = _backtrack(design, target, w, beta, step, loss)
        if loss - new_loss <= 1e-15 * abs(loss):
            break
        loss = new_loss
    a = float(beta[0] / spread)
    return a, float(beta[1] - a * center)


def _backtrack(
    design: np.ndarray, target: np.ndarray, w: np.ndarray, beta: np.ndarray, step: np.ndarray, loss: float
) -> tuple[np.ndarray, float]:
    size = 1.0
    while size > 1e-10:
        tried = beta - size * step
        new_loss = _cross_entropy(design @ tried, target, w)
        if new_loss <= loss:
            return tried, new_loss
        size /= 2
    return beta, loss


def _cross_entropy(z: np.ndarray, target: np.ndarray, w: np.ndarray) -> float:
    return float(np.sum(w * (np.logaddexp(0, z) - target * z)))


def _isotonic(raw: np.ndarray, truth: np.ndarray, weight: np.ndarray | None = None) -> tuple[float, ...]:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(raw, truth == 1, weight)
    return (*map(float, fitted.X_thresholds_), *map(float, fitted.y_thresholds_))
