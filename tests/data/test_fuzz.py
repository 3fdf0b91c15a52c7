"""2,000 spoiled files: each is read or refused in one sentence, within seconds, and no process dies of it.

The reading runs as in the app, in processes of the fork server with a memory limit, so that a native library that
crashes is seen.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import mutations
import pytest

from mlops_lib.jobs.forks import Forks, Task, fork_server

SEEDS, BATCH = 2_000, 50
SECONDS = 10.0
"""Longer than this no file may take."""


@dataclass
class Outcome:
    """What came of all files: how many of each kind, and what must not happen, with its seed."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def note(self, seed: int, what: str, message: str, seconds: float) -> None:
        self.counts[what] += 1
        self.slowest = max(self.slowest, seconds)
        if what not in ("read", "refused") or "not one sentence" in message:
            self.faults.append(f"seed {seed} ({mutations.mutated(seed)[0]}): {what} {message}")


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Forks]:
    here = str(Path(__file__).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")])))
    with fork_server() as started:
        yield started


def test_no_spoiled_file_does_harm(line: Forks, tmp_path: Path) -> None:
    outcome = Outcome()
    for first in range(0, SEEDS, BATCH):
        run(line, list(range(first, first + BATCH)), tmp_path, outcome)
    assert not outcome.faults, "\n".join(outcome.faults)
    assert sum(outcome.counts.values()) == SEEDS
    assert outcome.counts["read"] > 100
    assert outcome.counts["refused"] > 500
    assert outcome.slowest < SECONDS


def run(line: Forks, seeds: list[int], folder: Path, outcome: Outcome) -> None:
    """One batch; where its process dies or hangs, that is noted and the rest is done by another."""
    task = line.start("mutations:read_batch", str(folder), seeds)
    done, at = 0, -1
    since = time.monotonic()
    while True:
        for _, kind, value in line.listen(1.0):
            since = time.monotonic()
            if kind == "event" and value[0] == "begin":
                at = value[1]
            elif kind == "event":
                done += 1
                outcome.note(*value[1:])
            elif kind == "failed":
                outcome.faults.append(f"the batch from seed {seeds[0]}: {value}")
            elif kind == "ended":
                left = seeds[done:]
                if left:
                    outcome.note(at, "died", f"{value}", 0.0)
                    left = left[1:]
                if left:
                    run(line, left, folder, outcome)
                return
        if time.monotonic() - since > SECONDS + 5:
            stop(line, task)


def stop(line: Forks, task: Task) -> None:
    line.stop(task)
