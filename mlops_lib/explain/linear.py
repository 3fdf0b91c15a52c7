"""SHAP values of a linear model in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np


def linear_contributions(model: Any, background: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """Interventional SHAP values (rows, matrix columns) and E[f], both in log-odds.

    For f(x) = w·x + b they are w_j (x_j - mean of x_j over the background), whatever the dependence between columns
    (Lundberg & Lee 2017, corollary 1), and E[f] = w·mean + b.
    """
    weights = np.asarray(model.coef_, dtype=np.float64)[0]
    mean = background.mean(axis=0)
    return weights * (matrix - mean), float(weights @ mean + float(model.intercept_[0]))
