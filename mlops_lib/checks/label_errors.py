"""Answers that a quick model contradicts: candidates for wrong labels, never more than candidates."""

from __future__ import annotations

import numpy as np

from mlops_lib.checks.check import MOST_EXAMPLES, Seen, Silent
from mlops_lib.checks.confident import Doubts, doubt
from mlops_lib.checks.quick_model import Folds, judge, matrix_of, spread_folds
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.schema import Above
from mlops_lib.objects.split import WARM_UP, SplitPlan
from mlops_lib.objects.words import count, counted, listed, number, percent

SAMPLE_ROWS = 20_000
"""Rows looked at where there are two classes; fewer where there are more, which take longer each."""
MOST_CLASSES = 10
MARGIN = 0.5
"""How much more chance the model must give another answer before a row is worth a look."""
KNOWS_LITTLE = 0.05
"""Tjur's coefficient of discrimination (2009) below which a model's doubts say nothing about labels."""
HARD_CLASS = 0.25
"""Share of a class doubted from which the class is called hard to recognise."""
MANY = 0.005
"""Share of rows from which candidates are a warning."""
_FOLDS = 5
_ENOUGH = 100
_FEWEST = 10
_TOLD = 3
_SURE = 4.0
_SEED = 0


def label_errors(table: CheckedTable) -> Seen | Silent:
    """Rows of the training folds whose label the out-of-fold chances of a quick model contradict."""
    reason = _does_not_apply(table)
    if reason:
        return Silent(reason, applies=False)
    sample = sample_of(len(table.rows), 2 * SAMPLE_ROWS // len(table.target.names))
    labels = table.target.codes(table.rows[sample]).astype(np.int64)
    matrix = matrix_of(table.features_on(table.rows[sample]))
    folds = plan_folds(table.plan, table.rows[sample], labels)
    chances = judge(matrix, labels, len(table.target.names), folds, _SEED).chances
    judged = np.flatnonzero(~np.isnan(chances[:, 0]))
    known, sure = discrimination(chances[judged], labels[judged])
    if known < KNOWS_LITTLE or sure < _SURE:
        return Silent(
            f"A quick model hardly tells the answers apart: it gives a row its own answer {number(max(known, 0.0), 2)} "
            "more chance than it gives that answer elsewhere, so its doubts say nothing about labels.",
            applies=False,
        )
    doubts = kept(doubt(chances[judged], labels[judged]), chances[judged], labels[judged])
    if not len(doubts.positions):
        return Silent(f"A quick model contradicts no label clearly among {_which(table, judged)}.")
    return _seen(table, table.rows[sample[judged]], labels[judged], doubts)


def _does_not_apply(table: CheckedTable) -> str:
    if table.target.kind == "number":
        return "The answer is a number, not a label."
    if isinstance(table.schema.question, Above):
        return "The answer is a number against a limit, not a label that somebody gave."
    if len(table.target.names) > MOST_CLASSES:
        return f"The answer has {len(table.target.names)} classes; the limit is {MOST_CLASSES}."
    if not table.schema.features():
        return "There is no feature column to judge labels by."
    if len(table.rows) < _ENOUGH:
        return f"{counted(len(table.rows), 'row')} are too few to judge labels by; {_ENOUGH} are needed."
    rarest = int(np.bincount(table.target.codes(table.rows), minlength=len(table.target.names)).min())
    if rarest < _FEWEST:
        return f"The rarest class has {counted(rarest, 'row')}; {_FEWEST} are needed to learn what it looks like."
    return ""


def sample_of(rows: int, most: int) -> np.ndarray:
    """Positions of `most` of the rows, drawn by chance with a fixed seed, ascending; all of them where fewer."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(_SEED).choice(rows, most, replace=False))


def plan_folds(plan: SplitPlan | None, rows: np.ndarray, strata: np.ndarray) -> Folds:
    """The plan's own folds on these rows (ids), neighbouring ones joined so that there are at most five.

    Without a plan random folds with the codes of `strata` in the same shares.
    """
    if plan is None:
        return spread_folds(strata, _FOLDS, _SEED)
    assigned = plan.assignment[rows].astype(np.int64)
    folds = min(_FOLDS, plan.folds)
    fold = np.where(assigned == WARM_UP, -1, assigned * folds // plan.folds)
    parts = [(_fitted_for(plan, rows, assigned, fold, k), np.flatnonzero(fold == k)) for k in range(folds)]
    return [(fitted, judged) for fitted, judged in parts if len(fitted) and len(judged)]


def _fitted_for(plan: SplitPlan, rows: np.ndarray, assigned: np.ndarray, fold: np.ndarray, k: int) -> np.ndarray:
    """Positions of the rows that the joined fold `k` is fitted on; in time what its first fold is trained on."""
    if plan.kind != "time":
        return np.flatnonzero(fold != k)
    if not np.any(fold == k):
        return np.empty(0, np.int64)
    return np.flatnonzero(np.isin(rows, plan.fold_training_rows(int(assigned[fold == k].min()))))


def discrimination(chances: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """How much more chance a class gets in its own rows than in the others, and that in standard errors.

    The mean over classes of Tjur's coefficient (2009, The American Statistician 63); of several classes the clearest
    gives the standard errors.

    Parameters
    ----------
    chances : float (n, k). labels : int (n,), each class at least twice.
    """
    known, sure = [], [0.0]
    for j in range(chances.shape[1]):
        own, others = chances[labels == j, j], chances[labels != j, j]
        if min(len(own), len(others)) < 2:
            continue
        known.append(float(own.mean() - others.mean()))
        error = float(np.sqrt(own.var(ddof=1) / len(own) + others.var(ddof=1) / len(others)))
        sure.append(known[-1] / error if error > 0 else np.inf * np.sign(known[-1]) if known[-1] else 0.0)
    return (float(np.mean(known)) if known else 0.0), max(sure)


def kept(doubts: Doubts, chances: np.ndarray, labels: np.ndarray) -> Doubts:
    """The doubts in which the better class has at least `MARGIN` more chance than the label."""
    rows = doubts.positions
    clear = chances[rows, doubts.better] - chances[rows, labels[rows]] >= MARGIN
    return Doubts(rows[clear], doubts.better[clear], doubts.joint)


def _which(table: CheckedTable, judged: np.ndarray) -> str:
    drawn = "" if len(judged) >= len(table.rows) else f" {count(len(judged))} drawn from"
    return f"{drawn} {table.which}".strip()


def _seen(table: CheckedTable, ids: np.ndarray, labels: np.ndarray, doubts: Doubts) -> Seen:
    names = table.target.names
    found = len(doubts.positions)
    sizes = np.bincount(labels, minlength=len(names))
    doubted = np.bincount(labels[doubts.positions], minlength=len(names))
    hard = [k for k in range(len(names)) if doubted[k] >= max(HARD_CLASS * sizes[k], 3)]
    said = _said(labels[doubts.positions], doubts.better, names)
    remark = "".join(
        f" With {percent(doubted[k] / sizes[k])} of '{names[k]}' doubted, that class may just be hard to recognise by "
        "these columns."
        for k in hard[:1]
    )
    return Seen(
        "info" if hard or found < MANY * len(labels) else "warning",
        (table.target.column,),
        found,
        f"A quick model contradicts '{table.target.column}' in {counted(found, 'row')} of {count(len(labels))}: {said}."
        f"{remark}",
        f"Confident learning on out-of-fold chances of a boosted model on {_which(table, labels)}: the answer is "
        f"confidently another, with at least {MARGIN:g} more chance.",
        "A wrong label teaches a model the wrong thing, and counts against it where it is right. But a model cannot "
        "tell a wrong label from a rare case that is right.",
        "These are candidates: look at the clearest first, and correct only what you know to be wrong. Do not remove "
        "them because they are hard.",
        examples=tuple(ids[doubts.positions[:MOST_EXAMPLES]].tolist()),
    )


def _said(given: np.ndarray, better: np.ndarray, names: tuple[str, ...]) -> str:
    """Labels against what the model says, the commonest three."""
    pairs, sizes = np.unique(given * len(names) + better, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    told = [
        f"{count(int(sizes[k]))} labelled '{names[pairs[k] // len(names)]}' where it expects "
        f"'{names[pairs[k] % len(names)]}'"
        for k in order[:_TOLD]
    ]
    others = int(sizes[order[_TOLD:]].sum())
    return listed([*told, f"{count(others)} of other kinds"] if others else told)
