"""A stored run's threshold, step by step: what the browser is fed with, the decision, and what a threshold gives.

Each reads the run's out-of-fold predictions itself and returns something small, so results can be kept by fingerprint.
"""

from __future__ import annotations

from mlops_lib.evaluate.sweep import sweep_of
from mlops_lib.objects.decision import Cost, Decision, Fixed, Policy
from mlops_lib.objects.run import Run
from mlops_lib.threshold.choosing import choose, thresholds_by_fold
from mlops_lib.threshold.outcome import Outcome, outcome
from mlops_lib.threshold.sweep_payload import Payload, sweep_payload
from mlops_lib.train.runs import out_of_fold
from mlops_lib.workspace.folder import Workspace


def payload_of_run(workspace: Workspace, run: Run) -> Payload:
    """Thresholds with exact counts on calibrated out-of-fold scores, at most 4,096, for the browser."""
    predictions = out_of_fold(workspace, run)
    return sweep_payload(sweep_of(predictions), predictions.names)


def decide(workspace: Workspace, run: Run, policy: Policy) -> Decision:
    """The threshold that the policy chooses on the run's out-of-fold scores. Raises as `choose`."""
    return choose(out_of_fold(workspace, run), policy)


def outcome_of_run(workspace: Workspace, run: Run, threshold: float, cost: Cost | None = None) -> Outcome:
    """What a threshold gives on the run's out-of-fold rows, counted exactly."""
    return outcome(out_of_fold(workspace, run), threshold, cost)


def unseen_outcome(workspace: Workspace, run: Run, policy: Policy, cost: Cost | None = None) -> Outcome:
    """What the policy gives on rows it was not chosen on: each fold at the threshold chosen on the other folds."""
    predictions = out_of_fold(workspace, run)
    if isinstance(policy, Fixed):
        return outcome(predictions, policy.threshold, cost)
    return outcome(predictions, thresholds_by_fold(predictions, policy), cost)
