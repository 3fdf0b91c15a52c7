"""Which metric should decide: three answers about the use of a model to one metric, and why it is not accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from mlops_lib.evaluate.binary_judging import COUNTS
from mlops_lib.evaluate.comparison import Judgement
from mlops_lib.evaluate.metrics import expected_cost, metric, precision_at_k
from mlops_lib.objects.decision import Best, Capacity, Cost, Policy
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import number, percent
from mlops_lib.train.ladder import recipe_title

ActsOn = Literal["ranking", "decision", "probability"]
ACTS_ON: Final[dict[ActsOn, str]] = {
    "ranking": "A ranking, from the top down",
    "decision": "A yes or no for each row",
    "probability": "The probability itself",
}

RARE: Final = 0.2
"""Share of positives below which the many negatives would drown them in ROC-AUC and MCC."""

OUT_OF: Final = 1_000


@dataclass(frozen=True)
class Needs:
    """What a model is for: what is acted on, how many false alarms a miss is worth (None: it cannot be said), and the
    share of the rows that can be acted on (None: all that need it)."""

    acts_on: ActsOn = "decision"
    miss: float | None = None
    capacity: float | None = None

    def __post_init__(self) -> None:
        if self.miss is not None and not self.miss > 0:
            raise InputError(f"A miss cannot be worth {number(self.miss)} false alarms.", "Give a number above 0.")
        if self.capacity is not None and not 0 < self.capacity < 1:
            raise InputError(
                f"A capacity of {number(self.capacity)} is no share of the rows.", "Give a share between 0 and 1."
            )


@dataclass(frozen=True)
class Advice:
    """The metric that should decide, the policy for thresholds that goes with it (None: any), and why."""

    metric: str
    policy: Policy | None
    why: str

    @property
    def label(self) -> str:
        """The metric's name for people."""
        return metric(self.metric).label


def recommend(needs: Needs, rate: float) -> Advice:
    """The metric for these needs, where `rate` is the share of positives."""
    return {"ranking": _ranking, "decision": _decision, "probability": _probability}[needs.acts_on](needs, rate)


def _probability(_: Needs, rate: float) -> Advice:
    nothing = number(rate * (1.0 - rate))
    return Advice(
        "brier", None,
        "You use the probability itself, so it has to be right and not only in the right order. The Brier score is its "
        f"mean squared distance from what happens; giving every row the base rate gets {nothing}.",
    )  # fmt: skip


def _ranking(needs: Needs, rate: float) -> Advice:
    if needs.capacity is not None:
        return _top(needs.capacity, rate)
    if rate < RARE:
        return Advice(
            "average_precision", None,
            f"You work from the top down and positives are rare ({percent(rate)}). Average precision asks how many of "
            "those you look at are positive; ROC-AUC would credit every negative at the bottom, where you never look.",
        )  # fmt: skip
    return Advice(
        "roc_auc", None,
        f"You work from the top down and both classes are common ({percent(rate)} positive), so the share of pairs in "
        "the right order says it all.",
    )  # fmt: skip


def _top(capacity: float, rate: float) -> Advice:
    alerts = max(1, round(capacity * OUT_OF))
    return Advice(
        precision_at_k(capacity).name, Capacity(alerts, OUT_OF),
        f"You can act on {percent(capacity)} of the rows, so what counts is how many of exactly those are positive. "
        f"Choosing them blindly would get {percent(rate)}.",
    )  # fmt: skip


def _decision(needs: Needs, rate: float) -> Advice:
    if needs.miss is not None:
        return _cost(needs.miss, needs.capacity, rate)
    if needs.capacity is not None:
        return _top(needs.capacity, rate)
    if rate < RARE:
        return Advice(
            "f1", Best("f1"),
            f"You decide yes or no, cannot say what a mistake costs, and positives are rare ({percent(rate)}). F1 "
            "weighs those found against false alarms and gives no credit for the many easy negatives.",
        )  # fmt: skip
    return Advice(
        "mcc", Best("mcc"),
        f"You decide yes or no, cannot say what a mistake costs, and both classes are common ({percent(rate)} "
        "positive). MCC needs all four kinds of answers to be right.",
    )  # fmt: skip


def _cost(miss: float, capacity: float | None, rate: float) -> Advice:
    policy: Policy = Cost(miss, 1.0)
    limit = ""
    if capacity is not None:
        policy, limit = Capacity(max(1, round(capacity * OUT_OF)), OUT_OF), f", within {percent(capacity)} of the rows"
    nothing = min(rate * miss, 1.0 - rate)
    what = "never alarming" if rate * miss <= 1.0 - rate else "always alarming"
    return Advice(
        expected_cost(miss, 1.0).name, policy,
        f"You know what mistakes are worth: a miss as much as {number(miss)} false alarms{limit}. Then the expected "
        f"cost is what you want least of; {what} costs {number(nothing)} a row.",
    )  # fmt: skip


def why_not_accuracy(judgement: Judgement, run: str) -> str:
    """What accuracy would say on this table, of doing nothing and of a run at its own threshold."""
    negative, positive = judgement.names
    rate = judgement.rate
    common, share = (negative, 1.0 - rate) if rate <= 0.5 else (positive, rate)
    finds = "finds nobody" if rate <= 0.5 else "rejects nobody"
    folds = judgement.folds
    tp, fp, fn, tn = (float(folds.loc[folds["run"] == run, name].sum()) for name in COUNTS)
    right, found = (tp + tn) / (tp + fp + fn + tn), tp / (tp + fn)
    return (
        f"Why not accuracy: always saying '{common}' is right {percent(share)} of the time and {finds}. "
        f"{recipe_title(judgement.judged[run].recipe)} is right {percent(right)} at its own threshold and finds "
        f"{percent(found)} of the '{positive}'."
    )
