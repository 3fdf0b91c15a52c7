"""The hypotheses of a charter, each judged by the test of its column on training rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from mlops_lib.explore.rows import Looked, features, look
from mlops_lib.objects.charter import Hypothesis
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import count, interval, number, p_is, percent
from mlops_lib.stats.features import Feature
from mlops_lib.stats.multiple import holm
from mlops_lib.stats.result import TestResult
from mlops_lib.stats.testing import Answers, run_test

Status = Literal["confirmed", "rejected", "open"]

LEVEL = 0.05


@dataclass(frozen=True)
class Judged:
    """What the rows say of one hypothesis: its status, why, and the numbers behind it (NaN where there is no test).

    `p_holm` is adjusted over all hypotheses that were tested; `effect` and its 95 % interval are on the common scale.
    """

    hypothesis: Hypothesis
    status: Status
    why: str
    p_holm: float = float("nan")
    effect: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    n: int = 0


@dataclass(frozen=True, eq=False)
class _Tested:
    """A bound hypothesis with its column on the rows that were looked at; `direction` is above 0 for "higher"."""

    hypothesis: Hypothesis
    result: TestResult
    direction: float
    facts: str


def judge_hypotheses(
    dataset: Dataset, schema: Schema, plan: SplitPlan, hypotheses: Sequence[Hypothesis]
) -> tuple[Judged, ...]:
    """Judge each hypothesis on the training rows, in their order.

    Confirmed: Holm-adjusted p at most 0.05, an effect of at least `min_effect`, and the direction that was expected.
    Rejected: the whole 95 % interval of the effect lies below `min_effect`, or the effect is sure and goes the other
    way. Everything else stays open, with the reason. Raises what `explore.rows.look` raises.
    """
    looked = look(dataset, schema, plan)
    answers = Answers.of(looked.answers)
    prepared = [_prepare(dataset, schema, looked, answers, h) for h in hypotheses]
    tested = [p for p in prepared if isinstance(p, _Tested)]
    adjusted = dict(zip(map(id, tested), holm(np.array([t.result.p for t in tested])), strict=True))
    return tuple(_judge(p, float(adjusted[id(p)])) if isinstance(p, _Tested) else p for p in prepared)


def _prepare(
    dataset: Dataset, schema: Schema, looked: Looked, answers: Answers, hypothesis: Hypothesis
) -> _Tested | Judged:
    reason = _unbound(schema, looked, hypothesis)
    if reason:
        return Judged(hypothesis, "open", reason)
    column = features(dataset, schema, looked.rows, [hypothesis.column])[hypothesis.column]
    if hypothesis.level:
        if hypothesis.level not in column.levels:
            return Judged(hypothesis, "open", f"'{column.name}' has no label '{hypothesis.level}' in these rows.")
        column = _only(column, hypothesis.level)
    result = run_test(column, answers, intervals=True)
    if not result.possible:
        return Judged(hypothesis, "open", f"'{column.name}' could not be tested: {result.assumption}.", n=result.n)
    direction, facts = _told(column, looked, hypothesis.level)
    return _Tested(hypothesis, result, direction, facts)


def _unbound(schema: Schema, looked: Looked, hypothesis: Hypothesis) -> str:
    """Why there is no test for a hypothesis; empty where there is one."""
    if not hypothesis.column:
        return "It is not bound to a column."
    if hypothesis.column not in schema.features():
        return f"'{hypothesis.column}' is not a feature of this table."
    if hypothesis.expects == "related":
        return ""
    if looked.target.kind == "classes":
        return f"'{schema.target}' has several classes, so there is no higher or lower."
    if schema.column(hypothesis.column).kind == "categorical" and not hypothesis.level:
        return f"Say which label of '{hypothesis.column}' is meant."
    return ""


def _only(column: Feature, level: str) -> Feature:
    """The column as this level against all others."""
    codes = np.where(column.values < 0, -1, column.values == column.levels.index(level)).astype(np.int32)
    return Feature(column.name, "categorical", codes, ("any other", level))


def _told(column: Feature, looked: Looked, level: str) -> tuple[float, str]:
    """The direction of the association (0 where there is none to tell), and the numbers that show it."""
    if looked.target.kind == "classes":
        return 0.0, ""
    known = column.known & ~np.isnan(looked.answers.astype(np.float64))
    values, answers = column.values[known], looked.answers[known].astype(np.float64)
    if looked.target.kind == "number":
        return _against_number(column, values, answers, level)
    if column.kind != "categorical":
        direction, says = _medians(values, answers == 1, looked)
        return direction, "" if column.kind == "date" else says
    if not level:
        return 0.0, ""
    there, elsewhere = answers[values == 1].mean(), answers[values == 0].mean()
    target = looked.target
    says = (
        f"{target.column} is '{target.positive}' in {percent(there)} where {column.name} is '{level}', "
        f"in {percent(elsewhere)} elsewhere"
    )
    return float(there - elsewhere), says


def _medians(values: np.ndarray, positive: np.ndarray, looked: Looked) -> tuple[float, str]:
    ranks = rankdata(values)
    with_, without = np.median(values[positive]), np.median(values[~positive])
    target = looked.target
    says = (
        f"the median is {number(float(with_))} where {target.column} is '{target.positive}', "
        f"{number(float(without))} where it is '{target.negative}'"
    )
    return float(ranks[positive].mean() - ranks[~positive].mean()), says


def _against_number(column: Feature, values: np.ndarray, answers: np.ndarray, level: str) -> tuple[float, str]:
    ranks = rankdata(answers)
    if column.kind != "categorical":
        mine = rankdata(values)
        return float(np.mean((mine - mine.mean()) * (ranks - ranks.mean()))), ""
    if not level:
        return 0.0, ""
    at = values == 1
    says = f"the median is {number(float(np.median(answers[at])))} at '{level}', "
    return float(ranks[at].mean() - ranks[~at].mean()), says + f"{number(float(np.median(answers[~at])))} elsewhere"


def _judge(tested: _Tested, p_holm: float) -> Judged:
    result, wanted = tested.result, tested.hypothesis
    low, high = result.strength_interval or (float("nan"), float("nan"))
    sure = p_holm <= LEVEL and result.strength >= wanted.min_effect
    right = wanted.expects == "related" or (tested.direction > 0) == (wanted.expects == "higher")
    if high < wanted.min_effect:
        status, verdict = "rejected", f"an effect of {number(wanted.min_effect)} or more is ruled out"
    elif sure and right:
        status, verdict = "confirmed", "as expected"
    elif sure:
        status, verdict = "rejected", "it goes the other way"
    else:
        status, verdict = "open", _not_sure(wanted, p_holm)
    numbers = f"effect {number(result.strength)} ({interval(low, high)}), p {p_is(p_holm)}, n {count(result.n)}"
    why = "; ".join(part for part in (verdict, tested.facts, numbers) if part)
    return Judged(wanted, status, f"{why[:1].upper()}{why[1:]}.", p_holm, result.strength, low, high, result.n)  # type: ignore[arg-type]


def _not_sure(wanted: Hypothesis, p_holm: float) -> str:
    if p_holm > LEVEL:
        return "these rows cannot tell"
    return f"there is an effect, but it is not shown to reach {number(wanted.min_effect)}"
