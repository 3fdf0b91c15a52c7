"""What a sampler did, in plain text with the numbers of one's own table, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from mlops_lib.objects.words import count, counted, listed, percent
from mlops_lib.resample.distances import NEIGHBOURS
from mlops_lib.resample.impossible import FLAG_SEEN, FRACTION, HALF, OUTSIDE, ImpossibleValue
from mlops_lib.resample.xray import Xray
from mlops_lib.train.preview import XrayFolds

FEW_KEPT = 0.5
"""A class that keeps a smaller share of its rows has lost much of what is known about it."""


def headline(shown: XrayFolds) -> str:
    """What happened, in one or two sentences. A sampler that did nothing, or could not work, is said first."""
    refused = [f.refused for f in shown.folds if f.refused]
    if not shown.worked:
        return refused[0] if refused else "There is no fold to look at."
    first = f"In {counted(len(refused), 'fold')} it could not work: {refused[0]} " if refused else ""
    if shown.idle == len(shown.worked):
        return first + _nothing(shown)
    if not shown.idle:
        return first + _did(shown)
    folds = f"{shown.idle} of {len(shown.worked)} folds"
    return f"{first}{shown.label} did nothing in {folds}. In the others: {_did(shown)}"


def where_they_fell(shown: XrayFolds) -> str:
    """How near the made rows lie to real ones, beside how near those lie to each other; empty without made rows."""
    to_made, to_real = shown.distances("made_to", "same"), shown.distances("like_made", "same")
    if not shown.total("made") or not len(to_made) or not len(to_real):
        return ""
    made, real = shown.share_where("made_to", "nearer_other"), shown.share_where("like_made", "nearer_other")
    nearest = float((to_made < np.median(to_real)).mean())
    return (
        f"{_share(made)} of the made rows lie nearer to {_others(shown, 'made')} than to any real row of their class; "
        f"of the real ones, {percent(real)} do. {_share(nearest)} of the made rows lie nearer to a real row of their "
        "class than a real row usually lies to the next."
    )


def advice(shown: XrayFolds) -> tuple[tuple[str, str], ...]:
    """What to do about it: pairs of what, and why with the numbers of this table."""
    return tuple((what, why(shown)) for what, holds, why in _ADVICE if shown.worked and holds(shown))


def cards_of(shown: XrayFolds) -> tuple[tuple[str, str, str, str], ...]:
    """The key numbers: label, value, note and why it matters."""
    if not shown.worked:
        return ()
    cards = []
    if shown.total("made"):
        cards += [("Made", _mean(shown, "made"), "rows a fold", "Rows that nobody observed, or repeats of one.")]
        cards += [_share_card(shown, *card) for card in _MADE_CARDS if card[1] in _EVEN_NONE or shown.total(card[1])]
    if shown.total("removed"):
        near = f"{percent(shown.share_where('removed_to', 'nearer_other'))} nearest to another class"
        cards += [("Removed", _mean(shown, "removed"), near, "Real rows left out of the fit, in a fold.")]
    note = f"{_rare(shown, 'after')}, from {_mean(shown, 'before')} with {_rare(shown, 'before')}"
    return (*cards, ("Rows after", _mean(shown, "after"), note, "What a model is fitted on in a fold."))


def fold_lines(shown: XrayFolds) -> pd.DataFrame:
    """`shown.table()` as it is read: counts of two classes side by side ("739 + 142"), without columns that say nothing
    (no copies, all neighbours that were asked for)."""
    lines = shown.table()
    if len(shown.names) == 2 and shown.worked:
        for what in ("before", "made", "removed", "after"):
            lines[what] = [_both(f.before if what == "before" else getattr(f.found, what, None)) for f in shown.folds]
        lines = lines.drop(columns="smallest class")
    dull = {"copies": shown.total("copies") == 0, "neighbours": all(f.neighbours == shown.asked for f in shown.folds)}
    return lines.drop(columns=[name for name, is_dull in dull.items() if is_dull and name in lines])


def _both(counts: Sequence[int] | None) -> str | None:
    return None if counts is None else " + ".join(map(count, counts))


def measured_words(shown: XrayFolds) -> str:
    """How the figures of the table were measured."""
    what, group = ("made", "made_to") if shown.total("made") else ("removed", "removed_to")
    rows = max((len(getattr(x, group).code) for x in shown.worked), default=0)
    shares = (
        f'Shares are of the made rows; "amid another class" are those of whose {NEIGHBOURS} nearest real rows most are '
        "of another class."
    )
    medians = (
        f"Distances are medians, over the scaled columns, from {what} rows to the nearest real row; measured on "
        f"{counted(rows, 'row')} of a fold at most, drawn by a seed."
    )
    said = ([shares] if rows and what == "made" else []) + ([medians] if rows else [])
    if shown.asked is not None and shown.worked:
        said += [f"{shown.asked} neighbours were asked for; a fold whose smallest class has fewer uses fewer."]
    return " ".join(said)


def _share_card(shown: XrayFolds, label: str, counted_as: str, note: str, why: str) -> tuple[str, str, str, str]:
    share = shown.share_where("made_to", "amid") if counted_as == "amid" else shown.share(counted_as)
    real = f"real rows: {percent(shown.share_where('like_made', 'amid'))}"
    return label, percent(share), real if counted_as == "amid" else note, why


def _mean(shown: XrayFolds, what: str) -> str:
    """A count of a fold, as the mean over folds."""
    return count(shown.total(what) / len(shown.worked))


def _rare(shown: XrayFolds, what: str) -> str:
    """The share of the positive class, or of the smallest of many."""
    sums = [sum(getattr(x, what)[k] for x in shown.worked) for k in range(len(shown.names))]
    rare = 1 if len(sums) == 2 else sums.index(min(sums))
    return f"{percent(sums[rare] / max(sum(sums), 1))} {name_of(shown.names[rare])}"


def name_of(label: str) -> str:
    """A class label inside a sentence: in quotes unless it is one plain word."""
    return label if label.isalpha() else f"'{label}'"


def per_fold(numbers: Sequence[int]) -> str:
    """The same count of several folds: "597", "596 to 598"."""
    low, high = min(numbers), max(numbers)
    return count(low) if low == high else f"{count(low)} to {count(high)}"


def _nothing(shown: XrayFolds) -> str:
    rows = per_fold([sum(x.before) for x in shown.worked])
    if shown.sampler.name == "none":
        return f"The {rows} training rows of each fold stay as they are."
    why = next((note for x in shown.worked for note in x.notes), "")
    why = why.partition(": ")[2] or why
    said = f"{shown.label} did nothing: in every fold all {rows} training rows stay as they are, and none is made."
    return f"{said} {why[:1].upper()}{why[1:]}" if why else said


def _did(shown: XrayFolds) -> str:
    said = [(_made, "made"), (_removed, "removed")]
    return " ".join(words(shown) for words, what in said if shown.total(what))


def _made(shown: XrayFolds) -> str:
    rows = _by_class(shown, "made")
    if shown.total("copies") == shown.total("made"):
        return f"{shown.label} repeats {rows} a fold: nothing is made up, and nothing is new."
    found = [(what, words) for what, words in _FACTS if shown.total(what)]
    facts = [f"{_share(shown.share(what), lower=True)} of them {words(shown)}" for what, words in found[:1]]
    amid = shown.share_where("made_to", "amid")
    facts += [f"{_share(amid, lower=True)} lie amid {_others(shown, 'made', rows=True)}"]
    return f"{shown.label} makes {rows} a fold that nobody observed; {'; '.join(facts)}."


def _removed(shown: XrayFolds) -> str:
    subject = "It also" if shown.total("made") else shown.label
    near = shown.share_where("removed_to", "nearer_other")
    usual = shown.share_where("like_removed", "nearer_other")
    kept, of = _left(shown)
    said = f"{subject} removes {_by_class(shown, 'removed')} a fold"
    if near > usual + 0.1:
        return f"{said}; {_share(near, lower=True)} lie nearest to {_others(shown, 'removed')}."
    return f"{said}: {percent(kept)} of the rows of {name_of(of)} are left." if kept < FEW_KEPT else f"{said}."


def _by_class(shown: XrayFolds, what: Literal["made", "removed"]) -> str:
    """ "597 rows of Yes", "12 to 14 rows of a and 3 of b", "11,457 rows of 4 classes"; of the folds with any."""
    numbers = {name: [getattr(x, what)[k] for x in _busy(shown)] for k, name in enumerate(shown.names)}
    some = {name: n for name, n in numbers.items() if any(n)}
    if len(some) > 2:
        sums = [sum(n) for n in zip(*some.values(), strict=True)]
        return f"{per_fold(sums)} rows of {len(some)} classes"
    said = [f"{per_fold(n)} of {name_of(name)}" for name, n in some.items()]
    noun = "row" if max(next(iter(some.values()))) == 1 else "rows"
    return listed([said[0].replace(" of ", f" {noun} of ", 1), *said[1:]])


def _busy(shown: XrayFolds) -> list[Xray]:
    """What was found in the folds where something happened."""
    return [x for x in shown.worked if not x.did_nothing]


def _left(shown: XrayFolds) -> tuple[float, str]:
    """The smallest share that a class keeps of its rows, over all folds, and its name."""
    sums = [[sum(getattr(x, what)[k] for x in shown.worked) for what in ("removed", "before")]
            for k in range(len(shown.names))]  # fmt: skip
    return min((1 - gone / max(before, 1), name) for (gone, before), name in zip(sums, shown.names, strict=True))


def _others(shown: XrayFolds, what: Literal["made", "removed"], *, rows: bool = False) -> str:
    """The class that is not the one of the made (removed) rows: "a No", "another class"."""
    mine = [k for k in range(len(shown.names)) if any(getattr(x, what)[k] for x in shown.worked)]
    if len(shown.names) != 2 or len(mine) != 1:
        return "rows of other classes" if rows else "another class"
    name = name_of(shown.names[1 - mine[0]])
    return f"rows of {name}" if rows else f"a row of {name}"


def _share(share: float, *, lower: bool = False) -> str:
    """A share at the beginning of a sentence (or inside it): "None", "12.3 %", "All"."""
    if share in (0.0, 1.0):
        return ("None", "All")[int(share)].lower() if lower else ("None", "All")[int(share)]
    return percent(share)


def _example(shown: XrayFolds, kind: str) -> ImpossibleValue:
    return next(v for v in shown.values() if v.kind == kind)


def _half_words(shown: XrayFolds) -> str:
    value = _example(shown, HALF)
    return f"have half a category, such as {value.example} ({value.column})"


def _fraction_words(shown: XrayFolds) -> str:
    value = _few_valued(shown)
    return f"have a fraction where all real rows are whole, such as {value.example} ({value.column})"


def _outside_words(shown: XrayFolds) -> str:
    value = _example(shown, OUTSIDE)
    return f"have a value outside the observed range, such as {value.example} ({value.column}: {value.seen})"


def _few_valued(shown: XrayFolds) -> ImpossibleValue:
    """The fraction that is the plainest nonsense: the one that fewest rows have, as in a column of few values."""
    return min((v for v in shown.values() if v.kind == FRACTION), key=lambda v: v.rows)


_MADE_CARDS = (
    ("Half a category", "half", "of the made rows", "One-hot parts other than 0 and 1, which no real row has."),
    (
        "Impossible",
        "impossible",
        "of the made rows",
        "With a value that no real row can have, half a category or other.",
    ),
    ("Amid others", "amid", "", "Most of the 5 nearest real rows are of another class than the made row."),
    (
        "Exact copies",
        "copies",
        "of the made rows",
        "Equal to a real row in every column: a model may learn it by heart.",
    ),
)

_EVEN_NONE = ("impossible", "amid")
"""Shares that are worth a card where they are 0, too."""

_FACTS: tuple[tuple[str, Callable[[XrayFolds], str]], ...] = (
    ("half", _half_words),
    ("fraction", _fraction_words),
    ("outside", _outside_words),
)


def _smotenc_why(shown: XrayFolds) -> str:
    return f"It keeps categories whole; here {_share(shown.share('half'), lower=True)} of the made rows mix levels."


def _mixes_levels(shown: XrayFolds) -> bool:
    """Whether categories are mixed, and not only the marks of missing numbers, which SMOTENC does not know."""
    return any(v.kind == HALF and v.seen != FLAG_SEEN for v in shown.values())


def _mixes_marks(shown: XrayFolds) -> bool:
    return shown.total("half") > 0 and not _mixes_levels(shown)


def _marks_why(shown: XrayFolds) -> str:
    return (
        f"Only the marks of missing numbers are mixed, in {_share(shown.share('half'), lower=True)} of the made rows. "
        "On the Data page, choose to fill in without marking what was missing."
    )


def _random_why(shown: XrayFolds) -> str:
    return (
        f"It repeats rows that exist: no value is impossible, where {_share(shown.share('impossible'), lower=True)} of "
        "the made rows here have one."
    )


def _weights_why(shown: XrayFolds) -> str:
    made, removed = shown.total("made"), shown.total("removed")
    undone = [verb for verb, rows in (("making rows up", made), ("losing rows", removed)) if rows]
    return f"They tell the model that a rare row counts more, without {' or '.join(undone)}."


def _threshold_why(_: XrayFolds) -> str:
    return (
        "Train on the rows as they are and choose the threshold by what mistakes cost. It is the yardstick: Compare "
        "says whether any sampler beats it on this table."
    )


_Advice = tuple[str, Callable[[XrayFolds], bool], Callable[[XrayFolds], str]]
_ADVICE: tuple[_Advice, ...] = (
    ("SMOTENC", _mixes_levels, _smotenc_why),
    ("Filling in without a mark", _mixes_marks, _marks_why),
    ("Random over-sampling", lambda shown: shown.total("impossible") > 0, _random_why),
    ("Class weights", lambda shown: shown.idle < len(shown.worked), _weights_why),
    ("Moving the threshold", lambda _: True, _threshold_why),
)
