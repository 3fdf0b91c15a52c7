"""What is known so far of an experiment that is being trained: a line a recipe, stored runs judged at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from mlops_lib.evaluate.outcomes import judge_outcome
from mlops_lib.evaluate.score_metrics import average_precision, roc_auc
from mlops_lib.evaluate.sweep import sweep_of
from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Outcome, outcome_of
from mlops_lib.train.ladder import recipe_title, rung_name
from mlops_lib.train.models import model_spec
from mlops_lib.train.progress import REFIT, SIGNS
from mlops_lib.train.runs import load_run, repeats_of, run_fingerprint
from mlops_lib.train.setting import folds_of
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True, eq=False)
class SoFar:
    """One row a recipe in `table`: run, recipe, wrong_order (does before the split what belongs into the folds, so its
    values count for nothing), model, rung, state ("waiting", "running", "complete", "failed"), fits
    (a sign a fold and one for all training rows), the two `metrics` of this kind of target (mean of the folds), by_fold
    (values of the first), fit_seconds, predict_seconds_per_1000, reason (of a failure). `notes` are (recipe, sentence).
    """

    table: pd.DataFrame
    complete: tuple[str, ...]
    failed: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]
    kind: Outcome = "binary"

    @property
    def best(self) -> pd.Series | None:
        """The complete run with the highest leading metric, made in the right order; None where there is none."""
        right = self.table[(self.table["state"] == "complete") & ~self.table["wrong_order"]]
        return None if right.empty else right.sort_values(self.metrics[0], na_position="first").iloc[-1]

    @property
    def whole(self) -> bool:
        """Whether every recipe has ended, well or not."""
        return len(self.complete) + len(self.failed) == len(self.table)

    @property
    def metrics(self) -> tuple[str, str]:
        """The names of the two metrics that are shown while runs arrive; the first leads, and higher is better."""
        return FIRST_SEEN[self.kind]


FIRST_SEEN: Mapping[Outcome, tuple[str, str]] = {
    "binary": ("roc_auc", "average_precision"),
    "classes": ("roc_auc_macro", "average_precision_macro"),
    "number": ("r2", "rmse"),
}


def so_far(workspace: Workspace, experiment: Experiment, fits: Mapping[tuple[str, int], str] | None = None) -> SoFar:
    """The state of every recipe; `fits` are the states of single fits (`train.progress.fit_states`)."""
    plan = workspace.get(SplitPlan, experiment.split)
    told, kind = dict(fits or {}), outcome_of(workspace.get(Schema, experiment.schema).question)
    lines, notes = [], []
    for recipe in experiment.recipes:
        run = run_fingerprint(experiment, recipe)
        stored = _stored(workspace, run)
        states = [told.get((run, k), "waiting") for k in (*folds_of(plan, recipe), REFIT)]
        lines.append(_line(workspace, recipe, run, stored, states, kind))
        notes += [(recipe_title(recipe), note) for note in (stored.notes if stored else ())]
    table = pd.DataFrame(lines)
    by_state = {state: tuple(table.loc[table["state"] == state, "run"]) for state in ("complete", "failed")}
    return SoFar(table, by_state["complete"], by_state["failed"], tuple(notes), kind)


def _stored(workspace: Workspace, run: str) -> Run | None:
    try:
        return load_run(workspace, run)
    except NotFoundError:
        return None


def _line(
    workspace: Workspace, recipe: Recipe, run: str, stored: Run | None, fits: list[str], kind: Outcome
) -> dict[str, object]:
    state = _state(stored, fits)
    signs = "".join(SIGNS[s] for s in fits) if state != "complete" else SIGNS["done"] * len(fits)
    first, second = _judged(str(workspace.root), run) if state == "complete" else ((), ())
    lead, other = FIRST_SEEN[kind]
    return {
        "run": run,
        "recipe": recipe_title(recipe),
        "wrong_order": bool(recipe.leak),
        "model": model_spec(recipe.model.name).label,
        "model_name": recipe.model.name,
        "rung": recipe.rung,
        "rung_name": rung_name(recipe),
        "state": state,
        "fits": signs,
        lead: float(np.mean(first)) if first else np.nan,
        other: float(np.mean(second)) if second else np.nan,
        "by_fold": list(first),
        "fit_seconds": stored.fit_seconds if stored else np.nan,
        "predict_seconds_per_1000": stored.predict_seconds_per_1000 if stored else np.nan,
        "reason": stored.failure.message if stored and state == "failed" and stored.failure else "",
    }


def _state(stored: Run | None, fits: list[str]) -> str:
    """A failure of an earlier try counts only while no fit of a new one has been told."""
    if stored is not None and stored.state == "complete":
        return "complete"
    if "failed" in fits or (stored is not None and set(fits) == {"waiting"}):
        return "failed"
    return "running" if "started" in fits or "done" in fits else "waiting"


@lru_cache(maxsize=1024)
def _judged(root: str, run: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The two metrics in each fold of a complete run; a stored run never changes."""
    workspace = Workspace(Path(root))
    repeats = repeats_of(workspace, load_run(workspace, run))
    if repeats[0].kind != "binary":
        folds = judge_outcome(repeats).folds
        first, second = (tuple(folds[name].tolist()) for name in FIRST_SEEN[repeats[0].kind])
        return first, second
    swept = [sweep_of(one, one.fold == k) for one in repeats for k in np.unique(one.fold)]
    return tuple(float(roc_auc(s)) for s in swept), tuple(float(average_precision(s)) for s in swept)
