"""The labels of a column: too many, rare ones, and one label written in several ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlops_lib.checks.check import Seen, Silent, no_columns, offers
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.recipe import Recipe, Treatment
from mlops_lib.objects.words import count, counted, listed, percent
from mlops_lib.stats.features import Feature

MANY_LEVELS = 50
RARE = Recipe.min_frequency
"""Share of the rows below which one-hot encoding takes levels together, where a recipe says nothing else."""
MOST_LEVELS = 20_000
"""Labels of a column beyond which they are not compared with each other."""
LEAST_LETTERS, RARER, MOST_SLIPS = 5, 20, 3
"""A near spelling needs that many letters, a label that many times as common beside it, and at most that many rows (or
0.1 % of them)."""


def many_levels(table: CheckedTable) -> Seen | Silent:
    """Categories with so many labels that one-hot encoding keeps few of them."""
    names = _categories(table)
    if not names:
        return no_columns("labels")
    sizes = {name: _counts(table.feature(name)) for name in names}
    columns = [n for n in names if np.count_nonzero(sizes[n]) > MANY_LEVELS]
    if not columns:
        most = max(np.count_nonzero(sizes[n]) for n in names)
        return Silent(f"No column of labels has more than {MANY_LEVELS}; the most is {most}.")
    columns.sort(key=lambda n: -np.count_nonzero(sizes[n]))
    told = [f"'{n}' has {_kept(sizes[n], len(table.rows))}" for n in columns[:3]]
    more = f"; and {counted(len(columns) - 3, 'column')} more" if len(columns) > 3 else ""
    return Seen(
        "info",
        tuple(columns),
        0,
        f"{'; '.join(told)}{more}.",
        f"More than {MANY_LEVELS} labels among {table.which}; one-hot encoding keeps those in {percent(RARE)} of the "
        "rows or more and takes all others together as one.",
        "What is taken together cannot be told apart any more; but a column a label would be learnt from a few rows.",
        "Leave it, or write how common each label is among the training rows in its place, or leave the column out.",
        offers(table.schema, columns, ("frequency", "drop")),
    )


def rare_levels(table: CheckedTable) -> Seen | Silent:
    """Labels of columns with few of them that are too rare to learn from."""
    names = _categories(table)
    if not names:
        return no_columns("labels")
    least = RARE * len(table.rows)
    found: dict[str, np.ndarray] = {}
    for name in names:
        counts = _counts(table.feature(name))
        rare = np.flatnonzero((counts > 0) & (counts < least))
        if len(rare) and np.count_nonzero(counts) <= MANY_LEVELS:
            found[name] = rare
    if not found:
        return Silent(f"Every label of a column with at most {MANY_LEVELS} has {percent(RARE)} of the rows or more.")
    rows = {n: int(_counts(table.feature(n))[rare].sum()) for n, rare in found.items()}
    columns = sorted(found, key=lambda n: -len(found[n]))
    told = [_told_rare(table.feature(n), found[n]) for n in columns[:3]]
    more = f"; and {counted(len(columns) - 3, 'column')} more" if len(columns) > 3 else ""
    return Seen(
        "info",
        tuple(columns),
        max(rows.values()),
        f"{'; '.join(told)}{more}.",
        f"Labels in less than {percent(RARE)} of {table.which}, in columns with at most {MANY_LEVELS} labels.",
        "A label of a few rows is learnt by heart or not at all.",
        f"One-hot encoding takes labels below {percent(RARE)} together as one (in a recipe: min_frequency). Take those "
        "below 5 % together where even that is little.",
        offers(table.schema, columns, ("lump", "drop")),
    )


@dataclass(frozen=True)
class _Variants:
    """Labels of one column that are another one, written differently."""

    column: str
    into: str
    labels: tuple[str, ...]
    rows: int


def variants(table: CheckedTable) -> Seen | Silent:
    """Labels that are equal but for case, blanks, accents, width or a dot at the end; of the target, too."""
    names = _with_labels(table)
    if not names:
        return no_columns("labels")
    found = [v for name in names for v in _written_differently(_labels(table, name))]
    if not found:
        return Silent("No two labels of a column differ only in case, blanks, accents, width or a dot at the end.")
    found.sort(key=lambda v: -v.rows)
    target = any(v.column == table.schema.target for v in found)
    by_hand = " Those of the target have to be corrected in the file: a recipe does not change answers."
    return Seen(
        "serious" if target else "warning",
        tuple(dict.fromkeys(v.column for v in found)),
        sum(v.rows for v in found),
        _told_variants(found),
        f"Labels equal after Unicode normalisation (NFKC), without case, accents, outer and double blanks and a dot at "
        f"the end, among {table.which}.",
        "Each way of writing becomes a label of its own, so the rows of one thing are torn apart.",
        f"Merge them into the commonest way of writing.{by_hand if target else ''}",
        _merges(table, found),
    )


def near_spellings(table: CheckedTable) -> Seen | Silent:
    """Rare labels that are one slip of the finger away from a common one."""
    names = _with_labels(table)
    if not names:
        return no_columns("labels")
    found = [v for name in names for v in _misspelt(_labels(table, name), len(table.rows))]
    if not found:
        return Silent("No rare label is one letter away from a common one.")
    found.sort(key=lambda v: -v.rows)
    return Seen(
        "info",
        tuple(dict.fromkeys(v.column for v in found)),
        sum(v.rows for v in found),
        _told_variants(found, "may be"),
        f"A label of letters only, at least {LEAST_LETTERS}, in at most {MOST_SLIPS} rows (or 0.1 %), and one {RARER} "
        "times as common that differs by one letter more, less, other or swapped.",
        "A slip of the pen makes a label of its own. But two names may also differ by one letter.",
        "Look at them; merge them where they are the same.",
        _merges(table, found),
    )


def normalised(label: str) -> str:
    """A label without what does not tell: width, case, accents, outer and double blanks, dots at the end."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", label).casefold())
    # Accents of Latin, Greek and Cyrillic letters only: a mark of voice makes another letter in Japanese.
    bare = unicodedata.normalize("NFC", "".join(c for c in plain if not "\u0300" <= c <= "\u036f"))
    return re.sub(r"\s+", " ", bare).strip().rstrip(".").rstrip()


def _categories(table: CheckedTable) -> tuple[str, ...]:
    """Columns of labels, without those that are numbers kept as text: they are to be read again."""
    return tuple(n for n in table.schema.features("categorical") if n not in table.numbers_as_text)


def _counts(feature: Feature) -> np.ndarray:
    return np.bincount(feature.values[feature.known], minlength=len(feature.levels))


def _kept(counts: np.ndarray, rows: int) -> str:
    used = counts[counts > 0]
    frequent = used[used >= RARE * rows]
    rest = percent(float(used.sum() - frequent.sum()) / max(1, rows))
    reach = f"of which {count(len(frequent))} reach {percent(RARE)}"
    return f"{counted(len(used), 'label')}, {reach} ({rest} of the rows have another)"


def _told_rare(feature: Feature, rare: np.ndarray) -> str:
    counts = _counts(feature)
    order = rare[np.argsort(-counts[rare], kind="stable")]
    labels = listed([f"'{feature.levels[k]}' ({count(int(counts[k]))})" for k in order], most=2)
    return f"{counted(len(rare), 'rare label')} in '{feature.name}': {labels}"


def _with_labels(table: CheckedTable) -> tuple[str, ...]:
    """Columns of labels, the target first where it is one."""
    target = (table.schema.target,) if table.target.kind != "number" and table.schema.target in table.texts else ()
    return (*target, *_categories(table))


@dataclass(frozen=True)
class _Labels:
    column: str
    counts: Mapping[str, int]


def _labels(table: CheckedTable, name: str) -> _Labels:
    """The labels of a column among the rows looked at; empty where they are too many to compare."""
    feature = table.labels(name)
    counts = _counts(feature)
    used = np.flatnonzero(counts)
    return _Labels(name, {feature.levels[k]: int(counts[k]) for k in used} if len(used) <= MOST_LEVELS else {})


def _written_differently(labels: _Labels) -> list[_Variants]:
    groups: dict[str, list[str]] = {}
    for label in labels.counts:
        groups.setdefault(normalised(label), []).append(label)
    return [_merged(labels, same) for key, same in groups.items() if key and len(same) > 1]


def _merged(labels: _Labels, same: Sequence[str]) -> _Variants:
    into = min(same, key=lambda label: (-labels.counts[label], label))
    others = tuple(sorted(label for label in same if label != into))
    return _Variants(labels.column, into, others, sum(labels.counts[label] for label in others))


def _misspelt(labels: _Labels, rows: int) -> list[_Variants]:
    most = max(MOST_SLIPS, rows // 1000)
    places: dict[str, list[str]] = {}
    for label, number in labels.counts.items():
        if number > most and _is_word(label):
            for key in _one_less(label.casefold()):
                places.setdefault(key, []).append(label)
    found = []
    for label, number in labels.counts.items():
        if number <= most and _is_word(label):
            near = {other for key in _one_less(label.casefold()) for other in places.get(key, ())}
            near = {n for n in near if labels.counts[n] >= RARER * number and _one_slip(label.casefold(), n.casefold())}
            if near:
                into = min(near, key=lambda n: (-labels.counts[n], n))
                found.append(_Variants(labels.column, into, (label,), number))
    return found


def _is_word(label: str) -> bool:
    return len(label) >= LEAST_LETTERS and all(c.isalpha() or c in " -'&" for c in label)


def _one_less(word: str) -> set[str]:
    """The word, and the word without each of its letters: two words one slip apart have one of these in common."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter more, less, other or swapped with its neighbour makes `b` of `a`; equal words are none."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    if len(a) != len(b):
        short, long = sorted((a, b), key=len)
        return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    differ = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    if len(differ) == 1:
        return True
    swapped = len(differ) == 2 and differ[1] == differ[0] + 1
    return swapped and a[differ[0]] == b[differ[1]] and a[differ[1]] == b[differ[0]]


def _told_variants(found: Sequence[_Variants], verb: str = "") -> str:
    told = []
    for v in found[:3]:
        said = listed([f"'{label}'" for label in v.labels], most=3)
        is_ = verb or ("is" if len(v.labels) == 1 else "are")
        told.append(f"In '{v.column}' {said} {is_} '{v.into}' ({counted(v.rows, 'row')})")
    more = f"; and {count(len(found) - 3)} more" if len(found) > 3 else ""
    return "; ".join(told) + more + "."


def _merges(table: CheckedTable, found: Sequence[_Variants]) -> tuple[Treatment, ...]:
    features = set(table.schema.features("categorical"))
    return tuple(Treatment(v.column, "merge", values=v.labels, into=v.into) for v in found if v.column in features)
