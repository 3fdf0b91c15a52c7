"""Predictions and a policy to a decision."""

from __future__ import annotations

import numpy as np

from mlops_lib.evaluate.decision_metrics import precision, recall
from mlops_lib.evaluate.intervals import lower_bound
from mlops_lib.evaluate.sweep import Sweep, sweep_of
from mlops_lib.objects.decision import AtLeast, Capacity, Decision, Fixed, Policy
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.words import count, number, percent
from mlops_lib.threshold.policies import at_odds, checked, chosen_cut, found_of, wish
from mlops_lib.threshold.stability import stability

SMALLEST_GAP = 1e-9
"""A threshold is put only between scores further apart than this: the same row scored alone or in a batch may differ
by 3e-16, and must not change sides."""


def choose(
    predictions: Predictions, policy: Policy, seed: int = 0, resamples: int = 1_000, odds: float = 1.0
) -> Decision:
    """The threshold that the policy asks for, on calibrated scores, with its bootstrap stability.

    It lies midway between neighbouring distinct scores (for Fixed it is what was typed); of equally good ones it is
    the highest, which flags fewest. `resamples=0` leaves the stability out. `odds` is the run's `Calibrator.odds`:
    where the rows have another share of positives than the truth, on purpose, costs are weighed at the true one.

    Raises
    ------
    InputError : the policy's numbers make no sense.
    NotPossibleError : the rows have one class only or more than two, hold a number, or are those of a run in the wrong
        order.
    """
    policy = checked(policy)
    _two_answers(predictions)
    if predictions.split == "wrong order":
        raise NotPossibleError(
            "This run was made in the wrong order, so no threshold that is chosen on its rows holds for new ones.",
            "Choose a run in which everything is learnt inside the folds.",
        )
    if isinstance(policy, Fixed):
        return Decision(predictions.run, policy, policy.threshold, predictions.split, predictions.n)
    swept = _two_classes(sweep_of(predictions), predictions)
    weighed = at_odds(policy, odds)
    cut, promised, notes = _choose_cut(swept, weighed)
    trust = stability(swept, weighed, cut, resamples, seed) if resamples and promised else None
    return Decision(
        run=predictions.run,
        policy=policy,
        threshold=float(swept.thresholds[cut]),
        chosen_on=predictions.split,
        n=predictions.n,
        promised=promised,
        stability=trust.range if trust else None,
        equal_band=trust.equal_band if trust else None,
        notes=notes,
        odds=odds if weighed != policy else 1.0,
    )


def thresholds_by_fold(
    predictions: Predictions, policy: Policy, odds: float = 1.0, forward: bool = False
) -> np.ndarray:
    """The threshold of every fold, (folds,), each chosen on the *other* folds, so that a fold is judged at a threshold
    it had no part in. `odds` as in `choose`.

    With `forward` (a split in time) on the earlier folds only; the first fold, which has none, on the later ones.

    Raises as `choose`, and NotPossibleError for fewer than two folds.
    """
    policy = at_odds(checked(policy), odds)
    folds = int(predictions.fold.max()) + 1
    if folds < 2:
        raise NotPossibleError("The predictions are of one fold.", "Use the out-of-fold predictions of a run.")
    if isinstance(policy, Fixed):
        return np.full(folds, policy.threshold)
    return np.array([_threshold_for(predictions, fold, policy, forward) for fold in range(folds)])


def _threshold_for(predictions: Predictions, fold: int, policy: Policy, forward: bool) -> float:
    known = predictions.fold >= 0
    earlier = known & (predictions.fold < fold)
    others = earlier if forward and earlier.any() else known & (predictions.fold != fold)
    swept = _two_classes(sweep_of(predictions, others), predictions)
    return float(swept.thresholds[_choose_cut(swept, policy)[0]])


def _two_answers(predictions: Predictions) -> None:
    if predictions.kind != "binary":
        what = "a number" if predictions.kind == "number" else f"{predictions.classes} classes"
        raise NotPossibleError(
            f"A threshold is for questions with two answers; the target of these predictions is {what}.",
            "On the Data page, ask about one class against all others, or whether a number is above a limit.",
        )


def _two_classes(swept: Sweep, predictions: Predictions) -> Sweep:
    if swept.positives and swept.negatives:
        return swept
    only = predictions.names[0 if swept.negatives else 1]
    raise NotPossibleError(
        f"All {count(swept.n)} rows are '{only}'.", "A threshold can only be chosen on rows of both classes."
    )


def _choose_cut(swept: Sweep, policy: Policy) -> tuple[int, bool, tuple[str, ...]]:
    asked = wish(swept.counts, policy)
    asked.allowed[swept.gaps < SMALLEST_GAP] = False
    cut = int(chosen_cut(asked))
    if cut < 0 and isinstance(policy, AtLeast):
        return _nearest_to(swept, policy)
    return cut, True, _capacity_notes(swept, cut, policy)


def _nearest_to(swept: Sweep, policy: AtLeast) -> tuple[int, bool, tuple[str, ...]]:
    """No cut keeps the promise: the one whose lower bound comes nearest to it."""
    counts = swept.counts
    bound = np.where(swept.gaps < SMALLEST_GAP, -1.0, lower_bound(*found_of(counts, policy.metric)))
    cut = int(np.argmax(bound))
    value = float((precision if policy.metric == "precision" else recall)(counts.at(cut)))
    note = (
        f"These data cannot promise a {policy.metric} of {percent(policy.minimum)}. The nearest is the threshold "
        f"{number(float(swept.thresholds[cut]))}: {percent(value)} on these rows, but with 95 % confidence only "
        f"{percent(float(bound[cut]))} or more ({count(swept.positives)} positives are in the data)."
    )
    return cut, False, (note,)


def _capacity_notes(swept: Sweep, cut: int, policy: Policy) -> tuple[str, ...]:
    if not isinstance(policy, Capacity):
        return ()
    share = float(swept.counts.alarms[cut]) / swept.n
    expected = share * policy.out_of
    spread = 2.0 * np.sqrt(expected * (1.0 - share))
    low, high = max(expected - spread, 0.0), min(expected + spread, policy.out_of)
    note = (
        f"Among {count(policy.out_of)} rows like these, expect about {count(expected)} alerts; a single batch may hold "
        f"{count(low)} to {count(high)}."
    )
    if cut == 0 or expected >= policy.alerts * 0.95:
        return (note,)
    lower = float(swept.counts.alarms[cut - 1]) / swept.n * policy.out_of
    return note, (
        f"The next lower threshold would make {count(lower)} of them: many rows share one score, so the capacity of "
        f"{count(policy.alerts)} is not used up."
    )
