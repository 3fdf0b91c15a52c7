"""The project's charter in a model card: what was asked, what success is, and how the hypotheses stand."""

from __future__ import annotations

import pandas as pd

from mlops_lib.evaluate.criterion import metric_met, set_before
from mlops_lib.evaluate.judged import Judged
from mlops_lib.explore.hypotheses import judge_hypotheses
from mlops_lib.objects.charter import Charter
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import money
from mlops_lib.report.document import Section, Table
from mlops_lib.train.prior_shift import shift_of_run
from mlops_lib.workspace.folder import Workspace

_SAID = ("What", "Said")


def charter_section(
    workspace: Workspace, charter: Charter, run: Run, judged: Judged, nouns: tuple[Dataset, Schema, SplitPlan]
) -> Section:
    """The charter under which a run was chosen; `judged` are the run's values."""
    facts = [
        ("Project", charter.name),
        ("Question", charter.question or "not written down"),
        ("Decision it serves", charter.decision or "not written down"),
        ("A miss costs", _or_not(charter.miss, charter.currency)),
        ("A false alarm costs", _or_not(charter.false_alarm, charter.currency)),
    ]
    parts: list[str | Table] = [Table(_SAID, tuple(facts))]
    if charter.criterion is not None:
        met = metric_met(_line(judged), charter.criterion, shift_of_run(workspace, run))
        before = set_before(workspace, charter, [run])
        when = "written down before this run was trained" if before else "written down or changed after its training"
        parts.append(f"Success ({when}): {met.status}. {met.says}")
    if charter.hypotheses:
        found = judge_hypotheses(*nouns, charter.hypotheses)
        lines = tuple((one.hypothesis.says, one.status, one.why) for one in found)
        parts.append(Table(("Hypothesis", "Status", "Why"), lines))
    return Section("Charter", tuple(parts))


def _or_not(amount: float | None, currency: str) -> str:
    return "not said" if amount is None else money(amount, currency)


def _line(judged: Judged) -> pd.Series:
    values: dict[str, float] = {}
    for name, found in judged.intervals.items():
        values |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    return pd.Series(values)
