"""What every test of a feature against the target gives back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

TestName = Literal["chi-square", "Kruskal-Wallis", "Spearman", "none"]
PFrom = Literal["reference", "Fisher", "Monte Carlo", "Matched moments", "All orders"]


@dataclass(frozen=True)
class TestResult:
    """One test of association on `n` rows where both values are known.

    `statistic`: chi-square, H with tie correction, or Spearman's rho. `df` of its reference distribution.
    `log_p` is the natural logarithm of `p` and stays finite where `p` is too small for a float.
    `effect` is Cramér's V, epsilon squared = H/(n-1), or |rho|; `corrected` the same with its bias removed.
    `strength` puts all three on one scale from 0 to 1, on which columns are ranked: bias-corrected V, the square root
    of bias-corrected epsilon squared, bias-corrected |rho|. `effect_interval` and `strength_interval` are approximate
    95 % intervals, None where they were not asked for.

    `p_from` says where `p` comes from: the reference distribution, or, where its expected counts are too small for it,
    Fisher's exact test, drawn tables (`p_words` has their number and seed) or matched moments, and for few pairs of
    numbers all orders; `p_reference` stays that of the reference distribution. `detectable` is the smallest effect on
    the common scale that a test of this size finds with 80 % power at p = 0.05, 1 where no relation in such rows is
    strong enough. A test that could not be made has `test` "none", NaN numbers and the reason in `assumption`.
    """

    __test__: ClassVar[bool] = False

    test: TestName
    statistic: float
    df: float
    p: float
    log_p: float
    n: int
    effect: float
    corrected: float
    strength: float
    assumption_met: bool
    assumption: str
    effect_interval: tuple[float, float] | None = None
    strength_interval: tuple[float, float] | None = None
    p_from: PFrom = "reference"
    p_words: str = ""
    p_reference: float = math.nan
    detectable: float = math.nan

    @property
    def possible(self) -> bool:
        """Whether the test could be made."""
        return self.test != "none"


@dataclass(frozen=True)
class OneTest:
    """One further test on a table of counts: its statistic, `df` (NaN where it has none), p and log p, and in `words`
    how p came about."""

    name: str
    statistic: float
    df: float
    p: float
    log_p: float
    words: str


def not_tested(n: int, reason: str) -> TestResult:
    """A test that these rows do not allow; `reason` is a clause ("it has one value in these rows")."""
    nan = float("nan")
    return TestResult("none", nan, nan, nan, nan, n, nan, nan, nan, assumption_met=False, assumption=reason)
