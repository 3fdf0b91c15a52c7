"""Adjusted p-values against SciPy and statsmodels."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from mlops_lib.stats.multiple import benjamini_hochberg


@settings(deadline=None)
@given(hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1)))
def test_adjusted_p_is_scipys_and_statsmodels(p: np.ndarray) -> None:
    adjusted = benjamini_hochberg(p)
    np.testing.assert_allclose(adjusted, false_discovery_control(p, method="bh"), rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(adjusted, multipletests(p, method="fdr_bh")[1], rtol=1e-9, atol=1e-300)


def test_tests_that_were_not_made_do_not_count() -> None:
    adjusted = benjamini_hochberg(np.array([0.01, np.nan, 0.04]))
    np.testing.assert_allclose(adjusted, [0.02, np.nan, 0.04])
    assert np.isnan(benjamini_hochberg(np.array([np.nan]))).all()
    assert len(benjamini_hochberg(np.zeros(0))) == 0
