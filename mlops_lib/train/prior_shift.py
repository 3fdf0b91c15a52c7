"""What to say where a table has its answers in other shares than the truth, on purpose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.prevalence import true_shares
from mlops_lib.data.target import resolve_target
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.words import number, percent
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True)
class PriorShift:
    """The share of positives in the table and the true one. `shares` says both, `sentence` also what became of
    probabilities, `metrics` which numbers hold for the table's share only."""

    positive: str
    table: float
    true: float
    shares: str
    sentence: str
    metrics: str


def shift_ahead(workspace: Workspace, dataset: Dataset, schema: Schema) -> PriorShift | None:
    """The shift of a table that is to be trained on; None where its shares are the true ones."""
    found = true_shares(workspace, dataset, schema)
    if found is None or len(found.names) != 2:
        return None
    return _said(found.names[1], found.sample[1], found.true[1], True, found.exact, "This sample")


def shift_of_run(workspace: Workspace, run: Run) -> PriorShift | None:
    """The shift of a run: the one its probabilities were corrected for, or one that they were not; None without."""
    dataset, schema = open_dataset(workspace, run.dataset), workspace.get(Schema, run.schema)
    found = true_shares(workspace, dataset, schema)
    odds = run.calibrator.odds
    if odds == 1.0 and found is None:
        return None
    if found is not None and odds == 1.0:
        return _said(found.names[1], found.sample[1], found.true[1], False, found.exact, "This sample")
    target = resolve_target(dataset, schema)
    share = float(np.nanmean(target.values))
    true = share * odds / (share * odds + 1 - share)
    what = "This sample" if found is not None else "This table"
    return _said(target.positive, share, true, True, found is None or found.exact, what)


def _said(positive: str, table: float, true: float, corrected: bool, exact: bool, what: str) -> PriorShift:
    now, then = share_words(table), share_words(true)
    where = "the parent" if what == "This sample" else "the truth that the experiment names"
    shares = f"{what} has {now} '{positive}' on purpose; {where} has {then}."
    done = f"Probabilities are corrected to {then}." if corrected else "Probabilities are not corrected."
    rough = "" if exact else " The mix within the answers was changed too, so that is approximate."
    moved = f"Precision, average precision, F1, accuracy and cost hold for {now} '{positive}' and differ at {then}"
    chosen = "a threshold for least cost is chosen at the true share, one for F1 or precision is not"
    against = "set corrected probabilities against this table's answers, and look worse than they are"
    judged = f"Brier score, log loss and the calibration curve {against}."
    metrics = [f"{moved}; {chosen}.", "ROC-AUC and recall do not depend on it."]
    return PriorShift(
        positive,
        table,
        true,
        shares,
        f"{shares} {done}{rough}",
        " ".join([*metrics, *([judged] if corrected else [])]),
    )


def share_words(share: float) -> str:
    """A share as a percentage that does not vanish: 16.1 %, 0.017 %."""
    return percent(share) if share >= 0.001 else f"{number(100 * share, 2)} %"
