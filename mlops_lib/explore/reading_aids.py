"""Small tables and cards that say what the numbers mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from mlops_lib.explore.balance import ClassBalance
from mlops_lib.explore.distributions import Distribution
from mlops_lib.explore.feature_tests import FeatureTests
from mlops_lib.objects.words import MISSING, count, number, p_value, percent

WALL = 12
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


def ranking_cards(tests: FeatureTests) -> list[CardTexts]:
    """The key numbers of the tests."""
    return [
        ("Rows", count(tests.n), tests.seen, "Rows whose target is known; each test uses those with both values."),
        ("Features", count(len(tests.table)), f"{count(tests.tested)} tested", "A feature with one value has no test."),
        (
            "Beyond chance",
            count(tests.significant),
            f"adjusted p at most {tests.rule.max_p:g}",
            "Adjusted by Benjamini and Hochberg: of these, on average at most that share is there by chance.",
        ),
        (
            "Kept",
            count(len(tests.kept)),
            "by the rule",
            "The rule is applied anew in every fold.",
        ),
        (
            "Visible from",
            number(tests.detectable, 2),
            "smallest effect",
            "The smallest effect that reaches p = 0.05 in one test on this many rows.",
        ),
    ]


def ranking_table(tests: FeatureTests) -> pd.DataFrame:
    """The table of tests as people read it, the strongest first, with the columns of `RANKING_FORMATS` as numbers."""
    shown = tests.table.assign(
        verdict=tests.table["kept"].map({True: "✓ kept", False: "– left out"}),
        log10_p=tests.table["log_p"] / math.log(10),
        ok=tests.table["assumption_met"].map({True: "met: ", False: "not met: "}) + tests.table["assumption"],
        interval=_intervals(tests.table, "strength"),
        plain_interval=_intervals(tests.table, "effect"),
    )
    return shown[list(_RANKING)].rename(columns=_RANKING)


def _intervals(table: pd.DataFrame, what: str) -> list[str]:
    bounds = zip(table[f"{what}_low"], table[f"{what}_high"], strict=True)
    return [f"{low:.3f} to {high:.3f}" if low == low else MISSING for low, high in bounds]


_RANKING = {
    "feature": "feature",
    "verdict": "verdict",
    "strength": "effect",
    "interval": "95 % interval",
    "adjusted_p": "adjusted p",
    "reason": "reason",
    "test": "test",
    "statistic": "statistic",
    "df": "df",
    "p": "p",
    "log10_p": "log10 p",
    "effect": "V, ε² or |ρ|",
    "plain_interval": "its interval",
    "corrected": "bias-corrected",
    "n": "n",
    "vif": "VIF",
    "ok": "assumptions",
}

RANKING_FORMATS: dict[str, Callable[[float], str]] = {
    "effect": lambda v: f"{v:.3f}" if v == v else MISSING,
    "statistic": number,
    "df": count,
    "p": p_value,
    "adjusted p": p_value,
    "log10 p": number,
    "V, ε² or |ρ|": number,
    "bias-corrected": number,
    "n": count,
    "VIF": number,
}
"""How the numbers of `ranking_table` are written."""

PAIRS_FORMATS: dict[str, Callable[[float], str]] = {
    "association": "{:.3f}".format,
    "before bias is removed": "{:.3f}".format,
    "n": count,
}
"""How the numbers of `pairs_table` are written."""
