"""How units of work are carried out. The engine arrives as an argument; every engine gives the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from mlops_lib.train.units import FitEvent, Unit, run_unit


class Engine(Protocol):
    """Runs units and gives their events as they come. Closing the iterator ends what is running."""

    def run(self, units: Sequence[Unit]) -> Iterator[FitEvent]:
        """Events of all units, in any order between units; every fit ends with one `FitDone` or `FitFailed`."""
        ...


class SerialEngine:
    """One unit after the other, in this process."""

    def run(self, units: Sequence[Unit]) -> Iterator[FitEvent]:
        """Events of all units in order."""
        for unit in units:
            yield from run_unit(unit)
