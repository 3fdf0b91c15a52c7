"""The level of the target in groups of rows: the share of a class that is asked about, or the mean of a number."""

from __future__ import annotations

import numpy as np

from mlops_lib.data.target import resolve_target
from mlops_lib.explore.rows import Looked
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Schema
from mlops_lib.stats.group_levels import Levels, mean_levels, share_levels


class TargetLevel:
    """What results that hold such a level have in common: whose it is, `of` which class ("": the mean of a number)."""

    target: str
    of: str

    @property
    def is_rate(self) -> bool:
        """Whether the level is a share."""
        return bool(self.of)

    @property
    def numbers(self) -> tuple[str, str, str]:
        """Columns of `table()` that hold the level and its interval."""
        return (f"share of {self.of}" if self.is_rate else f"mean of {self.target}"), "95 % from", "95 % to"


def shown_classes(dataset: Dataset, schema: Schema) -> tuple[str, ...]:
    """The classes among which one has to be chosen; none for two classes and for a number."""
    target = resolve_target(dataset, schema)
    return target.names if target.kind == "classes" else ()


def class_of(looked: Looked, answers: np.ndarray, of: str) -> tuple[str, np.ndarray | None]:
    """The class whose share is shown and whether each row has it, bool (rows,); "" and None for a numeric target.

    `of` is a class, "" for the positive one (of many classes: the commonest). Raises InputError for an unknown one.
    """
    names = looked.target.names
    if looked.target.kind == "number":
        return "", None
    if of and of not in names:
        raise InputError(f"There is no class '{of}'.", f"The classes are: {', '.join(names)}.")
    common = int(np.bincount(answers, minlength=len(names)).argmax())
    code = names.index(of) if of else 1 if looked.target.kind == "binary" else common
    return names[code], answers == code


def target_levels(codes: np.ndarray, rows: np.ndarray, answers: np.ndarray, hits: np.ndarray | None) -> Levels:
    """Shares of `hits` where there are any, else means of the answers, by group.

    `codes` (n,) has the group of each row, negative for none, `rows` (groups,) their sizes.
    """
    return mean_levels(codes, rows, answers) if hits is None else share_levels(codes, rows, hits)
