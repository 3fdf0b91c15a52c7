"""What a check is: a line of `checks.quality.CHECKS`, and what it may say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.recipe import Action, Treatment
from mlops_lib.objects.schema import Role, Schema
from mlops_lib.objects.words import listed


@dataclass(frozen=True)
class Seen:
    """What a check saw: a `Finding` but for code and title, which the line of the check gives.

    `treatments` need no `why`; it is filled in from the line.
    """

    severity: Literal["info", "warning", "serious"]
    columns: tuple[str, ...]
    rows: int
    what: str
    detected: str
    why: str
    do: str
    treatments: tuple[Treatment, ...] = ()
    suggest_ignore: bool = False
    suggest_roles: tuple[tuple[str, Role], ...] = ()
    examples: tuple[int, ...] = ()


@dataclass(frozen=True)
class Silent:
    """Why a check has nothing to report: a finished sentence. Where it does not apply at all, `applies` is False."""

    reason: str
    applies: bool = True


@dataclass(frozen=True)
class Check:
    """One check. `look` may raise nothing but what the parts of the table raise.

    A `slow` one fits models: a page has it done by a job, also for a small table.
    """

    code: str
    title: str
    look: Callable[[CheckedTable], Seen | Silent]
    slow: bool = False


MOST_EXAMPLES = 100
"""Row ids that a finding keeps at most."""

_SUITS: dict[str, tuple[Action, ...]] = {
    "numeric": ("median", "mean", "zero", "most_frequent", "indicator", "clip", "log", "drop"),
    "date": ("median", "mean", "most_frequent", "indicator", "drop"),
    "categorical": ("own_level", "most_frequent", "lump", "frequency", "drop"),
}


def offers(schema: Schema, columns: Sequence[str], actions: Sequence[Action]) -> tuple[Treatment, ...]:
    """Every action for every column that it suits, action by action."""
    kinds = {name: schema.column(name).kind for name in columns}
    return tuple(Treatment(name, action) for action in actions for name in columns if action in _SUITS[kinds[name]])


def quoted(columns: Sequence[str]) -> str:
    """Names of columns or values as a phrase: "'a', 'b' and 3 more"."""
    return listed([f"'{name}'" for name in columns])


def no_columns(kind: str) -> Silent:
    """Nothing to look at: "There is no column of labels.", of a `kind` said in plain words."""
    return Silent(f"There is no column of {kind}.", applies=False)
