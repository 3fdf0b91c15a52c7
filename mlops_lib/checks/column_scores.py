"""How much of the answer one column alone tells: learnt on one half of the rows, judged on the other."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from mlops_lib.objects.schema import Schema
from mlops_lib.objects.target import Target

SAMPLE_ROWS = 50_000
BINS = 20
_ENOUGH = 20


def score_features(frame: pd.DataFrame, schema: Schema, target: Target, rows: np.ndarray) -> dict[str, float]:
    """For every feature column, the ROC-AUC, or for a number the absolute rank correlation.

    Of several classes, each is set against the rest, and the mean is weighted by their sizes.

    Each column is cut into `BINS` bins or taken by its levels, missing cells by themselves; the mean answer of each
    bin in one half of the rows scores the other half, and the other way round. So a level of a single row tells
    nothing, and a column that knows the answer only by being missing is found, too.

    Parameters
    ----------
    frame : the feature columns on `rows`, n rows.
    rows : ids of these rows, ascending.
    """
    step = max(1, -(-len(rows) // SAMPLE_ROWS))
    answers = _answers(target, rows[::step])
    if not answers or len(answers[0]) < 2 * _ENOUGH:
        return {}
    number = target.kind == "number"
    return {
        name: _scored(_codes(frame[name].iloc[::step], schema.column(name).kind), answers, number)
        for name in schema.features()
    }


def score_within_blocks(column: pd.Series, kind: str, target: Target, rows: np.ndarray, blocks: int) -> float:
    """The score of one column as by `score_features`, but within each of so many stretches of rows alone; their mean.

    Where it falls to what chance gives, the column told the answer by telling when. NaN where a stretch is too short.
    """
    step = max(1, -(-len(rows) // SAMPLE_ROWS))
    sampled = rows[::step]
    codes = _codes(column.iloc[::step], kind)
    scores = []
    for places in np.array_split(np.arange(len(sampled)), blocks):
        answers = _answers(target, sampled[places])
        if answers and len(places) >= 2 * _ENOUGH:
            scores.append(_scored(codes[places], answers, target.kind == "number"))
    return float(np.mean(scores)) if len(scores) > blocks / 2 else float("nan")


def _scored(codes: np.ndarray, answers: list[np.ndarray], number: bool) -> float:
    """Mean over the answers, each weighted by its size where there are several classes."""
    half = np.arange(len(codes)) % 2
    weights = [1.0 if len(answers) == 1 else answer.sum() for answer in answers]
    return float(np.average([_judged(codes, answer, half, number) for answer in answers], weights=weights))


def _answers(target: Target, rows: np.ndarray) -> list[np.ndarray]:
    """One column of zeros and ones a class (the positive one alone where there are two), or the numbers themselves."""
    values = target.values[rows]
    if target.kind != "classes":
        return [values]
    sizes = np.bincount(values.astype(int), minlength=len(target.names))
    return [(values == k).astype(float) for k in np.argsort(-sizes)[:10] if min(sizes[k], len(values) - sizes[k]) > 1]


def _codes(column: pd.Series, kind: str) -> np.ndarray:
    """Bins of a number or date, levels of a category; missing is a code of its own."""
    if kind == "categorical":
        return pd.factorize(column, use_na_sentinel=False)[0]
    values = column.to_numpy()
    missing = pd.isna(values)
    numbers = values.astype("datetime64[us]").astype(np.int64).astype(float) if kind == "date" else values.astype(float)
    if missing.all():
        return np.zeros(len(values), int)
    edges = np.unique(np.quantile(numbers[~missing], np.linspace(0, 1, BINS + 1)[1:-1]))
    codes = np.searchsorted(edges, numbers, side="left") + (np.searchsorted(edges, numbers, side="right"))
    return np.where(missing, 2 * BINS + 2, codes)


def _judged(codes: np.ndarray, answer: np.ndarray, half: np.ndarray, number: bool) -> float:
    """Mean over the halves of how well the other half's means rank this half."""
    parts = []
    for side in (0, 1):
        means = _means(codes, answer, half != side)
        parts.append(_ranked(means[codes[half == side]], answer[half == side], number))
    return float(np.mean(parts))


def _means(codes: np.ndarray, answer: np.ndarray, learnt: np.ndarray) -> np.ndarray:
    """Mean answer of each code among the learnt rows; the overall mean where a code does not occur there."""
    size = int(codes.max()) + 1
    number = np.bincount(codes[learnt], minlength=size)
    total = np.bincount(codes[learnt], weights=answer[learnt], minlength=size)
    overall = answer[learnt].mean()
    means: np.ndarray = np.where(number > 0, total / np.maximum(number, 1), overall)
    return means


def _ranked(score: np.ndarray, answer: np.ndarray, number: bool) -> float:
    ranks = rankdata(score)
    if number:
        other = rankdata(answer)
        spread = ranks.std() * other.std()
        return 0.0 if spread == 0 else abs(float(np.mean((ranks - ranks.mean()) * (other - other.mean())) / spread))
    positives = int(answer.sum())
    negatives = len(answer) - positives
    if not positives or not negatives:
        return 0.5
    return float((ranks[answer == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))
