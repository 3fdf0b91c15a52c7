"""Every remedied run against the best run without a remedy: would a better model do what the remedy does?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import FoldTest
from mlops_lib.evaluate.planned import corrected_tests, outcome
from mlops_lib.stats.multiple import holm


@dataclass(frozen=True, eq=False)
class BestPlain:
    """The run without a remedy that has the best value in one aspect, and all remedied runs against it.

    `value` is the mean of its folds with its 95 % interval. `tests` has a row a remedied run, the largest gain first:
    `run`, `recipe` (its title), `gain` (above 0 the remedied run is better), `low`, `high` (95 %), `p`, `p_holm` (over
    all remedied runs), `outcome`.
    """

    aspect: str
    run: str
    recipe: str
    value: float
    low: float
    high: float
    tests: pd.DataFrame


def against_best(
    aspect: tuple[str, bool, float],
    plain: tuple[list[tuple[str, str]], np.ndarray],
    remedied: tuple[list[tuple[str, str]], np.ndarray],
    ratio: float,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> BestPlain | None:
    """The corrected resampled t of each remedied run against the best plain one, Holm-adjusted; None without either.

    `aspect` is its name, whether higher is better and the margin; `plain` and `remedied` are (fingerprint, title) of
    each run with its values by fold, (runs, k); no interval of a value goes beyond `bounds`, those of the metric. The
    plain run is the best of few, so its value flatters it: what is found better than it is so all the more.
    """
    name, higher_is_better, margin = aspect
    sign = 1.0 if higher_is_better else -1.0
    means = sign * plain[1].mean(axis=1)
    if not len(remedied[0]) or not np.isfinite(means).any():
        return None
    first = int(np.nanargmax(means))
    value, low, high, _, _ = corrected_tests(plain[1][first], ratio)
    gain, below, above, t, p = corrected_tests(sign * (remedied[1] - plain[1][first]), ratio)
    adjusted, df = holm(p), plain[1].shape[1] - 1
    tests = (FoldTest(*found[:4], df, found[4]) for found in zip(gain, below, above, t, p, strict=True))
    table = pd.DataFrame({
        "run": [run for run, _ in remedied[0]], "recipe": [title for _, title in remedied[0]],
        "gain": gain, "low": below, "high": above, "p": p, "p_holm": adjusted,
        "outcome": [outcome(test, float(q), True, margin) for test, q in zip(tests, adjusted, strict=True)],
    }).sort_values("gain", ascending=False, kind="stable", ignore_index=True)  # fmt: skip
    run, recipe = plain[0][first]
    low, high = np.clip([low, high], *bounds)
    return BestPlain(name, run, recipe, float(value), float(low), float(high), table)
