"""Explanations add up, agree with definitions worked out by hand, and are repeatable."""

from __future__ import annotations

import dataclasses
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from mlops_lib.data.datasets import open_dataset
from mlops_lib.explain import shap_values
from mlops_lib.explain.explanation import Explanation
from mlops_lib.explain.linear import linear_contributions
from mlops_lib.explain.shap_values import METHODS, TOLERANCE, explain, explain_job
from mlops_lib.explain.trees import tree_contributions
from mlops_lib.objects.errors import InputError, NotFoundError, NotPossibleError
from mlops_lib.objects.recipe import Model
from mlops_lib.objects.split import HOLD_OUT, SplitPlan
from mlops_lib.train.encode import matrix_columns
from mlops_lib.train.ladder import LADDER_MODELS
from mlops_lib.train.models import make_model
from mlops_lib.train.runs import load_fitted
from mlops_lib.train.scores import positive_scores, score
from tests.trained import KINDS, SMALL, Trained, trained


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(tmp_path_factory.mktemp("explain") / "home")


@pytest.mark.parametrize("name", [*SMALL, "weights"])
def test_parts_add_up_to_the_models_own_score(made: Trained, name: str) -> None:
    found = explain(made.workspace, made.runs[name], rows=60)
    assert found.additivity <= TOLERANCE
    np.testing.assert_allclose(found.values.sum(axis=1) + found.expected, found.score, rtol=0, atol=1e-6)
    fitted = load_fitted(made.workspace, made.runs[name])
    dataset = open_dataset(made.workspace, made.experiment.dataset)
    raw, calibrated = score(fitted, dataset.frame(fitted.features).iloc[found.row])
    np.testing.assert_array_equal(found.raw, raw)
    np.testing.assert_array_equal(found.probability, calibrated)
    on_scale = raw if found.scale == "probability" else np.log(raw / (1 - raw))
    np.testing.assert_allclose(found.score, on_scale, rtol=1e-9)


def test_every_model_that_learns_can_be_explained(made: Trained) -> None:
    made_of = (*LADDER_MODELS, "focal_lightgbm", "cost_lightgbm")
    assert {type(make_model(Model(name), None, 0)).__name__ for name in made_of} == set(METHODS)


def test_the_dummy_has_nothing_to_explain(made: Trained) -> None:
    with pytest.raises(NotPossibleError, match="same score"):
        explain(made.workspace, made.runs["dummy"])


def test_forests_are_explained_on_the_probability_scale_and_the_others_in_log_odds(made: Trained) -> None:
    scales = {name: explain(made.workspace, made.runs[name], rows=2).scale for name in SMALL}
    assert {n for n, s in scales.items() if s == "probability"} == {"random_forest", "extra_trees"}


def test_columns_are_those_of_the_table_and_labels_are_summed(made: Trained) -> None:
    found = explain(made.workspace, made.runs["logistic_regression"], rows=30)
    assert found.columns == tuple(KINDS)
    assert set(found.summed) == {"grade", "dept", "city", "joined"}
    assert list(found.cells.columns) == list(KINDS)
    original = open_dataset(made.workspace, made.experiment.dataset).frame(list(KINDS)).iloc[found.row]
    pd.testing.assert_frame_equal(found.cells, original.reset_index(drop=True))


def test_the_base_rate_is_that_of_the_training_rows_and_not_the_mean_score(made: Trained) -> None:
    found = explain(made.workspace, made.runs["weights"], rows=30)
    plan = made.workspace.get(SplitPlan, made.experiment.split)
    frame = open_dataset(made.workspace, made.experiment.dataset).frame(["left"])
    rate = (frame["left"].iloc[plan.training_rows()] == "Yes").mean()
    assert found.base_rate == pytest.approx(rate)
    assert 1 / (1 + np.exp(-found.expected)) > rate + 0.05, "class weights move the mean score up"


def test_a_sample_states_its_error_and_a_census_has_none(made: Trained) -> None:
    some = explain(made.workspace, made.runs["logistic_regression"], rows=40)
    every = explain(made.workspace, made.runs["logistic_regression"])
    assert every.n == every.training_rows
    assert (every.importance["error"] == 0).all()
    assert some.n == 40
    assert (some.importance["error"] > 0).all()
    sizes = np.abs(some.values[:, 0])
    expected = sizes.std(ddof=1) / np.sqrt(40) * np.sqrt(1 - 40 / some.training_rows)
    error = some.importance.set_index("column").loc[some.columns[0], "error"]
    assert error == pytest.approx(expected)
    assert every.importance["share"].sum() == pytest.approx(1.0)


def test_the_same_call_gives_the_same_numbers_and_another_seed_other_rows(made: Trained) -> None:
    first, second, third = (explain(made.workspace, made.runs["lightgbm"], rows=20, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.values, second.values)
    assert not np.array_equal(first.row, third.row)


def test_one_row_has_the_parts_that_it_has_among_all(made: Trained) -> None:
    every = explain(made.workspace, made.runs["random_forest"], rows=25)
    row = int(every.row[3])
    alone = explain_job(
        made.workspace, {"run": made.runs["random_forest"].fingerprint, "row": row}, lambda _event: None
    )
    np.testing.assert_allclose(alone.values[0], every.values[3], atol=1e-12)
    assert alone.expected == pytest.approx(every.expected)
    assert alone.parts(row)["value"].abs().is_monotonic_decreasing
    with pytest.raises(NotFoundError, match="not among"):
        alone.parts(row + 1)


def test_the_answer_of_a_held_out_row_is_not_shown(made: Trained) -> None:
    plan = made.workspace.get(SplitPlan, made.experiment.split)
    held = int(np.flatnonzero(plan.assignment == HOLD_OUT)[0])
    found = explain(made.workspace, made.runs["logistic_regression"], row=held)
    assert found.truth.tolist() == [-1]
    assert np.isnan(found.out_of_fold).all()


def test_a_row_that_is_not_there_is_refused(made: Trained) -> None:
    with pytest.raises(InputError, match="no row 99,999"):
        explain(made.workspace, made.runs["logistic_regression"], row=99_999)


def test_what_does_not_add_up_is_not_shown(made: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*arguments: object) -> tuple[np.ndarray, float]:
        parts, expected = linear_contributions(*arguments[:3])  # type: ignore[arg-type]
        return parts, expected + 1e-3

    monkeypatch.setattr(shap_values, "linear_contributions", wrong)
    with pytest.raises(NotPossibleError, match="miss the model's score"):
        explain(made.workspace, made.runs["logistic_regression"], rows=10)


def test_linear_parts_are_the_shapley_values_by_definition(made: Trained) -> None:
    fitted = load_fitted(made.workspace, made.runs["logistic_regression"])
    model = fitted.pipeline.named_steps["model"]
    rng = np.random.default_rng(0)
    width = model.coef_.shape[1]
    background, row = rng.normal(size=(7, width)), rng.normal(size=(1, width))
    parts, expected = linear_contributions(model, background, row)
    log_odds = model.decision_function
    assert expected == pytest.approx(log_odds(background).mean())
    mixed = background.copy()
    mixed[:, 2] = row[0, 2]
    assert parts[0, 2] == pytest.approx((log_odds(mixed) - log_odds(background)).mean())


def test_tree_parts_are_the_shapley_values_by_definition() -> None:
    """Every coalition of four columns, worked out with the model itself (Shapley 1953)."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 4))
    y = (x[:, 0] + x[:, 1] * x[:, 2] > 0).astype(int)
    model = RandomForestClassifier(7, max_depth=4, random_state=0).fit(x, y)
    background, row = x[:9], x[50:51]

    def value(coalition: tuple[int, ...]) -> float:
        mixed = background.copy()
        mixed[:, list(coalition)] = row[0, list(coalition)]
        return float(positive_scores(model, mixed).mean())

    parts, expected = tree_contributions(model, background, row)
    assert expected == pytest.approx(value(()))
    for j in range(4):
        others = [k for k in range(4) if k != j]
        total = sum(
            factorial(size) * factorial(3 - size) / factorial(4) * (value((*s, j)) - value(s))
            for size in range(4)
            for s in combinations(others, size)
        )
        assert parts[0, j] == pytest.approx(total, abs=1e-7)


def test_rows_next_to_a_threshold_go_the_right_way() -> None:
    """Thresholds of a forest lie midway between cells; rounded to 32 bits some would change sides."""
    rng = np.random.default_rng(0)
    x = (rng.integers(0, 40, size=(600, 3)) / 7.0 - 2.9) * np.pi
    y = rng.integers(0, 2, 600)
    model = RandomForestClassifier(30, random_state=0).fit(x, y)
    parts, expected = tree_contributions(model, x[:60], x[60:160])
    np.testing.assert_allclose(parts.sum(axis=1) + expected, positive_scores(model, x[60:160]), atol=1e-7)


def test_progress_tells_how_many_rows_are_left(made: Trained) -> None:
    said: list[object] = []
    explain(made.workspace, made.runs["extra_trees"], rows=60, emit=said.append)
    done = [e.done for e in said if getattr(e, "total", 0) == 60]  # type: ignore[attr-defined]
    assert done == [0, 25, 50, 60]


def test_an_explanation_survives_being_stored(made: Trained) -> None:
    found = explain(made.workspace, made.runs["hist_gradient_boosting"], rows=12)
    made.workspace.save_result("abc1", found)
    back = made.workspace.result("abc1")
    assert isinstance(back, Explanation)
    np.testing.assert_array_equal(back.values, found.values)
    pd.testing.assert_frame_equal(back.importance, found.importance)
    assert {f.name for f in dataclasses.fields(back)} == {f.name for f in dataclasses.fields(found)}


def test_the_matrix_of_a_recipe_has_a_source_for_every_column(made: Trained) -> None:
    fitted = load_fitted(made.workspace, made.runs["weights"])
    sources = {c.source for c in matrix_columns(fitted.pipeline.named_steps["encode"])}
    assert sources == set(explain(made.workspace, made.runs["weights"], rows=3).columns)
