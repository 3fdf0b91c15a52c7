"""From a run to the parts of its scores, in columns of the table."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.target import resolve_target
from mlops_lib.explain.explanation import Explanation, Scale
from mlops_lib.explain.linear import linear_contributions
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import HOLD_OUT, SplitPlan
from mlops_lib.objects.target import Target
from mlops_lib.train.encode import encode, matrix_columns
from mlops_lib.train.runs import load_fitted, load_run, out_of_fold
from mlops_lib.train.scores import FittedModel, score
from mlops_lib.train.setting import check_two_answers
from mlops_lib.workspace.folder import Workspace

TOLERANCE = 1e-6
"""Largest gap between a score and the sum of its parts, relative to the largest score, that is still shown."""

SECONDS = 9.0
"""Computing time that the sample of rows is chosen for, on one core (trees)."""

MOST_ROWS = 2_000
BACKGROUND = {"linear": 20_000, "trees": 100}
"""Background rows: the closed form takes any number in its stride, trees cost in proportion."""

Contributions = Callable[[Any, np.ndarray, np.ndarray], tuple[np.ndarray, float]]


@dataclass(frozen=True)
class _Method:
    """How a model is explained. `kind` "linear" or "trees"; `sentence` says it to people."""

    kind: str
    scale: Scale
    sentence: str


_CLOSED_FORM = "Interventional SHAP in closed form: coefficient times (value minus background mean)."
_TREES = "Interventional TreeSHAP."
METHODS: Mapping[str, _Method] = {
    "LogisticRegression": _Method("linear", "log-odds", _CLOSED_FORM),
    "RandomForestClassifier": _Method("trees", "probability", _TREES),
    "ExtraTreesClassifier": _Method("trees", "probability", _TREES),
    "HistGradientBoostingClassifier": _Method("trees", "log-odds", _TREES),
    "LGBMClassifier": _Method("trees", "log-odds", _TREES),
    "FocalBooster": _Method("trees", "log-odds", _TREES),
    "CostBooster": _Method("trees", "log-odds", _TREES),
}

_OWN_REASONS: Mapping[str, str] = {
    "AdaBoostClassifier": "AdaBoost lets trees vote, which TreeSHAP cannot add up to its score.",
    "BaggingClassifier": "EasyEnsemble averages several AdaBoosts, whose votes TreeSHAP cannot add up to a score.",
    "AnomalyScore": "The anomaly score is no sum over trees: it is a power of their mean depth.",
    "RuleShares": "A rule is its own explanation: rows that meet it get one share, all others another.",
}


@dataclass(frozen=True, eq=False)
class _Material:
    """What an explanation is made from. `training` are the ids that rows and background are drawn from."""

    run: Run
    fitted: FittedModel
    dataset: Dataset
    target: Target
    plan: SplitPlan
    training: np.ndarray


def explain(
    workspace: Workspace,
    run: Run | str,
    rows: int | None = None,
    seed: int = 0,
    row: int | None = None,
    emit: Callable[[object], None] | None = None,
) -> Explanation:
    """SHAP values of a run's refitted model: of a sample of its training rows, or of the one `row`.

    `rows` None takes as many as fit into `SECONDS` of computing, at most `MOST_ROWS`. The background is a sample of the
    training rows as they are. The same run, rows and seed give the same numbers.

    Raises NotPossibleError for a model that has nothing to explain, or where the parts miss the score by more than
    `TOLERANCE`; InputError for a row that the table does not have.
    """
    begun = time.perf_counter()
    say = emit or _silent
    say(Progress(0, 1, "Opening the model"))
    material = _gather(workspace, load_run(workspace, run) if isinstance(run, str) else run)
    model = material.fitted.pipeline.named_steps["model"]
    method = _method(model)
    background, sample = _draw(material, model, method, rows, seed, row)
    frame = _frame(material, sample)
    told = _Told(len(sample), f"Explaining {len(sample):,} rows against {len(background):,} background rows", say)
    matrix = encode(_encoder(material), frame)
    parts, expected = _contributions(method, model, _matrix(material, background), matrix, told)
    raw, probability = score(material.fitted, frame)
    scores, gap = _check_sum(parts, expected, raw, method.scale)
    columns, values, summed = _by_source(parts, material)
    return Explanation(
        run=material.run.fingerprint,
        names=material.fitted.names,
        scale=method.scale,
        method=method.sentence,
        columns=columns,
        summed=summed,
        values=values,
        cells=frame[list(columns)],
        expected=expected,
        background=len(background),
        row=sample,
        score=scores,
        raw=raw,
        probability=probability,
        out_of_fold=_out_of_fold(workspace, material.run, sample),
        truth=_truth(material, sample),
        training_rows=len(material.training),
        base_rate=float(material.target.values[material.training].mean()),
        additivity=gap,
        seconds=time.perf_counter() - begun,
    )


def explain_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Explanation:
    """The job "explain". `spec`: run (fingerprint); rows, seed and row as in `explain`, optional."""
    return explain(workspace, str(spec["run"]), spec.get("rows"), int(spec.get("seed", 0)), spec.get("row"), emit)


def _silent(_event: object) -> None:
    return


def _gather(workspace: Workspace, run: Run) -> _Material:
    if run.state != "complete":
        raise NotPossibleError(
            f"The run {run.recipe.name} is {run.state}, so there is no model to explain.", "Choose a complete run."
        )
    dataset, schema = open_dataset(workspace, run.dataset), workspace.get(Schema, run.schema)
    plan, target = workspace.get(SplitPlan, run.split), resolve_target(dataset, schema)
    check_two_answers(target)
    return _Material(run, load_fitted(workspace, run), dataset, target, plan, plan.training_rows())


def _method(model: Any) -> _Method:
    name = type(model).__name__
    if name in _OWN_REASONS:
        raise NotPossibleError(
            _OWN_REASONS[name], "Look at the permutation importance instead, or explain another run."
        )
    if name not in METHODS:
        raise NotPossibleError(
            f"A {name} gives every row the same score or is not one of the models that can be explained.",
            f"Choose a run with one of: {', '.join(METHODS)}.",
        )
    return METHODS[name]


def _draw(
    material: _Material, model: Any, method: _Method, rows: int | None, seed: int, row: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Ids of the background and of the rows to explain, each ascending."""
    rng = np.random.default_rng(seed)
    background = _sample(rng, material.training, BACKGROUND[method.kind])
    if row is not None:
        if not 0 <= row < material.dataset.rows:
            raise InputError(
                f"There is no row {row:,}; the table's rows are 0 to {material.dataset.rows - 1:,}.",
                "Choose one of these.",
            )
        return background, np.array([row])
    wanted = min(rows or MOST_ROWS, MOST_ROWS)
    if method.kind == "trees":
        from mlops_lib.explain.trees import affordable_rows

        wanted = min(wanted, affordable_rows(model, SECONDS, len(background)))
    return background, _sample(rng, material.training, max(wanted, 2))


def _sample(rng: np.random.Generator, ids: np.ndarray, most: int) -> np.ndarray:
    return ids if len(ids) <= most else np.sort(rng.choice(ids, most, replace=False))


def _frame(material: _Material, ids: np.ndarray) -> pd.DataFrame:
    return material.dataset.frame(material.fitted.features, ids)


def _encoder(material: _Material) -> Any:
    return material.fitted.pipeline.named_steps["encode"]


def _matrix(material: _Material, ids: np.ndarray) -> np.ndarray:
    return encode(_encoder(material), _frame(material, ids))


class _Told:
    """Tells how many rows are done, and how long the others will take at the pace so far."""

    def __init__(self, rows: int, what: str, say: Callable[[object], None]) -> None:
        self.rows, self.what, self.say, self.begun = rows, what, say, time.perf_counter()
        say(Progress(0, rows, what))

    def __call__(self, done: int) -> None:
        spent = time.perf_counter() - self.begun
        self.say(Progress(done, self.rows, self.what, spent / done * (self.rows - done)))


def _contributions(
    method: _Method, model: Any, background: np.ndarray, matrix: np.ndarray, told: Callable[[int], None]
) -> tuple[np.ndarray, float]:
    if method.kind == "linear":
        return linear_contributions(model, background, matrix)
    # shap takes seconds to import and is needed for trees only
    from mlops_lib.explain.trees import can_explain, largest_tree, tree_contributions

    if not can_explain(model):
        raise NotPossibleError(
            f"The largest tree of this model has {largest_tree(model):,} nodes; the limit is 32,767.",
            "Train it with a smaller depth.",
        )
    return tree_contributions(model, background, matrix, told)


def _check_sum(parts: np.ndarray, expected: float, raw: np.ndarray, scale: Scale) -> tuple[np.ndarray, float]:
    """The scores on their scale and the largest gap to the sums, relative to the largest score."""
    sums = parts.sum(axis=1) + expected
    if scale == "log-odds":
        with np.errstate(divide="ignore"):
            scores = np.log(raw) - np.log1p(-raw)
        # Where a probability is rounded to 0 or 1 its log-odds are not to be had; there probabilities are compared.
        sure = (raw > 1e-9) & (raw < 1 - 1e-9)
        scores = np.where(sure, scores, sums)
        gaps = np.where(sure, np.abs(sums - scores), np.abs(1 / (1 + np.exp(-sums)) - raw))
    else:
        scores, gaps = raw, np.abs(sums - raw)
    gap = float(gaps.max() / np.abs(scores).max())
    if not gap <= TOLERANCE:
        raise NotPossibleError(
            f"The parts of the explanation miss the model's score by {gap:.2g} of the largest score "
            f"(allowed: {TOLERANCE:g}), so it is not shown.",
            "Look at the permutation importance instead, and report this run.",
        )
    return scores, gap


def _by_source(parts: np.ndarray, material: _Material) -> tuple[tuple[str, ...], np.ndarray, tuple[str, ...]]:
    """Original columns, the parts added up for each, and the columns of which several parts were added."""
    sources = [c.source for c in matrix_columns(_encoder(material))]
    columns = tuple(f for f in material.fitted.features if f in set(sources))
    place = {name: i for i, name in enumerate(columns)}
    member = np.zeros((len(sources), len(columns)))
    member[np.arange(len(sources)), [place[s] for s in sources]] = 1.0
    summed = tuple(name for name, parts_of in zip(columns, member.sum(axis=0), strict=True) if parts_of > 1)
    return columns, parts @ member, summed


def _out_of_fold(workspace: Workspace, run: Run, sample: np.ndarray) -> np.ndarray:
    predictions = out_of_fold(workspace, run)
    at = np.searchsorted(predictions.row, sample)
    at = np.minimum(at, predictions.n - 1)
    return np.where(predictions.row[at] == sample, predictions.score[at], np.nan)


def _truth(material: _Material, sample: np.ndarray) -> np.ndarray:
    """Answers of the rows; those of the hold-out are not looked at."""
    hidden = (material.plan.assignment[sample] == HOLD_OUT) | ~material.target.known[sample]
    return np.where(hidden, -1, np.nan_to_num(material.target.values[sample])).astype(np.int8)
