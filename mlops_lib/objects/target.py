"""The target of a dataset under a question: one value a row, with the rows whose answer is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True, eq=False)
class Target:
    """The answers, one a row of the dataset.

    `kind` is "binary" (codes 0 and 1, 1 positive), "classes" (codes 0 .. len(names)-1, sorted by label) or "number".
    `values` is float64 of shape (rows,), NaN where the answer is missing. `names` are the labels of the codes, for a
    binary target `(negative, positive)`; empty for a number.
    """

    kind: Literal["binary", "classes", "number"]
    column: str
    names: tuple[str, ...]
    values: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Boolean, shape (rows,): rows whose answer is known."""
        known: np.ndarray = ~np.isnan(self.values)
        return known

    @property
    def positive(self) -> str:
        """Label of the positive class of a binary target."""
        return self.names[1]

    @property
    def negative(self) -> str:
        """Label of the negative class of a binary target."""
        return self.names[0]

    def codes(self, rows: np.ndarray) -> np.ndarray:
        """Class codes of rows whose answer is known, int8 (int32 for many classes)."""
        codes: np.ndarray = self.values[rows].astype(np.int8 if len(self.names) <= 127 else np.int32)
        return codes
