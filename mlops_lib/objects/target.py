"""The target of a dataset under a question: one value a row, with the rows whose answer is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlops_lib.objects.schema import Classes, Number, Question

Outcome = Literal["binary", "classes", "number"]
"""What a target asks for: one of two answers, one of many, or a number."""


def outcome_of(question: Question) -> Outcome:
    """The kind of target that a question asks for."""
    if isinstance(question, Number):
        return "number"
    return "classes" if isinstance(question, Classes) and question.positive is None else "binary"


@dataclass(frozen=True, eq=False)
class Target:
    """The answers, one a row of the dataset.

    `kind` is "binary" (codes 0 and 1, 1 positive), "classes" (codes 0 .. len(names)-1, sorted by label) or "number".
    `values` is float64 of shape (rows,), NaN where the answer is missing. `names` are the labels of the codes, for a
    binary target `(negative, positive)`; empty for a number.
    """

    kind: Outcome
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

    def answers(self, rows: np.ndarray) -> np.ndarray:
        """What a model learns from rows whose answer is known: class codes, or float64 numbers."""
        return self.values[rows] if self.kind == "number" else self.codes(rows)

    def codes(self, rows: np.ndarray) -> np.ndarray:
        """Class codes of rows whose answer is known, int8 (int32 for many classes)."""
        codes: np.ndarray = self.values[rows].astype(np.int8 if len(self.names) <= 127 else np.int32)
        return codes
