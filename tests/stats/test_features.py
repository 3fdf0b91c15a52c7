"""Pandas columns become numbers with gaps or codes with labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlops_lib.objects.errors import InputError
from mlops_lib.stats.features import feature_from, features_from


def test_levels_are_sorted_as_numbers_or_text_and_missing_is_minus_one() -> None:
    numbers = feature_from(pd.Series([10.0, 2.0, np.nan, 2.0, 2.5], name="n"), "categorical")
    assert numbers.levels == ("2", "2.5", "10")
    assert numbers.values.tolist() == [2, 0, -1, 0, 1]
    text = feature_from(pd.Series(["나", None, "가", "b"], name="t"), "categorical")
    assert text.levels == ("b", "가", "나")
    assert text.values.tolist() == [2, -1, 1, 0]
    flags = feature_from(pd.Series([True, None, False], name="f", dtype=object), "categorical")
    assert flags.levels == ("False", "True")


def test_dates_are_days_and_keep_their_gaps() -> None:
    dates = feature_from(
        pd.Series(pd.to_datetime(["1970-01-02", None, "1970-01-03 12:00"], format="mixed"), name="d"), "date"
    )
    np.testing.assert_array_equal(dates.values, [1.0, np.nan, 2.5])
    assert dates.known.tolist() == [True, False, True]
    far = feature_from(pd.Series(np.array(["9999-12-31", "0001-01-01"], "datetime64[us]"), name="d"), "date")
    np.testing.assert_array_equal(far.values, [2932896.0, -719162.0])
    zoned = feature_from(pd.Series(pd.to_datetime(["1970-01-02"], utc=True), name="d"), "date")
    assert zoned.values.tolist() == [1.0]


def test_text_that_is_called_numeric_is_refused() -> None:
    with pytest.raises(InputError, match="'t' is marked numeric but holds text"):
        feature_from(pd.Series(["1", "x"], name="t"), "numeric")
    with pytest.raises(InputError, match="cannot be tested"):
        feature_from(pd.Series([1.0], name="t"), "identifier")


def test_taking_rows_keeps_the_levels() -> None:
    frame = pd.DataFrame({"a": ["x", "y", "x"], "b": [1, 2, 3]})
    columns = features_from(frame, {"b": "numeric", "a": "categorical"})
    assert list(columns) == ["b", "a"]
    taken = columns["a"].take(np.array([1]))
    assert (taken.levels, taken.values.tolist()) == (("x", "y"), [1])
