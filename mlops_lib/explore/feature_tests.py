"""Every feature tested against the target, and what a selection rule makes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mlops_lib.explore.rows import Seen, features, look
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.stats.power import detectable_noncentrality
from mlops_lib.stats.selection import Measured, decide, measure

SMALL = 0.1
"""An effect below this on the common scale is small (Cohen 1988, w)."""


@dataclass(frozen=True, eq=False)
class TestedColumns:
    """The tests on the rows that were looked at; what they say does not depend on a rule. `ceiling` as below."""

    __test__ = False

    measured: Measured
    target: str
    target_kind: Literal["binary", "classes", "number"]
    seen: Seen
    n: int
    ceiling: float


@dataclass(frozen=True, eq=False)
class FeatureTests:
    """Tests and the verdict of a rule on each feature, the strongest first.

    `table` has the columns of `stats.selection.SelectionResult`. `tested` counts the features with a test,
    `significant` those whose adjusted p is at most the rule's limit and `faint` those of them with an effect below
    `SMALL`. `detectable` is the smallest effect that a single test of one degree of freedom at p = 0.05 finds on `n`
    rows with 80 % power; the column of that name is of each feature's own test. `ceiling` is the effect of a number
    without ties that separates the classes completely: below 1, and far below where they are uneven (1 for a numeric
    target). `note` says where the rule had to be bent; `perfect` groups numeric columns that repeat each other.
    """

    rule: Selection
    target: str
    target_kind: Literal["binary", "classes", "number"]
    seen: Seen
    n: int
    ceiling: float
    kept: tuple[str, ...]
    table: pd.DataFrame
    tested: int
    significant: int
    faint: int
    detectable: float
    perfect: tuple[tuple[str, ...], ...]
    note: str

    @property
    def strongest(self) -> str:
        """Name of the feature with the largest effect; empty where none could be tested."""
        return str(self.table["feature"].iloc[0]) if self.tested else ""

    @property
    def too_many_rows(self) -> bool:
        """Whether n alone makes effects significant that are small on the common scale."""
        return self.faint > 0 and self.detectable < SMALL / 2


def run_tests(dataset: Dataset, schema: Schema, plan: SplitPlan, all_rows: bool = False) -> TestedColumns:
    """Test every feature against the target, each on the rows where both have a value.

    Raises NotPossibleError where there is no feature or no row, InputError where a column does not fit its kind.
    """
    looked = look(dataset, schema, plan, all_rows)
    columns = features(dataset, schema, looked.rows, schema.features())
    measured = measure(columns, looked.answers)
    ceiling = 1.0 if looked.target.kind == "number" else rank_ceiling(np.bincount(looked.answers))
    return TestedColumns(measured, schema.target, looked.target.kind, looked.seen, len(looked.rows), ceiling)


def rank_ceiling(counts: np.ndarray) -> float:
    """The root of epsilon squared where a number without ties separates classes of these sizes completely.

    Ranks inside a class of share p keep p³ of all their variance, so H / (n-1) is 1 - sum of p³ up to terms of 1/n²
    (exactly 3 p (1-p) for two classes).
    """
    shares = counts / counts.sum()
    return math.sqrt(max(0.0, 1 - float((shares**3).sum())))


def apply_rule(tests: TestedColumns, rule: Selection) -> FeatureTests:
    """What a rule keeps, from tests that were made before; takes milliseconds whatever the number of rows."""
    result = decide(tests.measured, rule)
    table = result.table.sort_values("strength", ascending=False, kind="stable", na_position="last")
    significant = table["adjusted_p"] <= rule.max_p
    return FeatureTests(
        rule,
        tests.target,
        tests.target_kind,
        tests.seen,
        tests.n,
        tests.ceiling,
        result.kept,
        table.reset_index(drop=True),
        tested=int(table["p"].notna().sum()),
        significant=int(significant.sum()),
        faint=int((significant & (table["strength"] < SMALL)).sum()),
        detectable=math.sqrt(detectable_noncentrality(1) / tests.n),
        perfect=result.perfect,
        note=result.note,
    )


def feature_tests(
    dataset: Dataset, schema: Schema, plan: SplitPlan, rule: Selection, all_rows: bool = False
) -> FeatureTests:
    """Tests and verdicts in one call."""
    return apply_rule(run_tests(dataset, schema, plan, all_rows), rule)
