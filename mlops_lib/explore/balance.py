"""How the target is spread, and what a model that learns nothing would score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mlops_lib.explore.rows import Looked, Seen, look
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import number
from mlops_lib.stats.proportions import wilson


@dataclass(frozen=True)
class DoNothing:
    """What a model scores that gives everybody the same answer: the shares of the classes, and so the largest class.

    `roc_auc` and `average_precision` only for two classes (0.5 and the share of positives). `brier` is the mean
    squared distance to the truth of the positive's probability, for many classes summed over them. `log_loss` is in
    nats. For a number, `rmse` of the mean and `mae` of the median; NaN where a score does not exist.
    """

    answer: str
    accuracy: float = math.nan
    recall: float = math.nan
    roc_auc: float = math.nan
    average_precision: float = math.nan
    brier: float = math.nan
    log_loss: float = math.nan
    rmse: float = math.nan
    mae: float = math.nan


@dataclass(frozen=True, eq=False)
class ClassBalance:
    """The target on the rows that were looked at.

    `names`, `counts`, `shares` and `share_intervals` (Wilson, 95 %) go by class, for two classes negative first; a
    number has none of them. `ratio` is rows of the largest class per row of the smallest, `entropy` in bits with
    `entropy_most` what even classes would have. `missing` counts the rows of the table without a target. `folds` has
    one row a fold: fold, training_rows, training_smallest, validation_rows, validation_smallest (rows of the smallest
    class; counts of rows alone for a number). `smallest` and `largest` are places in `names`.
    """

    kind: Literal["binary", "classes", "number"]
    column: str
    seen: Seen
    n: int
    missing: int
    names: tuple[str, ...]
    counts: tuple[int, ...]
    shares: tuple[float, ...]
    share_intervals: tuple[tuple[float, float], ...]
    ratio: float
    entropy: float
    entropy_most: float
    do_nothing: DoNothing
    folds: pd.DataFrame
    smallest: int = -1
    largest: int = -1


def class_balance(dataset: Dataset, schema: Schema, plan: SplitPlan, all_rows: bool = False) -> ClassBalance:
    """Counts, ratio and entropy of the target, what doing nothing scores, and how rows fall into the folds.

    The folds are those of the plan, whichever rows are looked at. Raises what `look` raises.
    """
    looked = look(dataset, schema, plan, all_rows)
    missing = int(np.count_nonzero(~looked.target.known))
    if looked.target.kind == "number":
        return _of_numbers(looked, plan, missing)
    counts = np.bincount(looked.answers, minlength=len(looked.target.names))
    shares = counts / counts.sum()
    low, high = wilson(counts, np.full(len(counts), counts.sum()))
    largest = int(np.argmax(counts))
    smallest = len(counts) - 1 - int(np.argmin(counts[::-1]))  # never the largest as well where all have as many rows
    return ClassBalance(
        looked.target.kind,
        looked.target.column,
        looked.seen,
        int(counts.sum()),
        missing,
        looked.target.names,
        tuple(counts.tolist()),
        tuple(shares.tolist()),
        tuple(zip(low.tolist(), high.tolist(), strict=True)),
        float(counts[largest] / counts[smallest]) if counts[smallest] else math.inf,
        _entropy(shares) / math.log(2),
        math.log2(len(counts)),
        _do_nothing(looked, shares),
        _folds(plan, looked.target.values == smallest),
        smallest,
        largest,
    )


def _do_nothing(looked: Looked, shares: np.ndarray) -> DoNothing:
    largest, binary = int(np.argmax(shares)), looked.target.kind == "binary"
    positive = float(shares[1]) if binary else math.nan
    return DoNothing(
        looked.target.names[largest],
        accuracy=float(shares[largest]),
        recall=float(largest == 1) if binary else 1 / len(shares),
        roc_auc=0.5 if binary else math.nan,
        average_precision=positive,
        brier=positive * (1 - positive) if binary else float(1 - (shares**2).sum()),
        log_loss=_entropy(shares),
    )


def _of_numbers(looked: Looked, plan: SplitPlan, missing: int) -> ClassBalance:
    values = looked.answers
    middle = float(np.median(values))
    nothing = DoNothing(
        number(float(values.mean())), rmse=float(values.std()), mae=float(np.abs(values - middle).mean())
    )
    folds = _folds(plan, looked.target.known).drop(columns=["training_smallest", "validation_smallest"])
    nan = math.nan
    return ClassBalance(
        "number", looked.target.column, looked.seen, len(values), missing, (), (), (), (), nan, nan, nan, nothing, folds
    )


def _entropy(shares: np.ndarray) -> float:
    """In nats; a class without rows adds nothing."""
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum())


def _folds(plan: SplitPlan, counted: np.ndarray) -> pd.DataFrame:
    """Rows of each fold, and how many of them are `counted` (boolean, one a row of the dataset)."""
    rows = []
    for fold in range(plan.folds):
        training, validation = plan.fold_training_rows(fold), plan.validation_rows(fold)
        rows.append((fold + 1, len(training), counted[training].sum(), len(validation), counted[validation].sum()))
    names = ["fold", "training_rows", "training_smallest", "validation_rows", "validation_smallest"]
    return pd.DataFrame(rows, columns=names).astype("int64")
