"""What training tells while it runs. Between these events it emits `objects.progress.Progress`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from mlops_lib.objects.progress import Progress

REFIT = -1
"""The fold number of the fit on all training rows."""


@dataclass(frozen=True)
class FitTold:
    """One fit began, ended or failed. `fold` counts from 0, `REFIT` for the fit on all training rows."""

    run: str
    recipe: str
    fold: int
    state: Literal["started", "done", "failed"]
    seconds: float = 0.0
    message: str = ""


@dataclass(frozen=True)
class RunTold:
    """One run is stored: complete or failed. `known` runs had been stored before and were read back."""

    run: str
    recipe: str
    state: Literal["complete", "failed"]
    message: str = ""
    known: bool = False


Told = Progress | FitTold | RunTold
Listener = Callable[[Told], None]


def fold_name(fold: int, folds: int) -> str:
    """ "fold 2 of 5", or "all training rows"."""
    return "all training rows" if fold == REFIT else f"fold {fold + 1} of {folds}"


@dataclass
class Clock:
    """Estimates what is left, from the mean time of the fits so far and how many ran at once.

    `waiting` counts the fits of each model that have not ended yet.
    """

    waiting: dict[str, int]
    started: float = field(default_factory=time.monotonic)
    seconds: dict[str, float] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)

    def end(self, model: str, seconds: float) -> None:
        """One fit of this model ended after `seconds`."""
        self.waiting[model] -= 1
        self.ended[model] = self.ended.get(model, 0) + 1
        self.seconds[model] = self.seconds.get(model, 0.0) + seconds

    @property
    def done(self) -> int:
        return sum(self.ended.values())

    @property
    def total(self) -> int:
        return self.done + sum(self.waiting.values())

    def remaining(self) -> float | None:
        """Seconds left, None before the first fit has ended."""
        if not self.done:
            return None
        overall = sum(self.seconds.values()) / self.done
        work = sum(n * self._mean(model, overall) for model, n in self.waiting.items())
        at_once = max(sum(self.seconds.values()) / max(time.monotonic() - self.started, 1e-9), 1e-3)
        return work / at_once

    def _mean(self, model: str, overall: float) -> float:
        return self.seconds[model] / self.ended[model] if self.ended.get(model) else overall


SIGNS = {"waiting": "·", "started": "▶", "done": "✓", "failed": "✗"}
"""How the state of a fit is drawn in a table."""


def fit_states(events: Iterable[object]) -> dict[tuple[str, int], str]:
    """The last state told of every fit, by run and fold."""
    return {(e.run, e.fold): e.state for e in events if isinstance(e, FitTold)}
