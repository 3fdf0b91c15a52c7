"""LightGBM with objectives of our own. Fitted ones travel with a registered model."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.special import expit, log_expit
from sklearn.base import BaseEstimator, ClassifierMixin

Derivatives = tuple[np.ndarray, np.ndarray]
_FIXED = {"num_threads": 1, "verbose": -1, "deterministic": True, "force_row_wise": True}
_FARTHEST = 30.0
"""Log-odds between which the best constant is looked for."""


def focal_loss(raw: np.ndarray, y: np.ndarray, alpha: float, gamma: float) -> np.ndarray:
    """-a (1 - p)^gamma log p of each row, where p is the probability of the row's own class and a is `alpha` for class
    1, 1 - `alpha` for class 0: Lin, Goyal, Girshick, He & Dollár (2017), ICCV, equation 5. `raw` are log-odds."""
    toward, weight = _toward_own(raw, y, alpha)
    loss: np.ndarray = -weight * expit(-toward) ** gamma * log_expit(toward)
    return loss


def focal_derivatives(raw: np.ndarray, y: np.ndarray, alpha: float, gamma: float) -> Derivatives:
    """First and second derivative of `focal_loss` by the log-odds `raw`; both of shape (rows,)."""
    toward, weight = _toward_own(raw, y, alpha)
    p, q, log_p = expit(toward), expit(-toward), log_expit(toward)
    common = weight * q**gamma
    first = common * (gamma * p * log_p - q)
    second = common * p * (q * (1 + 2 * gamma) + gamma * log_p * (q - gamma * p))
    return np.where(y == 1, first, -first), second


def cost_loss(raw: np.ndarray, y: np.ndarray, miss: float) -> np.ndarray:
    """Log loss of each row, `miss` times for class 1: a miss costs `miss` false alarms. `raw` are log-odds."""
    toward, _ = _toward_own(raw, y, 0.5)
    loss: np.ndarray = -np.where(y == 1, miss, 1.0) * log_expit(toward)
    return loss


def cost_derivatives(raw: np.ndarray, y: np.ndarray, miss: float) -> Derivatives:
    """First and second derivative of `cost_loss` by the log-odds `raw`; both of shape (rows,)."""
    p, weight = expit(raw), np.where(y == 1, miss, 1.0)
    return weight * (p - y), weight * p * expit(-raw)


class _Booster(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """LightGBM on an objective given by its derivatives; `predict_proba` is the sigmoid of start plus trees.

    `booster_` holds the trees alone, `start_` the constant (log-odds) that they correct.
    """

    learning_rate: float
    n_estimators: int
    num_leaves: int
    reg_lambda: float
    random_state: int | None

    def derivatives(self, raw: np.ndarray, y: np.ndarray) -> Derivatives:
        """First derivative of the loss by the log-odds, and a second one that is above 0."""
        raise NotImplementedError

    def fit(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Fit on rows `x` (rows, columns) with the codes 0 and 1 in `y`; `sample_weight` of shape (rows,)."""
        import lightgbm

        truth = np.asarray(y, dtype=np.float64)
        weight = np.ones(len(truth)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)

        def objective(raw: np.ndarray, _data: Any) -> Derivatives:
            first, second = self.derivatives(raw, truth)
            return first * weight, second * weight

        self.classes_ = np.array([0, 1])
        self.n_features_in_ = x.shape[1]
        self.start_ = self._best_constant(truth, weight)
        rows = lightgbm.Dataset(x, truth, init_score=np.full(len(truth), self.start_))
        fitted = lightgbm.train({**self._settings(), "objective": objective}, rows, self.n_estimators)
        # Read back from its text, the booster knows nothing of the function above, which cannot be stored.
        self.booster_ = lightgbm.Booster(model_str=fitted.model_to_string())
        return self

    def raw_score(self, x: np.ndarray) -> np.ndarray:
        """Log-odds of class 1 before calibration, shape (rows,)."""
        trees: np.ndarray = self.booster_.predict(x, raw_score=True, num_threads=1)
        return trees + self.start_

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Probabilities of classes 0 and 1, shape (rows, 2)."""
        raw = self.raw_score(x)
        return np.column_stack([expit(-raw), expit(raw)])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The likelier class of each row."""
        return (self.raw_score(x) > 0).astype(np.int64)

    def _settings(self) -> dict[str, Any]:
        return {
            **_FIXED,
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "lambda_l2": self.reg_lambda,
            "seed": self.random_state or 0,
        }

    def _best_constant(self, y: np.ndarray, weight: np.ndarray) -> float:
        """The log-odds at which the summed first derivative is 0, by bisection."""
        low, high = -_FARTHEST, _FARTHEST
        ones, zeros = float(weight[y == 1].sum()), float(weight[y == 0].sum())
        for _ in range(60):
            middle = (low + high) / 2
            first = self.derivatives(np.full(2, middle), np.array([1.0, 0.0]))[0]
            low, high = (middle, high) if ones * first[0] + zeros * first[1] < 0 else (low, middle)
        return (low + high) / 2


class FocalBooster(_Booster):
    """LightGBM on the focal loss, which looks less at rows that are right already (`focal_loss`)."""

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        learning_rate: float = 0.05,
        n_estimators: int = 150,
        num_leaves: int = 15,
        reg_lambda: float = 1.0,
        random_state: int | None = None,
    ) -> None:
        self.alpha = alpha
        self.gamma = gamma
        self.learning_rate = learning_rate
        self.n_estimators = n_estimators
        self.num_leaves = num_leaves
        self.reg_lambda = reg_lambda
        self.random_state = random_state

    def derivatives(self, raw: np.ndarray, y: np.ndarray) -> Derivatives:
        """Those of `focal_loss`, whose second derivative is below 0 for rows that are badly wrong. There that of the
        log loss with the row's present weight stands in, which is above 0 and the same for gamma 0."""
        first, second = focal_derivatives(raw, y, self.alpha, self.gamma)
        toward, weight = _toward_own(raw, y, self.alpha)
        q = expit(-toward)
        return first, np.maximum(second, weight * q ** (self.gamma + 1) * expit(toward))


class CostBooster(_Booster):
    """LightGBM on a log loss in which a miss costs `miss_cost` false alarms (`cost_loss`)."""

    def __init__(
        self,
        miss_cost: float = 10.0,
        learning_rate: float = 0.05,
        n_estimators: int = 150,
        num_leaves: int = 15,
        reg_lambda: float = 1.0,
        random_state: int | None = None,
    ) -> None:
        self.miss_cost = miss_cost
        self.learning_rate = learning_rate
        self.n_estimators = n_estimators
        self.num_leaves = num_leaves
        self.reg_lambda = reg_lambda
        self.random_state = random_state

    def derivatives(self, raw: np.ndarray, y: np.ndarray) -> Derivatives:
        """Those of `cost_loss`."""
        return cost_derivatives(raw, y, self.miss_cost)


def _toward_own(raw: np.ndarray, y: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds of each row's own class, and its weight."""
    own = y == 1
    return np.where(own, raw, -raw), np.where(own, alpha, 1 - alpha)
