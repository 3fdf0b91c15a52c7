"""Scores beside the truth, row by row: the common currency of everything that judges a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Predictions:
    """Scores of one run on one set of rows; all arrays have shape (n,), but for `raw` and `score` of many classes.

    `row` int64 ids, ascending; `truth` int8 codes, 1 positive (-1 where it is not known, as for live rows);
    `raw` the fitted model's probability of the positive class, `score` the same after calibration (both float64 in
    [0, 1]); `fold` int8, the fold on which the row was judged, counted within its repeat (-1 outside
    cross-validation).
    `names` are the labels (negative, positive). `weight` float64 is how much each row counts (None: all alike).

    Where `kind` is "classes", `truth` holds codes into `names`, and `raw` and `score` have shape (n, classes) with rows
    that add up to 1. Where it is "number", `truth`, `raw` and `score` are float64 in the target's own unit; `names` is
    empty.
    """

    run: str
    split: Literal["out-of-fold", "hold-out", "live", "wrong order"]
    names: tuple[str, ...]
    row: np.ndarray
    truth: np.ndarray
    raw: np.ndarray
    score: np.ndarray
    fold: np.ndarray
    group: np.ndarray | None = None
    weight: np.ndarray | None = None
    kind: Literal["binary", "classes", "number"] = "binary"

    @property
    def classes(self) -> int:
        """How many classes there are; 0 for a number."""
        return len(self.names)

    @property
    def n(self) -> int:
        return len(self.row)

    @property
    def positives(self) -> int:
        return int(np.count_nonzero(self.truth == 1))

    def frame(self) -> pd.DataFrame:
        """One row a prediction: row, truth, raw, score, fold (and group and weight, where there are some); for many
        classes raw_0, raw_1, .. and score_0, score_1, .."""
        import pandas as pd

        columns = {"row": self.row, "truth": self.truth, **by_class("raw", self.raw), **by_class("score", self.score)}
        more = {"fold": self.fold, "group": self.group, "weight": self.weight}
        return pd.DataFrame(columns | {name: values for name, values in more.items() if values is not None})


def by_class(name: str, scores: np.ndarray) -> dict[str, np.ndarray]:
    """The columns that hold scores: one of that name, or one a class with the class code behind it."""
    return {name: scores} if scores.ndim == 1 else {f"{name}_{k}": scores[:, k] for k in range(scores.shape[1])}


def joined(name: str, columns: dict[str, np.ndarray], classes: int) -> np.ndarray:
    """The scores that `by_class` took apart."""
    return columns[name] if name in columns else np.column_stack([columns[f"{name}_{k}"] for k in range(classes)])
