"""Rows that agree in every feature: with another answer, nearly, or on both sides of the split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlops_lib.checks.check import MOST_EXAMPLES, Seen, Silent
from mlops_lib.checks.pairs import NEAR, chance_pairs, comparable, near_pairs, repeated
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.target import Target
from mlops_lib.objects.words import count, counted, percent

FEW_DISTINCT = 0.5
"""With fewer different rows than this share, equal rows are what the columns allow, not a slip."""
LIKE_CHANCE = 0.1
"""Share of the pairs seen that unrelated columns would give, from which equal rows are to be expected."""
_SEED = 0
_NO_FEATURE = Silent("There is no feature column to compare rows by.", applies=False)


@dataclass(frozen=True, eq=False)
class Conflicts:
    """Groups of rows that agree in the features but not in the answer.

    `rows` counts the rows in such groups, `groups` the groups; `pairs` (m, 2) are positions of two rows of a group
    with different answers, the smallest groups first. `repeated` counts all rows that are not alone, `distinct` the
    different rows, and `pairs_in_all` the pairs of equal rows. `ceiling` is the share of all rows that a rule on these
    features can get right at most (for classes).
    """

    rows: int
    groups: int
    pairs: np.ndarray
    repeated: int
    distinct: int
    pairs_in_all: float
    ceiling: float


def conflicts(digest: np.ndarray, answers: np.ndarray, apart: float) -> Conflicts:
    """Rows with equal digests whose answers differ by more than `apart`.

    Parameters
    ----------
    digest : uint64 (n,). answers : float64 (n,), codes or numbers.
    """
    again = repeated(digest)
    n = len(digest)
    if not len(again):
        return Conflicts(0, 0, np.zeros((0, 2), np.int64), 0, n, 0.0, 1.0)
    order = again[np.lexsort((answers[again], digest[again]))]
    starts = np.flatnonzero(np.concatenate([[True], digest[order][1:] != digest[order][:-1]]))
    sizes = np.diff(np.append(starts, len(order)))
    first, last = order[starts], order[starts + sizes - 1]
    torn = answers[last] - answers[first] > apart
    smallest = np.flatnonzero(torn)[np.argsort(sizes[torn], kind="stable")]
    lost = len(order) - _largest_runs(digest[order], answers[order], starts)
    return Conflicts(
        rows=int(sizes[torn].sum()),
        groups=int(torn.sum()),
        pairs=np.column_stack([first[smallest], last[smallest]]),
        repeated=len(order),
        distinct=n - len(order) + len(starts),
        pairs_in_all=float((sizes * (sizes - 1.0) / 2).sum()),
        ceiling=1 - lost / n,
    )


def _largest_runs(digest: np.ndarray, answers: np.ndarray, starts: np.ndarray) -> int:
    """Rows that have the commonest answer of their group, added up; rows are sorted by group and answer."""
    change = np.concatenate([[True], (digest[1:] != digest[:-1]) | (answers[1:] != answers[:-1])])
    runs = np.flatnonzero(change)
    lengths = np.diff(np.append(runs, len(digest)))
    return int(np.maximum.reduceat(lengths, np.searchsorted(runs, starts)).sum())


def answers_apart(target: Target, rows: np.ndarray) -> float:
    """How far apart two answers must be to contradict each other: another class, or more than half the numbers."""
    if target.kind != "number":
        return 0.0
    low, high = np.quantile(target.values[rows], [0.25, 0.75])
    return float(high - low)


def _differ(target: Target) -> str:
    """What "another answer" means, for `detected`."""
    return "" if target.kind != "number" else " Answers differ where they are farther apart than the middle half."


def equal_rows(table: CheckedTable) -> Seen | Silent:
    """Training rows that are equal in every feature and have different answers."""
    if not table.schema.features():
        return _NO_FEATURE
    found = conflicts(
        table.digests[table.rows], table.target.values[table.rows], answers_apart(table.target, table.rows)
    )
    if not found.repeated:
        return Silent(f"No two of {table.which} are equal in every feature.")
    if not found.rows:
        return Silent(f"{counted(found.repeated, 'row')} of {table.which} repeat each other, with the same answer.")
    pairs = table.rows[found.pairs[: MOST_EXAMPLES // 2]]
    expected = _expected(table, found)
    ceiling = (
        f" No model can be right on more than {percent(found.ceiling)} of {table.which}."
        if table.target.kind != "number"
        else ""
    )
    return Seen(
        "info" if expected else "warning",
        (table.target.column,),
        found.rows,
        f"{counted(found.rows, 'row')} ({percent(found.rows / len(table.rows))}) equal another in every feature, in "
        f"{counted(found.groups, 'group')} that {'differs' if found.groups == 1 else 'differ'} in "
        f"'{table.target.column}'.{expected}{ceiling}",
        f"Equal cells in all {counted(len(table.schema.features()), 'feature')}, among {table.which}."
        + _differ(table.target),
        "What differs between them is not in the table: either an answer is wrong, or a column is missing that would "
        "tell them apart.",
        "Look at a pair and ask what made the difference. Correct a wrong answer and upload again; else the columns "
        "do not tell more than this.",
        examples=tuple(pairs.ravel().tolist()),
    )


def _expected(table: CheckedTable, found: Conflicts) -> str:
    """A sentence where equal rows are what the columns allow, else ""."""
    share = found.distinct / len(table.rows)
    if share <= FEW_DISTINCT:
        return (
            f" That is to be expected: the {counted(len(table.schema.features()), 'feature')} have only "
            f"{count(found.distinct)} different rows."
        )
    chance = chance_pairs([comparable(table.feature(name)) for name in table.schema.features()])
    if chance < LIKE_CHANCE * found.pairs_in_all:
        return ""
    return (
        f" Part of that is to be expected: unrelated columns with these values would give about {count(chance)} of the "
        f"{count(found.pairs_in_all)} equal pairs."
    )


def near_rows(table: CheckedTable) -> Seen | Silent:
    """Training rows that are nearly equal in every feature, with the same and with different answers."""
    if not table.schema.features():
        return _NO_FEATURE
    columns = [comparable(table.feature(name)) for name in table.schema.features()]
    pairs = near_pairs(columns, table.digests[table.rows], _SEED)
    chance = chance_pairs(columns)
    if not len(pairs):
        return Silent(f"No two of {table.which} are nearly but not quite equal in every feature.")
    if len(pairs) <= chance + 3 * np.sqrt(chance):
        return Silent(
            f"{counted(len(pairs), 'pair')} of {table.which} are nearly equal, no more than chance gives "
            f"({count(chance)})."
        )
    return _near(table, pairs)


def _near(table: CheckedTable, pairs: np.ndarray) -> Seen:
    answers = table.target.values[table.rows]
    torn = np.abs(answers[pairs[:, 0]] - answers[pairs[:, 1]]) > answers_apart(table.target, table.rows)
    rows = len(np.unique(pairs))
    shown = table.rows[pairs[np.argsort(~torn, kind="stable")][: MOST_EXAMPLES // 2]]
    answered = f"{count(int(torn.sum()))} of the pairs have different answers" if torn.any() else "with the same answer"
    return Seen(
        "warning" if torn.any() else "info",
        (),
        rows,
        f"{counted(rows, 'row')} are nearly equal to another, in {counted(len(pairs), 'pair')}; {answered}.",
        f"All numbers within {NEAR:g} robust standard deviations, labels equal but for case and blanks, not equal in "
        f"every cell; among {table.which}.{_differ(table.target)}",
        "One case entered twice, with a number rounded or a name spelt otherwise, counts twice; across folds, a model "
        "is judged on a row that it has all but seen.",
        "Look at a pair. If it is one case, keep one row; if cases come in several rows, give the column that names "
        "the case the role 'group'.",
        examples=tuple(shown.ravel().tolist()),
    )


def across_split(table: CheckedTable) -> Seen | Silent:
    """Hold-out rows that are equal in every feature to a training row; answers are not looked at."""
    if table.plan is None:
        return Silent("There is no split yet.", applies=False)
    if not table.schema.features():
        return _NO_FEATURE
    digest = table.digests
    training, held = table.rows, table.plan.hold_out_rows()
    known, first = np.unique(digest[training], return_index=True)
    place = np.minimum(np.searchsorted(known, digest[held]), len(known) - 1)
    copies = known[place] == digest[held]
    if not copies.any():
        return Silent(f"None of {counted(len(held), 'hold-out row')} equals a training row in every feature.")
    pairs = np.column_stack([held[copies], training[first[place[copies]]]])[: MOST_EXAMPLES // 2]
    few = len(known) <= FEW_DISTINCT * len(training)
    expected = (
        f" The training rows hold only {count(len(known))} different ones, so that is to be expected." if few else ""
    )
    number = int(copies.sum())
    return Seen(
        "info" if few else "warning",
        (),
        number,
        f"{counted(number, 'hold-out row')} ({percent(number / len(held))}) {'equals' if number == 1 else 'equal'} a "
        f"training row in every feature.{expected}",
        "Equal cells in all features; answers are not compared, and the hold-out stays closed.",
        "What a model has learnt by heart counts as recognised there, so the hold-out looks better than new rows will.",
        "Remove what was entered twice on 'Sample & derive'; where one case has several rows, give the column that "
        "names the case the role 'group', and no group is cut by the split.",
        examples=tuple(pairs.ravel().tolist()),
    )
