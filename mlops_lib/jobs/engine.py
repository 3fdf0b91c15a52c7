"""Training's units in processes of their own: the engine of the worker and of the command line."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from mlops_lib.jobs.forks import Exit, Forks, Task, forks, slots
from mlops_lib.objects.run import Failure
from mlops_lib.train.progress import REFIT
from mlops_lib.train.units import FitEvent, FitFailed, FitStarted, Unit, run_unit

_UNIT = "mlops_lib.jobs.engine:do_unit"


def do_unit(emit: Callable[[object], None], unit: Unit) -> None:
    """Carry out a unit, inside the process that was forked for it."""
    for event in run_unit(unit):
        emit(event)


@dataclass(eq=False)
class _Attempt:
    """A unit in the hands of one process."""

    unit: Unit
    again: bool = False
    ended: set[str] = field(default_factory=set)
    failure: Failure | None = None

    def note(self, event: FitEvent) -> None:
        if not isinstance(event, FitStarted):
            self.ended.add(event.run)

    def left(self) -> Unit:
        return self.unit.without(self.ended)


class ForkEngine:
    """Runs every unit in a process forked from the warm server, as many at once as there are slots.

    Where a process dies, the fit it was doing has failed and a new process does the rest of its unit; where that one
    dies before it has finished a fit, the rest has failed too.
    """

    def run(self, units: Sequence[Unit]) -> Iterator[FitEvent]:
        """Events of all units as they come. Closing the iterator ends the processes."""
        with forks() as line:
            yield from _run(line, _in_order(units))


def _in_order(units: Sequence[Unit]) -> list[Unit]:
    """Prefix by prefix as given, so that runs are complete early; of a prefix the refit first, which takes longest."""
    first = {prefix: i for i, prefix in reversed(list(enumerate(unit.prefix for unit in units)))}
    return sorted((u for u in units if u.fits), key=lambda unit: (first[unit.prefix], unit.fold != REFIT))


def _run(line: Forks, units: Sequence[Unit]) -> Iterator[FitEvent]:
    waiting = deque(_Attempt(unit) for unit in units)
    mine: dict[Task, _Attempt] = {}
    try:
        while waiting or mine:
            # One in hand for every slot, so that a slot that falls free is taken at once.
            while waiting and len(mine) < 2 * slots():
                attempt = waiting.popleft()
                mine[line.start(_UNIT, attempt.unit, slot=True)] = attempt
            for task, kind, value in line.listen(None):
                if task not in mine:
                    continue
                if kind == "event":
                    mine[task].note(value)
                    yield value
                elif kind == "failed":
                    mine[task].failure = value
                elif kind == "ended":
                    yield from _after_death(mine.pop(task), value, waiting)
    finally:
        for task in mine:
            line.stop(task)


def _after_death(attempt: _Attempt, exit_: Exit, waiting: deque[_Attempt]) -> Iterator[FitEvent]:
    """What a process that has ended left undone: the fit it was doing has failed, the rest is tried once more."""
    left = attempt.left()
    if not left.fits:
        return
    failure = attempt.failure or exit_.failure
    give_up = attempt.again and not attempt.ended
    for fit in left.fits if give_up else left.fits[:1]:
        attempt.ended.add(fit.run)
        yield FitFailed(fit.run, left.fold, failure)
    if attempt.left().fits:
        waiting.appendleft(_Attempt(attempt.left(), again=True))
