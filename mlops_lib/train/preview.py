"""What a sampler does to the training rows of every fold: findings to look at, never rows to train on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.target import resolve_target
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.recipe import Recipe, Sampler
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.resample.catalogue import all_settings, sampler_spec
from mlops_lib.resample.distances import Distances
from mlops_lib.resample.impossible import KINDS, ImpossibleValue
from mlops_lib.resample.resampling import class_counts, resample
from mlops_lib.resample.xray import Xray, xray
from mlops_lib.train.decode import matrix_parts
from mlops_lib.train.encode import category_groups
from mlops_lib.train.prefix import Prefix, fit_encoder, keep_columns, prefix_of, seed_for
from mlops_lib.train.preview_points import draw_points
from mlops_lib.train.row_weights import against_weights
from mlops_lib.workspace.folder import Workspace

_COUNTS = ("before", "made", "removed", "after")
_BESIDE = {"made_to": "made_to", "like_made": "made_to", "removed_to": "removed_to", "like_removed": "removed_to"}


@dataclass(frozen=True, eq=False)
class FoldXray:
    """The training rows of one fold before and after a sampler. `before` counts rows by class.

    `refused` says why the sampler cannot work on these rows and what would; then `found` is None. `neighbours` is how
    many it used (None where it looks for none). `points` is a sample of rows: x and y on the first two principal
    components of the rows before, their code, state ("kept", "removed", "made"), and the columns `axes` in their own
    unit as "0", "1", ...; `shown_variance` is the share of variance of each component.
    """

    fold: int
    columns: int
    before: tuple[int, ...]
    refused: str = ""
    found: Xray | None = None
    neighbours: int | None = None
    points: pd.DataFrame | None = None
    axes: tuple[str, ...] = ()
    shown_variance: tuple[float, ...] = ()
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Training rows of the fold before the sampler."""
        return sum(self.before)


@dataclass(frozen=True, eq=False)
class XrayFolds:
    """What a sampler does in every fold. `names` are the labels of the classes, `asked` its number of neighbours as set
    (None where it looks for none)."""

    sampler: Sampler
    label: str
    names: tuple[str, ...]
    asked: int | None
    folds: tuple[FoldXray, ...]

    @property
    def worked(self) -> tuple[Xray, ...]:
        """What was found in the folds where the sampler could work."""
        return tuple(f.found for f in self.folds if f.found is not None)

    @property
    def idle(self) -> int:
        """Folds in which it made no row and removed none."""
        return sum(found.did_nothing for found in self.worked)

    def total(self, counted: str) -> int:
        """Sum over folds (and classes) of a count of `Xray`: "made", "removed", "copies", "half", ..."""
        return int(sum(np.sum(getattr(found, counted)) for found in self.worked))

    def share(self, counted: str, of: str = "made") -> float:
        """A count over another, both summed over folds; 0 where there is nothing."""
        whole = self.total(of)
        return self.total(counted) / whole if whole else 0.0

    def share_where(self, group: str, mark: str) -> float:
        """Share of the measured rows of a group that are "amid" another class, or have it nearer ("nearer_other").

        Groups are "made_to", "removed_to", and the real rows "like_made" and "like_removed", which are weighed by class
        as the made or removed ones. NaN without rows.
        """
        groups, beside = self._measured(group), self._measured(_BESIDE[group])
        marked = np.concatenate([getattr(g, mark) for g in groups]) if groups else np.empty(0)
        if not len(marked):
            return float("nan")
        code = np.concatenate([g.code for g in groups])
        have = np.bincount(code, minlength=len(self.names))
        wanted = np.bincount(np.concatenate([g.code for g in beside]), minlength=len(self.names))
        return float(np.average(marked, weights=(wanted / np.maximum(have, 1))[code]))

    def _measured(self, group: str) -> list[Distances]:
        return [getattr(found, group) for found in self.worked]

    def distances(self, group: str, to: str) -> np.ndarray:
        """The measured distances of a group to "same" or "other" over all folds, finite ones only."""
        parts = [getattr(measured, to) for measured in self._measured(group)]
        joined = np.concatenate(parts) if parts else np.empty(0)
        finite: np.ndarray = joined[np.isfinite(joined)]
        return finite

    def values(self) -> tuple[ImpossibleValue, ...]:
        """Impossible values by column and kind over all folds, with the example of the first fold that has one."""
        summed: dict[tuple[str, str], ImpossibleValue] = {}
        for value in (v for found in self.worked for v in found.values):
            known = summed.get((value.kind, value.column))
            summed[value.kind, value.column] = replace(known, rows=known.rows + value.rows) if known else value
        return tuple(sorted(summed.values(), key=lambda v: (KINDS.index(v.kind), -v.rows, v.column)))

    def impossible_table(self) -> pd.DataFrame:
        """One row a column and kind, the most frequent first: column, example, share of the made rows, kind, what real
        rows have, made rows."""
        made = max(self.total("made"), 1)
        values = sorted(self.values(), key=lambda v: -v.rows)
        rows = [(v.column, v.example, v.rows / made, v.kind, v.seen, v.rows) for v in values]
        return pd.DataFrame(rows, columns=["column", "for example", "share", "what", "real rows have", "made rows"])

    def class_table(self) -> pd.DataFrame:
        """One row a class: class, and its rows before, made, removed and after in a fold (mean over folds, rounded)."""
        counts = {what: np.mean([getattr(x, what) for x in self.worked], axis=0) for what in _COUNTS if self.worked}
        return pd.DataFrame({"class": list(self.names), **{what: np.rint(n).astype(int) for what, n in counts.items()}})

    def table(self) -> pd.DataFrame:
        """One row a fold: counts, shares of the made rows, median distances of them (else of the removed ones) to real
        rows, neighbours, seconds and notes; without what no fold has."""
        return pd.DataFrame([_line(fold) for fold in self.folds]).dropna(axis="columns", how="all")


def xray_folds(
    dataset: Dataset,
    schema: Schema,
    plan: SplitPlan,
    recipe: Recipe,
    seed: int = 0,
    told: Callable[[Progress], None] | None = None,
) -> XrayFolds:
    """Run the recipe's sampler on the training rows of each fold, as training with this seed does, and look.

    Of a repeated split the folds of the first repeat. `told` hears of each fold. Raises NotPossibleError where the
    target is a number; a sampler that cannot work on a fold is told in its `refused`.
    """
    target = resolve_target(dataset, schema)
    if target.kind == "number":
        raise NotPossibleError(
            f"The target '{target.column}' is a number; samplers need classes.",
            "On the Data page, turn it into a question: is it above a limit?",
        )
    frame, prefix = dataset.frame(schema.features()), prefix_of(recipe)
    weighed = _weighed(recipe, schema)
    folds = [k for k in range(plan.folds) if len(plan.validation_rows(k))]
    done = []
    for i, k in enumerate(folds):
        if told is not None:
            told(Progress(i, len(folds), "Running the sampler and looking at what it made"))
        rows = plan.fold_training_rows(k)
        y = target.codes(rows)
        found = _fold(k, frame.iloc[rows], y, schema, prefix, seed, target.names) if not weighed else None
        done.append(found or FoldXray(k, 0, class_counts(y, len(target.names)), weighed))
    sampler = recipe.sampler or Sampler("none")
    return XrayFolds(sampler, sampler_spec(sampler.name).label, target.names, _asked(sampler), tuple(done))


def xray_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> XrayFolds:
    """`xray_folds` as a job; the spec holds the fingerprints dataset, schema, split and recipe, and the seed."""
    return xray_folds(
        open_dataset(workspace, spec["dataset"]),
        workspace.get(Schema, spec["schema"]),
        workspace.get(SplitPlan, spec["split"]),
        workspace.get(Recipe, spec["recipe"]),
        int(spec["seed"]),
        emit,
    )


def _fold(
    fold: int, frame: pd.DataFrame, y: np.ndarray, schema: Schema, prefix: Prefix, seed: int, names: tuple[str, ...]
) -> FoldXray:
    kept, _ = keep_columns(frame, y, schema, prefix)
    encoder, x, _ = fit_encoder(frame, kept, schema, prefix)
    counts = class_counts(y, len(names))
    bare = FoldXray(fold, x.shape[1], counts)
    sampler_seed = seed_for(seed, prefix.fingerprint, fold)
    started = time.perf_counter()
    try:
        after = resample(x, y, category_groups(encoder), prefix.sampler, sampler_seed, names)
    except NotPossibleError as error:
        return replace(bare, refused=str(error))
    seconds = time.perf_counter() - started
    parts = matrix_parts(encoder)
    asked = _asked(prefix.sampler) if prefix.sampler else None
    points, axes, variance = draw_points(x, y, after, parts, sampler_seed)
    return replace(
        bare,
        found=xray(x, y, after, parts, names, sampler_seed),
        neighbours=None if asked is None else max(min(asked, min(c for c in counts if c) - 1), 1),
        points=points,
        axes=axes,
        shown_variance=variance,
        seconds=seconds,
    )


def _weighed(recipe: Recipe, schema: Schema) -> str:
    """Why the sampler does not go with a weight column; empty where it does."""
    return str(against_weights(recipe, schema.weight) or "")


def _asked(sampler: Sampler) -> int | None:
    """The number of neighbours of a sampler's settings."""
    asked = all_settings(sampler).get("k_neighbors")
    return None if asked is None else int(asked)


def _line(fold: FoldXray) -> dict[str, Any]:
    found = fold.found
    line: dict[str, Any] = {"fold": fold.fold + 1, "before": fold.rows, "smallest class": min(fold.before)}
    if found is None:
        return {**line, "notes": fold.refused}
    made = sum(found.made)
    shares = {"copies": found.copies, "half a category": found.half, "impossible": found.impossible}
    looked = found.made_to if made else found.removed_to
    return {
        **line,
        "made": made,
        "removed": sum(found.removed),
        "after": sum(found.after),
        **{name: number / made if made else np.nan for name, number in shares.items()},
        "amid another class": float(found.made_to.amid.mean()) if made else np.nan,
        "to its class": _median(looked.same),
        "to another": _median(looked.other),
        "neighbours": np.nan if fold.neighbours is None else fold.neighbours,
        "seconds": fold.seconds,
        "notes": " ".join(found.notes) or None,
    }


def _median(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")
