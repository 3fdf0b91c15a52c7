from dataclasses import replace

import numpy as np
import pytest

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.objects.run import Failure
from mlops_lib.objects.schema import Classes, Number
from mlops_lib.train import learning_curve
from mlops_lib.train.engine import SerialEngine
from mlops_lib.train.learning_curve import expected_seconds, learnt_predictions, predictions_at, refit_shares
from mlops_lib.train.runs import load_fitted, out_of_fold
from mlops_lib.train.training import train
from mlops_lib.train.units import FitFailed
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace
from tests.train.small import keep_frame, small_frame

TOLD = []
TREES = Model("random_forest", (("n_estimators", 10),))
SIGMOID = Recipe(TREES, calibration="sigmoid")
PRIOR = Recipe(Model("logistic_regression"), sampler=Sampler("random_under"), calibration="prior")


def trained(small, recipe):
    return next(iter(train(small.workspace, small.experiment(recipe))))


@pytest.fixture(scope="module")
def refitted(small):
    run = trained(small, SIGMOID)
    return run, refit_shares(small.workspace, run, emit=TOLD.append)


def test_the_full_share_gives_the_stored_scores_again(small, refitted):
    run, refits = refitted
    stored = out_of_fold(small.workspace, run)
    again = predictions_at(refits, len(refits.shares) - 1, run)
    order = np.argsort(again.row)
    assert np.array_equal(again.row[order], stored.row)
    assert np.array_equal(again.fold[order], stored.fold)
    np.testing.assert_allclose(again.raw[order], stored.raw, rtol=0, atol=1e-12)
    np.testing.assert_allclose(again.score[order], stored.score, rtol=0, atol=1e-8)


def test_the_prior_correction_is_made_of_the_same_counts(small, monkeypatch):
    monkeypatch.setattr(learning_curve, "SHARES", (0.5, 1.0))
    run = trained(small, PRIOR)
    refits = refit_shares(small.workspace, run)
    stored = out_of_fold(small.workspace, run)
    again = predictions_at(refits, len(refits.shares) - 1, run)
    np.testing.assert_allclose(again.score[np.argsort(again.row)], stored.score, rtol=0, atol=1e-10)
    first = predictions_at(refits, 0, run)
    assert not np.array_equal(first.raw, first.score)


def test_each_size_doubles_and_learnt_rows_are_of_the_folds_training(small, refitted):
    _, refits = refitted
    assert refits.shares == (0.125, 0.25, 0.5, 1.0)
    assert "6.3 %" in refits.left_out[0] or "6.2 %" in refits.left_out[0]
    np.testing.assert_allclose(np.diff(np.log2(refits.rows)), 1.0, atol=0.1)
    assert refits.rows[-1] == np.mean([len(small.plan.fold_training_rows(k)) for k in range(5)])
    for fold in range(5):
        mine = refits.learnt_row[refits.learnt_fold == fold]
        assert np.array_equal(mine, small.plan.fold_training_rows(fold))
    left = small.dataset.frame(["left"]).iloc[refits.learnt_row, 0]
    assert np.array_equal(refits.learnt_truth, (left == "yes").to_numpy().astype(int))


def test_a_forest_knows_its_own_rows_better(small, refitted):
    run, refits = refitted
    learnt, new = learnt_predictions(refits, run), predictions_at(refits, 3, run)

    def squared(p):
        return float(((p.score - p.truth) ** 2).mean())

    assert squared(learnt) < squared(new)
    assert learnt.raw.shape == learnt.truth.shape == (len(refits.learnt_row),)


def test_the_result_can_be_stored(refitted, tmp_path):
    codec.save(refitted[1], tmp_path)
    again = codec.load(tmp_path)
    assert again.shares == refitted[1].shares
    assert all(np.array_equal(a, b) for a, b in zip(again.raw, refitted[1].raw, strict=True))


@pytest.mark.usefixtures("refitted")
def test_progress_counts_the_fits():
    assert [t.done for t in TOLD] == list(range(1, 21))
    assert TOLD[0].total == 20
    assert TOLD[0].remaining_seconds > 0


class Failing(SerialEngine):
    """Fails every fit of one share."""

    def __init__(self, share):
        self.share = f"/{share}"

    def run(self, units):
        for unit in units:
            if unit.fits[0].run.endswith(self.share):
                yield FitFailed(unit.fits[0].run, unit.fold, Failure("Too few rows of 'yes'."))
            elif self.share != "/1.0":
                yield from super().run([unit])


def test_a_share_that_fails_is_left_out_and_named(small, refitted, monkeypatch):
    monkeypatch.setattr(learning_curve, "SHARES", (0.125, 0.25, 1.0))
    refits = refit_shares(small.workspace, refitted[0], Failing(0.25))
    assert refits.shares == (0.125, 1.0)
    assert refits.left_out[-1] == "On 25.0 % of the rows the fit failed: Too few rows of 'yes'."
    with pytest.raises(NotPossibleError, match="could not be fitted again: Too few rows"):
        refit_shares(small.workspace, refitted[0], Failing(1.0))


def test_a_recipe_with_a_leak_says_nothing_of_more_rows(small, refitted):
    run = replace(refitted[0], recipe=replace(SIGMOID, leak=("scale",)))
    with pytest.raises(NotPossibleError, match="before the split"):
        refit_shares(small.workspace, run)


def test_many_rows_are_drawn_from(small, refitted, monkeypatch):
    monkeypatch.setattr(learning_curve, "JUDGED", 100)
    monkeypatch.setattr(learning_curve, "LEARNT", 30)
    monkeypatch.setattr(learning_curve, "SHARES", (1.0,))
    run, whole = refitted
    refits = refit_shares(small.workspace, run)
    assert len(refits.row) == 100
    assert len(refits.learnt_row) == 150
    scores = dict(zip(whole.row.tolist(), whole.raw[-1].tolist(), strict=True))
    np.testing.assert_allclose([scores[r] for r in refits.row.tolist()], refits.raw[-1], atol=1e-12)
    of = {(f, r): s for f, r, s in zip(whole.learnt_fold, whole.learnt_row, whole.learnt_raw, strict=True)}
    drawn = [of[f, r] for f, r in zip(refits.learnt_fold, refits.learnt_row, strict=True)]
    np.testing.assert_allclose(drawn, refits.learnt_raw, atol=1e-12)


@pytest.mark.parametrize(
    ("target", "question", "model"), [("site", Classes(None), "logistic_regression"), ("pay", Number(), "ridge")]
)
def test_many_classes_and_numbers_have_a_curve_too(tmp_path, monkeypatch, target, question, model):
    monkeypatch.setattr(learning_curve, "SHARES", (0.5, 1.0))
    frame = small_frame(240).dropna(subset=["site", "pay"])
    small = keep_frame(Workspace(tmp_path), frame, target, question)
    run = trained(small, Recipe(Model(model)))
    refits = refit_shares(small.workspace, run)
    assert refits.rows[-1] == pytest.approx(len(small.plan.training_rows()) * 0.8, abs=1)
    stored = out_of_fold(small.workspace, run)
    again = predictions_at(refits, len(refits.shares) - 1, run)
    np.testing.assert_allclose(again.score[np.argsort(again.row)], stored.score, rtol=1e-9, atol=1e-12)
    assert learnt_predictions(refits, run).kind == load_fitted(small.workspace, run).kind


def test_what_it_takes_is_estimated_from_the_folds(refitted):
    assert expected_seconds(replace(refitted[0], fit_seconds=2.0), 5) == pytest.approx(2.0 * 5 * 1.9375)
