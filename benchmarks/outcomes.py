"""How often the hold-out's intervals for many classes and for numbers hold the truth, which a long draw gives."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mlops_lib.evaluate.hold_out_outcomes import judge_outcome_hold_out
from mlops_lib.objects.predictions import Predictions

SHARES = np.array([0.6, 0.3, 0.1])
CENTRES = np.array([[0.0, 0.0], [1.6, 0.0], [0.8, 1.6]])
LONG = 1_000_000


def classes(rows: int, seed: int) -> Predictions:
    """Three normal classes in the plane with their true probabilities; the share of each is as in the population."""
    truth = np.repeat(np.arange(3, dtype=np.int8), np.round(SHARES * rows).astype(int))
    at = CENTRES[truth] + np.random.default_rng(seed).normal(size=(len(truth), 2))
    odds = np.log(SHARES) - ((at[:, None] - CENTRES) ** 2).sum(axis=-1) / 2
    score = np.exp(odds - odds.max(axis=1, keepdims=True))
    score /= score.sum(axis=1, keepdims=True)
    return _held(("a", "b", "c"), truth, score, "classes")


def numbers(rows: int, seed: int, kind: str) -> Predictions:
    """A number of which the model explains half; what is left is normal, or heavy-tailed (Student's t on 5 degrees)."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=rows)
    left = rng.normal(size=rows) if kind == "normal" else rng.standard_t(5, rows) * np.sqrt(3 / 5)
    return _held((), score + left, score, "number")


def _held(names: tuple[str, ...], truth: np.ndarray, score: np.ndarray, kind: str) -> Predictions:
    fold = np.full(len(truth), -1, dtype=np.int8)
    return Predictions("run", "hold-out", names, np.arange(len(truth)), truth, score, score, fold, kind=kind)  # type: ignore[arg-type]


@lru_cache
def truths(kind: str) -> dict[str, float]:
    """Every metric on a very long table."""
    from mlops_lib.evaluate.class_judging import _sums
    from mlops_lib.evaluate.class_metrics import CLASS_METRICS
    from mlops_lib.evaluate.number_metrics import number_values

    if kind == "classes":
        whole = _sums(classes(LONG, 1))
        return {one.name: one.of(whole) for one in CLASS_METRICS}
    long = numbers(LONG, 1, kind)
    return number_values(long.truth, long.score, np.ones(LONG))


def class_coverage(rows: int, tables: int) -> dict[str, float]:
    """How often each metric's interval holds the truth."""
    return _covered([classes(rows, 100 + seed) for seed in range(tables)], truths("classes"))


def number_coverage(rows: int, tables: int, kind: str) -> dict[str, float]:
    """How often each metric's interval holds the truth, with residuals of this kind."""
    return _covered([numbers(rows, 100 + seed, kind) for seed in range(tables)], truths(kind))


def _covered(drawn: list[Predictions], truth: dict[str, float]) -> dict[str, float]:
    held = dict.fromkeys(truth, 0)
    for seed, one in enumerate(drawn):
        for line in judge_outcome_hold_out(one, None, seed).table.to_dict("records"):
            held[line["metric"]] += line["chosen_low"] <= truth[line["metric"]] <= line["chosen_high"]
    return {name: count / len(drawn) for name, count in held.items()}
