"""Training in processes of its own: real fits, killed, cancelled and taken up again."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from processes import alive, children, tasks, until

from mlops_lib.data.datasets import keep
from mlops_lib.data.reading import ReadTable
from mlops_lib.data.splits import plan_split
from mlops_lib.jobs import queue
from mlops_lib.jobs.engine import ForkEngine, _after_death, _Attempt
from mlops_lib.jobs.forks import Exit
from mlops_lib.jobs.locks import holder, worker_lock
from mlops_lib.jobs.start import ensure_worker, worker_alive
from mlops_lib.objects.dataset import Reading, ReadingOptions
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.objects.schema import Classes, Column, Schema
from mlops_lib.train.progress import FitTold, RunTold
from mlops_lib.train.runs import load_run, out_of_fold
from mlops_lib.train.setting import open_setting
from mlops_lib.train.training import train, units
from mlops_lib.train.units import FitDone, FitFailed

QUICK = (Recipe(Model("dummy")), Recipe(Model("logistic_regression")))
SLOW = Recipe(Model("random_forest", (("n_estimators", 600),)))


def experiment_of(workspace, recipes, rows=600) -> Experiment:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 3))
    left = np.where(x[:, 0] + rng.normal(size=rows) > 1.2, "Yes", "No")
    table = pa.Table.from_pandas(pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "left": left}))
    reading = Reading("csv", ReadingOptions(), rows, rows)
    dataset = keep(workspace, ReadTable(table, reading), "made.csv", "test")
    features = tuple(Column(name, "numeric", "feature") for name in "abc")
    schema = Schema(dataset.fingerprint, (*features, Column("left", "categorical", "target")), Classes("Yes"))
    plan = plan_split(dataset, schema, folds=3)
    for noun in (schema, plan):
        workspace.put(noun)
    made = Experiment(dataset.fingerprint, schema.fingerprint, plan.fingerprint, recipes, recipes[0].fingerprint)
    workspace.put(made)
    return made


def begin(workspace, recipes) -> str:
    """Start a training job and wait until a slow fit runs."""
    ensure_worker(workspace, "toy_work")
    made = experiment_of(workspace, recipes)
    job = queue.submit(workspace, "train", {"experiment": made.fingerprint})
    until(lambda: [e for e in told(workspace, job) if e.recipe == SLOW.name and e.state == "started"])
    return job


def told(workspace, job) -> list[FitTold]:
    return [event for _, event in queue.events(workspace, job) if isinstance(event, FitTold)]


def units_of(workspace) -> list[int]:
    """Processes that fit: all but the first, which conducts."""
    return tasks(workspace)[1:]


def test_processes_give_the_numbers_that_one_process_gives(workspace, tmp_path):
    other = replace(workspace, root=tmp_path / "other")
    recipes = (*QUICK, Recipe(Model("lightgbm")), Recipe(Model("hist_gradient_boosting"), class_weight="balanced"))
    serial = {r.fingerprint: r for r in train(other, experiment_of(other, recipes))}
    forked = {r.fingerprint: r for r in train(workspace, experiment_of(workspace, recipes), ForkEngine())}
    assert {r.state for r in forked.values()} == {"complete"}
    assert forked.keys() == serial.keys()
    for run in forked:
        here, there = out_of_fold(workspace, forked[run]), out_of_fold(other, serial[run])
        assert np.array_equal(here.raw, there.raw)
        assert np.array_equal(here.score, there.score)


def test_training_is_one_job_that_ends_with_all_runs_stored(workspace):
    ensure_worker(workspace, "toy_work")
    made = experiment_of(workspace, QUICK)
    job = queue.wait(workspace, queue.submit(workspace, "train", {"experiment": made.fingerprint}))
    assert job.state == "done", job.error
    trained = workspace.result(job.key)
    assert (len(trained.complete), trained.failed) == (2, ())
    assert {load_run(workspace, run).state for run in trained.complete} == {"complete"}
    assert (job.progress.done, job.progress.total) == (8, 8)
    shares = [event.done for _, event in queue.events(workspace, job.id) if type(event).__name__ == "Progress"]
    assert shares == sorted(shares)
    (recording,) = [job for job in queue.listing(workspace) if job.kind == "record"]
    recording = queue.wait(workspace, recording.id)
    assert recording.state == "done", recording.error
    assert {run for run, _ in workspace.result(recording.key).runs} == set(trained.complete)


def test_a_killed_fit_is_one_failed_run_and_asked_for_again_only_that_is_made(workspace, monkeypatch):
    monkeypatch.setenv("FULCRUM_TASKS", "1")  # so that the one process that fits is the one with the slow fit
    job = begin(workspace, (*QUICK, SLOW))
    os.kill(units_of(workspace)[0], signal.SIGKILL)
    done = queue.wait(workspace, job, 120)
    assert done.state == "done", done.error
    trained = workspace.result(done.key)
    assert len(trained.complete) == 2
    (failed,) = [load_run(workspace, run) for run in trained.failed]
    assert failed.recipe == SLOW
    assert "killed" in failed.failure.message
    assert [e.state for e in told(workspace, job) if e.recipe == SLOW.name].count("failed") == 1
    again = queue.wait(workspace, queue.submit(workspace, "train", done.spec, again=True), 120)
    assert again.id != job
    assert len(workspace.result(again.key).complete) == 3
    known = [e.known for _, e in queue.events(workspace, again.id) if isinstance(e, RunTold)]
    assert sorted(known) == [False, True, True]


def test_cancelled_training_leaves_no_process_and_no_half_written_run(workspace):
    job = begin(workspace, (*QUICK, SLOW))
    processes = tasks(workspace)
    assert len(processes) > 1
    clicked = time.monotonic()
    queue.cancel(workspace, job)
    assert queue.wait(workspace, job, 5).state == "cancelled"
    assert time.monotonic() - clicked < 2
    until(lambda: not any(alive(pid) for pid in processes), 2)
    assert not [path for path in workspace.runs.iterdir() if path.name.startswith(".training-")]


def test_training_goes_on_after_the_worker_was_killed(workspace):
    job = begin(workspace, (*QUICK, SLOW))
    until(lambda: [e for _, e in queue.events(workspace, job) if isinstance(e, RunTold)])
    worker = holder(worker_lock(workspace))
    processes = [worker, *children(worker), *tasks(workspace)]
    os.kill(worker, signal.SIGKILL)
    until(lambda: not any(alive(pid) for pid in processes[1:]) and not worker_alive(workspace), 5)
    before = queue.status(workspace, job)
    assert before.state == "running"
    assert queue.submit(workspace, "train", before.spec) == job  # a page that comes back finds the same job
    ensure_worker(workspace, "toy_work")
    done = queue.wait(workspace, job, 120)
    assert (done.state, done.attempts) == ("done", 2)
    assert len(workspace.result(done.key).complete) == 3
    assert any(e.known for _, e in queue.events(workspace, job) if isinstance(e, RunTold))


def test_two_trainings_share_the_slots_and_short_work_passes_them(workspace):
    first = begin(workspace, (SLOW,))
    second = queue.submit(workspace, "train", {"experiment": experiment_of(workspace, (*QUICK, SLOW)).fingerprint})
    until(lambda: told(workspace, second))
    assert queue.status(workspace, first).active
    assert queue.wait(workspace, queue.submit(workspace, "toy_count", {"to": 2})).state == "done"
    for job in (first, second):
        queue.cancel(workspace, job)
    assert {queue.wait(workspace, job, 5).state for job in (first, second)} == {"cancelled"}


def test_what_a_dead_process_left_is_tried_once_more_unless_it_dies_at_the_start_again(workspace, tmp_path):
    made = experiment_of(workspace, (*QUICK, SLOW))
    unit = units(open_setting(workspace, made), list(made.recipes), tmp_path)[0]
    killed = Exit(signal.SIGKILL)
    waiting: deque[_Attempt] = deque()
    attempt = _Attempt(unit)
    attempt.note(FitDone(unit.fits[0].run, 0, np.empty(0), (), (), (), 0.0, 0.0))
    (failed,) = _after_death(attempt, killed, waiting)
    assert (failed.run, type(failed)) == (unit.fits[1].run, FitFailed)
    (again,) = waiting
    assert [fit.run for fit in again.unit.fits] == [unit.fits[2].run]
    rest = list(_after_death(again, Exit(signal.SIGKILL, memory=True), waiting))
    assert [event.run for event in rest] == [unit.fits[2].run]
    assert "Memory" in rest[0].failure.message
    at_start = list(_after_death(_Attempt(unit, again=True), killed, waiting))
    assert [event.run for event in at_start] == [fit.run for fit in unit.fits]


@pytest.mark.parametrize("tasks_asked", ["1", "3"])
def test_fulcrum_tasks_says_how_many_fits_run_at_once(workspace, monkeypatch, tasks_asked):
    monkeypatch.setenv("FULCRUM_TASKS", tasks_asked)
    job = begin(workspace, (SLOW,))
    until(lambda: len(units_of(workspace)) == int(tasks_asked), 20)
    time.sleep(0.5)
    assert len(units_of(workspace)) <= int(tasks_asked)
    queue.cancel(workspace, job)
    queue.wait(workspace, job, 5)
