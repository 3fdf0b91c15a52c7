"""Between an experiment file and the nouns of a workspace, both ways."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from mlops_lib.data.confirm import confirm_schema
from mlops_lib.data.datasets import open_dataset, read_and_keep
from mlops_lib.data.prevalence import true_prevalence
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.decision import Best, Policy
from mlops_lib.objects.errors import InputError, NotFoundError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.schema import Column, Kind, Role, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import outcome_of
from mlops_lib.train.experiment_file import DataSource, ExperimentFile, Registration
from mlops_lib.train.ladder import Ladder, reference
from mlops_lib.train.outcomes import recipes_for
from mlops_lib.train.remedy_ladder import RemedyLadder
from mlops_lib.workspace.folder import Workspace


def make_experiment(workspace: Workspace, file: ExperimentFile, folder: Path) -> Experiment:
    """Put what a file describes into the workspace: dataset, schema, split and experiment.

    The table is the workspace's where it is there, else read from `folder`. Raises NotFoundError where there is
    neither, InputError where the file read is another table than the one named or a column is not in it.
    """
    dataset = _dataset(workspace, file.data, folder)
    schema = confirm_schema(dataset, _columns(dataset, file), file.question)
    plan = plan_split(dataset, schema, file.folds, file.hold_out, file.split_seed, file.repeats, file.gap, file.held)
    prevalence = file.prevalence or true_prevalence(workspace, dataset, schema)
    experiment = new_experiment(plan, file.recipes, file.seed, file.name, file.reference, prevalence)
    for noun in (schema, plan, experiment):
        workspace.put(noun)
    return experiment


def new_experiment(
    plan: SplitPlan,
    recipes: tuple[Recipe, ...],
    seed: int = 0,
    name: str = "",
    reference_name: str = "",
    prevalence: float | None = None,
) -> Experiment:
    """The experiment of these recipes on a split. Raises InputError where there is no recipe or no such reference, or
    where that is in the wrong order.

    `prevalence` is the true share of positives where the table has another one on purpose (`data.prevalence`).
    """
    named = [r for r in recipes if r.name == reference_name]
    if reference_name and not named:
        raise InputError(
            f"The reference '{reference_name}' is none of the recipes.",
            f"Choose one of: {', '.join(r.name for r in recipes)}.",
        )
    if named and named[0].leak:
        raise InputError(
            f"The reference '{reference_name}' is a recipe in the wrong order, so nothing can be compared with it.",
            "Name a recipe in which everything is learnt inside the folds.",
        )
    chosen = named[0] if named else reference(recipes)
    return Experiment(plan.dataset, plan.schema, plan.fingerprint, recipes, chosen.fingerprint, seed, name, prevalence)


def describe_experiment(
    workspace: Workspace,
    experiment: Experiment,
    ladder: Ladder | RemedyLadder | None = None,
    policy: Policy | None = None,
    register: Registration | None = None,
) -> ExperimentFile:
    """The file that `make_experiment` turns into this experiment again.

    `ladder` is written in place of its recipes where it makes just these.
    """
    dataset = open_dataset(workspace, experiment.dataset)
    schema, plan = workspace.get(Schema, experiment.schema), workspace.get(SplitPlan, experiment.split)
    whole = ladder is not None and recipes_for(ladder, outcome_of(schema.question)) == experiment.recipes
    own = reference(experiment.recipes).fingerprint == experiment.reference
    named = next((r.name for r in experiment.recipes if r.fingerprint == experiment.reference), "")
    return ExperimentFile(
        data=DataSource(
            dataset.fingerprint, dataset.name, options=dataset.reading.options if dataset.reading else None
        ),
        target=schema.target,
        question=schema.question,
        recipes=experiment.recipes,
        ladder=ladder if whole else None,
        columns=tuple((c.name, c.kind, c.role) for c in schema.columns),
        folds=plan.folds,
        hold_out=plan.hold_out,
        repeats=plan.repeats,
        gap=plan.gap,
        held=plan.held,
        split_seed=plan.seed,
        seed=experiment.seed,
        name=experiment.name,
        reference="" if own else named,
        prevalence=experiment.prevalence,
        policy=policy or Best("f1"),
        register=register,
    )


def _dataset(workspace: Workspace, source: DataSource, folder: Path) -> Dataset:
    if source.dataset:
        try:
            return open_dataset(workspace, source.dataset)
        except NotFoundError:
            if not source.file:
                raise
    path = folder / source.file
    dataset = read_and_keep(workspace, path, source.name or path.name, source.options, str(source.file))
    if source.dataset and dataset.fingerprint != source.dataset:
        raise InputError(
            f"The file '{source.file}' holds the table {dataset.fingerprint}, "
            f"and the experiment was made with {source.dataset}.",
            "Use the file the experiment was made with, or remove 'dataset' to train on this one.",
        )
    return dataset


def _columns(dataset: Dataset, file: ExperimentFile) -> tuple[Column, ...]:
    said = {name: (kind, role) for name, kind, role in file.columns}
    unknown = sorted({*said, file.target} - set(dataset.columns))
    if unknown:
        raise InputError(
            f"The table '{dataset.name}' has no column '{unknown[0]}'.",
            f"Its columns are: {', '.join(dataset.columns)}.",
        )
    return tuple(_column(proposed, said, file.target) for proposed in propose_columns(dataset))


def _column(proposed: Column, said: Mapping[str, tuple[Kind, Role]], target: str) -> Column:
    kind, role = said.get(proposed.name, (proposed.kind, proposed.role))
    role = "target" if proposed.name == target else role
    if role == "target" and proposed.name != target:
        raise InputError(
            f"The column '{proposed.name}' is marked as target, and the question is about '{target}'.",
            "Keep one target.",
        )
    return dataclasses.replace(proposed, kind=kind, role=role)
