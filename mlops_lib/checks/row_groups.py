"""Rows that belong together: a column of which each value stands for several rows that are much alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from mlops_lib.checks.check import Seen, Silent
from mlops_lib.checks.digest import bits_of
from mlops_lib.checks.likeness import Likeness, intraclass, within_groups
from mlops_lib.checks.table import CheckedTable
from mlops_lib.data.profile import sounds_like_identifier
from mlops_lib.objects.schema import Column, Role
from mlops_lib.objects.words import count, number, p_value
from mlops_lib.stats.features import feature_from

MANY_GROUPS = 30
SHARED = 0.2
"""Share of rows that must have another row in their group."""
ALIKE = 0.1
"""Intraclass correlation of the answer from which groups matter."""
SAME = 0.9
"""Intraclass correlation from which a feature counts as the same throughout a group."""
MOSTLY_SAME = 0.5
SAMPLE_ROWS = 10_000
CERTAIN = 0.001
_SMOOTH = 0.2
_GLANCE = 1000


@dataclass(frozen=True)
class Grouping:
    """What a column would be as group: how many groups, likeness of the answers, and how many features repeat."""

    column: str
    groups: int
    largest: int
    answer: Likeness
    same: int
    features: int
    may_name: bool

    @property
    def answers_alike(self) -> bool:
        return self.may_name and self.answer.share >= ALIKE and self.answer.p < CERTAIN

    @property
    def rows_alike(self) -> bool:
        return self.features >= 2 and self.same >= MOSTLY_SAME * self.features


def groups(table: CheckedTable) -> Seen | Silent:
    """A column whose values repeat, of many values, with answers or features alike within each."""
    if table.schema.group:
        return Silent(f"The split keeps the rows of one '{table.schema.group}' together already.", applies=False)
    candidates = [c for c in table.schema.columns if c.role in ("feature", "ignored") and c.kind not in _NEVER]
    looked = [g for g in (_grouping(table, column) for column in candidates) if g is not None]
    alike = [g for g in looked if g.answers_alike or g.rows_alike]
    if not looked:
        return Silent(f"No column has {MANY_GROUPS} or more values that repeat and may name cases.", applies=False)
    if not alike:
        best = max(looked, key=lambda g: g.answer.share)
        return Silent(
            f"Rows of one value are not much alike in any column; most in '{best.column}' (intraclass correlation of "
            f"the answers {number(max(best.answer.share, 0.0))} in {count(best.groups)} groups)."
        )
    return _seen(table, max(alike, key=lambda g: (g.rows_alike, g.answer.share)))


_NEVER = ("constant", "date")


def _grouping(table: CheckedTable, column: Column) -> Grouping | None:
    """The column as a group, on whole groups of up to `SAMPLE_ROWS` rows; None where it cannot be one."""
    values = _codes(table, column)
    if values is None:
        return None
    sample = whole_groups(values, SAMPLE_ROWS)
    points, codes, sizes = np.unique(values[sample], return_inverse=True, return_counts=True)
    if len(points) < MANY_GROUPS or sizes[sizes > 1].sum() < SHARED * len(sample):
        return None
    answers = _answers(table, sample)
    told = [within_groups(a, codes) for a in answers]
    clearest = min(range(len(told)), key=lambda k: (told[k].p, -told[k].share))
    features = [_numbers(table, name, sample) for name in table.schema.features() if name != column.name]
    same = [f for f in features if intraclass(f, codes)[0] >= SAME]
    if column.kind == "numeric" and is_measured(same or [answers[clearest]], codes):
        return None
    # A number says something of its own, such as a length; only its name or equal rows speak for a case.
    may_name = column.kind != "numeric" or sounds_like_identifier(column.name)
    scale = len(table.rows) / max(1, len(sample))
    varying = sum(bool(f.std() > 0) for f in features)
    return Grouping(
        column.name, round(len(points) * scale), int(sizes.max()), told[clearest], len(same), varying, may_name
    )


def _codes(table: CheckedTable, column: Column) -> np.ndarray | None:
    """Whole numbers (n,) equal where the cells are, in the order of numbers; None where there are broken numbers.

    A row without a value is a group of its own, as the split takes it.
    """
    if column.role == "feature":
        values = table.feature(column.name).values
    else:
        series = table.dataset.frame([column.name])[column.name].iloc[table.rows]
        values = feature_from(series, "numeric" if series.dtype.kind == "f" else "categorical").values
    if values.dtype.kind == "f":
        alone = np.isnan(values)
        if np.any(values[~alone][:_GLANCE] % 1) or np.any(values[~alone] % 1):
            return None
    else:
        alone = values < 0
    return np.where(alone, -1.0 - np.arange(len(values)), values) if alone.any() else values.astype(np.float64)


def whole_groups(values: np.ndarray, most: int) -> np.ndarray:
    """Positions of about `most` rows that take whole groups, drawn by a digest of the value; ascending."""
    if len(values) <= most:
        return np.arange(len(values))
    kept = bits_of(values) % np.uint64(1_000_003) < np.uint64(1_000_003 * most // len(values))
    return np.flatnonzero(kept)[: 2 * most]


def _answers(table: CheckedTable, sample: np.ndarray) -> list[np.ndarray]:
    """The answers as numbers: ranks, or one column of zeros and ones a class (up to ten)."""
    values = table.target.values[table.rows[sample]]
    if table.target.kind == "number":
        return [rankdata(values)]
    sizes = np.bincount(values.astype(np.int64))
    wanted = [1] if table.target.kind == "binary" else np.argsort(-sizes, kind="stable")[:10].tolist()
    return [(values == k).astype(np.float64) for k in wanted]


def _numbers(table: CheckedTable, name: str, sample: np.ndarray) -> np.ndarray:
    """A feature as numbers: codes for labels, the mean where a cell is missing."""
    values = table.feature(name).values[sample].astype(np.float64)
    gaps = np.isnan(values)
    return np.where(gaps, values[~gaps].mean() if not gaps.all() else 0.0, values) if gaps.any() else values


def is_measured(columns: list[np.ndarray], codes: np.ndarray) -> bool:
    """Whether rows of a value and the next are alike, too.

    That is so for a measurement, and not for a number that names a case. One pair of rows is taken from every value,
    and one from every two values that follow each other, so that common values do not outvote the others; likeness is
    one minus half the mean squared difference over the variance of ranks, and the (lower) median over columns counts.

    Parameters
    ----------
    columns : float (n,) each. codes : int (n,), in the order of the values.
    """
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1) != 0)
    several = starts[np.diff(np.append(starts, len(order))) > 1]
    if len(several) < 2:
        return False
    same, following = (order[several], order[several + 1]), (order[several[:-1] + 1], order[several[1:]])
    shares = [[_like(rankdata(column), *pair) for pair in (same, following)] for column in columns]
    within, between = np.quantile(shares, 0.5, axis=0, method="lower")
    return bool(between > _SMOOTH * within)


def _like(ranks: np.ndarray, one: np.ndarray, other: np.ndarray) -> float:
    spread = float(ranks.var())
    return 1 - float(np.mean((ranks[one] - ranks[other]) ** 2)) / (2 * spread) if spread > 0 else 0.0


def _seen(table: CheckedTable, found: Grouping) -> Seen:
    told = []
    if found.answers_alike:
        told.append(
            f"have similar answers (intraclass correlation {number(found.answer.share)}, p {p_value(found.answer.p)})"
        )
    if found.rows_alike:
        told.append(f"repeat {count(found.same)} of {count(found.features)} other features")
    roles: tuple[tuple[str, Role], ...] = ((found.column, "group"),)
    return Seen(
        "warning" if found.answers_alike else "info",
        (found.column,),
        0,
        f"'{found.column}' has about {count(found.groups)} values for {table.which}, up to "
        f"{count(found.largest)} rows each; rows of one value {' and '.join(told)}.",
        f"One-way analysis of variance by value, on at most {count(SAMPLE_ROWS)} of {table.which} in whole groups.",
        "A random split puts rows of one value on both sides: a model recognises the case instead of learning the "
        "rule, and its figures are better than they will be for new cases.",
        f"If new rows will be of a '{found.column}' never seen before, give it the role 'group': no group is then cut.",
        suggest_roles=roles,
    )
