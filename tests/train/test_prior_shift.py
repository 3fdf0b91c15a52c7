"""A sample drawn by the target: probabilities are those of the parent, in the run, its file and its fingerprint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_lib.data.datasets import keep_upload, read_and_keep
from mlops_lib.data.derive import derive, operation
from mlops_lib.data.prevalence import true_prevalence, true_shares
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.objects.run import Calibrator, Run
from mlops_lib.objects.schema import Above, Classes, Column, Question, Schema
from mlops_lib.train.experiment_file import read_experiment_file
from mlops_lib.train.experiment_opening import describe_experiment, make_experiment, new_experiment
from mlops_lib.train.experiment_writing import write_experiment_file
from mlops_lib.train.holdout import predict_hold_out
from mlops_lib.train.prior_shift import share_words, shift_ahead, shift_of_run
from mlops_lib.train.runs import load_fitted, out_of_fold, run_fingerprint
from mlops_lib.train.scores import apply_calibrator, load_model, logit, save_facts, score, times_odds
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace, open_workspace
from tests.trained import csv

ROWS = 6_000
BASE = Recipe(Model("logistic_regression"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "home")


@pytest.fixture
def rare(workspace: Workspace) -> Dataset:
    """About 4 % positives, in a logistic model of one number; and a number and three labels as other targets."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=ROWS)
    chance = 1 / (1 + np.exp(-(-4 + 1.5 * x)))
    frame = pd.DataFrame({"x": x.round(4), "y": np.where(rng.random(ROWS) < chance, "Yes", "No")})
    frame["delay"] = rng.gamma(1.0, 20.0, ROWS).round(1)
    frame["three"] = rng.choice(["a", "b", "c"], ROWS, p=[0.1, 0.3, 0.6])
    return read_and_keep(workspace, keep_upload(workspace, csv(frame)), "rare.csv")


def schema_of(dataset: Dataset, target: str = "y", question: Question | None = None) -> Schema:
    kinds = {"x": "numeric", "y": "categorical", "delay": "numeric", "three": "categorical"}
    columns = tuple(
        Column(n, kinds[n], "target" if n == target else "feature" if n == "x" else "ignored")  # type: ignore[arg-type]
        for n in dataset.columns
    )
    return Schema(dataset.fingerprint, columns, question or Classes("Yes"))


def balanced(workspace: Workspace, dataset: Dataset, column: str = "y", rows: int = 400) -> Dataset:
    asked = operation("sample", seed=0, method="stratified", column=column, allocation="equal", rows=rows)
    return derive(workspace, dataset, asked)


def trained(workspace: Workspace, dataset: Dataset, correct: bool = True) -> tuple[Experiment, Run]:
    schema = schema_of(dataset)
    plan = plan_split(dataset, schema, folds=3)
    workspace.put(schema)
    workspace.put(plan)
    prevalence = true_prevalence(workspace, dataset, schema) if correct else None
    experiment = new_experiment(plan, (replace(BASE, calibration="sigmoid"),), prevalence=prevalence)
    workspace.put(experiment)
    (run,) = train(workspace, experiment)
    assert run.state == "complete", run.failure
    return experiment, run


def share(dataset: Dataset, label: str = "Yes", column: str = "y") -> float:
    return float((dataset.frame([column])[column] == label).mean())


def test_only_samples_drawn_by_the_target_have_other_true_shares(workspace: Workspace, rare: Dataset) -> None:
    assert true_shares(workspace, rare, schema_of(rare)) is None
    simple = derive(workspace, rare, operation("sample", seed=0, method="simple", rows=2_000))
    assert true_shares(workspace, simple, schema_of(simple)) is None
    by_three = balanced(workspace, rare, "three")
    assert true_prevalence(workspace, by_three, schema_of(by_three)) is None
    sample = balanced(workspace, rare)
    found = true_shares(workspace, sample, schema_of(sample))
    assert found is not None
    assert found.names == ("No", "Yes")
    assert found.sample == (0.5, 0.5)
    assert found.true == pytest.approx((1 - share(rare), share(rare)))
    assert found.exact


def test_later_operations_keep_the_odds_that_sampling_changed(workspace: Workspace, rare: Dataset) -> None:
    sample = balanced(workspace, rare)
    positive = derive(workspace, sample, operation("filter", condition="x > 0"))
    whole = derive(workspace, rare, operation("filter", condition="x > 0"))
    found = true_prevalence(workspace, positive, schema_of(positive))
    assert found == pytest.approx(share(whole), abs=0.02)
    assert share(positive) > 0.5
    twice = balanced(workspace, positive, rows=100)
    assert true_prevalence(workspace, twice, schema_of(twice)) == pytest.approx(found, rel=1e-9)


def test_other_questions_are_answered_from_the_parent(workspace: Workspace, rare: Dataset) -> None:
    late = derive(workspace, rare, operation("sample", seed=0, method="weighted", column="delay", rows=600))
    schema = schema_of(late, "delay", Above(40.0))
    found = true_shares(workspace, late, schema)
    assert found is not None
    truth = float((rare.frame(["delay"])["delay"] > 40).mean())
    assert found.true[1] == pytest.approx(truth)
    assert found.sample[1] > truth + 0.1
    assert not found.exact
    even = balanced(workspace, rare, "three", rows=600)
    several = true_shares(workspace, even, schema_of(even, "three", Classes(None)))
    assert several is not None
    assert several.names == ("a", "b", "c")
    assert several.true == pytest.approx([share(rare, k, "three") for k in "abc"])
    one = true_shares(workspace, even, schema_of(even, "three", Classes("b")))
    assert one is not None
    assert one.true[1] == pytest.approx(share(rare, "b", "three"))
    assert not one.exact


def test_corrected_probabilities_are_those_of_the_parent(workspace: Workspace, rare: Dataset) -> None:
    """Trained on 200 of each answer, the mean probability of all rows of the parent is the parent's share."""
    sample = balanced(workspace, rare)
    _, run = trained(workspace, sample)
    raw, calibrated = score(load_fitted(workspace, run), rare.frame(["x"]))
    assert raw.mean() > 0.25
    assert calibrated.mean() == pytest.approx(share(rare), abs=0.015)
    truth = 1 / (1 + np.exp(-(-4 + 1.5 * rare.frame(["x"])["x"].to_numpy())))
    assert np.abs(calibrated - truth).mean() < 0.02
    assert np.abs(raw - truth).mean() > 0.15


def test_only_the_calibrated_score_changes_and_by_the_odds(workspace: Workspace, rare: Dataset) -> None:
    sample = balanced(workspace, rare)
    _, run = trained(workspace, sample)
    _, plain = trained(workspace, sample, correct=False)
    assert run.fingerprint != plain.fingerprint
    mine, other = out_of_fold(workspace, run), out_of_fold(workspace, plain)
    assert np.array_equal(mine.raw, other.raw)
    factor = share(rare) / (1 - share(rare))
    assert run.calibrator.odds == pytest.approx(factor)
    assert plain.calibrator.odds == 1.0
    assert logit(mine.score) - logit(other.score) == pytest.approx(np.log(factor))
    held, other_held = predict_hold_out(workspace, run), predict_hold_out(workspace, plain)
    assert logit(held.score) - logit(other_held.score) == pytest.approx(np.log(factor))
    assert load_fitted(workspace, run).calibrator == run.calibrator


def test_two_equal_tables_with_other_true_shares_are_two_runs(workspace: Workspace, rare: Dataset) -> None:
    sample = balanced(workspace, rare)
    plan = plan_split(sample, schema_of(sample), folds=3)
    runs = {run_fingerprint(new_experiment(plan, (BASE,), prevalence=p), BASE) for p in (None, 0.1, 0.2)}
    assert len(runs) == 3
    assert new_experiment(plan, (BASE,)).fingerprint != new_experiment(plan, (BASE,), prevalence=0.1).fingerprint
    for odd in (0.0, 1.0, float("nan")):
        with pytest.raises(InputError, match="no share of the positive class"):
            new_experiment(plan, (BASE,), prevalence=odd)


def test_the_experiment_file_takes_the_true_share_along(workspace: Workspace, rare: Dataset, tmp_path: Path) -> None:
    sample = balanced(workspace, rare)
    experiment, _ = trained(workspace, sample)
    text = write_experiment_file(describe_experiment(workspace, experiment))
    assert make_experiment(workspace, read_experiment_file(text), tmp_path) == experiment
    unsaid = "\n".join(line for line in text.splitlines() if not line.startswith("prevalence"))
    assert unsaid != text
    assert make_experiment(workspace, read_experiment_file(unsaid), tmp_path) == experiment
    with pytest.raises(InputError, match="field 'prevalence': 2 is no share"):
        read_experiment_file(unsaid + "\nprevalence: 2\n")


def test_the_words(workspace: Workspace, rare: Dataset) -> None:
    sample = balanced(workspace, rare)
    assert shift_ahead(workspace, rare, schema_of(rare)) is None
    now = f"{100 * share(rare):.1f} %"
    said = f"This sample has 50.0 % 'Yes' on purpose; the parent has {now}."
    ahead = shift_ahead(workspace, sample, schema_of(sample))
    assert ahead is not None
    assert ahead.sentence == f"{said} Probabilities are corrected to {now}."
    assert "Precision" in ahead.metrics
    _, run = trained(workspace, sample)
    corrected = shift_of_run(workspace, run)
    assert corrected is not None
    assert (corrected.sentence, corrected.metrics) == (ahead.sentence, ahead.metrics)
    _, plain = trained(workspace, sample, correct=False)
    shift = shift_of_run(workspace, plain)
    assert shift is not None
    assert shift.sentence == f"{said} Probabilities are not corrected."
    _, whole = trained(workspace, rare)
    assert shift_of_run(workspace, whole) is None
    assert share_words(0.00017) == "0.017 %"


def test_factors_of_odds() -> None:
    p = np.array([0.0, 0.2, 0.5, 1.0])
    assert times_odds(p, 0.25) == pytest.approx([0.0, 1 / 17, 0.2, 1.0])
    assert apply_calibrator(Calibrator("prior", (2.0,), 0.5), p) == pytest.approx(p)
    assert apply_calibrator(Calibrator("none", (), 0.25), p) == pytest.approx(times_odds(p, 0.25))


def test_models_stored_before_are_read_as_they_were(workspace: Workspace, rare: Dataset, tmp_path: Path) -> None:
    _, run = trained(workspace, rare)
    folder = workspace.runs / run.fingerprint
    assert load_model(folder).calibrator.odds == 1.0
    facts = folder / "model.json"
    facts.write_text(facts.read_text().replace(', "odds": 1.0', ""))
    assert load_model(folder).calibrator == run.calibrator
    save_facts(replace(run.calibrator, odds=0.3), ("x",), ("No", "Yes"), folder)
    assert load_model(folder).calibrator.odds == 0.3
