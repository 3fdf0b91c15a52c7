"""What a sampler does to the training rows of one fold: a comparison to look at, never rows to train on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.target import resolve_target
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import count, counted, listed, percent
from mlops_lib.resample.catalogue import sampler_spec
from mlops_lib.resample.resampling import Resampled, class_counts, resample
from mlops_lib.train.encode import category_groups
from mlops_lib.train.prefix import fit_encoder, keep_columns, prefix_of, seed_for
from mlops_lib.train.setting import check_two_answers
from mlops_lib.workspace.folder import Workspace

POINTS = 400
"""Most points of the picture in each group (class, and kept, removed or made)."""

_PCA_ROWS = 50_000


@dataclass(frozen=True, eq=False)
class Preview:
    """The training rows of a fold before and after a sampler. Counts are (negative, positive) rows.

    `points` holds a sample of rows on the first two principal components of the rows before sampling: x, y, class
    (label) and state ("kept", "removed", "made"). `shown_variance` is the share of variance of each component.
    `refused` says why the sampler cannot work on these rows and what would; then nothing after it is filled.
    """

    sampler: str
    label: str
    fold: int
    names: tuple[str, ...]
    rows: int
    columns: int
    before: tuple[int, ...]
    refused: str = ""
    after: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    fractional: int = 0
    notes: tuple[str, ...] = ()
    points: pd.DataFrame | None = None
    shown_variance: tuple[float, ...] = ()
    seconds: float = 0.0

    @property
    def sentence(self) -> str:
        """What happened, in one sentence with these numbers (plain text)."""
        if self.refused:
            return self.refused
        if not sum(self.added) + sum(self.removed):
            return f"The {count(self.rows)} training rows of this fold stay as they are."
        made = [f"{counted(n, 'row')} of '{name}'" for n, name in zip(self.added, self.names, strict=True) if n]
        gone = [f"{count(n)} of '{name}'" for n, name in zip(self.removed, self.names, strict=True) if n]
        did = [f"{verb} {listed(rows)}" for verb, rows in (("makes", made), ("removes", gone)) if rows]
        before, after = (percent(c[1] / sum(c)) for c in (self.before, self.after))
        return f"{self.label} {listed(did)}: '{self.names[1]}' goes from {before} to {after} of the rows."

    def table(self) -> pd.DataFrame:
        """One row a class: class, before, made, removed, after, and its share before and after."""
        counts = {"before": self.before, "made": self.added, "removed": self.removed, "after": self.after}
        frame = pd.DataFrame({"class": list(self.names), **{k: list(v) for k, v in counts.items()}})
        frame["share before"] = frame["before"] / frame["before"].sum()
        frame["share after"] = frame["after"] / frame["after"].sum()
        return frame


def preview(dataset: Dataset, schema: Schema, plan: SplitPlan, recipe: Recipe, fold: int, seed: int = 0) -> Preview:
    """Run the recipe's sampler on the training rows of a fold, as training with this seed does.

    Raises NotPossibleError where the target is not a question with two answers; a sampler that cannot work is told in
    `Preview.refused`.
    """
    target = resolve_target(dataset, schema)
    check_two_answers(target)
    prefix = prefix_of(recipe)
    rows = plan.fold_training_rows(fold)
    frame, y = dataset.frame(schema.features()).iloc[rows], target.codes(rows)
    names = (target.negative, target.positive)
    kept, _ = keep_columns(frame, y, schema, prefix)
    encoder, x, _ = fit_encoder(frame, kept, schema, prefix)
    name = recipe.sampler.name if recipe.sampler else "none"
    told = Preview(name, sampler_spec(name).label, fold, names, len(y), x.shape[1], class_counts(y))
    sampler_seed = seed_for(seed, prefix.fingerprint, fold)
    started = time.perf_counter()
    try:
        after = resample(x, y, category_groups(encoder), recipe.sampler, sampler_seed, names)
    except NotPossibleError as error:
        return replace(told, refused=str(error))
    return _filled(told, x, y, after, time.perf_counter() - started, sampler_seed)


def preview_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Preview:
    """`preview` as a job; the spec holds the fingerprints dataset, schema, split and recipe, the fold and the seed."""
    recipe = workspace.get(Recipe, spec["recipe"])
    emit(Progress(0, 1, "Fitting the columns and running the sampler"))
    return preview(
        open_dataset(workspace, spec["dataset"]),
        workspace.get(Schema, spec["schema"]),
        workspace.get(SplitPlan, spec["split"]),
        recipe,
        int(spec["fold"]),
        int(spec["seed"]),
    )


def _filled(told: Preview, x: np.ndarray, y: np.ndarray, after: Resampled, seconds: float, seed: int) -> Preview:
    rng = np.random.default_rng(seed)
    components = PCA(n_components=min(2, *x.shape), svd_solver="full").fit(_sample(x, _PCA_ROWS, rng))
    return replace(
        told,
        after=after.after,
        added=after.added,
        removed=after.removed,
        fractional=after.fractional,
        notes=after.notes,
        points=_points(x, y, after, components, told.names, rng),
        shown_variance=tuple(float(v) for v in components.explained_variance_ratio_),
        seconds=seconds,
    )


def _points(
    x: np.ndarray, y: np.ndarray, after: Resampled, components: PCA, names: tuple[str, ...], rng: np.random.Generator
) -> pd.DataFrame:
    stays = np.zeros(len(y), dtype=bool)
    stays[after.origin[after.origin >= 0]] = True
    made = after.origin < 0
    groups = {"kept": (x[stays], y[stays]), "removed": (x[~stays], y[~stays]), "made": (after.x[made], after.y[made])}
    frames = []
    for state, (rows, codes) in groups.items():
        for code, name in enumerate(names):
            chosen = _sample(rows[codes == code], POINTS, rng)
            if len(chosen):
                frames.append(_projected(chosen, components).assign(**{"class": name, "state": state}))
    return pd.concat(frames, ignore_index=True)


def _projected(rows: np.ndarray, components: PCA) -> pd.DataFrame:
    flat = components.transform(rows)
    return pd.DataFrame({"x": flat[:, 0], "y": flat[:, 1] if flat.shape[1] > 1 else 0.0})


def _sample(rows: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """At most that many rows, in their order."""
    if len(rows) <= most:
        return rows
    picked: np.ndarray = rows[np.sort(rng.choice(len(rows), most, replace=False))]
    return picked
