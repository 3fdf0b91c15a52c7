"""Something worth knowing about a noun before a model finds it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlops_lib.objects.recipe import Treatment
from mlops_lib.objects.schema import Role


@dataclass(frozen=True)
class Finding:
    """A coded finding: what was seen, how it was detected, why it matters and what to do.

    `treatments` are the offers that can be added to a recipe, the recommended one first; empty where the answer is a
    change of role or nothing. `suggest_roles` are roles that the user may give to columns instead. `examples` are ids
    of up to 100 rows worth looking at, the clearest first.
    """

    code: str
    title: str
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
class NotFound:
    """A check that has nothing to report: it `applies` and found nothing, or it does not apply, and why."""

    code: str
    title: str
    applies: bool
    reason: str


@dataclass(frozen=True)
class Findings:
    """What the checks say of a table: findings, the serious ones first, and the checks that found nothing."""

    found: tuple[Finding, ...]
    silent: tuple[NotFound, ...]
