from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mlops_lib.stats.quantiles import quantiles_of

SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e9, 1e9)))
def test_quantiles_are_numpys(values: np.ndarray) -> None:
    np.testing.assert_allclose(quantiles_of(np.sort(values), SHARES), np.quantile(values, SHARES), rtol=1e-12)


def test_a_value_beside_an_infinite_one_stays_itself() -> None:
    assert quantiles_of(np.array([1.0, 2.0, np.inf]), (0.5,)).tolist() == [2.0]
    assert quantiles_of(np.array([1.0, np.inf, np.inf]), (0.5, 0.75)).tolist() == [np.inf, np.inf]
