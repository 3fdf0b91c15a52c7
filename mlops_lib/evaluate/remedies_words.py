"""What the comparison of remedies says, in plain text with numbers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlops_lib.evaluate.best_plain import BestPlain
from mlops_lib.evaluate.planned import BETTER, SAME, UNDEFINED, UNKNOWN, WORSE
from mlops_lib.evaluate.remedies import ANSWERED, DECISIONS, MORE, UNCALIBRATED, Aspect, Remedies
from mlops_lib.objects.words import MINUS, MISSING, counted, interval, listed, number

YES, NO, OPEN = "yes", "no", "open"
NO_GAIN = "no gain that matters"
OUTCOMES = {
    BETTER: "better", SAME: "as good as", NO_GAIN: "no gain", WORSE: "worse", UNKNOWN: "cannot tell",
    UNDEFINED: "not defined in every fold",
}  # fmt: skip
"""The outcome of a remedy against moving the threshold, as the table writes it."""


def outcomes_of(found: Remedies, name: str) -> pd.Series:
    """The outcomes of one aspect, the largest gain first: those of `planned.py`, and NO_GAIN where the data cannot tell
    a difference but the whole interval lies below what would matter."""
    tests = found.of(name)
    ruled_out = (tests["outcome"] == UNKNOWN) & (tests["high"] <= found.aspect(name).margin)
    return tests["outcome"].mask(ruled_out, NO_GAIN)


def answer(found: Remedies) -> str:
    """Does any remedy beat doing nothing but moving the threshold? One sentence or two."""
    if not found.remedies:
        return _nothing_to_compare(found)
    states = {name: state_of(found, name) for name in ANSWERED}
    yes = [name for name, state in states.items() if state == YES]
    none = f"{_none_of(found.remedies)} detectably better than moving the threshold of the same model"
    if yes:
        return _yes(found, yes)
    unsure = [name.lower() for name, state in states.items() if state == OPEN]
    if len(unsure) == len(states):
        return f"These data cannot tell. {none}, but {_too_wide(found)}."
    sure = [name.lower() for name, state in states.items() if state == NO]
    where = f" in {listed(sure)}; in {listed(unsure)} these data cannot tell" if unsure else ""
    gains = (found.of(ANSWERED[0])["gain"] > 0).any()
    largest = f"{'the largest gain is' if gains else 'even the best is'} {_largest(found, ANSWERED[0])}"
    return f"No{where}. {none}: {largest}.{_ruled_out(found)}"


def _ruled_out(found: Remedies) -> str:
    """For how many a gain that matters is ruled out, where the data leave some open."""
    outcomes = outcomes_of(found, ANSWERED[0])
    closed = int(outcomes.isin([SAME, NO_GAIN, WORSE]).sum())
    if closed == len(outcomes):
        return ""
    return f" A gain in {_unit(found.aspect(ANSWERED[0]))} that matters is ruled out for {closed} of {len(outcomes)}."


def state_of(found: Remedies, aspect: str) -> str:
    """YES where a remedy is detectably better; OPEN where for more than half of them the interval reaches beyond the
    margin on both sides, so that a gain that matters is as possible as a loss; else NO."""
    tests, margin = found.of(aspect), found.aspect(aspect).margin
    if (tests["outcome"] == BETTER).any():
        return YES
    wide = (tests["low"] < -margin) & (tests["high"] > margin)
    return OPEN if wide.mean() > 0.5 or tests["gain"].isna().all() else NO


def threshold_sentence(found: Remedies, prefer: str = "") -> str:
    """What moving the threshold alone does; "" where there is no run without a remedy. `prefer` is the run to tell of,
    where it is one."""
    if found.alone.empty:
        return ""
    own = found.alone.loc[found.alone["run"] == prefer]
    line = (own if len(own) else found.alone.sort_values("own", kind="stable")).iloc[-1]
    aspect = found.aspect(DECISIONS)
    what = f"Moving the threshold alone from 0.5 to {number(float(line['threshold']))} (mean of the folds)"
    doubt = ", which may be chance" if line["outcome"] == UNKNOWN else ""
    return f"{what} {_changes(line, aspect)} ({spread_text(line, aspect)}{doubt}) for {line['recipe']}."


def best_sentence(found: Remedies) -> str:
    """The remedied runs against the best run without a remedy, whatever its model; "" where there is none."""
    if not found.best:
        return ""
    names = dict.fromkeys(best.recipe for best in found.best)
    leads = [
        f"{name} in {listed([_valued(found, best) for best in found.best if best.recipe == name])}" for name in names
    ]
    it = "it" if len(names) == 1 else "them"
    none = not any((best.tests["outcome"] == BETTER).any() for best in found.best)
    remedied = len(found.best[0].tests)
    against = f"{'The one run' if remedied == 1 else f'None of the {remedied} runs'} with a remedy is"
    if none:
        not_one = " not" if remedied == 1 else ""
        said = f"{against}{not_one} detectably better than {it}: at best {_nearest(found, found.best[0])}."
    else:
        said = " ".join(_beaten(found, best) for best in found.best)
    return f"The best without a remedy: {listed(leads)}. {said}"


def _valued(found: Remedies, best: BestPlain) -> str:
    unit = _unit(found.aspect(best.aspect))
    return f"{best.aspect.lower()} ({unit} {number(best.value)}, {interval(best.low, best.high)})"


def _nearest(found: Remedies, best: BestPlain) -> str:
    line = best.tests.iloc[0]
    return f"{line['recipe']}, {gain_words(line, found.aspect(best.aspect))}"


def _beaten(found: Remedies, best: BestPlain) -> str:
    better = int((best.tests["outcome"] == BETTER).sum())
    verb = "is" if better == 1 else "are"
    return (
        f"In {best.aspect.lower()}, {better or 'none'} of {counted(len(best.tests), 'run')} with a remedy {verb} "
        f"detectably better than it: at best {_nearest(found, best)}."
    )


def advice(found: Remedies, repeats: int) -> str:
    """How to see smaller differences, where most intervals are too wide; "" where that is not so or was done."""
    unsure = [name for name in ANSWERED if found.remedies and state_of(found, name) == OPEN]
    if not unsure or repeats > 1:
        return ""
    aspect = found.aspect(unsure[0])
    return (
        f"To see smaller differences, repeat the folds (Data, How is the table split?): {MORE} times as many could "
        f"find about {number(aspect.repeated, 2)} {_unit(aspect)} where it takes {number(aspect.detectable, 2)} now. "
        "Fewer remedies at a time and more rows help as well."
    )


def aspect_sentence(found: Remedies, name: str) -> str:
    """One aspect: how many are better, as good, worse or open, the largest gain, and what could have been found."""
    aspect, counts = found.aspect(name), outcomes_of(found, name).value_counts()
    said = [f"{counts[o]} {words}" for o, words in _COUNTED.items() if o in counts]
    could = (
        f" A difference had to be about {number(aspect.detectable, 2)} to be found." if aspect.detectable > 0 else ""
    )
    first = "Largest gain" if (found.of(name)["gain"] > 0).any() else "Smallest loss"
    return f"{listed(said)}. {first}: {_largest(found, name)}.{could}"


_COUNTED = {
    BETTER: "detectably better", SAME: "as good as it (within the margin)", NO_GAIN: "without a gain that matters",
    WORSE: "detectably worse", UNKNOWN: "that the data cannot tell", UNDEFINED: "not defined in every fold",
}  # fmt: skip


def cards_of(found: Remedies) -> list[tuple[str, str, str]]:
    """Label, value and note of each aspect."""
    said = []
    for name in ANSWERED:
        counts = outcomes_of(found, name).value_counts()
        notes = [f"{counts[o]} {OUTCOMES[o]}" for o in OUTCOMES if o in counts and o != BETTER]
        note = f"better in {_unit(found.aspect(name))}; {', '.join(notes)}" if notes else "better"
        said.append((name, f"{counts.get(BETTER, 0)} of {counts.sum()}", note))
    return said


def missing_sentence(found: Remedies) -> str:
    """Which runs have to be trained before the others can be compared; "" where none is missing."""
    if not found.missing:
        return ""
    wanted = list(dict.fromkeys(partner for _, partner in found.missing))
    return (
        f"{counted(len(found.missing), 'remedy', 'remedies')} cannot be compared yet, because the same recipe without "
        f"it has no result: train {listed(wanted)}."
    )


def margins_sentence(found: Remedies) -> str:
    """The margins of the aspects, each in its own unit."""
    said = [f"± {number(a.margin, 2)} {_unit(a)}" for a in found.aspects if a.name != UNCALIBRATED]
    share = number(100 * found.asked.share)
    return f"Differences within {listed(said)} do not matter: {share} % of the way from doing nothing to perfect."


def _nothing_to_compare(found: Remedies) -> str:
    if found.missing:
        return "No remedy can be compared yet: the same recipe without it has no result."
    return "No remedy has been trained yet, so nothing can be said about whether one helps."


def _none_of(remedies: int) -> str:
    return "The one remedy on this table is not" if remedies == 1 else f"On this table none of {remedies} remedies is"


def _yes(found: Remedies, aspects: list[str]) -> str:
    said = []
    for name in aspects:
        better = int((found.of(name)["outcome"] == BETTER).sum())
        verb = "is" if better == 1 else "are"
        said.append(
            f"In {name.lower()}, {better} of {counted(found.remedies, 'remedy', 'remedies')} {verb} detectably better "
            f"than moving the threshold of the same model, by {_largest(found, name, only=BETTER)}."
        )
    others = [name.lower() for name in ANSWERED if name not in aspects]
    return f"Yes, in {listed([a.lower() for a in aspects])}{f', not in {_either(others)}' if others else ''}. {said[0]}"


def _either(names: list[str]) -> str:
    return " or ".join(names)


def _too_wide(found: Remedies) -> str:
    aspect = found.aspect(ANSWERED[0])
    return (
        f"a difference in {_unit(aspect)} had to be about {number(aspect.detectable, 2)} to be found, far more than "
        f"the {number(aspect.margin, 2)} that matters"
    )


def _largest(found: Remedies, name: str, only: str = "") -> str:
    tests, aspect = found.of(name).dropna(subset=["gain"]), found.aspect(name)
    tests = tests.loc[tests["outcome"] == only] if only else tests
    if tests.empty:
        return "none that could be measured"
    line = tests.iloc[0]
    return f"{remedy_title(line)} with {gain_words(line, aspect)}"


def remedy_title(line: Mapping[Hashable, Any] | pd.Series) -> str:
    """The remedy with the run that it is added to."""
    return f"{line['remedy']} ({line['instead']})"


def gain_words(line: pd.Series, aspect: Aspect) -> str:
    """A gain with its unit and interval: "+0.012 average precision (−0.031 to 0.055)"."""
    if aspect.higher_is_better:
        return f"{gain_text(line['gain'], aspect)} {_unit(aspect)} ({spread_text(line, aspect)})"
    lower = "lower" if line["gain"] >= 0 else "higher"
    return f"a {_unit(aspect)} {lower} by {_fixed(abs(line['gain']), aspect)} (gain {spread_text(line, aspect)})"


def gain_text(gain: float, aspect: Aspect) -> str:
    """A gain with its sign, with as many decimals as the margin needs: a digit beyond it says nothing."""
    return MISSING if np.isnan(gain) else f"{'+' if gain > 0 else ''}{_fixed(gain, aspect)}"


def spread_text(line: Mapping[Hashable, Any] | pd.Series, aspect: Aspect) -> str:
    """The interval of a gain in words."""
    low, high = float(line["low"]), float(line["high"])
    if np.isnan(low):
        return "no interval"
    return f"{_fixed(low, aspect)} to {_fixed(high, aspect)}"


def _fixed(value: float, aspect: Aspect) -> str:
    places = 1 - int(np.floor(np.log10(aspect.margin))) if aspect.margin > 0 else 3
    said = f"{abs(value):,.{max(places, 0)}f}"
    return f"{MINUS}{said}" if value < 0 and said.strip("0.") else said


def _changes(line: pd.Series, aspect: Aspect) -> str:
    gain, size = float(line["gain"]), _fixed(abs(line["gain"]), aspect)
    if aspect.higher_is_better:
        return f"{'gains' if gain >= 0 else 'loses'} {size} {_unit(aspect)}"
    return f"{'lowers' if gain >= 0 else 'raises'} the {_unit(aspect)} by {size}"


def _unit(aspect: Aspect) -> str:
    """The metric's name inside a sentence."""
    label = aspect.label
    return label if label in _NAMES or label[:2].isupper() or label[1:2].isdigit() else label[0].lower() + label[1:]


_NAMES = ("Brier score", "G-mean")


def shown_remedies(found: Remedies) -> pd.DataFrame:
    """One line a remedy, by model: what it gains in each aspect with its interval, and the outcome after Holm."""
    first = found.of(ANSWERED[0])
    shown: dict[str, object] = {"Instead of": first["instead"], "Remedy": first["remedy"]}
    for aspect in found.aspects:
        lines = found.of(aspect.name).assign(outcome=outcomes_of(found, aspect.name)).set_index("run").loc[first["run"]]
        label = aspect.label if aspect.name != UNCALIBRATED else f"{aspect.label} before calibration"
        shown[f"{label}, gain"] = _gains(lines, aspect)
        shown[f"{aspect.name}"] = [OUTCOMES[o] for o in lines["outcome"]]
    return pd.DataFrame(shown).sort_values("Instead of", kind="stable", ignore_index=True)


def shown_alone(found: Remedies) -> pd.DataFrame:
    """One line a run without a remedy: its metric of decisions at 0.5 and at its own threshold."""
    alone, aspect = found.alone, found.aspect(DECISIONS)
    label = aspect.label
    return pd.DataFrame({
        "Run": alone["recipe"],
        "Own threshold": [number(v) for v in alone["threshold"]],
        f"{label} at 0.5": [number(v) for v in alone["at_half"]],
        f"{label} at its own": [number(v) for v in alone["own"]],
        "Gain": _gains(alone, aspect),
        "Outcome": [OUTCOMES[o] for o in alone["outcome"]],
    })  # fmt: skip


def _gains(lines: pd.DataFrame, aspect: Aspect) -> list[str]:
    return [f"{gain_text(one['gain'], aspect)} ({spread_text(one, aspect)})" for one in lines.to_dict("records")]
