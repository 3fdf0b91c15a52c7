"""The own transformers of a pipeline."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from mlops_lib.train.steps import (
    MISSING,
    AsCodes,
    AsFrequency,
    AsNumber,
    AsText,
    ClipToRange,
    DateParts,
    MendCells,
    SignedLog,
)


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
    far = DateParts().fit_transform(pd.DataFrame({"t": np.array(["9999-12-31"], "datetime64[us]")}))
    assert far[0].tolist() == [2932896.0, 12.0, 4.0, 0.0]


@pytest.mark.parametrize(
    ("cells", "missing", "left"),
    [
        ([1.0, -999.0, np.nan, 98.0], ("-999", "98", "no number"), [True, False, False, False]),
        ([1, -999, 5, 98], ("-999", "98.0"), [True, False, True, False]),
        (["a", "-", None, " -"], ("-",), [True, False, False, True]),
        (
            pd.to_datetime(["2020-01-01", "1900-01-01", None, "1900-01-01 12:00"], format="ISO8601"),
            ("1900-01-01",),
            [1, 0, 0, 1],
        ),
        (pd.to_datetime(["2020-01-01", "1900-01-01"], utc=True), ("1900-01-01T00:00:00", "-"), [True, False]),
    ],
)
def test_cells_that_stand_for_missing_are_emptied_in_every_type(cells: object, missing: tuple[str], left: list) -> None:
    frame = pd.DataFrame({"a": cells, "b": cells}, index=range(7, 7 + len(left)))
    before = frame.copy()
    mended = MendCells(missing=missing).fit(frame).transform(frame)
    for name in ("a", "b"):
        assert mended[name].notna().tolist() == [bool(v) for v in left]
        assert mended[name].dropna().tolist() == frame.loc[mended[name].notna(), name].tolist()
    assert mended.index.equals(frame.index)
    pd.testing.assert_frame_equal(frame, before)


def test_labels_are_merged_before_cells_are_emptied() -> None:
    frame = pd.DataFrame({"a": ["Yes", "yes ", "None", "none", None]})
    merge = (("none", "None"), ("yes ", "Yes"))
    mended = MendCells(merge, ("None",)).fit(frame).transform(frame)["a"]
    assert mended.dropna().tolist() == ["Yes", "Yes"]
    codes = AsCodes().fit(mended.to_frame())
    assert codes.levels_ == [[MISSING, "Yes"]]


def test_labels_that_are_numbers_are_merged_as_they_print() -> None:
    mended = MendCells((("1", "one"),)).fit_transform(pd.DataFrame({"a": [1.0, 2.0, np.nan]}))
    assert AsText().fit_transform(mended).ravel().tolist() == ["one", "2", MISSING]


def test_a_level_becomes_its_share_of_the_fitted_rows() -> None:
    frame = pd.DataFrame({"a": ["x", "x", "y", None], "b": [1, 1, 1, 2]})
    step = AsFrequency().fit(frame)
    assert step.transform(frame).tolist() == [[0.5, 0.75], [0.5, 0.75], [0.25, 0.75], [0.25, 0.25]]
    assert step.transform(pd.DataFrame({"a": ["new"], "b": ["1"]})).tolist() == [[0.0, 0.75]]
    shares = frame["a"].map(frame["a"].value_counts(normalize=True, dropna=False))
    np.testing.assert_allclose(step.transform(frame)[:3, 0], shares[:3].astype(float))


@pytest.mark.parametrize(
    "step",
    [
        AsNumber(),
        AsText("most_frequent"),
        AsCodes(),
        AsFrequency(),
        ClipToRange(0.1, 0.9),
        DateParts(),
        MendCells((("a", "b"),), ("-1",)),
        SignedLog(),
    ],
)
def test_steps_can_be_cloned(step: object) -> None:
    assert clone(step).get_params() == step.get_params()  # type: ignore[attr-defined]
