"""The quality findings of a large table as a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlops_lib.checks.quality import Part, findings
from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.finding import Findings
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import counted
from mlops_lib.workspace.folder import Workspace

JOB_ROWS = 100_000
"""Tables with more rows are checked in a job, smaller ones while the page is drawn (but for the slow checks)."""


def findings_spec(dataset: Dataset, schema: Schema, plan: SplitPlan, part: Part = "all") -> dict[str, Any]:
    """The spec of the job kind "findings". Schema and plan need not be stored: they are still being edited."""
    return {"dataset": dataset.fingerprint, "schema": schema, **plan.asked, "part": part}


def findings_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Findings:
    """`checks.quality.findings` on the training rows of that split; raises what it raises."""
    dataset = open_dataset(workspace, spec["dataset"])
    emit(Progress(0, 1, f"Checking {counted(len(dataset.columns), 'column')} of {counted(dataset.rows, 'row')}"))
    how = {name: value for name, value in spec.items() if name not in ("dataset", "schema", "part")}
    plan = plan_split(dataset, spec["schema"], **how)
    return findings(dataset, spec["schema"], plan, emit, spec["part"])
