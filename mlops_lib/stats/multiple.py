"""Adjusting p-values for the number of tests."""

from __future__ import annotations

import numpy as np


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values (Benjamini & Hochberg 1995), shape (n,); NaN (a test that was not made) stays out of it."""
    adjusted = np.full(len(p), np.nan)
    made = np.flatnonzero(~np.isnan(p))
    if len(made) == 0:
        return adjusted
    order = made[np.argsort(p[made], kind="stable")]
    raised = p[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1])
    return adjusted


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values (Holm 1979), shape (n,); NaN (a test that could not be made) stays out of it."""
    adjusted = np.full(len(p), np.nan)
    made = np.flatnonzero(~np.isnan(p))
    order = made[np.argsort(p[made], kind="stable")]
    raised = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(raised)) if len(order) else raised
    return adjusted
