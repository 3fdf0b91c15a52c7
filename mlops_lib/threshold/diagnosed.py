"""What the Compare page looks into: a run's learning curve, memory, groups and errors, and two runs row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.encoded import encoded
from mlops_lib.evaluate.errors import Errors, confident_errors
from mlops_lib.evaluate.flips import Apart, Flips, flips, stands_apart
from mlops_lib.evaluate.fold_gap import FoldGap, fold_gap
from mlops_lib.evaluate.measures import Scores, measure_of
from mlops_lib.evaluate.more_rows import MoreRows, more_rows
from mlops_lib.evaluate.slices import Slices, slices
from mlops_lib.objects.decision import Policy
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import FEATURE_KINDS, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.stats.features import Feature
from mlops_lib.threshold.choosing import thresholds_by_fold
from mlops_lib.threshold.compared import tested_to_trained
from mlops_lib.train.learning_curve import Refits, learnt_predictions, predictions_at, said_shares
from mlops_lib.train.runs import load_run, out_of_fold
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace

Emit = Callable[[object], None]

ALL = ""
"""Instead of a column: the groups of all columns."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """What a run's refits say in one metric: would more rows help, and how much of the score is memory."""

    curve: MoreRows
    gap: FoldGap
    sizes: str
    notes: tuple[str, ...]


def learnt_of(workspace: Workspace, key: str, run: Run, policy: Policy, metric: str, margin: float) -> Learnt:
    """Read the refits that the job of that key stored (`train.learning_curve`), and judge them in one metric.

    Decisions are taken at thresholds that the policy chooses at each size by itself, for each fold on the others.
    Raises NotFoundError where nothing is stored, else as `more_rows` and `fold_gap`.
    """
    refits: Refits = workspace.result(key, mapped=True)
    plan = workspace.get(SplitPlan, run.split)
    measure = measure_of(refits.kind, metric)
    ratio = tested_to_trained(plan)
    judged = [predictions_at(refits, place, run) for place in range(len(refits.shares))]
    scored = [_scores(p, _thresholds(p, run, plan, policy) if measure.needs_threshold else None) for p in judged]
    curve = more_rows(measure, refits.rows, [s.by_fold(measure) for s in scored], ratio, margin)
    learnt = _scores(learnt_predictions(refits, run), scored[-1].thresholds)
    gap = fold_gap(measure, learnt, scored[-1], ratio, margin)
    return Learnt(curve, gap, said_shares(refits), refits.left_out)


def _thresholds(predictions: Predictions, run: Run, plan: SplitPlan, policy: Policy) -> np.ndarray | None:
    if predictions.kind != "binary":
        return None
    return thresholds_by_fold(predictions, policy, run.calibrator.odds, plan.kind == "time")


def _scores(predictions: Predictions, thresholds: np.ndarray | None) -> Scores:
    return Scores(predictions.truth, predictions.score, predictions.fold, thresholds, predictions.weight)


def slices_of(workspace: Workspace, run: Run, policy: Policy, column: str = ALL) -> Slices:
    """How a run does in the groups of a column, or of all of them, at its own threshold of each fold."""
    predictions, plan = out_of_fold(workspace, run), workspace.get(SplitPlan, run.split)
    _two_answers(predictions)
    thresholds = _thresholds(predictions, run, plan, policy)
    assert thresholds is not None
    names = [column] if column else list(columns_to_slice(workspace.get(Schema, run.schema)))
    return slices(predictions, thresholds, _features(workspace, run, predictions.row, names), run.calibrator.odds)


def columns_to_slice(schema: Schema) -> tuple[str, ...]:
    """The columns whose groups can be compared: the features and the group column, that one first."""
    group = (schema.group,) if schema.group else ()
    return (*group, *(name for name in schema.features() if name != schema.group))


def _features(workspace: Workspace, run: Run, rows: np.ndarray, names: Sequence[str]) -> dict[str, Feature]:
    """Columns on some rows; one that is no feature (the group, say) by its labels."""
    schema = workspace.get(Schema, run.schema)
    kinds = {name: schema.column(name).kind for name in names}
    kinds = {name: kind if kind in FEATURE_KINDS else "categorical" for name, kind in kinds.items()}
    columns = encoded(open_dataset(workspace, run.dataset), kinds)
    return {name: feature.take(rows) for name, feature in columns.items()}


@dataclass(frozen=True, eq=False)
class ErrorRows:
    """Confident errors with the cells of their rows: `cells` has the lines of `errors.table`, its own columns first."""

    errors: Errors
    cells: pd.DataFrame


def errors_of(workspace: Workspace, run: Run) -> ErrorRows:
    """The rows that a run is most wrong about, out of fold, with their values."""
    errors = confident_errors(_of_the_table(out_of_fold(workspace, run)), odds=run.calibrator.odds)
    return ErrorRows(errors, _with_cells(workspace, run, errors.table))


def _with_cells(workspace: Workspace, run: Run, table: pd.DataFrame) -> pd.DataFrame:
    """A table of rows with the columns of the dataset that the model was given beside it."""
    schema = workspace.get(Schema, run.schema)
    names = list(dict.fromkeys((*run.kept, *schema.features())))
    rows = table["row"].to_numpy(dtype=np.int64)
    cells = open_dataset(workspace, run.dataset).frame(names, rows).reset_index(drop=True)
    kept = {name: _whole(cells[name]) for name in cells if name not in table.columns}
    return pd.concat([table.reset_index(drop=True), pd.DataFrame(kept)], axis=1)


def _whole(cells: pd.Series) -> pd.Series:
    """The same cells, as whole numbers where all of them are, so that 53 is not written as 53.0, and as dates where
    none has an hour."""
    if cells.dtype.kind == "M":
        known = cells.dropna()
        return cells.dt.strftime("%Y-%m-%d") if bool((known == known.dt.normalize()).all()) else cells
    if cells.dtype.kind != "f" or not bool((cells.dropna() % 1 == 0).all()):
        return cells
    return cells.astype("Int64")


@dataclass(frozen=True, eq=False)
class TwoRuns:
    """Two runs row by row: what flips, the flipped rows with their cells, and the columns in which they stand apart."""

    flips: Flips
    cells: pd.DataFrame
    apart: Apart


def flips_of(workspace: Workspace, run: Run, reference: Run, policy: Policy) -> TwoRuns:
    """Where the decisions of two runs differ, each at its own thresholds under one policy.

    Raises NotPossibleError where the target has not two answers, InputError where the rows are not the same.
    """
    plan = workspace.get(SplitPlan, run.split)
    first, second = out_of_fold(workspace, run), out_of_fold(workspace, reference)
    _two_answers(first)
    thresholds = tuple(_thresholds(p, r, plan, policy) for p, r in ((first, run), (second, reference)))
    assert thresholds[0] is not None
    assert thresholds[1] is not None
    found = flips(first, second, (thresholds[0], thresholds[1]))
    features = _features(workspace, run, first.row, list(workspace.get(Schema, run.schema).features()))
    return TwoRuns(found, _with_cells(workspace, run, found.table), stands_apart(features, found.flipped))


def _two_answers(predictions: Predictions) -> None:
    if _of_the_table(predictions).kind != "binary":
        raise NotPossibleError(
            "This is there for a target with two answers: it compares alarms, hits and misses.",
            "Ask about one class against all others, or whether the number is above a limit.",
        )


def _of_the_table(predictions: Predictions) -> Predictions:
    """The same. Raises NotPossibleError where some rows are not those of the table."""
    if predictions.split == "wrong order":
        raise NotPossibleError(
            "This run was made in the wrong order: some of the rows it was judged on are made up.",
            "Choose a run without that mistake.",
        )
    return predictions


def look_spec(run: Run, reference: Run | None, policy: Policy, column: str = ALL) -> dict[str, Any]:
    """The spec of the job kinds "slices", "errors" and "flips"."""
    other = reference.fingerprint if reference is not None else None
    return {"run": run.fingerprint, "reference": other, "policy": codec.to_json(policy), "column": column}


def slices_job(workspace: Workspace, spec: Mapping[str, Any], emit: Emit | None = None) -> Slices:
    """The job kind "slices"; for few rows it may as well be called at once."""
    _tell(emit, "Comparing groups")
    return slices_of(workspace, load_run(workspace, spec["run"]), codec.from_json(spec["policy"]), spec["column"])


def errors_job(workspace: Workspace, spec: Mapping[str, Any], emit: Emit | None = None) -> ErrorRows:
    """The job kind "errors"; for few rows it may as well be called at once."""
    _tell(emit, "Looking for the surest errors")
    return errors_of(workspace, load_run(workspace, spec["run"]))


def flips_job(workspace: Workspace, spec: Mapping[str, Any], emit: Emit | None = None) -> TwoRuns:
    """The job kind "flips"; for few rows it may as well be called at once."""
    _tell(emit, "Comparing decisions row by row")
    run, reference = (load_run(workspace, spec[name]) for name in ("run", "reference"))
    return flips_of(workspace, run, reference, codec.from_json(spec["policy"]))


def _tell(emit: Emit | None, what: str) -> None:
    if emit is not None:
        emit(Progress(0, 1, what))
