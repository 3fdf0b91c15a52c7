"""Something worth knowing about a noun before a model finds it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlops_lib.objects.recipe import Treatment


@dataclass(frozen=True)
class Finding:
    """A coded finding: what was seen, how it was detected, why it matters and what to do.

    `treatments` are the offers that can be added to a recipe, the recommended one first; empty where the answer is a
    change of role or nothing.
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
