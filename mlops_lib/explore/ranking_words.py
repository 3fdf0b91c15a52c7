"""The ranking of features in words, key numbers and a table. Plain text: names and cells are as they are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from mlops_lib.explore.feature_tests import SMALL, FeatureTests
from mlops_lib.explore.reading_aids import CardTexts
from mlops_lib.explore.survival import Survival
from mlops_lib.objects.recipe import ADJUSTMENTS, Selection
from mlops_lib.objects.words import MISSING, count, counted, listed, number, p_value, percent

SMALLEST_P = 1e-300
"""Below this a float soon holds no p; its logarithm says how small it is."""

UNEVEN = 0.5
"""Where no number can have a larger effect than this, the classes are called uneven."""

NAMED = 4
"""Features that a sentence names."""

WAITING = "…"
"""What stands in the table until the folds are measured."""


def ranking_sentence(tests: FeatureTests) -> str:
    """Which feature goes with the target most, how many do at all and how faintly, and what the rule keeps."""
    if not tests.tested:
        first = tests.table.iloc[0]
        return f"None of the features can be tested; {first['feature']}, for one: {first['assumption']}."
    sure = tests.table[tests.table["adjusted_p"] <= tests.rule.max_p]
    top = (sure if len(sure) else tests.table).iloc[0]
    effect = f"(effect {top['strength']:.3f}, {top['strength_low']:.3f} to {top['strength_high']:.3f})"
    keeps = f"the rule keeps {count(len(tests.kept))}."
    if not tests.significant:
        what = f"of {counted(len(tests.table), 'feature')} goes with {tests.target} beyond chance"
        return f"None {what}; {top['feature']} has the largest effect {effect}, and {keeps}"
    others = int(tests.table["strength"].gt(top["strength"]).sum())
    larger = f" ({counted(others, 'larger effect')} may be chance)" if others else ""
    return f"{top['feature']} goes with {tests.target} most {effect}{larger}; {_beyond_chance(tests)}, and {keeps}"


def _beyond_chance(tests: FeatureTests) -> str:
    goes = "goes" if tests.significant == 1 else "go"
    said = f"{count(tests.significant)} of {counted(len(tests.table), 'feature')} {goes} with it beyond chance"
    faint = "all" if tests.faint == tests.significant else count(tests.faint)
    return f"{said}, {faint} of them with an effect below {SMALL:g}" if tests.faint else said


def rows_warning(tests: FeatureTests) -> str:
    """What the number of rows does to p; empty where it says nothing."""
    if not tests.tested:
        return ""
    if tests.detectable >= 1:
        return f"With {counted(tests.n, 'row')} a test may miss even the strongest relation."
    found = f"With {counted(tests.n, 'row')} a test finds an effect of {number(tests.detectable, 2)} eight times in ten"
    if tests.too_many_rows:
        return f"{found}, so p says little here: look at the effect, and set a smallest one.{_uneven(tests)}"
    if tests.detectable > SMALL:
        return f"{found}; smaller ones are easily missed, so a feature that is left out may still matter."
    return ""


def _uneven(tests: FeatureTests) -> str:
    if tests.ceiling >= UNEVEN:
        return ""
    return (
        f" The classes of {tests.target} are so uneven that even a number that separates them completely reaches "
        f"{tests.ceiling:.2f} only."
    )


def perfect_sentence(tests: FeatureTests) -> str:
    """Which numeric columns follow exactly from each other; empty where none do."""
    groups = "; ".join(listed(group) for group in tests.perfect)
    return f"These follow exactly from each other (VIF infinite): {groups}." if groups else ""


def survival_sentence(tests: FeatureTests, survived: Survival) -> str:
    """Whether the folds agree with what is kept here."""
    folds, kept = survived.folds, dict(zip(survived.table["feature"], survived.table["kept"], strict=True))
    shaky = [f"{name} ({kept[name]} of {folds})" for name in tests.kept if kept[name] < folds]
    out = [name for name in tests.table["feature"] if name not in tests.kept and kept[name]]
    others = [f"{name} ({kept[name]} of {folds})" for name in out]
    if not shaky and not others:
        return f"Each of the {folds} folds keeps the same {counted(len(tests.kept), 'feature')}."
    steady = len(tests.kept) - len(shaky)
    of = f"{count(steady) if steady else 'none'} of " if shaky else ""
    said = [f"All {folds} folds keep {of}the {count(len(tests.kept))} kept here"]
    said += [f"not in all: {listed(shaky, NAMED)}"] if shaky else []
    said += [f"left out here, but kept in some: {listed(others, NAMED)}"] if others else []
    return f"{'; '.join(said)}."


def could_have_found(row: pd.Series, limit: float) -> str:
    """What the test of a feature could have found, where its adjusted p is above `limit`; else empty."""
    if not row["adjusted_p"] > limit or math.isnan(row["detectable"]):
        return ""
    if row["detectable"] >= 1:
        return f"On {counted(int(row['n']), 'row')} this test may miss even the strongest relation"
    return f"On {counted(int(row['n']), 'row')} this test finds an effect of {row['detectable']:.3f} eight times in ten"


def p_words(p: float, log_p: float) -> str:
    """p as people read it, and its logarithm to base 10 where it is too small for a number."""
    if p < SMALLEST_P:
        return f"{p_value(p)} (log10 p {number(log_p / math.log(10))})"
    return p_value(p)


def ranking_cards(tests: FeatureTests, survived: Survival | None) -> list[CardTexts]:
    """The key numbers of the tests; what the folds keep as soon as that is known."""
    return [
        ("Rows", count(tests.n), tests.seen, "Rows whose target is known; each test uses those with both values."),
        ("Features", count(len(tests.table)), f"{count(tests.tested)} tested", "A feature with one value has no test."),
        (
            "Beyond chance",
            count(tests.significant),
            f"{count(tests.faint)} with effect < {SMALL:g}" if tests.faint else f"adjusted p ≤ {tests.rule.max_p:g}",
            _adjusted_means(tests.rule),
        ),
        ("Kept", count(len(tests.kept)), _kept_note(tests, survived), "The rule is applied anew in every fold."),
        (
            "Visible from",
            number(tests.detectable, 2),
            "smallest effect",
            "One test at p = 0.05 on this many rows finds it eight times in ten; the table says so for each feature.",
        ),
    ]


def _adjusted_means(rule: Selection) -> str:
    means = {
        "fdr_bh": "on average at most that share of them is there by chance",
        "holm": "the chance that even one of them is there by chance is at most that",
    }
    name = ADJUSTMENTS[rule.adjust]
    return (
        f"Features whose p, adjusted by {name}, is at most {rule.max_p:g}: {means[rule.adjust]}. "
        "With many rows even a faint effect is beyond chance."
    )


def _kept_note(tests: FeatureTests, survived: Survival | None) -> str:
    if survived is None:
        return "by the rule"
    every = set(survived.table["feature"][survived.table["kept"] == survived.folds])
    return f"{count(len(every & set(tests.kept)))} in all {survived.folds} folds"


def ranking_table(tests: FeatureTests, survived: Survival | None) -> pd.DataFrame:
    """The table of tests as people read it, the strongest first, with the columns of `RANKING_FORMATS` as numbers.

    The columns about folds hold `WAITING` where `survived` is None.
    """
    table, limit = tests.table, tests.rule.max_p
    shown = table.assign(
        verdict=table["kept"].map({True: "✓ kept", False: "– left out"}),
        log10_p=table["log_p"] / math.log(10),
        missing=1 - table["n"] / tests.n,
        ok=table["assumption_met"].map({True: "met: ", False: "not met: "}) + table["assumption"],
        interval=_ranges(table["strength_low"], table["strength_high"]),
        plain_interval=_ranges(table["effect_low"], table["effect_high"]),
        source=table["p_words"].where(table["p_from"] != "reference", table["test"].map(_OWN)),
        could=[could_have_found(row, limit) for _, row in table.iterrows()],
        **_fold_columns(table["feature"], survived),
    )  # fmt: skip
    # Where every test found something, an empty column would only push the others out of sight.
    named = {name: header for name, header in _RANKING.items() if name != "could" or shown["could"].any()}
    return shown[list(named)].rename(columns=named)


def _fold_columns(names: pd.Series, survived: Survival | None) -> dict[str, list[str]]:
    if survived is None:
        return {name: [WAITING] * len(names) for name in ("folds_kept", "fold_effects", "fold_ranks")}
    found = survived.table.set_index("feature").loc[names]
    ranks = zip(found["rank_low"], found["rank_high"], strict=True)
    return {
        "folds_kept": [f"{kept} of {survived.folds}" for kept in found["kept"]],
        "fold_effects": _ranges(found["effect_low"], found["effect_high"]),
        "fold_ranks": [
            MISSING if low != low else count(low) if low == high else f"{count(low)} to {count(high)}"
            for low, high in ranks
        ],
    }


def _ranges(low: pd.Series, high: pd.Series) -> list[str]:
    return [f"{a:.3f} to {b:.3f}" if a == a else MISSING for a, b in zip(low, high, strict=True)]


_OWN = {"chi-square": "χ² distribution", "Kruskal-Wallis": "χ² distribution", "Spearman": "Student's t", "none": ""}

_RANKING = {
    "feature": "feature",
    "verdict": "verdict",
    "strength": "effect",
    "interval": "95 % interval",
    "folds_kept": "kept in folds",
    "adjusted_p": "adjusted p",
    "n": "n",
    "missing": "missing",
    "reason": "reason",
    "could": "what it could have found",
    "detectable": "finds from",
    "fold_effects": "effect over folds",
    "fold_ranks": "rank over folds",
    "test": "test",
    "statistic": "statistic",
    "df": "df",
    "p": "p",
    "log10_p": "log10 p",
    "bh_p": "Benjamini-Hochberg p",
    "holm_p": "Holm p",
    "source": "p from",
    "ok": "assumptions",
    "effect": "V, ε² or |ρ|",
    "plain_interval": "its interval",
    "corrected": "bias-corrected",
    "vif": "VIF",
}

RANKING_HELP = {
    "effect": "On one scale from 0 to 1: bias-corrected Cramér's V, the root of bias-corrected ε², or |ρ|.",
    "kept in folds": "How many folds keep the feature when the rule is applied to the rows that they train on, "
    "before any treatment of columns.",
    "adjusted p": "By the adjustment that the rule names; both stand further right.",
    "missing": "Share of the rows that have no value here; they stay out of this test.",
    "finds from": "The effect that this test finds eight times in ten, at p = 0.05 and unadjusted.",
    "p from": "The test's own distribution; where expected counts are too small for it, Fisher's exact test or drawn "
    "tables.",
}
"""What some columns of `ranking_table` mean."""


def _three(value: float) -> str:
    return f"{value:.3f}" if not np.isnan(value) else MISSING


RANKING_FORMATS: dict[str, Callable[[float], str]] = {
    "effect": _three,
    "adjusted p": p_value,
    "n": count,
    "missing": percent,
    "finds from": _three,
    "statistic": number,
    "df": count,
    "p": p_value,
    "log10 p": number,
    "Benjamini-Hochberg p": p_value,
    "Holm p": p_value,
    "V, ε² or |ρ|": number,
    "bias-corrected": number,
    "VIF": number,
}
"""How the numbers of `ranking_table` are written."""
