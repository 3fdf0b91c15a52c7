"""The profile says of all columns at once what its parts say of each, in any order of rows and however many threads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlops_lib.explore import associations as compared
from mlops_lib.explore.associations import associations
from mlops_lib.explore.distributions import Distribution, column_distribution, overview
from mlops_lib.explore.profile import profile
from mlops_lib.explore.rows import features, look
from mlops_lib.objects.schema import Classes, Number, Question
from mlops_lib.stats import threads
from mlops_lib.stats.testing import Answers, run_test
from tests.explore.conftest import Ask, employees

QUESTIONS = [("left", Classes("Yes")), ("grade", Classes(None)), ("late", Number())]


def same(one: Distribution, other: Distribution) -> None:
    assert (one.name, one.labels, one.groups, one.common) == (other.name, other.labels, other.groups, other.common)
    for field in ("counts", "by_class", "level", "low", "high"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


@pytest.mark.parametrize(("target", "question"), QUESTIONS)
def test_it_is_the_sum_of_its_parts(ask: Ask, target: str, question: Question) -> None:
    asked = ask(target, question)
    found = profile(*asked)
    for one, other in zip(found.wall, overview(*asked), strict=True):
        same(one, other)
    for column in found.columns:
        same(column, column_distribution(*asked, column.name))
        assert column.counts.sum() == found.n
    looked = look(*asked)
    answers = Answers.of(looked.answers)
    for name, feature in features(asked[0], asked[1], looked.rows, asked[1].features()).items():
        assert found.column(name).strength == pytest.approx(run_test(feature, answers).strength, rel=1e-9)
    apart = associations(*asked)
    assert found.associations is not None
    np.testing.assert_array_equal(found.associations.matrix.values(), apart.matrix.values())


def test_the_table_is_what_pandas_describes(ask: Ask) -> None:
    dataset, schema, plan = ask()
    table = profile(dataset, schema, plan).table().set_index("column")
    frame = dataset.frame(list(schema.features())).iloc[plan.training_rows()]
    described = frame[["age", "pay", "late"]].describe().T
    names = {"mean": "mean", "sd": "std", "min": "min", "quarter": "25%", "median": "50%", "max": "max"}
    for ours, theirs in names.items():
        np.testing.assert_allclose(table.loc[described.index, ours].astype(float), described[theirs], rtol=1e-12)
    assert table["rows"].to_dict() == frame.count().to_dict()
    assert table["distinct"].to_dict() == frame.nunique().to_dict()
    common = frame["dept"].value_counts()
    assert (table.loc["dept", "most frequent"], table.loc["dept", "its rows"]) == (common.index[0], common.iloc[0])
    assert table["zeros"].sum() == 0


def test_threads_and_the_order_of_rows_change_nothing(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ask()
    found = profile(*asked, all_rows=True)
    monkeypatch.setattr(threads, "MOST", 1)
    for one, other in zip(found.columns, profile(*asked, all_rows=True).columns, strict=True):
        same(one, other)
    order = np.random.default_rng(0).permutation(400)
    moved = profile(*ask(table=employees().take(order)), all_rows=True)
    pd.testing.assert_frame_equal(
        found.table().drop(columns="most frequent"), moved.table().drop(columns="most frequent")
    )


def test_a_table_too_large_for_pairs_still_has_its_columns(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compared, "MAX_COLUMNS", 3)
    found = profile(*ask())
    assert found.associations is None
    assert "compare in pairs" in found.too_large
    assert len(found.columns) == 7
