"""The explorations as jobs: the nouns by their fingerprints in, a stored result out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlops_lib.data.datasets import open_dataset
from mlops_lib.explore.binned import Binned, bin_columns
from mlops_lib.explore.feature_card import FeatureCard, feature_card
from mlops_lib.explore.feature_tests import TestedColumns, run_tests
from mlops_lib.explore.hypotheses import Judged, judge_hypotheses
from mlops_lib.explore.profile import Profile, profile
from mlops_lib.explore.survival import MeasuredFolds, measure_folds
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import counted
from mlops_lib.workspace.folder import Workspace

JOB_ROWS = 100_000
"""Tables with more rows are explored in a job, smaller ones while the page is drawn."""

FOLD_CELLS, FOLD_FEATURES = 2_000_000, 100
"""Tables with more cells, or more features, are tested in every fold in a job too."""

Spec = Mapping[str, Any]
Emit = Callable[[object], None]


def spec_of(dataset: Dataset, schema: Schema, plan: SplitPlan, all_rows: bool) -> dict[str, Any]:
    """The spec that the jobs below take."""
    return {
        "dataset": dataset.fingerprint,
        "schema": schema.fingerprint,
        "split": plan.fingerprint,
        "all_rows": all_rows,
    }


def folds_in_a_job(dataset: Dataset, schema: Schema) -> bool:
    """Whether testing every feature in every fold takes longer than a page may."""
    features = len(schema.features())
    return dataset.rows > JOB_ROWS or dataset.rows * features > FOLD_CELLS or features > FOLD_FEATURES


def ahead(dataset: Dataset, schema: Schema, plan: SplitPlan) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Kind and spec of the jobs for what the exploring pages show first, in their order; none for small tables.

    Asked for when the split is locked, they are mostly done before somebody opens the page.
    """
    if dataset.rows <= JOB_ROWS:
        return ()
    seen = spec_of(dataset, schema, plan, all_rows=False)
    folds = {name: value for name, value in seen.items() if name != "all_rows"}
    return ("profile", seen), ("feature_tests", seen), ("linked", seen), ("survival", folds)


def feature_tests_job(workspace: Workspace, spec: Spec, emit: Emit) -> TestedColumns:
    """`explore.feature_tests.run_tests`; raises what it raises."""
    dataset, schema, plan = _opened(workspace, spec)
    _tell(emit, "Testing", schema, dataset)
    return run_tests(dataset, schema, plan, bool(spec["all_rows"]))


def feature_card_job(workspace: Workspace, spec: Spec, emit: Emit) -> FeatureCard:
    """`explore.feature_card.feature_card` of the spec's "feature"; raises what it raises."""
    dataset, schema, plan = _opened(workspace, spec)
    emit(Progress(0, 1, f"Looking at {spec['feature']} in {counted(dataset.rows, 'row')}"))
    return feature_card(dataset, schema, plan, spec["feature"], bool(spec["all_rows"]))


def survival_job(workspace: Workspace, spec: Spec, emit: Emit) -> MeasuredFolds:
    """`explore.survival.measure_folds`; raises what it raises."""
    dataset, schema, plan = _opened(workspace, spec)
    features = counted(len(schema.features()), "feature")
    return measure_folds(
        dataset, schema, plan, lambda done, folds: emit(Progress(done, folds, f"Testing {features} in every fold"))
    )


def hypotheses_job(workspace: Workspace, spec: Spec, emit: Emit) -> tuple[Judged, ...]:
    """`explore.hypotheses.judge_hypotheses` on the spec's "hypotheses"; raises what it raises."""
    dataset, schema, plan = _opened(workspace, spec)
    emit(Progress(0, 1, f"Testing {counted(len(spec['hypotheses']), 'hypothesis', 'hypotheses')}"))
    return judge_hypotheses(dataset, schema, plan, spec["hypotheses"])


def profile_job(workspace: Workspace, spec: Spec, emit: Emit) -> Profile:
    """`explore.profile.profile`; raises what it raises."""
    dataset, schema, plan = _opened(workspace, spec)
    _tell(emit, "Counting", schema, dataset)
    return profile(dataset, schema, plan, bool(spec["all_rows"]))


def linked_job(workspace: Workspace, spec: Spec, emit: Emit) -> Binned:
    """`explore.binned.bin_columns`; raises what it raises."""
    dataset, schema, plan = _opened(workspace, spec)
    _tell(emit, "Binning", schema, dataset)
    return bin_columns(dataset, schema, plan, bool(spec["all_rows"]))


def _opened(workspace: Workspace, spec: Spec) -> tuple[Dataset, Schema, SplitPlan]:
    dataset = open_dataset(workspace, spec["dataset"])
    return dataset, workspace.get(Schema, spec["schema"]), workspace.get(SplitPlan, spec["split"])


def _tell(emit: Emit, doing: str, schema: Schema, dataset: Dataset) -> None:
    columns = counted(len(schema.features()), "column")
    emit(Progress(0, 1, f"{doing} {columns} of {counted(dataset.rows, 'row')}"))
