"""A candidate registered with its model card: one call for pages, the command line and the job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlops_lib.objects.charter import Charter
from mlops_lib.objects.decision import Decision
from mlops_lib.objects.version import Candidate, Version
from mlops_lib.registry.names import checked_name
from mlops_lib.registry.register import register
from mlops_lib.report.model_card import card_files
from mlops_lib.train.runs import load_run
from mlops_lib.workspace.folder import Workspace


def register_with_card(
    workspace: Workspace,
    candidate: Candidate,
    name: str,
    *,
    who: str = "somebody",
    why: str = "",
    charter: Charter | None = None,
    emit: Callable[[object], None] | None = None,
) -> Version:
    """Register a run with its decision under a name, its model card beside it. Raises as `register`."""
    trimmed = checked_name(name)
    card = card_files(workspace, candidate, trimmed, charter)
    return register(workspace, candidate, trimmed, card, who=who, why=why, emit=emit)


def register_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Version:
    """The job "register". `spec`: run and decision (fingerprints), name, who, why, store (the MLflow address),
    attempt (a number that makes a second registration of the same thing another job) and charter (a fingerprint)."""
    run = load_run(workspace, str(spec["run"]))
    decision = workspace.get(Decision, str(spec["decision"]))
    who, why = str(spec.get("who") or "somebody"), str(spec.get("why", ""))
    charter = workspace.get(Charter, str(spec["charter"])) if spec.get("charter") else None
    return register_with_card(
        workspace, Candidate(run, decision), str(spec["name"]), who=who, why=why, charter=charter, emit=emit
    )
