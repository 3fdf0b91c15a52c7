"""Tests on the rows that may be seen, and rules tried on them without testing again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mlops_lib.explore.feature_tests import apply_rule, feature_tests, rank_ceiling, run_tests
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Classes
from mlops_lib.stats.features import features_from
from mlops_lib.stats.selection import select
from mlops_lib.workspace import codec
from tests.explore.conftest import Ask, employees


def test_tests_use_training_rows_and_both_values(ask: Ask) -> None:
    dataset, schema, plan = ask()
    found = feature_tests(dataset, schema, plan, Selection())
    frame = dataset.frame().iloc[plan.training_rows()]
    row = found.table.set_index("feature").loc["age"]
    known = frame["age"].notna()
    yes = frame["left"] == "Yes"
    expected = stats.kruskal(frame["age"][known & yes], frame["age"][known & ~yes])
    assert row["statistic"] == expected.statistic or abs(row["statistic"] / expected.statistic - 1) < 1e-9
    assert row["n"] == known.sum()
    assert found.n == len(frame)
    assert found.strongest in {"age", "dept"}
    assert found.tested == 7


def test_the_page_and_a_fold_apply_the_same_rule(ask: Ask) -> None:
    dataset, schema, plan = ask()
    rule = Selection(max_p=0.2, max_vif=3.0)
    frame = dataset.frame().iloc[plan.training_rows()]
    kinds = {name: schema.column(name).kind for name in schema.features()}
    target = (frame["left"] == "Yes").to_numpy().astype(np.int8)
    in_a_fold = select(features_from(frame, kinds), target, rule)
    assert in_a_fold.kept == feature_tests(dataset, schema, plan, rule).kept


def test_rules_are_tried_on_stored_tests(ask: Ask, tmp_path: Path) -> None:
    asked = ask()
    tests = run_tests(*asked)
    folder = tmp_path / "stored"
    folder.mkdir()
    codec.save(tests, folder)
    again = apply_rule(codec.load(folder), Selection(max_vif=2.0))
    assert again.table.equals(apply_rule(tests, Selection(max_vif=2.0)).table)
    assert set(apply_rule(tests, Selection(min_effect=0.99)).kept) == {again.strongest}


@pytest.mark.parametrize("counts", [(980, 20), (500, 500), (700, 250, 50)])
def test_uneven_classes_bound_the_effect_of_a_number(counts: tuple[int, ...]) -> None:
    n = sum(counts)
    separated = np.split(np.arange(n), np.cumsum(counts)[:-1])
    expected = stats.kruskal(*separated).statistic / (n - 1)
    assert rank_ceiling(np.array(counts)) ** 2 == pytest.approx(expected, rel=2e-3)


def test_all_rows_include_the_hold_out(ask: Ask) -> None:
    asked = ask()
    assert (run_tests(*asked, all_rows=True).n, run_tests(*asked).n) == (392, 294)


def test_a_large_n_makes_faint_effects_significant(ask: Ask) -> None:
    rng = np.random.default_rng(0)
    n = 60_000
    left = rng.random(n) < 0.3
    table = pa.table({"faint": rng.normal(size=n) + 0.05 * left, "left": np.where(left, "Yes", "No")})
    found = feature_tests(*ask(table=table), Selection())
    assert (found.significant, found.faint, found.too_many_rows) == (1, 1, True)
    assert found.detectable == pytest.approx(0.01321, abs=1e-4)  # sqrt(7.849 / 45,000)
    few = feature_tests(*ask(), Selection())
    assert not few.too_many_rows


def test_many_classes_and_numbers_are_tested(ask: Ask) -> None:
    many = feature_tests(*ask("grade", Classes(None)), Selection())
    assert set(many.table["test"]) == {"chi-square", "Kruskal-Wallis"}
    number = feature_tests(*ask("late"), Selection())
    assert number.strongest == "pay"
    assert set(number.table["test"]) == {"Spearman", "Kruskal-Wallis"}


def test_exact_combinations_are_named(ask: Ask) -> None:
    table = employees()
    doubled = table.append_column("double pay", pa.array(np.asarray(table["pay"]) * 2))
    found = feature_tests(*ask(table=doubled), Selection())
    assert found.perfect == (("pay", "double pay"),)
    assert np.isinf(found.table.set_index("feature").loc["pay", "vif"])
