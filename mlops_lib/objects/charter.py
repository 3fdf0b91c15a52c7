"""What a project is for, written down before a model is trained: the question, the costs, hypotheses and success."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.fingerprint import fingerprint

Expectation = Literal["related", "higher", "lower"]


@dataclass(frozen=True)
class Hypothesis:
    """A sentence that the data can confirm or reject.

    With a `column` it is bound to the test of that column against the target: it is "related", or its values are
    "higher" or "lower" in rows of the positive class (of a numeric target: where that is larger). Of a column of labels
    `level` is the one meant: "higher" says that the positive class is commoner there. `min_effect` is the smallest
    effect worth acting on, on the common scale from 0 to 1. Without a column it stays open.
    """

    says: str
    column: str = ""
    expects: Expectation = "related"
    level: str = ""
    min_effect: float = 0.1

    def __post_init__(self) -> None:
        if not self.says.strip():
            raise InputError("The hypothesis has no words.", "Write a sentence that the data can confirm or reject.")
        if not 0 <= self.min_effect < 1:
            raise InputError(
                f"The smallest effect of '{self.says}' is {self.min_effect:g}.", "Give a number from 0 to below 1."
            )


@dataclass(frozen=True)
class Criterion:
    """What counts as success: a metric by its name in `evaluate.metrics`, its limit, and the time for one row.

    `limit` is the least value of a metric where more is better, the largest of one where less is. `latency_ms` is the
    longest time for scoring one row that 95 % of the calls may take, in milliseconds (None: it does not matter).
    """

    metric: str
    limit: float
    latency_ms: float | None = None


@dataclass(frozen=True)
class Charter:
    """One state of a project's charter; `project` is its id, which never changes. All else may, and each state is kept.

    `miss` and `false_alarm` are what one of each costs, in `currency`; None where nobody has said.
    """

    project: str
    name: str
    question: str = ""
    decision: str = ""
    miss: float | None = None
    false_alarm: float | None = None
    currency: str = ""
    criterion: Criterion | None = None
    hypotheses: tuple[Hypothesis, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InputError("The project has no name.", "Give it a name, such as 'Who will leave?'.")
        for what, cost in (("A miss", self.miss), ("A false alarm", self.false_alarm)):
            if cost is not None and cost <= 0:
                raise InputError(f"{what} costs {cost:g}.", "Give an amount above zero, or leave it empty.")

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self)
