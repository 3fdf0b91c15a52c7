"""Quality findings of a table under a schema: what was seen, how, why it matters and what can be done.

Statistics are taken on the training rows where a split is given; duplicates are looked for in all rows, because copies
of one row on both sides of a split are what makes them harmful. A finding speaks of all columns it concerns at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from mlops_lib.checks.duplicates import count_copies
from mlops_lib.checks.leaks import SAMPLE_ROWS, score_features
from mlops_lib.data.target import resolve_target
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.finding import Finding
from mlops_lib.objects.recipe import Action, Treatment
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Target
from mlops_lib.objects.words import count, counted, listed, percent

MUCH_MISSING = 0.05
MOSTLY_MISSING = 0.60
FAR_OUT = 8.0
"""Robust z beyond which a number counts as an outlier: 0.6745 |x - median| / MAD (Iglewicz & Hoaglin 1993 warn from 3.5
on; skewed columns reach that without anything being wrong)."""
ENOUGH_MISSING = 10
NEAR_COPY, SUSPICIOUS = 0.95, 0.85
"""One-column ROC-AUC (for a number: absolute rank correlation) from which a column is a near-copy, or suspected."""


def findings(dataset: Dataset, schema: Schema, plan: SplitPlan | None = None) -> tuple[Finding, ...]:
    """All findings, the serious ones first. Raises what `resolve_target` raises."""
    table = _Table(dataset, schema, plan)
    found = [finding for check in CHECKS for finding in check(table)]
    return tuple(sorted(found, key=lambda f: (_ORDER[f.severity], f.code)))


_ORDER = {"serious": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, eq=False)
class _Table:
    """What the checks look at, each part made when it is first needed."""

    dataset: Dataset
    schema: Schema
    plan: SplitPlan | None

    @cached_property
    def target(self) -> Target:
        return resolve_target(self.dataset, self.schema)

    @cached_property
    def rows(self) -> np.ndarray:
        return np.flatnonzero(self.target.known) if self.plan is None else self.plan.training_rows()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The feature columns on those rows."""
        return self.dataset.frame(self.schema.features()).iloc[self.rows]

    @cached_property
    def missing(self) -> pd.Series:
        """Missing cells of each feature column, as a count."""
        return self.frame.isna().sum()

    @property
    def which(self) -> str:
        return f"{count(len(self.rows))} {'rows with an answer' if self.plan is None else 'training rows'}"

    def any_missing(self, columns: Sequence[str]) -> int:
        return int(self.frame[list(columns)].isna().any(axis=1).sum())


def _missing_target(table: _Table) -> Iterable[Finding]:
    gone = int(np.count_nonzero(~table.target.known))
    if gone:
        name = table.schema.target
        yield Finding(
            "FUL001",
            "Rows without an answer",
            "info",
            (name,),
            gone,
            f"{counted(gone, 'row')} of {count(table.dataset.rows)} ({percent(gone / table.dataset.rows)}) have no "
            f"'{name}'.",
            "Cells of the target that are empty or count as missing, in all rows.",
            "They are no answer, so they never count as No. They may mean something of their own: a cancelled flight.",
            "They stay in the table and are left out of split, training and evaluation.",
        )


def _missing_cells(table: _Table) -> Iterable[Finding]:
    """One finding for each way of treating missing cells."""
    share = table.missing / max(1, len(table.rows))
    kinds = {c.name: c.kind for c in table.schema.columns}
    gaps = [str(name) for name in share.index if share[name] > 0]
    mostly = [n for n in gaps if share[n] > MOSTLY_MISSING]
    numbers = [n for n in gaps if n not in mostly and kinds[n] != "categorical"]
    few = [n for n in numbers if share[n] < MUCH_MISSING]
    labels = [n for n in gaps if n not in mostly and kinds[n] == "categorical"]
    yield from _gaps(table, "FUL002", "Missing numbers", "info", few, ("median", "indicator", "mean", "drop"))
    much = [n for n in numbers if n not in few]
    yield from _gaps(table, "FUL003", "Many missing numbers", "warning", much, ("indicator", "median", "mean", "drop"))
    yield from _gaps(table, "FUL004", "Missing labels", "info", labels, ("own_level", "most_frequent", "drop"))
    yield from _gaps(table, "FUL005", "Mostly missing", "warning", mostly, ("drop", "indicator", "own_level"))


def _gaps(
    table: _Table, code: str, title: str, severity: str, columns: list[str], actions: Sequence[Action]
) -> Iterable[Finding]:
    if not columns:
        return
    worst = max(columns, key=lambda n: table.missing[n])
    share = table.missing[worst] / len(table.rows)
    cells = int(table.missing[columns].sum())
    first = f"'{worst}' misses {percent(share)}" if len(columns) == 1 else f"most in '{worst}' ({percent(share)})"
    yield Finding(
        code,
        title,
        severity,  # type: ignore[arg-type]
        tuple(columns),
        table.any_missing(columns),
        f"{counted(cells, 'cell')} of {counted(len(columns), 'column')} are missing; {first}.",
        f"Empty cells and those that count as missing, among {table.which}.",
        "A model needs a value. What is filled in is learnt from training rows; that a cell is missing may tell, too.",
        "Choose what is filled in; it becomes part of every recipe.",
        _offers(table.schema, columns, actions, f"{title.lower()} ({code})"),
    )


_SUITS: dict[str, tuple[Action, ...]] = {
    "numeric": ("median", "mean", "zero", "most_frequent", "indicator", "clip", "log", "drop"),
    "date": ("median", "mean", "most_frequent", "indicator", "drop"),
    "categorical": ("own_level", "most_frequent", "drop"),
}


def _offers(schema: Schema, columns: Sequence[str], actions: Sequence[Action], why: str) -> tuple[Treatment, ...]:
    """Every action for every column that it suits, action by action."""
    kinds = {name: schema.column(name).kind for name in columns}
    return tuple(
        Treatment(name, action, why) for action in actions for name in columns if action in _SUITS[kinds[name]]
    )


def _copies(table: _Table) -> Iterable[Finding]:
    skip = {c.name for c in table.schema.columns if c.kind == "identifier"}
    columns = [name for name in table.dataset.columns if name not in skip]
    copies = count_copies(table.dataset.table(columns))
    if copies:
        yield Finding(
            "FUL006",
            "Repeated rows",
            "warning",
            (),
            copies,
            f"{counted(copies, 'row')} ({percent(copies / table.dataset.rows)}) repeat an earlier row in every cell.",
            "Equal cells in all columns but identifiers, in all rows.",
            "A copy in the hold-out of a row in training is no new row: it makes a model look better than it is.",
            "Remove what was entered twice and upload again; where one person has several rows, give "
            "the column that names the person the role 'group', and no group is cut by the split.",
        )


def _constants(table: _Table) -> Iterable[Finding]:
    known = [c.name for c in table.schema.columns if c.kind == "constant"]
    now = [str(n) for n in table.frame.columns if len(table.frame[n].unique()) == 1]
    columns = [*known, *(n for n in now if n not in known)]
    if columns:
        yield Finding(
            "FUL007",
            "Columns that never change",
            "warning" if now else "info",
            tuple(columns),
            0,
            f"{_quoted(columns)}: the same value in every row.",
            f"One distinct value among {table.which}.",
            "What never changes cannot tell rows apart.",
            "Leave them out." if now else "They are left out already.",
            suggest_ignore=bool(now),
        )


def _identifiers(table: _Table) -> Iterable[Finding]:
    named = [c for c in table.schema.columns if c.kind == "identifier"]
    used = [c.name for c in named if c.role == "feature"]
    columns = [c.name for c in named if c.role in ("feature", "ignored")]
    if columns:
        yield Finding(
            "FUL008",
            "Columns that name a row",
            "warning" if used else "info",
            tuple(columns),
            0,
            f"{_quoted(columns)}: a different value in (nearly) every row.",
            "Whole numbers that rise or run without gaps, or labels of which more than 90 % differ.",
            "A model can learn them by heart, which helps for no new row.",
            "Leave them out." if used else "They are left out already.",
            suggest_ignore=bool(used),
        )


def _outliers(table: _Table) -> Iterable[Finding]:
    far = {name: _far_out(table.frame[name].to_numpy(np.float64)) for name in table.schema.features("numeric")}
    columns = [name for name, rows in far.items() if rows.any()]
    if not columns:
        return
    rows = np.logical_or.reduce([far[name] for name in columns])
    worst = max(columns, key=lambda n: int(far[n].sum()))
    value = table.frame[worst].to_numpy(np.float64)
    extreme = value[far[worst]][np.argmax(np.abs(value[far[worst]] - np.nanmedian(value)))]
    yield Finding(
        "FUL009",
        "Numbers far from the others",
        "info",
        tuple(columns),
        int(rows.sum()),
        f"{counted(int(rows.sum()), 'row')} have a number far out in {counted(len(columns), 'column')}; most in "
        f"'{worst}' ({count(int(far[worst].sum()))}, such as {extreme:,.6g}; median {np.nanmedian(value):,.6g}).",
        f"Robust z = 0.6745 |x - median| / MAD above {FAR_OUT:g}, among {table.which}.",
        "They pull a linear model, and may be slips of the pen. In a skewed column they may also be right.",
        "Look at them. Clip them to the middle 98 % of training rows, take logarithms, or leave them.",
        _offers(table.schema, columns, ("clip", "log"), "numbers far from the others (FUL009)"),
    )


def _far_out(values: np.ndarray) -> np.ndarray:
    """Boolean, shape (n,). A column whose MAD is zero has no scale to measure by, so nothing in it is far out."""
    if np.isnan(values).all():
        return np.zeros(len(values), bool)
    off = np.abs(values - np.nanmedian(values))
    scale = float(np.nanmedian(off))
    return np.zeros(len(values), bool) if scale == 0 else np.nan_to_num(0.6745 * off / scale) > FAR_OUT


def _leaks(table: _Table) -> Iterable[Finding]:
    scores = score_features(table.frame, table.schema, table.target, table.rows)
    copies = [n for n, s in scores.items() if s >= NEAR_COPY]
    suspects = [n for n, s in scores.items() if SUSPICIOUS <= s < NEAR_COPY]
    yield from _known_after(table, "FUL010", "Knows the answer", "serious", copies, scores)
    yield from _known_after(table, "FUL011", "Knows a lot of the answer", "warning", suspects, scores)


def _missing_together(table: _Table) -> Iterable[Finding]:
    gone = ~table.target.known
    names = [n for n in table.schema.features() if gone.sum() >= ENOUGH_MISSING]
    empty = {n: np.asarray(table.dataset.table([n])[n].is_null()) for n in names}
    columns = [n for n in names if empty[n][gone].mean() >= 0.8 and empty[n][~gone].mean() <= 0.05]
    if columns:
        target = table.schema.target
        share = percent(min(float(empty[n][gone].mean()) for n in columns))
        yield Finding(
            "FUL013",
            "Missing where the answer is missing",
            "warning",
            tuple(columns),
            int(gone.sum()),
            f"{_quoted(columns)} {'is' if len(columns) == 1 else 'are'} empty in {share} or more of the rows without "
            f"'{target}', and hardly ever elsewhere.",
            f"Empty in 80 % or more of {count(int(gone.sum()))} rows without an answer, in 5 % or less of the others.",
            "What is only filled in when the event has taken place is often not known before it.",
            "Ask: is it known at the time of the prediction? If not, name it as known only after the event.",
            suggest_ignore=True,
        )


def _quoted(columns: Sequence[str]) -> str:
    return listed([f"'{name}'" for name in columns])


def _known_after(
    table: _Table, code: str, title: str, severity: str, columns: list[str], scores: dict[str, float]
) -> Iterable[Finding]:
    if not columns:
        return
    measure = "rank correlation" if table.target.kind == "number" else "ROC-AUC"
    told = listed([f"'{n}' ({measure} {scores[n]:.3f})" for n in sorted(columns, key=lambda n: -scores[n])])
    yield Finding(
        code,
        title,
        severity,  # type: ignore[arg-type]
        tuple(sorted(columns, key=lambda n: -scores[n])),
        0,
        f"{told} {'tells' if len(columns) == 1 else 'tell'} '{table.schema.target}' alone.",
        f"Learnt on one half of {table.which}, judged on the other (at most {count(SAMPLE_ROWS)} rows).",
        "A column that is filled in after the event makes every figure look splendid and the model worthless.",
        "Ask: is it known at the time of the prediction? If not, name it as known only after the event.",
        suggest_ignore=True,
    )


def _hidden_numbers(table: _Table) -> Iterable[Finding]:
    reading = table.dataset.reading
    if reading is not None and reading.suggested_missing:
        tokens = listed([f"'{t}'" for t in reading.suggested_missing])
        columns = _kept_as_text(table.dataset, reading.suggested_missing)
        yield Finding(
            "FUL012",
            "Numbers kept as text",
            "serious",
            columns,
            0,
            f"{counted(len(columns), 'column')} would be numeric if {tokens} counted as missing.",
            "Columns in which every cell but a token or two reads as a number.",
            "As text, every number is a label of its own: order and distance are lost.",
            f"Read the table again with {tokens} as missing (above, under 'How it was read').",
        )


def _kept_as_text(dataset: Dataset, tokens: Sequence[str]) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.compute as pc

    table = dataset.table()
    texts = [name for name in dataset.columns if pa.types.is_string(table[name].type)]
    wanted = pa.array(tokens, pa.string())
    return tuple(
        name
        for name in texts
        if pc.any(pc.is_in(table[name], wanted)).as_py() and _else_numbers(table[name].unique(), wanted)
    )


def _else_numbers(values: object, tokens: object) -> bool:
    import pyarrow.compute as pc

    from mlops_lib.data.numbers import NUMBER

    rest = pc.filter(values, pc.invert(pc.is_in(values, tokens))).drop_null()
    return bool(pc.all(pc.match_substring_regex(rest, NUMBER)).as_py())


CHECKS: tuple[Callable[[_Table], Iterable[Finding]], ...] = (
    _missing_target,
    _missing_cells,
    _copies,
    _constants,
    _identifiers,
    _outliers,
    _leaks,
    _missing_together,
    _hidden_numbers,
)
"""Every check; adding one is adding a line."""
