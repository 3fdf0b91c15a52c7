"""From original columns to the matrix."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlops_lib.objects.errors import InputError, TooLargeError
from mlops_lib.objects.recipe import Treatment
from mlops_lib.objects.schema import Classes, Column, Schema
from mlops_lib.train.encode import (
    category_groups,
    check_encoded_size,
    check_size,
    encode,
    make_encoder,
    matrix_columns,
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
