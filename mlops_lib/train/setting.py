"""What all runs of an experiment share, opened once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.target import resolve_target
from mlops_lib.data.weights import row_weights
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Target
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True, eq=False)
class Setting:
    """What all runs of an experiment share."""

    workspace: Workspace
    experiment: Experiment
    dataset: Dataset
    schema: Schema
    plan: SplitPlan
    target: Target

    @property
    def folds(self) -> tuple[int, ...]:
        """The folds that are judged on rows, of all repeats."""
        return self.plan.judged_folds

    def folds_of(self, recipe: Recipe) -> tuple[int, ...]:
        """The folds on which a recipe is judged: those of the first repeat only where its steps are in the wrong order,
        because it shows a mistake and is compared with nothing."""
        return folds_of(self.plan, recipe)

    @property
    def names(self) -> tuple[str, ...]:
        """Labels (negative, positive), those of all classes where there are more, none for a number."""
        return self.target.names

    @property
    def prior_odds(self) -> float:
        """What the odds of a probability are multiplied by: true odds of the positive class over those of the table."""
        known = np.flatnonzero(self.target.known)
        return prior_odds(self.target, self.experiment.prevalence, self.weights(known))

    def weights(self, rows: np.ndarray) -> np.ndarray | None:
        """How much each row counts, float64; None where the schema has no weight column."""
        return row_weights(self.dataset, self.schema, rows)

    def groups(self, rows: np.ndarray) -> np.ndarray | None:
        """Integer codes of the group of each row, None where the schema has no group column."""
        return group_codes(self.dataset, self.schema, rows)


def open_setting(workspace: Workspace, experiment: Experiment) -> Setting:
    """Open what an experiment names.

    Raises
    ------
    NotFoundError : the dataset, schema or split is not in the workspace.
    InputError : they do not belong together, or there is no recipe.
    NotPossibleError : the target has one class only, too many, or never changes.
    """
    dataset = open_dataset(workspace, experiment.dataset)
    schema = workspace.get(Schema, experiment.schema)
    plan = workspace.get(SplitPlan, experiment.split)
    if not (plan.dataset == schema.dataset == dataset.fingerprint and plan.schema == schema.fingerprint):
        raise InputError(
            "The split was made for another dataset or schema.", "Confirm the schema on the Data page again."
        )
    if not experiment.recipes:
        raise InputError("There is no recipe to train.", "Switch on at least one rung and one model.")
    return Setting(workspace, experiment, dataset, schema, plan, resolve_target(dataset, schema))


def folds_of(plan: SplitPlan, recipe: Recipe) -> tuple[int, ...]:
    """The folds of a split on which a recipe is judged (`Setting.folds_of`)."""
    judged = plan.judged_folds
    return tuple(fold for fold in judged if fold < plan.folds) if recipe.leak else judged


def prior_odds(target: Target, prevalence: float | None, weight: np.ndarray | None = None) -> float:
    """Odds of the true share of positives over the odds in the table (Saerens, Latinne & Decaestecker 2002, eq. 2.4;
    Elkan 2001, theorem 2). 1 where there is nothing to correct. `weight` are those of the rows whose answer is known.
    """
    if prevalence is None or target.kind != "binary":
        return 1.0
    counts = np.bincount(target.values[target.known].astype(np.int64), weight, minlength=2)
    return float(prevalence / (1 - prevalence) * counts[0] / counts[1])


def check_two_answers(target: Target) -> None:
    """Raises NotPossibleError where the target is a number or has more than two classes."""
    if target.kind == "number":
        raise NotPossibleError(
            f"The target '{target.column}' is a number; this is for questions with two answers.",
            "On the Data page, turn it into a question: is it above a limit?",
        )
    if target.kind == "classes":
        raise NotPossibleError(
            f"The target '{target.column}' has {len(target.names)} classes; this is for questions with two answers.",
            "On the Data page, choose one class against all others.",
        )


def group_codes(dataset: Dataset, schema: Schema, rows: np.ndarray) -> np.ndarray | None:
    """Integer codes of the group of each row, -1 where it is missing; None where the schema has no group column."""
    if schema.group is None:
        return None
    codes = pd.factorize(dataset.frame([schema.group])[schema.group])[0]
    return np.asarray(codes[rows])
