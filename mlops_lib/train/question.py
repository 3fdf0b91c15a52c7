"""The question that training can answer, in words, or why it cannot."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_lib.data.target import resolve_target
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.schema import Above, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Target
from mlops_lib.objects.words import count, percent
from mlops_lib.resample.resampling import class_counts
from mlops_lib.stats.features import level_label
from mlops_lib.train.setting import check_two_answers


@dataclass(frozen=True)
class TrainingQuestion:
    """`sentence` states the question with the training rows; where training cannot answer it, `refused` says why and
    `hint` what to do. `rows` and `positives` count training rows; `fold_counts` are (negative, positive) rows that
    the first fold trains on."""

    sentence: str
    rows: int = 0
    positives: int = 0
    names: tuple[str, ...] = ()
    fold_counts: tuple[int, ...] = ()
    refused: str = ""
    hint: str = ""


def training_question(dataset: Dataset, schema: Schema, plan: SplitPlan) -> TrainingQuestion:
    """State the question of a schema on the training rows of a split."""
    target = resolve_target(dataset, schema)
    try:
        check_two_answers(target)
    except NotPossibleError as error:
        return TrainingQuestion("", names=target.names, refused=error.message, hint=error.hint)
    rows = plan.training_rows()
    counts = class_counts(target.codes(rows))
    last = int(plan.assignment.max())
    share = percent(counts[1] / max(sum(counts), 1))
    said = f"{_asked(target, schema)} {count(counts[1])} of {count(sum(counts))} training rows say yes ({share})."
    fold = class_counts(target.codes(plan.fold_training_rows(last)))
    return TrainingQuestion(said, sum(counts), counts[1], target.names, fold)


def _asked(target: Target, schema: Schema) -> str:
    if isinstance(schema.question, Above):
        return f"Is {target.column} above {level_label(schema.question.limit)}?"
    return f"Is {target.column} {target.positive}?"
