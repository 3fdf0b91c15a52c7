"""Populations whose metrics are known, to see whether intervals hold them and whether tests keep their promise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from mlops_lib.objects.predictions import Predictions

GRID = 2_001
Curve = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class NormalOdds:
    """Scores whose log-odds are normal in each class, with means `low` (negatives) and `high` and one deviation `sd`;
    arrays (models,). `rate` is the share of positives, decisions are made at `threshold`.

    Metrics are closed forms (Green & Swets 1966) or integrals over the two densities by the trapezoid rule.
    """

    low: np.ndarray
    high: np.ndarray
    sd: np.ndarray
    rate: float
    threshold: float = 0.5

    @cached_property
    def truth(self) -> dict[str, np.ndarray]:
        """Every metric of these models by name, arrays (models,)."""
        ends = np.minimum(self.low, self.high) - 9 * self.sd, np.maximum(self.low, self.high) + 9 * self.sd
        odds = np.linspace(*ends, GRID, axis=-1)
        up, down = (_density(odds, mean, self.sd) for mean in (self.high, self.low))
        hit, false = self._above(odds.T)
        precision = (self.rate * hit / (self.rate * hit + (1 - self.rate) * false + 1e-300)).T
        loss = [(1 - self.rate) * down, self.rate * up]
        p, log_p, log_q = special.expit(odds), -np.logaddexp(0, -odds), -np.logaddexp(0, odds)
        return {
            "roc_auc": special.ndtr((self.high - self.low) / (np.sqrt(2) * self.sd)),
            "average_precision": np.trapezoid(precision * up, odds, axis=-1),
            "recall_at_precision:0.5": self._above(self._cut(self._precision, 0.5))[0],
            "precision_at_k:0.1": self._precision(self._cut(lambda t: -self._alarms(t), -0.1)),
            "brier": np.trapezoid(loss[1] * (1 - p) ** 2 + loss[0] * p**2, odds, axis=-1),
            "log_loss": -np.trapezoid(loss[1] * log_p + loss[0] * log_q, odds, axis=-1),
            "ece": self._calibration_error(odds, loss[1] * (p - 1) + loss[0] * p),
            **self.decided(self.threshold),
        }

    def some(self, models: int) -> NormalOdds:
        """About so many of the models, evenly over all."""
        each = slice(None, None, max(1, len(self.low) // models))
        return NormalOdds(self.low[each], self.high[each], self.sd[each], self.rate, self.threshold)

    def decided(self, threshold: float | np.ndarray) -> dict[str, np.ndarray]:
        """The metrics of decisions at a threshold, or at one of each model."""
        hit, false = self._above(np.broadcast_to(special.logit(threshold), self.low.shape))
        tp, fp = self.rate * hit, (1 - self.rate) * false
        fn, tn = self.rate - tp, 1 - self.rate - fp
        with np.errstate(divide="ignore", invalid="ignore"):
            return {
                "f1": 2 * tp / (2 * tp + fp + fn),
                "f_beta:2": 5 * tp / (5 * tp + fp + 4 * fn),
                "mcc": (tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)),
                "g_mean": np.sqrt(hit * (1 - false)),
                "balanced_accuracy": (hit + 1 - false) / 2,
                "precision": tp / (tp + fp),
                "recall": hit,
            }

    def _above(self, odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Shares of positives and of negatives with log-odds above these, (..., models)."""
        return special.ndtr((self.high - odds) / self.sd), special.ndtr((self.low - odds) / self.sd)

    def _alarms(self, odds: np.ndarray) -> np.ndarray:
        hit, false = self._above(odds)
        return np.asarray(self.rate * hit + (1 - self.rate) * false)

    def _precision(self, odds: np.ndarray) -> np.ndarray:
        return np.asarray(self.rate * self._above(odds)[0] / self._alarms(odds))

    def _cut(self, rising: Curve, wanted: float) -> np.ndarray:
        """The log-odds at which a rising curve has a value, by halving."""
        low, high = self.low - 8 * self.sd, self.high + 5 * self.sd
        for _ in range(60):
            middle = (low + high) / 2
            under = rising(middle) < wanted
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray((low + high) / 2)

    def _calibration_error(self, odds: np.ndarray, apart: np.ndarray) -> np.ndarray:
        cuts = np.array([self._cut(lambda t: -self._alarms(t), -share) for share in np.arange(0.9, 0.05, -0.1)])
        areas = (apart[:, 1:] + apart[:, :-1]) / 2 * np.diff(odds, axis=-1)
        summed = np.concatenate([np.zeros((len(odds), 1)), np.cumsum(areas, axis=-1)], axis=-1)
        edges = np.concatenate([odds[:, :1], cuts.T, odds[:, -1:]], axis=1)
        inside = [np.interp(e, x, s) for e, x, s in zip(edges, odds, summed, strict=True)]
        return np.abs(np.diff(inside, axis=-1)).sum(axis=-1)


def _density(odds: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    apart = (odds - mean[:, None]) / sd[:, None]
    return np.asarray(np.exp(-(apart**2) / 2) / (np.sqrt(2 * np.pi) * sd[:, None]))


@dataclass(frozen=True)
class Binormal:
    """Rows whose strength is normal in each class, `apart` standard deviations from each other.

    The probability of a row is the true one with its log-odds times `stretch`: 1 is calibrated, 1.6 too sure. `rate` is
    the share of positives, decisions are made at `threshold`.
    """

    apart: float
    rate: float
    threshold: float = 0.5
    stretch: float = 1.0

    def probability(self, strength: np.ndarray) -> np.ndarray:
        """The score of rows with these strengths."""
        odds = special.logit(self.rate) + self.apart * strength - self.apart**2 / 2
        return np.asarray(special.expit(self.stretch * odds))

    def answers(self, rows: int) -> np.ndarray:
        """So many rows with exactly this share of positives, int8 (rows,)."""
        return (np.arange(rows) < round(self.rate * rows)).astype(np.int8)

    def strengths(self, rows: int, rng: np.random.Generator, models: int = 1, alike: float = 0.5) -> np.ndarray:
        """Strengths (rows, models) that are correlated by `alike` within each class."""
        shared, own = rng.normal(size=(rows, 1)), rng.normal(size=(rows, models))
        return self.apart * self.answers(rows)[:, None] + np.sqrt(alike) * shared + np.sqrt(1 - alike) * own

    def drawn(self, rows: int, rng: np.random.Generator, models: int = 1, alike: float = 0.5) -> list[Predictions]:
        """A hold-out of so many rows as each of the models sees it."""
        strength = self.strengths(rows, rng, models, alike)
        return [predicted(self.answers(rows), self.probability(strength[:, m]), str(m)) for m in range(models)]

    @cached_property
    def truth(self) -> dict[str, float]:
        """The population's metrics by name."""
        middle, half = special.logit(self.rate) * self.stretch, self.stretch * self.apart**2 / 2
        ends = (np.array([value]) for value in (middle - half, middle + half, self.stretch * self.apart))
        return {name: float(value[0]) for name, value in NormalOdds(*ends, self.rate, self.threshold).truth.items()}


def predicted(truth: np.ndarray, score: np.ndarray, run: str, fold: np.ndarray | None = None) -> Predictions:
    """Predictions of the hold-out, or with `fold` (rows,) out-of-fold."""
    rows = len(truth)
    folds = np.full(rows, -1, dtype=np.int8) if fold is None else fold.astype(np.int8)
    split = "hold-out" if fold is None else "out-of-fold"
    return Predictions(run, split, ("No", "Yes"), np.arange(rows), truth, score, score, folds)
