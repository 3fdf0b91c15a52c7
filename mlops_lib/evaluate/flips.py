"""Two runs row by row: where their decisions differ, who is right then, and who these rows are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import wilson
from mlops_lib.evaluate.slices import groups_of
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.words import count, counted, number, p_is, p_value, percent, quoted
from mlops_lib.stats.features import Feature
from mlops_lib.stats.multiple import holm
from mlops_lib.stats.testing import Answers, run_test

LEVEL = 0.05
MOST = 50
GRID = 40
"""Cells along each side of the picture of two probabilities."""

FEWEST = 10
"""Flipped rows from which columns are searched for what sets them apart."""


@dataclass(frozen=True, eq=False)
class Flips:
    """Decisions of two runs on the same rows, each run at its own threshold of the row's fold.

    `right` has shape (2, 2): rows by whether the first run is right (axis 0: right, wrong) and the second (axis 1).
    `kinds` has a row a way to flip: `truth`, `first`, `second` (True for an alarm), `n`, `right` (who is right: "first"
    or "second"). `p` is McNemar's exact test: of the rows that only one gets right, whether both do so equally often.
    `table` has the flipped rows that lie farthest from their thresholds: `row`, `truth`, `first`, `second`
    (probabilities), `first_alarm`, `second_alarm`, `right`. `grid` (2, GRID, GRID) counts rows by truth, first
    probability and second, in cells of equal width up to the `top` that either run reaches.
    """

    n: int
    names: tuple[str, str]
    right: np.ndarray
    kinds: pd.DataFrame
    p: float
    table: pd.DataFrame
    flipped: np.ndarray
    grid: np.ndarray
    top: float
    thresholds: tuple[float, float]

    @property
    def flips(self) -> int:
        """Rows whose decision differs."""
        return int(self.right[0, 1] + self.right[1, 0])

    @property
    def sentence(self) -> str:
        """How many decisions flip, and for whom that speaks."""
        first, second = int(self.right[0, 1]), int(self.right[1, 0])
        if not self.flips:
            return f"The two runs decide alike on all {counted(self.n, 'row')}."
        start = (
            f"{counted(self.flips, 'decision')} of {count(self.n)} ({percent(self.flips / self.n)}) flip: the chosen "
            f"run is right in {count(first)}, the reference in {count(second)}"
        )
        if self.p >= LEVEL:
            return f"{start}. That is no detectable difference (McNemar p {p_is(self.p)})."
        return f"{start}, which is more than chance (McNemar p {p_is(self.p)})."


def flips(
    first: Predictions, second: Predictions, thresholds: tuple[np.ndarray, np.ndarray], most: int = MOST
) -> Flips:
    """Compare the decisions of two runs; `thresholds` are those of each run by fold, (folds,). Every row counts once,
    whatever its weight.

    Raises
    ------
    NotPossibleError : the target has not two answers. InputError : the runs were not judged on the same rows.
    """
    if first.kind != "binary":
        raise NotPossibleError(
            "Decisions that flip at a threshold are there for a target with two answers.",
            "Ask about one class against all others, or whether the number is above a limit.",
        )
    if not (np.array_equal(first.row, second.row) and np.array_equal(first.fold, second.fold)):
        raise InputError("The two runs were not judged on the same rows.", "Choose two runs of one split.")
    positive = first.truth == 1
    alarms = tuple(p.score >= t[p.fold] for p, t in zip((first, second), thresholds, strict=True))
    good = tuple(a == positive for a in alarms)
    right = np.array([[np.count_nonzero(good[0] & good[1]), np.count_nonzero(good[0] & ~good[1])],
                      [np.count_nonzero(~good[0] & good[1]), np.count_nonzero(~good[0] & ~good[1])]])  # fmt: skip
    flipped = np.flatnonzero(alarms[0] != alarms[1])
    apart = np.abs((first.score - thresholds[0][first.fold]) - (second.score - thresholds[1][second.fold]))
    worst = flipped[np.argsort(-apart[flipped], kind="stable")[:most]]
    negative_name, positive_name = first.names
    table = pd.DataFrame({
        "row": first.row[worst], "truth": np.where(positive[worst], positive_name, negative_name),
        "first": first.score[worst], "second": second.score[worst], "first_alarm": alarms[0][worst],
        "second_alarm": alarms[1][worst], "right": np.where(good[0][worst], "first", "second"),
    })  # fmt: skip
    top = float(max(first.score.max(), second.score.max()))
    return Flips(
        first.n, (negative_name, positive_name), right, _kinds(positive, *alarms),
        mcnemar(int(right[0, 1]), int(right[1, 0])), table, flipped, _grid(first, second, top), top,
        (float(thresholds[0].mean()), float(thresholds[1].mean())),
    )  # fmt: skip


def mcnemar(first: int, second: int) -> float:
    """Exact two-sided p of McNemar's test (1947, Psychometrika 12): of the rows that only one of two gets right, the
    chance of a split at least as uneven, where either is right with chance one half. 1 where there are none."""
    from scipy.stats import binom

    n = first + second
    return 1.0 if n == 0 else min(1.0, 2.0 * float(binom.cdf(min(first, second), n, 0.5)))


def _kinds(positive: np.ndarray, first: np.ndarray, second: np.ndarray) -> pd.DataFrame:
    """The four ways in which a decision may flip."""
    rows = [
        {
            "truth": truth, "first": alarm, "second": not alarm,
            "n": int(np.count_nonzero((positive == truth) & (first == alarm) & (second != alarm))),
            "right": "first" if alarm == truth else "second",
        }
        for truth in (True, False) for alarm in (True, False)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _grid(first: Predictions, second: Predictions, top: float) -> np.ndarray:
    """Rows by truth and both probabilities, (2, GRID, GRID) int64."""
    width = max(top, 1e-12) / GRID
    places = [np.minimum((p.score / width).astype(np.int64), GRID - 1) for p in (first, second)]
    codes = ((first.truth == 1) * GRID + places[0]) * GRID + places[1]
    return np.bincount(codes, minlength=2 * GRID * GRID).reshape(2, GRID, GRID)


@dataclass(frozen=True, eq=False)
class Apart:
    """Columns in which flipped rows differ from the others, the clearest first.

    `table` has a row a column: `column`, `strength` (0 to 1, the common scale of the tests), `p`, `p_holm` (over all
    columns), `where` (the level or half in which flips are commonest), `flipped_there`, `rows_there`, `share`, with
    `low` and `high` (95 %, Wilson), `elsewhere` (the share among the other rows).
    """

    table: pd.DataFrame
    tested: int

    @property
    def found(self) -> pd.DataFrame:
        """The columns whose adjusted p is below 0.05."""
        return self.table[self.table["p_holm"] < LEVEL]

    @property
    def sentence(self) -> str:
        """In which columns flipped rows stand out."""
        if not self.tested:
            return "Too few rows flip to say who they are."
        if self.found.empty:
            return f"The flipped rows stand out in none of {counted(self.tested, 'column')} (p adjusted by Holm)."
        first = self.found.iloc[0]
        column, where = quoted(str(first["column"])), quoted(str(first["where"]))
        return (
            f"The flipped rows stand out in {counted(len(self.found), 'column')} of {self.tested}, most in {column}: "
            f"{percent(first['share'])} flip where it is {where}, {percent(first['elsewhere'])} elsewhere."
        )


def stands_apart(features: Mapping[str, Feature], flipped: np.ndarray) -> Apart:
    """Test every column for whether flipped rows (positions) differ from the others, adjusted by Holm.

    The tests are those of the features against a target. Where fewer than `FEWEST` rows flip, nothing is tested.
    """
    n = len(next(iter(features.values())).values) if features else 0
    mark = np.zeros(n, np.int8)
    mark[flipped] = 1
    enough = FEWEST <= len(flipped) <= n - FEWEST
    rows = [_apart(name, feature, mark) for name, feature in features.items()] if enough else []
    columns = ["column", "strength", "p", "where", "flipped_there", "rows_there", "share", "low", "high", "elsewhere"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(3, "p_holm", holm(table["p"].to_numpy(dtype=np.float64)))
    table = table.sort_values(["p_holm", "p"], kind="stable", ignore_index=True, na_position="last")
    return Apart(table, len(rows))


def _apart(name: str, feature: Feature, mark: np.ndarray) -> dict[str, object]:
    test = run_test(feature, Answers.of(mark))
    where, inside = _commonest(feature, mark)
    hits, n = int(mark[inside].sum()), int(inside.sum())
    low, high = (float(v) for v in wilson(np.array(hits), np.array(n)))
    others = int(np.count_nonzero(~inside))
    return {
        "column": name, "strength": test.strength, "p": test.p, "where": where, "flipped_there": hits, "rows_there": n,
        "share": hits / n if n else float("nan"), "low": low, "high": high,
        "elsewhere": int(mark[~inside].sum()) / others if others else float("nan"),
    }  # fmt: skip


def _commonest(feature: Feature, mark: np.ndarray) -> tuple[str, np.ndarray]:
    """The level, or for a number the quarter of the rows, in which the share of flips is surely highest."""
    groups = groups_of(feature, bins=4)
    rows = np.bincount(groups.codes, minlength=len(groups.labels))
    hits = np.bincount(groups.codes, mark, minlength=len(groups.labels))
    low, _ = wilson(hits, rows)
    place = int(np.nanargmax(np.where(rows > 0, low, -1.0)))
    return groups.labels[place], groups.codes == place


def shown_kinds(found: Flips) -> pd.DataFrame:
    """One line a way to flip, as people read it."""
    negative, positive = found.names
    said = {True: "alarm", False: "no alarm"}
    kinds = found.kinds
    return pd.DataFrame({
        "Truth": [positive if truth else negative for truth in kinds["truth"]],
        "Chosen run": [said[alarm] for alarm in kinds["first"]],
        "Reference": [said[alarm] for alarm in kinds["second"]],
        "Rows": kinds["n"],
        "Right": ["chosen run" if right == "first" else "reference" for right in kinds["right"]],
    })  # fmt: skip


def shown_apart(found: Apart, most: int) -> pd.DataFrame:
    """One line a column in which flipped rows stand out, as people read it; the clearest, at most so many."""
    table = found.found.head(most)
    return pd.DataFrame({
        "Column": table["column"],
        "Flips most where": table["where"],
        "Flip there": [
            f"{percent(s)} ({percent(a)} to {percent(b)})"
            for s, a, b in zip(table["share"], table["low"], table["high"], strict=True)
        ],
        "Rows there": table["rows_there"],
        "Flip elsewhere": [percent(v) for v in table["elsewhere"]],
        "p, Holm": [p_value(p) for p in table["p_holm"]],
    })  # fmt: skip


def shown_flipped(found: Flips, cells: pd.DataFrame) -> pd.DataFrame:
    """The flipped rows with their cells (the columns of `Flips.table` first), as people read them."""
    own = found.table
    shown = pd.DataFrame({
        "Row": own["row"], "Truth": own["truth"],
        "Chosen run says": [number(v) for v in own["first"]], "Reference says": [number(v) for v in own["second"]],
        "Right": ["chosen run" if right == "first" else "reference" for right in own["right"]],
    })  # fmt: skip
    values = cells[[name for name in cells if name not in own.columns and name not in shown.columns]]
    return pd.concat([shown, values.reset_index(drop=True)], axis=1)
