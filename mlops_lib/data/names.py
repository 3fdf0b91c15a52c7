"""Column names that every later step can rely on: not blank, different from each other, printable."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_NAME = 200


def repair_names(raw: Sequence[str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names as they will be used, and a sentence for each one that was changed."""
    if len(raw) > 1 and not any(map(_tidy, raw)):
        numbered = tuple(f"column {position}" for position in range(1, len(raw) + 1))
        return numbered, (f"The columns had no names; they are now '{numbered[0]}' to '{numbered[-1]}'.",)
    names: list[str] = []
    repairs: list[str] = []
    taken = {_tidy(name) for name in raw}
    for position, given in enumerate(raw, start=1):
        name = _tidy(given)
        if not name:
            name = _free(f"column {position}", taken)
            repairs.append(f"Column {position} had no name; it is now '{name}'.")
        elif name in names:
            new = _free(name, taken)
            repairs.append(f"The name '{name}' appeared more than once; column {position} is now '{new}'.")
            name = new
        elif name != given:
            repairs.append(f"The name of column {position} was tidied (blanks, line breaks or signs) to '{name}'.")
        taken.add(name)
        names.append(name)
    return tuple(names), tuple(repairs)


def renamed(raw: Sequence[str | None], names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Names before ("" where there was none) and after, of those that were changed."""
    return tuple((given or "", name) for given, name in zip(raw, names, strict=True) if given != name)


def _tidy(name: str | None) -> str:
    printable = (name or "").encode("utf-8", "replace").decode("utf-8")
    printable = re.sub(r"[\x00-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", " ", printable)
    return re.sub(r"\s+", " ", printable).strip()[:MAX_NAME]


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
