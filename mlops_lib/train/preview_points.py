"""The points of the picture of where a sampler's rows fell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlops_lib.resample.impossible import Part
from mlops_lib.resample.resampling import Resampled

POINTS = 400
"""Most points of the picture in each group (class, and kept, removed or made)."""

AXES = 24
"""Most columns of numbers that the picture can be drawn over."""

_PCA_ROWS = 20_000


def draw_points(
    x: np.ndarray, y: np.ndarray, after: Resampled, parts: tuple[Part, ...], seed: int
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[float, ...]]:
    """A sample of the rows kept, removed and made, as `preview.FoldXray.points` says; the labels of their further
    columns; and the share of the variance of each of the two components. `x` and `y` are the rows before."""
    from sklearn.decomposition import PCA

    rng = np.random.default_rng(seed)
    sample = x[_some(np.arange(len(x)), _PCA_ROWS, rng)]
    components = PCA(n_components=min(2, *sample.shape), random_state=seed).fit(sample)
    chosen = _axes(x, y, parts)
    stays = np.zeros(len(y), dtype=bool)
    stays[after.origin[after.origin >= 0]] = True
    groups = {"kept": (x, y, stays), "removed": (x, y, ~stays), "made": (after.x, after.y, after.origin < 0)}
    frames = []
    for state, (rows, codes, among) in groups.items():
        for code in np.unique(codes[among]).tolist():
            drawn = rows[_some(np.flatnonzero(among & (codes == code)), POINTS, rng)]
            flat = components.transform(drawn)
            own = {str(i): part.own_unit(drawn) for i, part in enumerate(chosen)}
            second = flat[:, 1] if flat.shape[1] > 1 else np.zeros(len(flat))
            frames.append(pd.DataFrame({"x": flat[:, 0], "y": second, "code": code, "state": state, **own}))
    variance = tuple(float(v) for v in components.explained_variance_ratio_)
    return pd.concat(frames, ignore_index=True), tuple(part.label for part in chosen), variance


def _axes(x: np.ndarray, y: np.ndarray, parts: tuple[Part, ...]) -> list[Part]:
    """Columns of numbers, those first whose means lie furthest apart between the rarest class and the rest."""
    numbers = [part for part in parts if part.kind == "number"]
    counts = np.bincount(y)
    rare = y == np.argmin(np.where(counts > 0, counts, len(y) + 1))
    spread = [float(np.std(x[:, p.start])) or 1.0 for p in numbers]
    apart = [
        abs(float(x[rare, p.start].mean() - x[~rare, p.start].mean())) / s for p, s in zip(numbers, spread, strict=True)
    ]
    return [numbers[i] for i in np.argsort(-np.asarray(apart), kind="stable")[:AXES]] if numbers else []


def _some(rows: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """At most that many of the rows, in their order."""
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))
