"""Small tables and cards that say what the numbers mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from mlops_lib.explore.balance import ClassBalance
from mlops_lib.explore.distributions import Distribution
from mlops_lib.objects.words import count, number, percent

WALL = 8
"""Small figures shown at once."""

CardTexts = tuple[str, str, str, str]
"""Label, value, note and help of a key number."""

_SCORES = (
    ("accuracy", "Accuracy", "Share of rows that it gets right; high here says nothing."),
    ("recall", "Recall", "Share of the positive rows that it finds (many classes: the mean over classes)."),
    ("roc_auc", "ROC-AUC", "Chance that a positive row is ranked above a negative one; 0.5 is a coin."),
    (
        "average_precision",
        "Average precision",
        "Precision over all thresholds; here the share of positives.",
    ),
    ("brier", "Brier score", "Mean squared error of its probabilities; smaller is better."),
    ("log_loss", "Log loss", "Surprise at the truth, in nats; smaller is better."),
    ("rmse", "Root mean squared error", "Typical error of always answering the mean."),
    ("mae", "Mean absolute error", "Mean error of always answering the median."),
)


def do_nothing_table(balance: ClassBalance) -> pd.DataFrame:
    """Columns measure, score, what it means; the scores that exist for this target."""
    rows = [(label, getattr(balance.do_nothing, name), words) for name, label, words in _SCORES]
    frame = pd.DataFrame(rows, columns=["measure", "score", "what it means"])
    return frame[frame["score"].notna()].reset_index(drop=True)


def balance_cards(balance: ClassBalance) -> list[CardTexts]:
    """The key numbers of the target."""
    rows = ("Rows", count(balance.n), balance.seen, "Rows whose target is known.")
    folds = ("Folds", count(len(balance.folds)), "for validation", "Each row outside the hold-out is judged once.")
    if balance.kind == "number":
        spread = f"standard deviation {number(balance.do_nothing.rmse)}"
        return [rows, ("Mean", balance.do_nothing.answer, spread, "The answer of a model that learns nothing."), folds]
    low, high = balance.share_intervals[balance.smallest]
    rare = balance.names[balance.smallest]
    return [
        rows,
        (
            rare,
            count(balance.counts[balance.smallest]),
            f"{percent(balance.shares[balance.smallest])} ({percent(low)} to {percent(high)})",
            "Rows of the smallest class, their share and its 95 % interval.",
        ),
        (
            "Imbalance",
            f"1 : {number(balance.ratio)}",
            "smallest to largest",
            "Rows of the largest class for one of the smallest.",
        ),
        (
            "Entropy",
            f"{number(balance.entropy)} bits",
            f"of at most {number(balance.entropy_most)}",
            "How much the target of one row tells; the most with equal classes.",
        ),
        folds,
    ]


@dataclass(frozen=True)
class WallPage:
    """Some columns of the wall, and how many pages it has."""

    columns: tuple[Distribution, ...]
    pages: int


def wall_page(wall: Sequence[Distribution], page: int) -> WallPage:
    """Page `page` (from 1) of the wall of small figures."""
    return WallPage(tuple(wall[(page - 1) * WALL : page * WALL]), -(-len(wall) // WALL))


def pairs_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs above a limit as people read them, with the columns of `PAIRS_FORMATS` as numbers."""
    return pairs.rename(columns={"value": "association", "plain": "before bias is removed"})


PAIRS_FORMATS: dict[str, Callable[[float], str]] = {
    "association": number,
    "before bias is removed": number,
    "n": count,
}
"""How the numbers of `pairs_table` are written."""
