"""How a run does in the groups of a column: who is missed, who is accused, and whose probabilities are off."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_lib.evaluate.intervals import wilson
from mlops_lib.explore.binning import day_label, level_places
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.words import MISSING as UNKNOWN
from mlops_lib.objects.words import count, counted, exact, number, p_is, p_value, percent, quoted
from mlops_lib.stats.exact import fisher
from mlops_lib.stats.features import Feature
from mlops_lib.stats.multiple import holm
from mlops_lib.train.scores import times_odds

LEVEL = 0.05
BINS, LEVELS = 5, 12
"""Quantile bins of a number, and levels of a category that are shown one by one."""

FEWEST = 30
"""Rows of a slice below which nothing is said of it."""

FEWEST_OF_A_KIND = 10
"""Rows that a share is taken of, in the slice and outside it, from which the share is tested."""

MISSING = "missing"
WORSE, ALIKE, FEW = "worse", "no detectable difference", "too few rows"

MEASURES = {
    "recall": "misses more",
    "false_alarms": "more false alarms",
    "precision": "alarms less often right",
    "calibration": "probabilities off",
}
"""What a slice may be worse in."""


@dataclass(frozen=True, eq=False)
class Groups:
    """The slice of each row: `codes` (n,) into `labels`; rows without a value are the slice "missing"."""

    codes: np.ndarray
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Slices:
    """`table` has a row a slice, the most harmed first: `column`, `slice`, `n`, `positives`, `alarms`; `recall`,
    `precision`, `false_alarms` (share of the negatives that raise an alarm) and `observed` (share of positives), each
    with `_low`, `_high` (95 %, Wilson), NaN where there is nothing to take a share of; `rest_recall`, .. are those
    of all other rows; `mean_score`;
    for each of `MEASURES` a `p_` (against all other rows) and `p_..._holm` over all looks; `harm` (misses and false
    alarms beyond what the rates of all rows would give, in rows), `outcome` (WORSE, ALIKE, FEW), `worse_in`.

    `looks` counts the tests that were made.
    """

    table: pd.DataFrame
    looks: int
    columns: int
    n: int

    @property
    def worse(self) -> pd.DataFrame:
        """The slices that are worse, the most harmed first."""
        return self.table[self.table["outcome"] == WORSE]

    @property
    def sentence(self) -> str:
        """Where the run does worse, or that it is not detectably worse anywhere."""
        where = "the groups of one column" if self.columns == 1 else f"the groups of {count(self.columns)} columns"
        if not self.looks:
            return f"There are too few rows in {where} to compare them."
        looked = f"{counted(self.looks, 'look')}, adjusted by Holm"
        if self.worse.empty:
            return f"The run is not detectably worse in any of {where} ({looked})."
        one = self.worse.iloc[0]
        name = f"{quoted(str(one['column']))} = {quoted(str(one['slice']))}"
        more = len(self.worse) - 1
        rest = f", and in {counted(more, 'other group', 'other groups')}" if more else ""
        return f"The run is worse where {name}: {_how(one)}{rest} ({looked})."


def groups_of(feature: Feature, bins: int = BINS, levels: int = LEVELS) -> Groups:
    """The slices of a column: the commonest levels as they are and the others together; of a number quantile bins, or
    its values where they are few; what is missing is a slice of its own."""
    if feature.kind == "categorical":
        counts = np.bincount(feature.values[feature.values >= 0], minlength=len(feature.levels))
        found = level_places(counts, feature.levels, levels)
        return _with_missing(found.place[feature.values].astype(np.int64), found.labels)
    values = feature.values
    known = values[np.isfinite(values)]
    distinct = np.unique(known)
    dates = feature.kind == "date"
    if len(distinct) <= bins:
        codes = np.where(np.isfinite(values), np.searchsorted(distinct, values), -1)
        return _with_missing(codes, tuple(_said(v, dates) for v in distinct))
    cuts = np.unique(np.quantile(known, np.arange(1, bins) / bins, method="lower"))
    codes = np.where(np.isfinite(values), np.searchsorted(cuts, values, side="left"), -1)
    kept = np.unique(codes[codes >= 0])
    codes = np.where(codes >= 0, np.searchsorted(kept, codes), -1)
    labels = tuple(_span(known[codes[np.isfinite(values)] == k], dates) for k in range(len(kept)))
    return _with_missing(codes, labels)


def _with_missing(codes: np.ndarray, labels: tuple[str, ...]) -> Groups:
    if not (codes < 0).any():
        return Groups(codes, labels)
    return Groups(np.where(codes < 0, len(labels), codes), (*labels, MISSING))


def _span(values: np.ndarray, dates: bool) -> str:
    low, high = _said(float(values.min()), dates), _said(float(values.max()), dates)
    return low if low == high else f"{low} to {high}"


def _said(value: float, dates: bool) -> str:
    if dates:
        return day_label(value)
    return number(value) if value == int(value) else exact(float(f"{value:.4g}"))


def slices(
    predictions: Predictions, thresholds: np.ndarray, features: Mapping[str, Feature], odds: float = 1.0
) -> Slices:
    """Measure a run in the groups of one or several columns, each group against all other rows.

    `thresholds` (folds,) is the run's own for each fold; `features` are the columns on the rows of `predictions`.
    `odds` is the run's `Calibrator.odds`: it is taken back where probabilities are held against what happened in the
    table. Every row counts once, whatever its weight.

    Recall, false-alarm rate and precision are compared by Fisher's exact test, probabilities with what happened by the
    normal approximation to the Poisson-binomial distribution (Spiegelhalter 1986, Statistics in Medicine 5, for the
    sum). All p-values are adjusted together by Holm, over all columns: a slice is called worse only if one of its
    adjusted p is below 0.05 and it points to harm.

    Raises NotPossibleError where the target has not two answers.
    """
    if predictions.kind != "binary":
        raise NotPossibleError(
            "Groups are compared by alarms, hits and misses, which are there for a target with two answers.",
            "Ask about one class against all others, or whether the number is above a limit.",
        )
    alarm = predictions.score >= thresholds[predictions.fold]
    score = predictions.score if odds == 1.0 else times_odds(predictions.score, 1.0 / odds)
    parts = [_measured(name, groups_of(feature), predictions, alarm, score) for name, feature in features.items()]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if table.empty:
        return Slices(table, 0, len(features), predictions.n)
    p = table[[f"p_{m}" for m in MEASURES]].to_numpy(dtype=np.float64)
    adjusted = holm(p.ravel()).reshape(p.shape)
    for place, measure in enumerate(MEASURES):
        table[f"p_{measure}_holm"] = adjusted[:, place]
    table["worse_in"] = _worse_in(table)
    table["outcome"] = np.where(table["worse_in"] != "", WORSE, np.where(table["n"] < FEWEST, FEW, ALIKE))
    table = table.sort_values("harm", ascending=False, kind="stable", ignore_index=True)
    order = np.argsort((table["outcome"] != WORSE).to_numpy(), kind="stable")
    return Slices(table.iloc[order].reset_index(drop=True), int(np.isfinite(p).sum()), len(features), predictions.n)


def _measured(
    column: str, groups: Groups, predictions: Predictions, alarm: np.ndarray, score: np.ndarray
) -> pd.DataFrame:
    """Counts and measures of the groups of one column, with p against the rest."""
    k, codes = len(groups.labels), groups.codes
    positive = predictions.truth == 1
    n = np.bincount(codes, minlength=k)
    positives, alarms = (np.bincount(codes, mark, k).astype(np.int64) for mark in (positive, alarm))
    tp = np.bincount(codes, positive & alarm, k).astype(np.int64)
    fp, negatives = alarms - tp, n - positives
    expected, spread = np.bincount(codes, score, k), np.bincount(codes, score * (1.0 - score), k)
    of: dict[str, Any] = {"column": column, "slice": groups.labels, "n": n, "positives": positives, "alarms": alarms}
    for name, hits, whole in (("recall", tp, positives), ("precision", tp, alarms), ("false_alarms", fp, negatives)):
        of |= _share(name, hits, whole)
        of[f"rest_{name}"] = _ratio(hits.sum() - hits, whole.sum() - whole)
        of[f"p_{name}"] = [_against_rest(hits, whole, i) if n[i] >= FEWEST else math.nan for i in range(k)]
    of |= _share("observed", positives, n)
    of["mean_score"] = _ratio(expected, n)
    of["p_calibration"] = [_off(positives[i], expected[i], spread[i], n[i]) for i in range(k)]
    of["harm"] = _excess(positives - tp, positives) + _excess(fp, negatives)
    return pd.DataFrame(of)[n > 0].reset_index(drop=True)


def _share(name: str, hits: np.ndarray, whole: np.ndarray) -> dict[str, np.ndarray]:
    low, high = wilson(hits, whole)
    return {name: _ratio(hits, whole), f"{name}_low": low, f"{name}_high": high}


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))


def _against_rest(hits: np.ndarray, of: np.ndarray, place: int) -> float:
    """Fisher's p of a share in one slice against the share in all others; NaN where either has too few rows."""
    inside, outside = int(of[place]), int(of.sum() - of[place])
    if min(inside, outside) < FEWEST_OF_A_KIND:
        return math.nan
    a, b = int(hits[place]), int(hits.sum() - hits[place])
    return fisher(np.array([[a, inside - a], [b, outside - b]])).p


def _off(happened: float, expected: float, spread: float, n: float) -> float:
    if n < FEWEST or spread < FEWEST_OF_A_KIND / 2:
        return math.nan
    return math.erfc(abs(happened - expected) / math.sqrt(2.0 * spread))


def _excess(wrong: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Wrong decisions beyond those at the share of all rows together; 0 where there are fewer."""
    rate = float(wrong.sum()) / max(float(of.sum()), 1.0)
    return np.asarray(np.maximum(wrong - of * rate, 0.0))


def _worse_in(table: pd.DataFrame) -> list[str]:
    """The measures in which each slice is surely worse, as a phrase; "" for none. Probabilities that are off harm
    whichever way they are."""
    value = {name: table[name].to_numpy(dtype=np.float64) for name in table.columns if table[name].dtype.kind == "f"}
    harms = {
        "recall": value["recall"] < value["rest_recall"],
        "false_alarms": value["false_alarms"] > value["rest_false_alarms"],
        "precision": value["precision"] < value["rest_precision"],
        "calibration": np.ones(len(table), dtype=bool),
    }
    sure = {m: (value[f"p_{m}_holm"] < LEVEL) & harms[m] for m in MEASURES}
    return [", ".join(words for m, words in MEASURES.items() if sure[m][i]) for i in range(len(table))]


def _how(row: pd.Series) -> str:
    """What is worse there, with its numbers and those of the other rows."""
    said = {
        "recall": f"it finds {percent(row['recall'])} of the positives, elsewhere {percent(row['rest_recall'])}",
        "false_alarms": f"{percent(row['false_alarms'])} of the negatives raise an alarm, elsewhere "
        f"{percent(row['rest_false_alarms'])}",
        "precision": f"{percent(row['precision'])} of the alarms are right, elsewhere {percent(row['rest_precision'])}",
        "calibration": f"the mean probability is {percent(row['mean_score'])}, and {percent(row['observed'])} happened",
    }
    first = min((m for m in MEASURES if MEASURES[m] in row["worse_in"]), key=lambda m: row[f"p_{m}_holm"])
    return f"{said[first]} (adjusted p {p_is(float(row[f'p_{first}_holm']))})"


def shown_slices(found: Slices) -> pd.DataFrame:
    """One line a slice, as people read it."""
    table = found.table
    if table.empty:
        return pd.DataFrame({"Group": []})
    group = table["column"] + " = " + table["slice"] if found.columns > 1 else table["slice"]
    shown = {
        "Group": group, "Finding": np.where(table["worse_in"] != "", table["worse_in"], table["outcome"]),
        "Extra mistakes": [number(v, 2) for v in table["harm"]],
        "Rows": table["n"], "Positives": table["positives"],
    }  # fmt: skip
    labels = {"recall": "Recall", "false_alarms": "False-alarm rate", "precision": "Precision"}
    for name, label in labels.items():
        shown[label] = _with_interval(table, name)
    shown["Mean probability"] = [percent(v) for v in table["mean_score"]]
    shown["Happened"] = _with_interval(table, "observed")
    lowest = table[[f"p_{m}_holm" for m in MEASURES]].min(axis=1)
    shown["Smallest p, Holm"] = [p_value(v) for v in lowest]
    return pd.DataFrame(shown)


def _with_interval(table: pd.DataFrame, name: str) -> list[str]:
    ends = (table[name + end] for end in ("", "_low", "_high"))
    return [
        UNKNOWN if math.isnan(v) else f"{percent(v)} ({percent(a)} to {percent(b)})"
        for v, a, b in zip(*ends, strict=True)
    ]
