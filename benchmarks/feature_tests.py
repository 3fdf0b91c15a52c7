"""Tests of all columns of 1,000,000 x 30 against the loops that people write, and collinearity against its peers.

python -m benchmarks.feature_tests [rows]
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import chi2_contingency, kruskal

from benchmarks import collinearity_ratios
from benchmarks.figures import Figure, report
from benchmarks.made_table import GROUPS_TARGET, NUMBERS, ROWS, SEED, TARGET, TEXTS, make_table
from benchmarks.rounds import fastest
from mlops_lib.data.encoded import encode
from mlops_lib.stats.features import Feature
from mlops_lib.stats.selection import Measured, measure

ROUNDS = 5
_CLOSE = 1e-9


def peer_loop(frame: pd.DataFrame, target: str) -> dict[str, tuple[float, float]]:
    """Statistic and p of each column, as one would write it with pandas and SciPy."""
    found = {}
    for text in TEXTS:
        tested = chi2_contingency(pd.crosstab(frame[text.name], frame[target]), correction=False)
        found[text.name] = (float(tested.statistic), float(tested.pvalue))
    for number in NUMBERS:
        groups = [group.dropna().to_numpy() for _, group in frame[number.name].groupby(frame[target])]
        tested = kruskal(*groups)
        found[number.name] = (float(tested.statistic), float(tested.pvalue))
    return found


def encode_all(table: pa.Table) -> dict[str, Feature]:
    """Every column as codes or numbers."""
    kinds = {**{n.name: "numeric" for n in NUMBERS}, **{t.name: "categorical" for t in TEXTS}}
    kinds[table.column_names[-1]] = "categorical"
    return {name: encode(table[name], name, kind) for name, kind in kinds.items()}  # type: ignore[arg-type]


def tested(columns: Mapping[str, Feature], target: str) -> Measured:
    """Our side: statistics, p, effect sizes and their intervals of every column but the target."""
    others = {name: column for name, column in columns.items() if name != target}
    return measure(others, columns[target].values, inflation=False)


def check(ours: Measured, theirs: Mapping[str, tuple[float, float]]) -> float:
    """The largest difference of a statistic, over the statistic or over n; stops above 1e-9, or where a p differs."""
    worst = 0.0
    for name, (statistic, p) in theirs.items():
        result = ours.tests[name]
        apart = abs(result.statistic - statistic) / max(statistic, result.n)
        worst = max(worst, apart)
        if apart > _CLOSE or not math.isclose(result.p, p, rel_tol=1e-6) or result.strength_interval is None:
            raise SystemExit(f"{name}: {result.statistic!r}, p {result.p!r}, but SciPy has {statistic!r}, p {p!r}")
    return worst


def two_classes(rows: int) -> list[Figure]:
    """The table with 2 % positives."""
    table = make_table(rows, SEED)
    frame, columns = table.to_pandas(), encode_all(table)
    worst = check(tested(columns, TARGET), peer_loop(frame, TARGET))
    numbers = [columns[n.name].values for n in NUMBERS]
    peer, ours, raw, sorts = fastest(
        [
            lambda: peer_loop(frame, TARGET),
            lambda: tested(columns, TARGET),
            lambda: tested(encode_all(table), TARGET),
            lambda: [np.sort(values) for values in numbers],
        ],
        ROUNDS,
    )
    note = f"{ours:.2f} s; {peer:.2f} s the loop; statistics apart by {worst:.0e} at most"
    return [
        Figure("tests_times_faster", peer / ours, 10, note, at_least=True),
        Figure("tests_over_sorts", ours / sorts, 2.2, f"{sorts:.2f} s the sorts"),
        Figure("tests_raw_times_faster", peer / raw, 6, f"{raw:.2f} s", at_least=True),
    ]


def five_groups(rows: int) -> list[Figure]:
    """The table with five equal groups."""
    table = make_table(rows, SEED, groups=True)
    frame, columns = table.to_pandas(), encode_all(table)
    worst = check(tested(columns, GROUPS_TARGET), peer_loop(frame, GROUPS_TARGET))
    peer, ours = fastest([lambda: peer_loop(frame, GROUPS_TARGET), lambda: tested(columns, GROUPS_TARGET)], ROUNDS)
    note = f"{ours:.2f} s; {peer:.2f} s the loop; statistics apart by {worst:.0e} at most"
    return [Figure("five_groups_times_faster", peer / ours, 2.5, note, at_least=True)]


def main(rows: int = ROWS) -> int:
    """Measure, print, and return the exit code."""
    return report([*two_classes(rows), *five_groups(rows), *collinearity_ratios.figures()])


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:2])))
