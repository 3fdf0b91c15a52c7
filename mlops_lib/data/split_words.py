"""What a split and its weights come to, as a table and in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlops_lib.data.target import resolve_target
from mlops_lib.data.weights import row_weights
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Target
from mlops_lib.objects.words import count, counted, number, percent


def parts_table(dataset: Dataset, schema: Schema, plan: SplitPlan) -> pd.DataFrame:
    """One line a fold of the first repeat, then the hold-out: `Part`, `Trains on`, `Judged on`, and how many of the
    judged rows are positive (a number: their median; several classes: those of the rarest)."""
    target = resolve_target(dataset, schema)
    lines = [(f"Fold {k + 1}", plan.fold_training_rows(k), plan.validation_rows(k)) for k in range(plan.folds)]
    lines.append(("Hold-out", plan.training_rows(), plan.hold_out_rows()))
    return pd.DataFrame(
        {
            "Part": [name for name, _, _ in lines],
            "Trains on": [counted(len(rows), "row") for _, rows, _ in lines],
            "Judged on": [counted(len(rows), "row") for _, _, rows in lines],
            _of_interest(target): [_found(target, rows) for _, _, rows in lines],
        }
    )


def _of_interest(target: Target) -> str:
    if target.kind == "number":
        return "Median judged"
    return f"Of them '{target.positive}'" if target.kind == "binary" else "Of them of the rarest class"


def _found(target: Target, rows: np.ndarray) -> str:
    if target.kind == "number":
        return number(float(np.median(target.values[rows]))) if len(rows) else ""
    counts = np.bincount(target.codes(rows), minlength=len(target.names))
    many = int(counts[1] if target.kind == "binary" else counts.min())
    return f"{count(many)} ({percent(many / max(len(rows), 1))})"


def weighted_by(schema: Schema) -> str:
    """One sentence for pages that show weighted figures; empty where nothing is weighed."""
    return f"Figures are weighted by '{schema.weight}': a weight of 2 counts as two rows." if schema.weight else ""


def judged_how(schema: Schema, plan: SplitPlan) -> str:
    """What is special about how figures come about, for pages that show them; empty where nothing is."""
    said = [weighted_by(schema)] if schema.weight else []
    if plan.repeats > 1:
        said.append(
            f"The folds were dealt out {plan.repeats} times: values and intervals are of {plan.folds * plan.repeats} "
            "folds; curves and counts of all rows together are of the first time."
        )
    if plan.kind == "time":
        said.append(f"The threshold of a fold is chosen on {thresholds_from(plan)}.")
    return " ".join(said)


def thresholds_from(plan: SplitPlan) -> str:
    """The rows on which the threshold of a fold is chosen, in words."""
    if plan.kind == "time":
        return "earlier folds (that of the first fold on the later ones)"
    return "the other folds" if plan.repeats == 1 else "the other folds of the same repeat"


def weight_words(dataset: Dataset, schema: Schema) -> str:
    """How far the weights reach, what they enter and what they exclude. Raises as `row_weights`."""
    weight = row_weights(dataset, schema, np.flatnonzero(resolve_target(dataset, schema).known))
    if weight is None:
        return ""
    effective = float(weight.sum() ** 2 / (weight * weight).sum())
    return (
        f"Rows are weighed by '{schema.weight}' ({number(float(weight.min()))} to {number(float(weight.max()))}; "
        f"{count(len(weight))} rows are worth {count(effective)} even ones). The weights enter fits, calibration, "
        "thresholds and metrics; Explore and Feature tests count rows alike. Samplers are excluded: use class weights "
        "or move the threshold."
    )
