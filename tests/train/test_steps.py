"""The own transformers of a pipeline."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from mlops_lib.train.steps import MISSING, AsCodes, AsNumber, AsText, ClipToRange, DateParts, SignedLog


def test_numbers_keep_gaps_and_lose_infinities() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [True, False, True], "c": [1.5, np.inf, np.nan]})
    result = AsNumber().fit(frame).transform(frame)
    np.testing.assert_array_equal(result, [[1, 1, 1.5], [2, 0, np.nan], [3, 1, np.nan]])


def test_text_among_numbers_is_an_error() -> None:
    with pytest.raises(ValueError, match="Unable to parse"):
        AsNumber().fit_transform(pd.DataFrame({"a": ["1", "x"]}))


@pytest.mark.parametrize("values", [[1, 2, 1], [1.0, 2.0, 1.0], ["1", "2", "1"]])
def test_the_same_level_is_the_same_text_whatever_its_type(values: list[object]) -> None:
    frame = pd.DataFrame({"a": values})
    assert AsText().fit_transform(frame).ravel().tolist() == ["1", "2", "1"]


def test_a_missing_category_is_a_level_of_its_own_or_the_commonest() -> None:
    frame = pd.DataFrame({"a": ["x", None, "y", "y"], "b": [1.0, np.nan, 2.0, 1.0]})
    assert AsText().fit_transform(frame)[1].tolist() == [MISSING, MISSING]
    assert AsText("most_frequent").fit_transform(frame)[1].tolist() == ["y", "1"]


def test_a_column_that_was_all_missing_still_has_a_level() -> None:
    frame = pd.DataFrame({"a": pd.Series([None, None], dtype=object)})
    assert AsText("most_frequent").fit_transform(frame).ravel().tolist() == [MISSING, MISSING]


@pytest.mark.parametrize("missing", ["own_level", "most_frequent"])
def test_codes_name_the_levels_of_the_text(missing: str) -> None:
    frame = pd.DataFrame({"a": ["x", None, "y", "y", "w"], "b": [1.0, np.nan, 2.0, 1.0, 10.0]})
    text, codes = AsText(missing).fit_transform(frame), AsCodes(missing).fit(frame)
    levels = [np.array(level, dtype=object) for level in codes.levels_]
    coded = codes.transform(frame)
    for i in range(2):
        assert codes.levels_[i] == sorted(codes.levels_[i])
        np.testing.assert_array_equal(levels[i][coded[:, i]], text[:, i])
    unseen = codes.transform(pd.DataFrame({"a": ["z", "y"], "b": ["1", "3"]}))
    assert unseen.tolist() == [[-1, codes.levels_[1].index("1")], [codes.levels_[0].index("y"), -1]]


def test_clipping_uses_the_fitted_quantiles() -> None:
    x = np.linspace(0, 100, 101).reshape(-1, 1)
    clip = ClipToRange().fit(np.vstack([x, [[np.nan]]]))
    assert clip.transform(np.array([[-5.0], [50.0], [500.0]])).ravel().tolist() == [1.0, 50.0, 99.0]
    assert np.isnan(clip.transform(np.array([[np.nan]]))).all()


def test_signed_log_is_odd_and_keeps_order() -> None:
    x = np.array([[-10.0], [-1.0], [0.0], [1.0], [10.0]])
    result = SignedLog().fit_transform(x).ravel()
    np.testing.assert_allclose(result, -result[::-1])
    assert (np.diff(result) > 0).all()


def test_dates_become_days_month_weekday_and_hour() -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["1970-01-02 12:00", None])})
    result = DateParts().fit_transform(frame)
    assert result[0].tolist() == [1.5, 1.0, 4.0, 12.0]
    assert np.isnan(result[1]).all()


@pytest.mark.parametrize(
    "step", [AsNumber(), AsText("most_frequent"), AsCodes(), ClipToRange(0.1, 0.9), DateParts(), SignedLog()]
)
def test_steps_can_be_cloned(step: object) -> None:
    assert clone(step).get_params() == step.get_params()  # type: ignore[attr-defined]
