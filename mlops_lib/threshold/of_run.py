"""A stored run's threshold: the choice under a policy with all that is shown of it, and what another one gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_lib.evaluate.sweep import sweep_of
from mlops_lib.objects.decision import Decision, Fixed, Policy
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.run import Run
from mlops_lib.objects.split import SplitPlan
from mlops_lib.threshold.choosing import choose, thresholds_by_fold
from mlops_lib.threshold.outcome import Outcome, outcome
from mlops_lib.threshold.policies import without_currency
from mlops_lib.threshold.sweep_payload import Payload, sweep_payload
from mlops_lib.train.runs import load_run, out_of_fold
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True, eq=False)
class Choice:
    """What a policy chooses for a run and what that gives on its out-of-fold rows.

    `best` is at the decision's threshold, `half` at 0.5, `unseen` at thresholds that were chosen for each fold on the
    other folds, in a split in time on the earlier ones (Fixed: the same as `best`). `payload` feeds the browser.
    """

    decision: Decision
    best: Outcome
    half: Outcome
    unseen: Outcome
    payload: Payload


def choice_of_run(
    workspace: Workspace, run: Run, policy: Policy, emit: Callable[[object], None] | None = None
) -> Choice:
    """Choose a threshold on the run's calibrated out-of-fold scores. Raises as `choose`."""
    tell = emit or (lambda _: None)
    tell(Progress(0, 3, "Choosing the threshold"))
    predictions = out_of_fold(workspace, run)
    odds = run.calibrator.odds
    decision = choose(predictions, policy, odds=odds)
    tell(Progress(1, 3, "Choosing it again without each fold"))
    forward = workspace.get(SplitPlan, run.split).kind == "time"
    apart = policy.threshold if isinstance(policy, Fixed) else thresholds_by_fold(predictions, policy, odds, forward)
    tell(Progress(2, 3, "Counting at every threshold"))
    return Choice(
        decision=decision,
        best=outcome(predictions, decision.threshold),
        half=outcome(predictions, 0.5),
        unseen=outcome(predictions, apart),
        payload=sweep_payload(sweep_of(predictions), predictions.names),
    )


def choice_spec(run: str, policy: Policy) -> dict[str, Any]:
    """The spec of the job kind "threshold". A currency changes no number and is left out."""
    return {"run": run, "policy": codec.to_json(without_currency(policy))}


def choice_work(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None] | None = None) -> Choice:
    """The job kind "threshold"; for few rows it may as well be called at once."""
    return choice_of_run(workspace, load_run(workspace, spec["run"]), codec.from_json(spec["policy"]), emit)


def payload_of_run(workspace: Workspace, run: Run) -> Payload:
    """Thresholds with exact counts on calibrated out-of-fold scores, at most 4,096, for the browser."""
    predictions = out_of_fold(workspace, run)
    return sweep_payload(sweep_of(predictions), predictions.names)


def outcome_of_run(workspace: Workspace, run: Run, threshold: float) -> Outcome:
    """What a threshold gives on the run's out-of-fold rows, counted exactly."""
    return outcome(out_of_fold(workspace, run), threshold)
