"""What profiles say of groups and periods holds: no false alarms from thin groups, and directions as tested."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mlops_lib.explore.by_group import by_group
from mlops_lib.explore.over_time import Movement, over_time
from mlops_lib.explore.profile_words import difference_words, group_sentence, group_split_words, time_sentence
from mlops_lib.objects.schema import Number
from mlops_lib.stats.group_levels import Difference, share_levels, shares_differ
from tests.explore.conftest import Ask


@pytest.mark.parametrize(("ones", "large", "share"), [(300, 5, 0.01), (50, 10, 0.02)])
def test_groups_of_one_row_do_not_differ_by_themselves(ones: int, large: int, share: float) -> None:
    sizes = np.array([1] * ones + [500] * large)
    codes, rng = np.repeat(np.arange(len(sizes)), sizes), np.random.default_rng(3)
    p = [shares_differ(share_levels(codes, sizes, rng.random(len(codes)) < share)).p for _ in range(150)]
    assert np.mean(np.array(p) < 0.05) < 0.1


def test_the_test_of_shares_names_where_p_comes_from() -> None:
    sizes = np.array([40, 60, 50])
    codes = np.repeat(np.arange(3), sizes)
    found = shares_differ(share_levels(codes, sizes, np.arange(150) % 3 == 0))
    assert found.p_from == "reference"
    table = np.stack([np.bincount(codes, weights=np.arange(150) % 3 == 0), sizes], axis=1)
    table[:, 1] -= table[:, 0]
    assert found.p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-9)
    thin = shares_differ(share_levels(codes, sizes, np.arange(150) < 3))
    assert thin.p_from == "Monte Carlo"
    assert "(from drawn tables, as expected counts are small)" in difference_words(thin)
    assert shares_differ(share_levels(codes, sizes, np.zeros(150, bool))) == Difference()


DAYS = np.datetime64("2024-01-01") + np.arange(400)


def test_a_drift_without_other_movement_is_not_called_up_and_down(ask: Ask) -> None:
    number = np.random.default_rng(0).normal(size=400)
    asked = ask("y", Number(), table=pa.table({"day": DAYS, "y": number}))
    found = over_time(*asked, "day", "month", all_rows=True)
    drift = Movement(Difference("chi-square", 25.0, 23, 0.35, 0.02), "Cochran-Armitage", 0.02, 0.1, 0.2, 0.2, True)
    said = time_sentence(replace(found, movement=drift))
    assert " rises over time, from about 0.100 to about 0.200" in said


def test_a_few_far_values_do_not_turn_the_direction_that_was_tested(ask: Ask) -> None:
    number = np.linspace(10, 0, 400) + np.random.default_rng(0).normal(size=400)
    number[-5:] = 10_000.0
    found = over_time(*ask("y", Number(), table=pa.table({"day": DAYS, "y": number})), "day", "month", all_rows=True)
    assert found.movement.last > found.movement.first
    assert time_sentence(found) == "Y tends to be lower in later rows, though its mean does not go that way."


def test_one_group_of_very_many_beyond_its_limits_is_left_to_chance(ask: Ask) -> None:
    names = np.repeat([f"g{i:03d}" for i in range(200)], 20)
    found = by_group(*ask(table=pa.table({"dept": names, "left": ["No", "Yes"] * 2_000})), "dept")
    beyond = np.zeros(200, np.int8)
    beyond[0] = 2
    one = replace(found, beyond=beyond, between=Difference("chi-square", 190.0, 199, 0.66, 0.0))
    assert group_sentence(one).startswith("1 of 200 groups of dept lies beyond the outer limits, which by chance")
    assert not group_split_words(one)
    sure = replace(one, between=Difference("chi-square", 290.0, 199, 1e-5, 0.1))
    assert "beyond the outer limits, where chance alone puts at most 0.4: most surely above" in group_sentence(sure)
    beyond[:6] = 2
    assert "beyond the outer limits, where chance alone puts" in group_sentence(replace(one, beyond=beyond))
