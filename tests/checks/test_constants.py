"""Columns that never change, or hardly ever."""

from __future__ import annotations

import numpy as np

from tests.checks.tables import Make, N, plain, seen, silent, training


def test_a_column_that_hardly_ever_changes_is_named_with_its_value(table_of: Make) -> None:
    draw = np.random.default_rng(0)
    fault = np.zeros(N)
    fault[[4, 400, 401, 402]] = 3.0
    flag = np.where(np.isin(np.arange(N), [9, 90, 91, 92]), "on", "off")
    dataset = table_of(plain(fault=fault, flag=flag, other=draw.integers(0, 5, N)))
    finding = seen(dataset)["FUL016"]
    share = np.mean(fault[training(dataset)] == 0)
    assert set(finding.columns) == {"fault", "flag"}
    assert f"'fault' is 0 in {100 * share:.1f} %" in finding.what
    assert {t.action for t in finding.treatments} == {"drop"}


def test_a_column_that_is_constant_in_training_rows_is_not_nearly_constant(table_of: Make) -> None:
    dataset = table_of(plain(same=np.zeros(N)))
    assert silent(dataset)["FUL016"].applies
    assert seen(dataset)["FUL007"].columns == ("same",)


def test_one_value_or_missing_is_neither(table_of: Make) -> None:
    codes = set(seen(table_of(plain(mark=[1.0 if k % 2 else None for k in range(N)]))))
    assert not codes & {"FUL007", "FUL016"}
