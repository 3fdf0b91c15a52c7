"""Which rows are held out and which fold every other row belongs to; locked when the schema is confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from mlops_lib.objects.fingerprint import described, fingerprint, later

HOLD_OUT = -1
UNUSED = -2
WARM_UP = -3
"""Rows that train every fold and are never validated: the earliest of a split in time, 'train' beside given folds."""

SplitKind = Literal["stratified", "group", "time", "predefined"]


@dataclass(frozen=True, eq=False)
class SplitPlan:
    """The fold of every row of a dataset.

    `assignment` is int8 of shape (rows,): 0 .. folds-1, or HOLD_OUT, UNUSED (target missing) or WARM_UP. The
    fingerprint covers the assignment itself, so two plans with the same rows in the same folds are the same plan.
    `notes` are finished sentences on anything that the plan could not do as asked.

    Where the folds are dealt out `repeats` times, `again` holds the further assignments, int8 (repeats - 1, rows), with
    the same hold-out; folds are then numbered 0 .. folds x repeats - 1, and fold f is of the repeat f // folds.

    In a split in time with a `gap` (days for dates, else the column's unit), `usable_from` is int8 of shape (rows,):
    the first fold that the row may train, `folds` where only the refit may use it, `folds` + 1 where nothing may.

    `held` is the value of the split column that was confirmed as the hold-out of a predefined split.
    """

    dataset: str
    schema: str
    kind: SplitKind
    folds: int
    hold_out: float
    seed: int
    assignment: np.ndarray
    notes: tuple[str, ...] = described(default=())
    repeats: int = later(1)
    again: np.ndarray | None = later(None)
    gap: float = described(default=0.0)
    usable_from: np.ndarray | None = later(None)
    held: str = described(default="")

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self)

    @property
    def all_folds(self) -> tuple[int, ...]:
        """The numbers of all folds of all repeats."""
        return tuple(range(self.folds * self.repeats))

    @property
    def asked(self) -> dict[str, Any]:
        """What `data.splits.plan_split` was asked for beside dataset and schema, without what nobody asked for."""
        more = {
            "repeats": self.repeats if self.repeats > 1 else None,
            "gap": self.gap or None,
            "held": self.held or None,
        }
        said = {name: value for name, value in more.items() if value is not None}
        return {"folds": self.folds, "hold_out": self.hold_out, "seed": self.seed, **said}

    def folds_of(self, repeat: int) -> tuple[int, ...]:
        """The numbers of the folds of one repeat, from 0."""
        return tuple(range(repeat * self.folds, (repeat + 1) * self.folds))

    @property
    def judged_folds(self) -> tuple[int, ...]:
        """The folds that are judged on rows, of all repeats: a split in time may leave one empty."""
        there = np.unique(self.assignment[self.assignment >= 0])
        return tuple(fold for fold in self.all_folds if fold % self.folds in there)

    def open_rows(self) -> np.ndarray:
        """Ids of all rows outside the hold-out whose target is known, ascending int64."""
        return np.flatnonzero((self.assignment >= 0) | (self.assignment == WARM_UP))

    def training_rows(self) -> np.ndarray:
        """Ids of the rows that the refit is trained on, ascending int64: those of `open_rows` that no gap keeps from
        the hold-out."""
        rows = self.open_rows()
        return rows if self.usable_from is None else rows[self.usable_from[rows] <= self.folds]

    def hold_out_rows(self) -> np.ndarray:
        """Ids of the hold-out rows, ascending int64."""
        return np.flatnonzero(self.assignment == HOLD_OUT)

    def validation_rows(self, fold: int) -> np.ndarray:
        """Ids of the rows on which `fold` is judged."""
        return np.flatnonzero(self._assigned(fold) == fold % self.folds)

    def fold_training_rows(self, fold: int) -> np.ndarray:
        """Ids of the rows on which `fold` is trained: all other folds of its repeat, or for a split in time the earlier
        ones only, but for the gap."""
        assigned, own = self._assigned(fold), fold % self.folds
        if self.kind == "time":
            earlier = (assigned == WARM_UP) | ((assigned >= 0) & (assigned < own))
            return np.flatnonzero(earlier if self.usable_from is None else earlier & (self.usable_from <= own))
        return np.flatnonzero((assigned == WARM_UP) | ((assigned >= 0) & (assigned != own)))

    def _assigned(self, fold: int) -> np.ndarray:
        repeat = fold // self.folds
        return self.assignment if repeat == 0 or self.again is None else self.again[repeat - 1]
