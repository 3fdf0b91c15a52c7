"""The true shares of a target whose classes a sample has in other shares on purpose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.target import answer
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.schema import Classes, Schema
from mlops_lib.objects.target import Target
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True)
class TrueShares:
    """Shares of the answers, in the order of `names`: in the table at hand (`sample`) and without what sampling on the
    target changed (`true`).

    `exact` says whether all rows of one answer had the same chance to be drawn; else also the mix within an answer was
    changed, and a correction by shares alone is approximate.
    """

    names: tuple[str, ...]
    sample: tuple[float, ...]
    true: tuple[float, ...]
    exact: bool


def true_shares(workspace: Workspace, dataset: Dataset, schema: Schema) -> TrueShares | None:
    """The true shares of the target's answers, None where no sample in the table's past was drawn by the target.

    Every sample that was drawn by the target multiplies the odds of the answers; other operations (a filter, repeated
    rows dropped) define the population and are not undone. Raises NotFoundError where a table that is needed was
    removed, and what `data.target.answer` raises.
    """
    step: Dataset | None = dataset
    factors: np.ndarray | None = None
    names: tuple[str, ...] = ()
    exact = True
    while step is not None and step.parent is not None:
        sampling = step.sampling
        if sampling is not None and sampling.weighted and sampling.column == schema.target:
            found = _target(step, schema)
            true, names = _shares_before(workspace, step, schema, found), found.names
            factors = (1.0 if factors is None else factors) * true / _shares(found)
            exact = exact and isinstance(schema.question, Classes) and len(sampling.shares) == 2
        step = _parent(workspace, step)
    if factors is None:
        return None
    sample = _shares(_target(dataset, schema))
    corrected = sample * factors / (sample * factors).sum()
    return TrueShares(names, tuple(sample.tolist()), tuple(corrected.tolist()), exact)


def true_prevalence(workspace: Workspace, dataset: Dataset, schema: Schema) -> float | None:
    """The true share of the positive answer of a question with two, None where the table has it as it is."""
    found = true_shares(workspace, dataset, schema)
    return None if found is None or len(found.true) != 2 else found.true[1]


def _shares_before(workspace: Workspace, step: Dataset, schema: Schema, found: Target) -> np.ndarray:
    """The shares of the same answers in the table that a sample was drawn from."""
    kept = dict(step.sampling.shares) if step.sampling else {}
    question = schema.question
    if isinstance(question, Classes) and question.positive is not None and question.positive in kept:
        return np.array([1 - kept[question.positive], kept[question.positive]])
    parent = open_dataset(workspace, str(step.parent))
    before = _target(parent, schema)
    if before.kind == "binary":
        return _shares(before)
    by_name = dict(zip(before.names, _shares(before), strict=True))
    return np.array([by_name[name] for name in found.names])


def _parent(workspace: Workspace, step: Dataset) -> Dataset | None:
    try:
        return open_dataset(workspace, str(step.parent))
    except NotFoundError:
        return None


def _target(dataset: Dataset, schema: Schema) -> Target:
    return answer(dataset.table([schema.target])[schema.target], schema.target, schema.question)


def _shares(target: Target) -> np.ndarray:
    counts = np.bincount(target.values[target.known].astype(np.int64), minlength=max(len(target.names), 1))
    return np.asarray(counts / counts.sum())
