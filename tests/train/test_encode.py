"""From original columns to the matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_lib.objects.errors import InputError, TooLargeError
from mlops_lib.objects.recipe import Action, Treatment
from mlops_lib.objects.schema import Classes, Column, Schema
from mlops_lib.train.encode import (
    category_groups,
    check_encoded_size,
    check_size,
    encode,
    make_encoder,
    matrix_columns,
    mend,
    source_columns,
)

SCHEMA = Schema(
    "d",
    (
        Column("age", "numeric", "feature"),
        Column("job", "categorical", "feature"),
        Column("since", "date", "feature"),
        Column("pay", "numeric", "feature"),
        Column("y", "categorical", "target"),
    ),
    Classes("1"),
)


def frame(rows: int = 200, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(40, 10, rows)),
            "job": rng.choice(["a", "b", "c"], rows, p=[0.6, 0.39, 0.01]),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), unit="D"),
            "pay": rng.lognormal(8, 1, rows),
        }
    )


def test_every_matrix_column_names_its_source() -> None:
    data = frame()
    encoder = make_encoder(SCHEMA, SCHEMA.features(), min_frequency=0.05).fit(data)
    matrix = encode(encoder, data)
    sources = source_columns(encoder)
    assert matrix.shape == (200, len(sources))
    assert {s: sources.count(s) for s in sources} == {"age": 1, "pay": 1, "since": 4, "job": 3}
    assert [c.label for c in matrix_columns(encoder) if c.one_hot] == ["job = a", "job = b", "job = (rare levels)"]


def test_the_matrix_agrees_with_arithmetic_by_hand() -> None:
    data = frame()
    encoder = make_encoder(SCHEMA, SCHEMA.features()).fit(data)
    matrix, sources = encode(encoder, data), source_columns(encoder)
    age = data["age"].fillna(data["age"].median())
    np.testing.assert_allclose(matrix[:, sources.index("age")], (age - age.mean()) / age.std(ddof=0))
    (group,) = category_groups(encoder)
    np.testing.assert_array_equal(matrix[:, group[0] : group[1]].sum(axis=1), 1.0)


def test_unseen_levels_join_the_rare_ones_and_missing_is_known() -> None:
    data = frame()
    encoder = make_encoder(SCHEMA, ["job"], min_frequency=0.05).fit(data)
    labels = [c.label for c in matrix_columns(encoder)]
    unseen = encode(encoder, pd.DataFrame({"job": ["zzz"]}))
    assert labels[int(unseen.argmax())] == "job = (rare levels)"


def test_no_level_at_all_is_encoded_as_zeros_where_none_was_rare() -> None:
    encoder = make_encoder(SCHEMA, ["job"]).fit(pd.DataFrame({"job": ["a", "b"] * 50}))
    assert encode(encoder, pd.DataFrame({"job": ["zzz"]})).tolist() == [[0.0, 0.0]]


def test_treatments_change_their_column_only() -> None:
    data = frame()
    plain = make_encoder(SCHEMA, SCHEMA.features(), scale=False).fit(data)
    actions = [
        Treatment("pay", "log"),
        Treatment("pay", "clip"),
        Treatment("age", "zero"),
        Treatment("age", "indicator"),
    ]
    treated = make_encoder(SCHEMA, SCHEMA.features(), actions, scale=False).fit(data)
    before = dict(zip([c.label for c in matrix_columns(plain)], encode(plain, data).T, strict=True))
    after = dict(zip([c.label for c in matrix_columns(treated)], encode(treated, data).T, strict=True))
    low, high = np.quantile(data["pay"], [0.01, 0.99])
    np.testing.assert_allclose(after["pay"], np.log1p(np.clip(data["pay"], low, high)))
    np.testing.assert_array_equal(after["age"], data["age"].fillna(0))
    np.testing.assert_array_equal(after["age is missing"], data["age"].isna())
    for label in ("job = a", "since: month"):
        np.testing.assert_array_equal(after[label], before[label])


def test_treatments_of_one_column_come_in_a_stated_order() -> None:
    data = frame()
    data.loc[::4, "pay"] = -999.0
    data.loc[::5, "job"] = "B "
    treatments = [
        Treatment("pay", "log"),
        Treatment("pay", "zero"),
        Treatment("pay", "indicator"),
        Treatment("pay", "clip"),
        Treatment("pay", "as_missing", values=("-999",)),
        Treatment("job", "as_missing", values=("a",)),
        Treatment("job", "merge", values=("B ",), into="b"),
        Treatment("job", "lump"),
    ]
    for order in (treatments, treatments[::-1]):
        encoder = make_encoder(SCHEMA, ["pay", "job"], order, scale=False).fit(data)
        found = dict(zip([c.label for c in matrix_columns(encoder)], encode(encoder, data).T, strict=True))
        pay = data["pay"].where(data["pay"] != -999)
        low, high = np.nanquantile(pay, [0.01, 0.99])
        np.testing.assert_allclose(found["pay"], np.log1p(pay.clip(low, high)).fillna(0))
        np.testing.assert_array_equal(found["pay is missing"], pay.isna())
        np.testing.assert_array_equal(found["job = b"], data["job"].isin(["b", "B "]))
        np.testing.assert_array_equal(found["job = (missing)"], data["job"] == "a")
        assert "job = (rare levels)" in found


def test_lumping_takes_more_levels_together() -> None:
    data = pd.DataFrame({"job": ["a"] * 80 + ["b"] * 14 + ["c"] * 3 + ["d"] * 3})
    plain, lumped = (
        make_encoder(SCHEMA, ["job"], treatments).fit(data) for treatments in ((), (Treatment("job", "lump"),))
    )
    assert len(matrix_columns(plain)) == 4
    assert [c.label for c in matrix_columns(lumped)] == ["job = a", "job = b", "job = (rare levels)"]
    assert encode(lumped, data)[:, 2].sum() == 6


def test_a_category_by_its_frequency_is_one_number_beside_those_that_are_one_hot() -> None:
    data = frame()
    encoder = make_encoder(SCHEMA, SCHEMA.features(), [Treatment("job", "frequency")], scale=False).fit(data)
    matrix, labels = encode(encoder, data), [c.label for c in matrix_columns(encoder)]
    expected = data["job"].map(data["job"].value_counts(normalize=True))
    np.testing.assert_allclose(matrix[:, labels.index("job: how common")], expected)
    assert category_groups(encoder) == ()
    assert matrix.shape[1] == len(labels)


def test_what_selection_sees_is_mended_as_the_encoder_mends_it() -> None:
    data = frame().assign(age=np.where(np.arange(200) % 3 == 0, -1.0, 40.0))
    mended = mend(data, SCHEMA, [Treatment("age", "as_missing", values=("-1",)), Treatment("pay", "log")])
    assert int(mended["age"].isna().sum()) == 67
    pd.testing.assert_frame_equal(mended.drop(columns="age"), data.drop(columns="age"))
    assert mend(data, SCHEMA, [Treatment("pay", "log")]) is data


@pytest.mark.parametrize(
    ("action", "more", "words"),
    [
        ("as_missing", {}, "needs the cells that it is about"),
        ("median", {"values": ("1",)}, "needs no cells"),
        ("merge", {"values": ("1",)}, "got the label ''"),
        ("as_missing", {"values": ("1",), "into": "x"}, "got the label 'x'"),
    ],
)
def test_a_treatment_without_its_cells_is_refused(action: Action, more: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Treatment("age", action, "", **more)


def test_a_column_without_any_value_does_not_shift_the_others() -> None:
    data = frame().assign(age=np.nan)
    encoder = make_encoder(SCHEMA, SCHEMA.features()).fit(data)
    assert encode(encoder, data).shape[1] == len(source_columns(encoder))
    assert np.isfinite(encode(encoder, data)).all()


def test_a_treatment_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="'job' is categorical and cannot be treated with 'clip'"):
        make_encoder(SCHEMA, ["job"], [Treatment("job", "clip")])


def test_too_many_cells_are_refused_with_the_limit() -> None:
    check_size(1_000_000, 250)
    with pytest.raises(TooLargeError, match="250,000,000"):
        check_size(1_000_000, 251)


def test_the_size_is_known_before_anything_is_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = frame()
    monkeypatch.setattr("mlops_lib.train.encode.MAX_CELLS", 200 * (1 + 1 + 4 + 4))
    check_encoded_size(data, SCHEMA, SCHEMA.features(), 0.01)
    monkeypatch.setattr("mlops_lib.train.encode.MAX_CELLS", 200 * (1 + 1 + 4 + 4) - 1)
    with pytest.raises(TooLargeError, match="10 encoded columns"):
        check_encoded_size(data, SCHEMA, SCHEMA.features(), 0.01)
