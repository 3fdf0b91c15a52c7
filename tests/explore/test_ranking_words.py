"""The ranking in words: effects beside every count, what a test could have found, and what the folds say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from mlops_lib.explore.feature_tests import FeatureTests, feature_tests
from mlops_lib.explore.ranking_words import (
    RANKING_FORMATS,
    RANKING_HELP,
    could_have_found,
    p_words,
    perfect_sentence,
    ranking_cards,
    ranking_sentence,
    ranking_table,
    rows_warning,
    survival_sentence,
)
from mlops_lib.explore.survival import Survival, survival
from mlops_lib.objects.recipe import Selection
from tests.explore.conftest import Ask, employees


def many_rows(ask: Ask, rule: Selection) -> FeatureTests:
    rng = np.random.default_rng(0)
    n = 60_000
    left = rng.random(n) < 0.3
    columns = {"faint": rng.normal(size=n) + 0.05 * left, "strong": rng.normal(size=n) + 3 * left}
    table = pa.table({**columns, "noise": rng.normal(size=n), "left": np.where(left, "Yes", "No")})
    return feature_tests(*ask(table=table), rule)


def test_the_strongest_comes_first_with_its_interval(ask: Ask) -> None:
    tests = feature_tests(*ask(), Selection())
    top = tests.table.iloc[0]
    assert ranking_sentence(tests).startswith(
        f"{tests.strongest} goes with left most (effect {top['strength']:.3f}, {top['strength_low']:.3f} to "
    )
    assert ranking_sentence(tests).endswith(f"the rule keeps {len(tests.kept)}.")
    assert "eight times in ten; smaller ones are easily missed" in rows_warning(tests)
    assert perfect_sentence(tests) == ""


def test_a_larger_effect_that_may_be_chance_does_not_stand_for_the_strongest(ask: Ask) -> None:
    tests = many_rows(ask, Selection())
    table = tests.table.copy()
    table.loc[table["feature"] == "noise", ["strength", "adjusted_p"]] = [0.99, 0.4]
    table = table.sort_values("strength", ascending=False, ignore_index=True)
    said = ranking_sentence(replace(tests, table=table))
    assert said.startswith("strong goes with left most (effect ")
    assert " (1 larger effect may be chance); " in said
    table["adjusted_p"] = 0.4
    said = ranking_sentence(replace(tests, table=table, significant=0))
    assert said.startswith("None of 3 features goes with left beyond chance; noise has the largest effect (effect 0.99")


def test_with_many_rows_beyond_chance_never_stands_alone(ask: Ask) -> None:
    tests = many_rows(ask, Selection())
    assert "2 of 3 features go with it beyond chance, 1 of them with an effect below 0.1" in ranking_sentence(tests)
    assert "so p says little here: look at the effect" in rows_warning(tests)
    assert "uneven" not in rows_warning(tests)
    assert "completely reaches 0.24 only." in rows_warning(replace(tests, ceiling=0.2425))
    assert "all of them with an effect below 0.1" in ranking_sentence(replace(tests, faint=2))
    assert ranking_cards(tests, None)[2][2] == "1 with effect < 0.1"


def test_what_is_not_found_says_what_could_have_been(ask: Ask) -> None:
    tests = many_rows(ask, Selection())
    rows = tests.table.set_index("feature", drop=False)
    assert could_have_found(rows.loc["strong"], 0.05) == ""
    noise = rows.loc["noise"].copy()
    noise["detectable"] = 0.0132
    assert could_have_found(noise, 0.05) == "On 45,000 rows this test finds an effect of 0.013 eight times in ten"
    noise["detectable"] = 1.0
    assert could_have_found(noise, 0.05) == "On 45,000 rows this test may miss even the strongest relation"
    assert (
        rows_warning(replace(tests, n=5, detectable=1.25)) == "With 5 rows a test may miss even the strongest relation."
    )
    noise["detectable"] = math.nan
    assert could_have_found(noise, 0.05) == ""


def test_the_table_has_what_people_need(ask: Ask) -> None:
    asked = ask()
    tests = feature_tests(*asked, Selection())
    waiting, shown = ranking_table(tests, None), ranking_table(tests, survival(*asked, Selection()))
    assert set(RANKING_FORMATS) | set(RANKING_HELP) <= set(shown)
    assert set(waiting["kept in folds"]) == {"…"}
    assert shown["kept in folds"].str.fullmatch(r"[0-5] of 5").all()
    missing = shown.set_index("feature")["missing"]
    known = asked[0].frame().iloc[asked[2].training_rows()]["age"].notna().mean()
    assert missing["age"] == pytest.approx(1 - known)
    assert missing["dept"] == 0
    written = [RANKING_FORMATS["adjusted p"](p) for p in (0.0, 0.0001, 0.04, math.nan)]
    assert written == ["< 0.001", "< 0.001", "0.040", "–"]
    assert (shown["Benjamini-Hochberg p"] <= shown["Holm p"]).all()


def test_p_from_an_exact_test_is_named(ask: Ask) -> None:
    rng = np.random.default_rng(1)
    left = np.where(rng.random(60) < 0.3, "Yes", "No")
    table = pa.table({"rare": np.where(np.arange(60) < 4, "a", "b"), "age": rng.normal(size=60), "left": left})
    tests = feature_tests(*ask(table=table, rare="categorical"), Selection())
    shown = ranking_table(tests, None).set_index("feature")
    assert shown.loc["rare", "p from"].startswith("Fisher's exact test")
    assert shown.loc["age", "p from"] == "χ² distribution"


def test_p_too_small_for_a_number_has_its_logarithm() -> None:
    assert p_words(0.0, -1000.0) == "< 0.001 (log10 p −434)"
    assert p_words(0.03, math.log(0.03)) == "0.030"


def test_what_cannot_be_tested_is_said(ask: Ask) -> None:
    table = employees().select(["left"]).append_column("same", pa.array(np.ones(400)))
    asked = ask(table=table)
    tests, found = feature_tests(*asked, Selection()), survival(*asked, Selection())
    assert (
        ranking_sentence(tests) == "None of the features can be tested; same, for one: it has one value in these rows."
    )
    assert rows_warning(tests) == ""
    shown = ranking_table(tests, found)
    assert shown[["95 % interval", "effect over folds", "rank over folds"]].to_numpy().tolist() == [["–", "–", "–"]]
    assert shown["p from"].tolist() == [""]


def test_the_folds_agree_or_are_named(ask: Ask) -> None:
    asked = ask()
    tests, found = feature_tests(*asked, Selection()), survival(*asked, Selection())
    kept = found.table["feature"].isin(tests.kept)

    def said(counts: np.ndarray) -> str:
        return survival_sentence(tests, changed(found, counts))

    same = np.where(kept, 5, 0)
    assert said(same) == f"Each of the 5 folds keeps the same {len(tests.kept)} features."
    shaky = same.copy()
    shaky[np.flatnonzero(kept)[0]] = 3
    assert f"not in all: {found.table['feature'][np.flatnonzero(kept)[0]]} (3 of 5)" in said(shaky)
    other = same.copy()
    other[np.flatnonzero(~kept)[0]] = 2
    assert "left out here, but kept in some: " in said(other)
    assert said(other).endswith("(2 of 5).")
    assert "All 5 folds keep none of the" in said(np.where(kept, 4, 0))
    assert ranking_cards(tests, found)[3][2].endswith("in all 5 folds")


def changed(found: Survival, counts: np.ndarray) -> Survival:
    return replace(found, table=found.table.assign(kept=counts))
