"""A threshold, the policy that chose it and how far it may be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mlops_lib.objects.fingerprint import described, fingerprint, later


@dataclass(frozen=True)
class Cost:
    """Least expected cost: what a missed positive and a false alarm cost, in one currency.

    The currency counts: the same numbers in another one are another decision, with another card.
    """

    miss: float
    false_alarm: float
    currency: str = ""


@dataclass(frozen=True)
class Capacity:
    """At most `alerts` alarms among `out_of` rows scored at a time."""

    alerts: int
    out_of: int


@dataclass(frozen=True)
class AtLeast:
    """A minimum `metric` ("precision" or "recall"), met by its lower 95 % bound; the other as high as can be."""

    metric: str
    minimum: float


@dataclass(frozen=True)
class Best:
    """The largest value of a metric ("f1", "mcc" or "balanced_accuracy")."""

    metric: str = "f1"


@dataclass(frozen=True)
class Fixed:
    """A threshold typed by hand."""

    threshold: float


Policy = Cost | Capacity | AtLeast | Best | Fixed


@dataclass(frozen=True)
class Decision:
    """A threshold, applied as `score >= threshold` to calibrated scores.

    `stability` is the middle 95 % of the bootstrapped optimum (a range of stability, not a confidence interval);
    `equal_band` the thresholds whose cost or metric cannot be told from the best. None where they do not apply.
    `promised` is False where these data cannot promise the minimum that was asked for. `odds` are the true odds of the
    positive class over those of the rows, where these have another share on purpose: costs are weighed at the true one.
    """

    run: str
    policy: Policy
    threshold: float
    chosen_on: str
    n: int
    promised: bool = True
    stability: tuple[float, float] | None = described(default=None)
    equal_band: tuple[float, float] | None = described(default=None)
    notes: tuple[str, ...] = described(default=())
    odds: float = later(1.0)

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self)
