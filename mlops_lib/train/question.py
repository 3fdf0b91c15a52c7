"""The question that training answers, in words, with the rows it has for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlops_lib.data.target import resolve_target
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Above, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Outcome, Target
from mlops_lib.objects.words import count, counted, number, percent
from mlops_lib.resample.resampling import class_counts
from mlops_lib.stats.features import level_label


@dataclass(frozen=True)
class TrainingQuestion:
    """`sentence` states the question with the training rows. `kind` is what the target asks for. `rows` and `positives`
    count training rows (positives of a question with two answers); `fold_counts` are the rows of each class, (negative,
    positive) for two, that the first fold trains on, empty for a number."""

    sentence: str
    rows: int = 0
    positives: int = 0
    names: tuple[str, ...] = ()
    fold_counts: tuple[int, ...] = ()
    kind: Outcome = "binary"
    column: str = ""


def training_question(dataset: Dataset, schema: Schema, plan: SplitPlan) -> TrainingQuestion:
    """State the question of a schema on the training rows of a split."""
    target = resolve_target(dataset, schema)
    rows = plan.training_rows()
    if target.kind == "number":
        return TrainingQuestion(_number(target, target.values[rows]), len(rows), kind="number", column=target.column)
    counts = class_counts(target.codes(rows), len(target.names))
    last = int(plan.assignment.max())
    fold = class_counts(target.codes(plan.fold_training_rows(last)), len(target.names))
    said = _classes(target, counts) if target.kind == "classes" else _two_answers(target, schema, counts)
    return TrainingQuestion(said, sum(counts), counts[1], target.names, fold, target.kind, target.column)


def _two_answers(target: Target, schema: Schema, counts: tuple[int, ...]) -> str:
    share = percent(counts[1] / max(sum(counts), 1))
    return f"{_asked(target, schema)} {count(counts[1])} of {count(sum(counts))} training rows say yes ({share})."


def _asked(target: Target, schema: Schema) -> str:
    if isinstance(schema.question, Above):
        return f"Is {target.column} above {level_label(schema.question.limit)}?"
    return f"Is {target.column} {target.positive}?"


def _classes(target: Target, counts: tuple[int, ...]) -> str:
    """The classes with the most and the fewest rows, and what always naming the first is right in."""
    most, least = int(np.argmax(counts)), int(np.argmin(counts))
    share = percent(counts[most] / max(sum(counts), 1))
    return (
        f"Which of {len(counts)} classes is {target.column}? Of {count(sum(counts))} training rows {share} are "
        f"'{target.names[most]}'; the rarest class, '{target.names[least]}', has {counted(counts[least], 'row')}."
    )


def _number(target: Target, values: np.ndarray) -> str:
    return (
        f"What number is {target.column}? {count(len(values))} training rows go from {number(float(values.min()))} to "
        f"{number(float(values.max()))}. Always saying their mean, {number(float(values.mean()))}, misses by "
        f"{number(float(values.std()))} (RMSE)."
    )
