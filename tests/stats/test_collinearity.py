"""Inflation against statsmodels, and exact repetitions by name."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.outliers_influence import variance_inflation_factor
from threadpoolctl import threadpool_limits

from mlops_lib.stats.collinearity import collinearity, prune
from mlops_lib.stats.correlation import correlations


def columns(seed: int = 0, n: int = 400) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(4, n))
    return {"a": base[0], "b": base[0] + 0.2 * base[1], "c": base[2] * 1000 + 5e6, "d": base[3] + base[0] - base[2]}


@pytest.mark.parametrize("seed", range(5))
def test_inflation_is_statsmodels(seed: int) -> None:
    data = columns(seed)
    design = np.column_stack([np.ones(400), *data.values()])
    expected = [variance_inflation_factor(design, i + 1) for i in range(4)]
    np.testing.assert_allclose(collinearity(data).vif, expected, rtol=1e-9)


def test_correlations_are_numpys_over_several_blocks() -> None:
    data = [np.random.default_rng(i).normal(i * 100, 1 + i, 70_001) for i in range(3)]
    np.testing.assert_allclose(correlations(data).matrix, np.corrcoef(data), atol=1e-12)


def test_exact_repetitions_are_named_and_infinite() -> None:
    data = columns()
    data |= {"twice a": 2 * data["a"] + 1, "sum": data["c"] - data["d"], "one": np.full(400, 7.0)}
    found = collinearity(data)
    vif = dict(zip(found.names, found.vif, strict=True))
    assert found.perfect == (("a", "twice a"), ("c", "d", "sum"))
    assert all(np.isinf(vif[c]) for c in ("a", "twice a", "c", "d", "sum"))
    assert np.isfinite(vif["b"])
    assert np.isnan(vif["one"])


def gappy(share: float) -> dict[str, np.ndarray]:
    data = columns()
    gaps = data["b"].copy()
    gaps[: round(share * len(gaps))] = np.nan
    return data | {"b": gaps}


def test_rows_that_have_every_column_count() -> None:
    data = gappy(0.3)
    found, alone = collinearity(data), collinearity({name: c[120:] for name, c in data.items()})
    assert (found.n, found.rows, found.filled) == (280, 400, False)
    np.testing.assert_allclose(found.vif, alone.vif, rtol=1e-10)


def test_where_such_rows_are_few_missing_cells_stand_at_the_mean() -> None:
    data = gappy(0.95)
    filled = np.where(np.isnan(data["b"]), np.nanmean(data["b"]), data["b"])
    found = collinearity(data)
    assert (found.n, found.filled) == (400, True)
    np.testing.assert_allclose(found.vif, collinearity(data | {"b": filled}).vif, rtol=1e-10)


def test_pruning_drops_repetitions_first_and_ends_below_the_limit() -> None:
    data = columns()
    data["twice a"] = 2 * data["a"]
    strength = {"a": 0.1, "b": 0.5, "c": 0.2, "d": 0.3, "twice a": 0.4}
    dropped = prune(collinearity(data), strength, 3.0, ())
    assert (dropped[0].name, dropped[0].vif, dropped[0].like[0]) == ("a", float("inf"), "twice a")
    left = {c: v for c, v in data.items() if c not in {d.name for d in dropped}}
    assert collinearity(left).vif.max() <= 3.0
    for one in dropped[1:]:
        before = {c: data[c] for c in left} | {d.name: data[d.name] for d in dropped[dropped.index(one) :]}
        found = collinearity(before)
        assert one.vif == pytest.approx(found.vif[found.names.index(one.name)], rel=1e-6)
        assert one.vif == pytest.approx(found.vif.max(), rel=1e-6)


def test_a_repetition_comes_back_when_what_it_repeated_has_gone() -> None:
    rng = np.random.default_rng(0)
    hour, minute = rng.integers(5, 24, 500) * 1.0, rng.integers(0, 60, 500) * 1.0
    data = {"clock": 100 * hour + minute, "hour": hour, "minute": minute}
    found = collinearity(data)
    assert found.perfect == (("clock", "hour", "minute"),)
    strength = {"clock": 0.3, "hour": 0.2, "minute": 0.1}
    assert prune(found, strength, 1e6, ())[0].like == ("clock", "hour")
    assert [d.name for d in prune(found, strength, 10.0, ("hour",))] == ["clock"]


def test_forced_columns_stay() -> None:
    data = columns()
    data["twice a"] = 2 * data["a"]
    strength = dict.fromkeys(data, 0.1)
    dropped = {d.name for d in prune(collinearity(data), strength, 1.0, ("a", "twice a"))}
    assert dropped == {"b", "c", "d"} - (set() if "c" in dropped else {"c"})
    assert not dropped & {"a", "twice a"}


def test_nothing_numeric_gives_nothing() -> None:
    found = collinearity({})
    assert found.names == ()
    assert prune(found, {}, 5.0, ()) == ()


LONGLEY = {
    "GNPDEFL": 135.53, "GNP": 1788.51, "UNEMP": 33.62, "ARMED": 3.59, "POP": 399.15, "YEAR": 758.98,
}  # fmt: skip
"""Longley's data (1967, J. Am. Stat. Assoc. 62, 819-841), as in Chatterjee & Hadi, Regression Analysis by Example."""


def test_inflation_of_longleys_data_is_the_published_one() -> None:
    from statsmodels.datasets import longley

    frame = longley.load_pandas().exog
    found = collinearity({name: frame[name].to_numpy(np.float64) for name in frame})
    assert dict(zip(found.names, found.vif.tolist(), strict=True)) == pytest.approx(LONGLEY, abs=0.005)


def statsmodels_vif(columns: list[np.ndarray], every: int = 1) -> list[float]:
    """The inflation of the first column and every so manyth after it, among all of them."""
    design = np.column_stack([np.ones(len(columns[0])), *columns])
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # a design with exact repetitions is said to be singular
        return [float(variance_inflation_factor(design, i + 1)) for i in range(0, len(columns), every)]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.floats(-2.9, 1), st.sampled_from([1e-6, 1.0, 1e6]), st.sampled_from([0.0, 10.0, 2e3]))
def test_inflation_is_statsmodels_up_to_a_million(seed: int, noise: float, scale: float, far: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(4, 300))
    x[3] = x[0] - 2 * x[1] + 10**noise * x[3]
    x[2] = np.round(x[2])  # ties
    data = {f"x{i}": scale * (column + far) for i, column in enumerate(x)}
    expected = np.array(statsmodels_vif(list(x)))  # scale and place change no inflation, but statsmodels' rounding
    vif = collinearity(data).vif
    inside = (expected < 0.99e6) & np.isfinite(vif)
    np.testing.assert_allclose(vif[inside], expected[inside], rtol=1e-8)
    assert np.isinf(vif[expected > 1.01e6]).all()
    assert inside[2]


FOLDER = os.environ.get("FULCRUM_TEST_DATA", "")
TABLES = {
    "ibm_hr_attrition.csv": {},
    "nycflights13_sample.csv": {},
    "ozone_onehour.csv": {"na_values": "?"},
    "page_blocks.csv": {},
    "abalone.csv": {},
    "kosis_airline_company_cp949.csv": {"encoding": "cp949"},
}


@pytest.mark.skipif(not FOLDER, reason="FULCRUM_TEST_DATA names no folder with the real tables")
@pytest.mark.parametrize("name", TABLES)
def test_inflation_on_real_tables_is_statsmodels(name: str) -> None:
    frame = pd.read_csv(Path(FOLDER) / name, low_memory=False, **TABLES[name]).select_dtypes("number")
    found = collinearity({column: frame[column].to_numpy(np.float64) for column in frame})
    complete = frame.dropna()
    varying = [column for column in frame if complete[column].min() < complete[column].max()]
    every = 1 + len(varying) // 20  # statsmodels takes seconds for all columns of a wide table
    expected = statsmodels_vif([complete[column].to_numpy(np.float64) for column in varying], every)
    vif = dict(zip(found.names, found.vif.tolist(), strict=True))
    assert (found.n, found.rows) == (len(complete), len(frame))
    for column, value in zip(varying[::every], expected, strict=True):
        assert vif[column] == pytest.approx(value, rel=1e-8) if value < 1e6 else np.isinf(vif[column])
    words = [c.words for c in found.combinations]
    assert words == (["sched_dep_time = 100 × hour + minute"] if "flights" in name else [])
