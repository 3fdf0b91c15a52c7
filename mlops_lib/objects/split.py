"""Which rows are held out and which fold every other row belongs to; locked when the schema is confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from mlops_lib.objects.fingerprint import described, fingerprint

HOLD_OUT = -1
UNUSED = -2
WARM_UP = -3
"""The earliest rows of a time split: they train every fold and are never validated."""

SplitKind = Literal["stratified", "group", "time"]


@dataclass(frozen=True, eq=False)
class SplitPlan:
    """The fold of every row of a dataset.

    `assignment` is int8 of shape (rows,): 0 .. folds-1, or HOLD_OUT, UNUSED (target missing) or WARM_UP. The
    fingerprint covers the assignment itself, so two plans with the same rows in the same folds are the same plan.
    `notes` are finished sentences on anything that the plan could not do as asked.
    """

    dataset: str
    schema: str
    kind: SplitKind
    folds: int
    hold_out: float
    seed: int
    assignment: np.ndarray
    notes: tuple[str, ...] = described(default=())

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self)

    def training_rows(self) -> np.ndarray:
        """Ids of all rows outside the hold-out whose target is known, ascending int64."""
        return np.flatnonzero((self.assignment >= 0) | (self.assignment == WARM_UP))

    def hold_out_rows(self) -> np.ndarray:
        """Ids of the hold-out rows, ascending int64."""
        return np.flatnonzero(self.assignment == HOLD_OUT)

    def validation_rows(self, fold: int) -> np.ndarray:
        """Ids of the rows on which `fold` is judged."""
        return np.flatnonzero(self.assignment == fold)

    def fold_training_rows(self, fold: int) -> np.ndarray:
        """Ids of the rows on which `fold` is trained: all other folds, or for a time split the earlier ones only."""
        if self.kind == "time":
            return np.flatnonzero((self.assignment == WARM_UP) | ((self.assignment >= 0) & (self.assignment < fold)))
        return np.flatnonzero((self.assignment >= 0) & (self.assignment != fold))
