"""Confident errors: the rows whose truth the model thought least of, and whether they are more than it said."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.words import count, counted, number, p_is, percent
from mlops_lib.train.scores import times_odds

SURE = 0.9
"""Probability from which a model is called sure."""

MOST = 25
LEVEL = 0.05
_ENOUGH_EXPECTED = 5.0


@dataclass(frozen=True, eq=False)
class Errors:
    """`table` has the worst rows, both kinds, the worst first within each: `row` (id in the table), `kind`, `truth`,
    `said` (what the model thought likeliest or the number it predicted), `chance` (probability that it gave the truth;
    for a number NaN), `off` (1 - chance, or the distance of the number, signed).

    `sure` counts the rows whose truth got at most 1 - SURE, `expected` how many there would be if every probability
    were true, `p` the chance of so many or more then (NaN where too few are expected to say). `kinds` names the two
    kinds. `sentence` and `hint` are for people.
    """

    table: pd.DataFrame
    kinds: tuple[str, ...]
    sure: int
    expected: float
    p: float
    n: int
    sentence: str
    hint: str


def confident_errors(predictions: Predictions, most: int = MOST, odds: float = 1.0) -> Errors:
    """The rows with the most wrong out-of-fold probability, at most `most` of each kind.

    Two answers: those missed and those falsely accused; many classes: those whose truth got least; a number: those
    predicted too low and too high. The number of sure errors is compared with the sum of the probabilities by the
    normal approximation to the Poisson-binomial distribution, with a continuity correction. `odds` is the run's
    `Calibrator.odds`, which is taken back, since errors are counted in the table as it is.
    """
    if predictions.kind == "number":
        return _numbers(predictions, most)
    if odds != 1.0:
        predictions = replace(predictions, score=times_odds(predictions.score, 1.0 / odds))
    chance, said = _chances(predictions)
    codes = predictions.truth.astype(np.int64)
    wrong = said != codes if predictions.kind == "classes" else chance < 0.5
    places = [_worst(np.flatnonzero(wrong & (codes == k)), chance, most) for k in range(len(predictions.names))]
    if predictions.kind == "binary":
        places = places[::-1]
    at = np.concatenate(places) if places else np.empty(0, np.int64)
    if predictions.kind == "classes":
        at = _worst(at, chance, 2 * most)
    names = np.array(predictions.names, dtype=object)
    truth, thought = names[codes[at]], names[said[at]]
    kinds = _kinds(predictions)
    kind = (
        np.where(codes[at] == 1, kinds[0], kinds[1])
        if predictions.kind == "binary"
        else np.array([f"{t}, called {s}" for t, s in zip(truth, thought, strict=True)], dtype=object)
    )
    table = pd.DataFrame({
        "row": predictions.row[at], "kind": kind, "truth": truth, "said": thought,
        "chance": chance[at], "off": 1.0 - chance[at],
    })  # fmt: skip
    sure, expected, spread = _expected(predictions, chance)
    p = _exceeds(sure, expected, spread)
    sentence, hint = _words(predictions, sure, expected, p)
    return Errors(table, kinds, sure, expected, p, predictions.n, sentence, hint)


def _kinds(predictions: Predictions) -> tuple[str, ...]:
    if predictions.kind == "classes":
        return ()
    negative, positive = predictions.names
    return f"'{positive}' that it thought least likely", f"'{negative}' that it took for '{positive}'"


def _chances(predictions: Predictions) -> tuple[np.ndarray, np.ndarray]:
    """The probability given to each row's truth, and the code of the likeliest answer, both (n,)."""
    codes = predictions.truth.astype(np.int64)
    if predictions.kind == "classes":
        return predictions.score[np.arange(predictions.n), codes], predictions.score.argmax(axis=1)
    return np.where(codes == 1, predictions.score, 1.0 - predictions.score), (predictions.score >= 0.5).astype(np.int64)


def _worst(rows: np.ndarray, chance: np.ndarray, most: int) -> np.ndarray:
    return rows[np.argsort(chance[rows], kind="stable")[:most]]


def _expected(predictions: Predictions, chance: np.ndarray) -> tuple[int, float, float]:
    """Rows whose truth got at most 1 - SURE; how many the probabilities themselves make one expect, and the standard
    deviation of that number. Every answer with so small a chance comes true with that chance."""
    limit = 1.0 - SURE + 1e-12
    score = predictions.score
    every = score if score.ndim == 2 else np.column_stack([1.0 - score, score])
    risk = np.where(every <= limit, every, 0.0).sum(axis=1)
    return int(np.count_nonzero(chance <= limit)), float(risk.sum()), math.sqrt(float((risk * (1.0 - risk)).sum()))


def _exceeds(seen: int, expected: float, spread: float) -> float:
    if expected < _ENOUGH_EXPECTED or spread == 0:
        return float("nan")
    z = (seen - 0.5 - expected) / spread
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def _words(predictions: Predictions, sure: int, expected: float, p: float) -> tuple[str, str]:
    share = percent(1.0 - SURE)
    sentence = (
        f"{count(sure)} of {counted(predictions.n, 'row')} turned out as the model had thought at most {share} likely; "
        f"by its own probabilities, about {number(expected, 2)} would"
    )
    look = (
        "Look at the clearest rows first: a wrong label, a column that is missing here, or a rare case that is right. "
        "Correct only what you know to be wrong."
    )
    if math.isnan(p):
        return f"{sentence}.", look
    if p < LEVEL:
        more = "That is more than chance explains, so some labels may be wrong, or the probabilities too sure."
        return f"{sentence} (p {p_is(p)}).", f"{more} {look}"
    fewer = "That is no more than chance explains: errors this sure belong to such probabilities."
    return f"{sentence} (p {p_is(p)}).", f"{fewer} {look}"


def _numbers(predictions: Predictions, most: int) -> Errors:
    off = predictions.score - predictions.truth
    low = np.flatnonzero(off < 0)
    high = np.flatnonzero(off > 0)
    at = np.concatenate([low[np.argsort(off[low], kind="stable")[:most]], high[np.argsort(-off[high])[:most]]])
    kinds = ("predicted too low", "predicted too high")
    table = pd.DataFrame({
        "row": predictions.row[at], "kind": np.where(off[at] < 0, *kinds), "truth": predictions.truth[at],
        "said": predictions.score[at], "chance": np.nan, "off": off[at],
    })  # fmt: skip
    size = np.abs(off)
    far = float(np.quantile(size, 0.99))
    sentence = (
        f"Half of the {count(predictions.n)} predictions are off by {number(float(np.median(size)))} or less, one in a "
        f"hundred by more than {number(far)}."
    )
    hint = "Look at the farthest rows first: a wrong value, another unit, or a case that these columns cannot tell."
    nan = float("nan")
    return Errors(table, kinds, int(np.count_nonzero(size > far)), nan, nan, predictions.n, sentence, hint)


def shown_errors(cells: pd.DataFrame, kind: str = "") -> pd.DataFrame:
    """The rows of one kind ("": all) as people read them. `cells` has the columns of `Errors.table` first, then those
    of the dataset."""
    part = cells[cells["kind"] == kind] if kind else cells
    numeric = part["chance"].isna().all()
    shown: dict[str, Any] = {"Row": part["row"], "Truth": part["truth"]}
    if numeric:
        shown |= {"Predicted": [number(v) for v in part["said"]], "Off by": [number(v) for v in part["off"]]}
    else:
        shown |= {"Thought likeliest": part["said"], "Chance of the truth": [_small(v) for v in part["chance"]]}
    values = [name for name in part if name not in (*_OWN, *shown)]
    return pd.concat([pd.DataFrame(shown), part[values]], axis=1).reset_index(drop=True)


_OWN = ("row", "kind", "truth", "said", "chance", "off")


def _small(share: float) -> str:
    return "< 0.1 %" if share < 0.001 else percent(share)
