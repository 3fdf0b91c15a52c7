"""Missing cells that go with the answer, judged by SciPy's tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact, mannwhitneyu

from mlops_lib.checks.patterns import trusted_p
from mlops_lib.objects.schema import Number
from mlops_lib.objects.words import percent
from mlops_lib.stats.features import Feature
from mlops_lib.stats.testing import Answers, run_test
from tests.checks.tables import Make, N, left, plain, seen, silent, training


def gaps(where: np.ndarray, values: np.ndarray) -> list[Any]:
    return [None if gone else v for gone, v in zip(where, values.tolist(), strict=True)]


def planted(seed: int, often: float, seldom: float) -> dict[str, Any]:
    draw = np.random.default_rng(seed)
    answer = left(draw)
    gone = draw.random(N) < np.where(answer == "Yes", often, seldom)
    return plain(
        seed, left=answer, pay=gaps(gone, draw.normal(size=N)), noise=gaps(draw.random(N) < 0.1, draw.normal(size=N))
    )


def test_missingness_that_goes_with_the_answer_is_found_and_may_be_marked(table_of: Make) -> None:
    columns = planted(1, 0.30, 0.05)
    dataset = table_of(columns)
    finding = seen(dataset)["FUL014"]
    rows = training(dataset)
    gone = np.array([v is None for v in columns["pay"]])[rows]
    yes = (columns["left"] == "Yes")[rows]
    assert finding.columns == ("pay",)
    assert finding.rows == gone.sum()
    assert f"missing in {percent(gone[yes].mean())} of 'Yes' and {percent(gone[~yes].mean())} of 'No'" in finding.what
    assert [t.action for t in finding.treatments] == ["indicator", "drop"]
    table = [[np.sum(gone & yes), np.sum(gone & ~yes)], [np.sum(~gone & yes), np.sum(~gone & ~yes)]]
    assert chi2_contingency(table, correction=False).pvalue < 0.001
    assert "p < 0.001" in finding.what


def test_missingness_by_chance_is_not_found(table_of: Make) -> None:
    quiet = silent(table_of(planted(2, 0.1, 0.1)))["FUL014"]
    assert quiet.applies
    assert "In none of 2 columns" in quiet.reason


def test_without_missing_cells_the_check_does_not_apply(table_of: Make) -> None:
    quiet = silent(table_of(plain()))["FUL014"]
    assert not quiet.applies
    assert quiet.reason == "No column has 10 missing cells and as many filled ones."


def test_a_number_is_compared_by_its_ranks(table_of: Make) -> None:
    draw = np.random.default_rng(3)
    y = draw.normal(size=N)
    gone = draw.random(N) < 1 / (1 + np.exp(2 - 2 * y))
    dataset = table_of({"y": y, "pay": gaps(gone, draw.normal(size=N)), "x": draw.normal(size=N)})
    finding = seen(dataset, target="y", question=Number())["FUL014"]
    assert finding.columns == ("pay",)
    assert "median" in finding.what
    assert mannwhitneyu(y[gone], y[~gone]).pvalue < 0.001


def test_small_counts_are_judged_exactly_or_not_at_all() -> None:
    gone = np.array([1] * 3 + [0] * 97)
    codes = np.array([1, 1, 1, *([1] * 5), *([0] * 92)])
    missing = Feature("pay", "categorical", gone, ("filled", "missing"))
    exact = trusted_p(run_test(missing, Answers(codes, 2)))
    assert exact == pytest.approx(fisher_exact([[92, 5], [0, 3]]).pvalue)
    several = np.array([2, 1, 1, *([1] * 5), *([0] * 92)])
    assert 0 < trusted_p(run_test(missing, Answers(several, 3))) < 0.01
    assert np.isnan(trusted_p(run_test(missing, Answers(codes + np.arange(100) / 1000, 0))))
