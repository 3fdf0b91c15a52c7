"""How long one step of the threshold takes under the pointer and the keys, with a million scored rows.

`python -m benchmarks.threshold_element` puts a run with a million out-of-fold predictions into a workspace, opens the
Threshold page in a real Chromium and moves the handle. A step is timed from the event to the finished layout. Every
place is visited five times and its quickest visit counts, because a busy machine interrupts any step for longer than
it takes; the table says what was seen in all.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.figures import Figure, report
from mlops_lib.data.datasets import read_and_keep
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.objects.run import Run
from mlops_lib.objects.schema import Classes, Column, Schema
from mlops_lib.threshold.of_run import payload_of_run
from mlops_lib.train.runs import run_fingerprint, save_run
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import keep_view
from tests.e2e.driver import Visitor, chromium, find_browser
from tests.e2e.server import Server

ROWS = 1_333_334
"""A quarter is held out: a million are left."""

STEP_MS = 16.0
PAYLOAD_KB = 200.0
STEPS = 800
ROUNDS = 5
SLIDER = '[role="slider"][aria-label="Threshold"]'

_POINTER = """
(slider, steps) => {
  const box = slider.getBoundingClientRect(), times = []
  const send = (kind, share) => slider.dispatchEvent(new PointerEvent(kind, {
    clientX: box.left + share * box.width, clientY: box.top + 5, bubbles: true, cancelable: true, pointerId: 1,
  }))
  send("pointerdown", 0)
  for (let k = 0; k < steps; k++) {
    const began = performance.now()
    send("pointermove", (1 + Math.sin(k / 37)) / 2)
    slider.getRootNode().querySelector(".body").getBoundingClientRect()
    times.push(performance.now() - began)
  }
  send("pointerup", 0.4)
  return times
}
"""

_KEYS = """
(slider, steps) => {
  const times = []
  for (let k = 0; k < steps; k++) {
    const began = performance.now()
    slider.dispatchEvent(new KeyboardEvent("keydown", {key: k % 400 < 200 ? "ArrowRight" : "ArrowLeft", bubbles: true}))
    slider.getRootNode().querySelector(".body").getBoundingClientRect()
    times.push(performance.now() - began)
  }
  return times
}
"""


def main() -> int:
    """Measure and report."""
    if find_browser() is None:
        return report([Figure("threshold_step_ms", None, STEP_MS, "no Chromium on this machine")])
    with tempfile.TemporaryDirectory() as home, Server(Path(home) / "home") as server:
        view, run = scored_run(server.workspace, Path(home), ROWS)
        payload = json.dumps(payload_of_run(server.workspace, run)).encode()
        with chromium() as browser, Visitor(browser, server.url) as visitor:
            opened = visitor.open(f"/threshold?view={view}")
            slider = visitor.page.locator(SLIDER)
            slider.wait_for()
            pointer = np.array([slider.evaluate(_POINTER, STEPS) for _ in range(ROUNDS)])
            time.sleep(3)
            keys = np.array([slider.evaluate(_KEYS, STEPS) for _ in range(ROUNDS)])
            print(*visitor.problems(), *visitor.console, sep="\n")
    print(f"page opened in {opened:.1f} s")
    for name, times in (("pointer", pointer), ("keys", keys)):
        middle, high = np.quantile(times, [0.5, 0.99])
        print(f"{name:<8} {times.size:,} steps: median {middle:.2f} ms, 99 % {high:.2f} ms, worst {times.max():.2f} ms")
    return report([
        Figure("threshold_pointer_step_ms", _worst(pointer), STEP_MS, f"worst of {STEPS} places"),
        Figure("threshold_key_step_ms", _worst(keys), STEP_MS, f"worst of {STEPS} places"),
        Figure("threshold_payload_kb", len(payload) / 1_000, PAYLOAD_KB, "JSON of the sweep"),
    ])  # fmt: skip


def _worst(times: np.ndarray) -> float:
    """The slowest place, by the quickest of its rounds; `times` is (rounds, places) in milliseconds."""
    return float(times.min(axis=0).max())


def scored_run(workspace: Workspace, folder: Path, rows_in_all: int) -> tuple[str, Run]:
    """Put a run without a model into the workspace, 2 % positive; returns the view that shows it, and the run."""
    rng = np.random.default_rng(0)
    strength = rng.normal(size=rows_in_all) * 2 - 5.2
    answers = rng.random(rows_in_all) < 1 / (1 + np.exp(-strength))
    path = folder / "scored.parquet"
    pq.write_table(pa.table({"x": strength, "y": pa.array(np.where(answers, "Yes", "No"))}), path)
    dataset = read_and_keep(workspace, path, "scored.parquet")
    columns = (Column("x", "numeric", "feature"), Column("y", "categorical", "target"))
    schema = Schema(dataset.fingerprint, columns, Classes("Yes"))
    plan = plan_split(dataset, schema)
    recipe = Recipe(Model("logistic_regression"))
    experiment = Experiment(dataset.fingerprint, schema.fingerprint, plan.fingerprint, (recipe,), recipe.fingerprint)
    for noun in (schema, plan, experiment):
        workspace.put(noun)
    name = run_fingerprint(experiment, recipe)
    run = Run(name, dataset.fingerprint, schema.fingerprint, plan.fingerprint, 0, recipe, "complete")
    rows = plan.training_rows()
    score = 1 / (1 + np.exp(-strength[rows] + rng.normal(size=len(rows)) * 0.3))
    predictions = Predictions(
        name, "out-of-fold", ("No", "Yes"), rows, answers[rows].astype(np.int8), score, score, plan.assignment[rows]
    )
    pipeline = folder / "model.skops"
    pipeline.write_bytes(b"")
    save_run(workspace, run, predictions, pipeline, ("x",))
    nouns = {
        "dataset": dataset.fingerprint, "schema": schema.fingerprint, "split": plan.fingerprint,
        "experiment": experiment.fingerprint, "run": name,
    }  # fmt: skip
    return keep_view(workspace, {"nouns": nouns, "drafts": {}, "jobs": {}}), run


if __name__ == "__main__":
    sys.exit(main())
