"""Counts, shares and do-nothing scores, checked against scikit-learn and SciPy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import entropy
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, mean_absolute_error
from statsmodels.stats.proportion import proportion_confint

from mlops_lib.explore.balance import class_balance
from mlops_lib.explore.sentences import balance_sentence
from mlops_lib.objects.schema import Classes
from mlops_lib.stats.proportions import wilson
from tests.explore.conftest import Ask


def test_two_classes_on_training_rows(ask: Ask) -> None:
    dataset, schema, plan = ask()
    found = class_balance(dataset, schema, plan)
    truth = (dataset.frame(["left"])["left"].iloc[plan.training_rows()] == "Yes").to_numpy().astype(int)
    share = truth.mean()
    assert (found.kind, found.names, found.seen, found.missing) == ("binary", ("No", "Yes"), "training rows", 8)
    assert found.counts == (len(truth) - truth.sum(), truth.sum())
    assert found.ratio == pytest.approx((1 - share) / share)
    assert found.entropy == pytest.approx(entropy([share, 1 - share], base=2))
    always = np.full(len(truth), share)
    nothing = found.do_nothing
    assert (nothing.answer, nothing.recall, nothing.roc_auc) == ("No", 0.0, 0.5)
    assert nothing.accuracy == pytest.approx(1 - share)
    assert nothing.average_precision == pytest.approx(average_precision_score(truth, always))
    assert nothing.brier == pytest.approx(brier_score_loss(truth, always))
    assert nothing.log_loss == pytest.approx(log_loss(truth, always))
    low, high = found.share_intervals[1]
    assert (low, high) == pytest.approx(proportion_confint(truth.sum(), len(truth), method="wilson"))


def test_folds_count_the_smallest_class(ask: Ask) -> None:
    dataset, schema, plan = ask()
    found = class_balance(dataset, schema, plan)
    assert (found.folds["training_rows"] + found.folds["validation_rows"] == found.n).all()
    assert found.folds["validation_smallest"].sum() == found.counts[1]
    assert (found.folds["training_smallest"] + found.folds["validation_smallest"] == found.counts[1]).all()


def test_all_rows_are_more_rows_and_the_same_folds(ask: Ask) -> None:
    asked = ask()
    every, training = class_balance(*asked, all_rows=True), class_balance(*asked)
    assert (every.n, every.seen) == (392, "all rows")
    assert every.folds.equals(training.folds)


def test_many_classes(ask: Ask) -> None:
    dataset, schema, plan = ask("grade", Classes(None))
    found = class_balance(dataset, schema, plan, all_rows=True)
    codes = dataset.frame(["grade"])["grade"].map({"a": 0, "b": 1, "c": 2}).to_numpy()
    shares = np.bincount(codes) / len(codes)
    assert (found.names[found.smallest], found.names[found.largest]) == ("c", "a")
    assert found.entropy_most == pytest.approx(np.log2(3))
    assert found.do_nothing.log_loss == pytest.approx(log_loss(codes, np.tile(shares, (len(codes), 1))))
    assert found.do_nothing.brier == pytest.approx(((np.eye(3)[codes] - shares) ** 2).sum(axis=1).mean())
    assert np.isnan(found.do_nothing.roc_auc)


def test_even_classes_have_a_smallest_that_is_not_the_largest(ask: Ask) -> None:
    even = pa.table({"age": list(range(80)), "left": ["No", "Yes"] * 40})
    found = class_balance(*ask(table=even), all_rows=True)
    assert found.counts == (40, 40)
    assert (found.names[found.largest], found.names[found.smallest]) == (found.do_nothing.answer, "Yes")
    assert balance_sentence(found).endswith("finds none of the 40 rows where 'left' is Yes.")


def test_a_number(ask: Ask) -> None:
    dataset, schema, plan = ask("late", left="categorical")
    found = class_balance(dataset, schema, plan)
    values = dataset.frame(["late"])["late"].to_numpy()[plan.training_rows()]
    assert (found.kind, found.names, found.n) == ("number", (), len(values))
    assert found.do_nothing.rmse == pytest.approx(values.std())
    assert found.do_nothing.mae == pytest.approx(mean_absolute_error(values, np.full(len(values), np.median(values))))
    assert list(found.folds) == ["fold", "training_rows", "validation_rows"]


def test_wilson_is_statsmodels() -> None:
    hits, n = np.array([0, 1, 5, 30]), np.array([4, 10, 5, 100])
    low, high = wilson(hits, n)
    for i in range(4):
        assert (low[i], high[i]) == pytest.approx(proportion_confint(hits[i], n[i], method="wilson"), abs=1e-12)
    low, high = wilson(np.array([0]), np.array([0]))
    assert (low[0], high[0]) == (0, 1)
