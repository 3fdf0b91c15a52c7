"""The ways people write numbers: decimal comma, signs between thousands, currency, percent, negatives in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.money import pattern, spellings

BLANKS = " \u00a0\u202f\u2009"
"""A blank, a no-break, a narrow no-break and a thin one: all are written between thousands."""

APOSTROPHES = "'\u2019"

BETWEEN: dict[str, str] = {"": "", ",": ",", ".": r"\.", " ": f"[{BLANKS}]", "'": f"[{APOSTROPHES}]"}
"""The signs that stand inside numbers, as regular expressions; " " is any blank, "'" any apostrophe."""

_BLANK = f"[{BLANKS}]?"
_THOUSANDS_WORDS = {",": "commas", ".": "points", " ": "blanks", "'": "apostrophes"}


@dataclass(frozen=True)
class NumberForm:
    """One way to write a number. `unit` is a currency, "%" or ""; `thousands` the sign between groups of three."""

    decimal: str = "."
    thousands: str = ""
    unit: str = ""

    @property
    def number(self) -> str:
        """The number without sign and unit, as a regular expression."""
        point = BETWEEN[self.decimal]
        groups = rf"|[1-9]\d{{0,2}}(?:{BETWEEN[self.thousands]}\d{{3}})+" if self.thousands else ""
        return rf"(?:(?:\d+{groups})(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?"

    @cached_property
    def expression(self) -> str:
        """A whole cell, as a regular expression. A zero needs no unit."""
        number, point = self.number, BETWEEN[self.decimal]
        if not self.unit:
            return rf"^(?:[+-]?{number}|\({number}\))$"
        unit = f"(?:{pattern(spellings(self.unit))})"
        amount = rf"(?:{unit}{_BLANK}{number}|{number}{_BLANK}{unit})"
        inner = rf"{unit}{_BLANK}[+-]{_BLANK}{number}"
        return rf"^(?:[+-]?{_BLANK}{amount}|{inner}|\({amount}\)|0+(?:{point}0+)?)$"

    def fits(self, cells: pa.Array) -> np.ndarray:
        """Which cells are written so: bool, shape (cells,); False where missing."""
        return mask(pc.match_substring_regex(with_minus(cells), self.expression))

    def plain(self, cells: pa.Array) -> pa.Array:
        """Cells that fit, as digits with a decimal point and perhaps a leading minus."""
        text = with_minus(cells)
        if some(pc.starts_with(text, "(")):
            text = pc.replace_substring_regex(text, r"^\((.*)\)$", r"-\1")
        for word in spellings(self.unit) if self.unit else ():
            text = pc.replace_substring(text, word, "")
        if self.unit or self.thousands == " ":
            text = pc.replace_substring_regex(text, f"[{BLANKS}]", "")
        if self.thousands and self.thousands != " ":
            text = pc.replace_substring_regex(text, BETWEEN[self.thousands], "")
        if self.decimal != ".":
            text = pc.replace_substring(text, self.decimal, ".")
        return pc.replace_substring_regex(text, r"^\+", "")

    def removed(self, cells: pa.Array, name: str) -> tuple[str, ...]:
        """What `plain` takes out of the cells of a column, in finished sentences."""
        text = with_minus(cells)
        taken = [*self._unit_words(text), *self._thousands_words(text)]
        said = []
        if taken:
            joined = " and ".join(taken)
            verb = "was" if len(taken) == 1 and "sign" in joined and "signs" not in joined else "were"
            note = f" '{name}' is in percent: 12.5 % is the number 12.5." if self.unit == "%" else ""
            said.append(f"{joined[0].upper()}{joined[1:]} {verb} removed from '{name}'.{note}")
        if some(pc.starts_with(text, "(")):
            said.append(f"Numbers in brackets in '{name}' are negative: (5) is -5.")
        return tuple(said)

    def _unit_words(self, text: pa.Array) -> list[str]:
        if not self.unit:
            return []
        if self.unit == "%":
            return ["the percent sign"]
        found = [word for word in spellings(self.unit) if some(pc.match_substring_regex(text, _alone(word)))]
        listed = " and ".join(f"'{word}'" for word in found or [self.unit])
        return [f"the currency sign{'s' if len(found) > 1 else ''} {listed}"]

    def _thousands_words(self, text: pa.Array) -> list[str]:
        if not self.thousands or not some(pc.match_substring_regex(text, rf"\d{BETWEEN[self.thousands]}\d{{3}}")):
            return []
        return [f"the {_THOUSANDS_WORDS[self.thousands]} between thousands"]


def _alone(word: str) -> str:
    """A spelling of a unit that is not part of a longer one: "kr" is not said where only "kr." was seen."""
    word = re.escape(word)
    return rf"(^|[^\pL]){word}([^\pL.]|$)"


def with_minus(cells: pa.Array) -> pa.Array:
    """A typographic minus sign as the usual one."""
    return pc.replace_substring(cells, "\u2212", "-")


def some(values: pa.Array) -> bool:
    """Whether any value is true."""
    return bool(pc.any(values).as_py())


def mask(values: pa.Array) -> np.ndarray:
    """Arrow's true and false as an array; False where missing."""
    filled: np.ndarray = pc.fill_null(values, False).to_numpy(zero_copy_only=False)
    return filled
