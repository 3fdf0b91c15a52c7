"""How every benchmark reports: a table for people, then one line of JSON with each figure and its limit."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured figure and its limit: at most that, or `at_least` that.

    `value` is None where it was skipped; `note` says why.
    """

    name: str
    value: float | None
    limit: float
    note: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether the limit is kept; None where nothing was measured."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def report(figures: Sequence[Figure]) -> int:
    """Print the figures; the exit code is 1 where one misses its limit."""
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        value = "skipped" if figure.value is None else f"{figure.value:.3g}"
        verdict = {True: "holds", False: "MISSED", None: ""}[figure.holds]
        side = "at least" if figure.at_least else "at most "
        print(f"{figure.name:<{width}}  {value:>8}  {side} {figure.limit:<6g} {verdict:<6} {figure.note}".rstrip())
    told = {f.name: {"value": f.value, "limit": f.limit, "holds": f.holds} for f in figures}
    print(json.dumps(told))
    return int(any(figure.holds is False for figure in figures))


def shared_table(file: str) -> Path | None:
    """A table of the folder that FULCRUM_TEST_DATA names, None where it is unset or has no such file."""
    folder = os.environ.get("FULCRUM_TEST_DATA")
    path = Path(folder) / file if folder else None
    return path if path is not None and path.is_file() else None
