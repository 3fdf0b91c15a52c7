"""How far a long piece of work is: the event that every job may emit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """`done` of `total` steps are finished; `what` is being done now, as a short phrase ("Fitting fold 3 of 5").

    `remaining_seconds` is an estimate, None where there is none yet.
    """

    done: int
    total: int
    what: str
    remaining_seconds: float | None = None

    @property
    def share(self) -> float:
        """Finished part of the work, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total > 0 else 0.0
