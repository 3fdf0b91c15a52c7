"""The ladder on the HR table, as the job that a page starts, against a plain loop of the same 126 fits.

`FULCRUM_TEST_DATA=... python -m benchmarks.ladder [rounds]`. The plain loop is what one would write without Fulcrum:
`joblib.Parallel(n_jobs=2)`, a warm pool, one thread each, the table in memory; each fit does its own preparation, and
nothing is calibrated, stored or reported. Ours does all that, in a worker that is warm as well. Both take turns, with a
new seed every round; the ratio is that of the fastest rounds, which are those that other processes disturbed least.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from benchmarks.figures import Figure, report, shared_table
from benchmarks.stories import HR, prepare
from mlops_lib.jobs import queue
from mlops_lib.jobs.reading import read_spec
from mlops_lib.jobs.start import ensure_worker, stop_worker
from mlops_lib.objects.experiment import Experiment
from mlops_lib.train.encode import encode
from mlops_lib.train.models import make_model
from mlops_lib.train.prefix import fit_prefix, prefix_of
from mlops_lib.train.progress import REFIT
from mlops_lib.train.scores import positive_scores
from mlops_lib.train.setting import Setting, open_setting
from mlops_lib.workspace.folder import Workspace

LIMIT = 1.5
CORES = 2


def main(rounds: int) -> int:
    """Measure, print and report."""
    path = shared_table(HR.file)
    if path is None:
        return report([Figure("ladder_ratio", None, LIMIT, f"FULCRUM_TEST_DATA has no {HR.file}")])
    with tempfile.TemporaryDirectory() as home, Parallel(n_jobs=CORES) as pool:
        workspace = Workspace(Path(home))
        experiment = prepare(workspace, path, HR)
        ensure_worker(workspace)
        try:
            queue.wait(workspace, queue.submit(workspace, "read", read_spec(path, path.name)))
            plain(pool, workspace, replace(experiment, recipes=experiment.recipes[:3]))
            times = [(ours(workspace, e), plain(pool, workspace, e)) for e in _seeded(experiment, rounds)]
        finally:
            stop_worker(workspace)
    for our, their in times:
        print(f"the job {our:6.2f} s   the plain loop {their:6.2f} s   ratio {our / their:.2f}")
    our, their = (min(column) for column in zip(*times, strict=True))
    return report([Figure("ladder_ratio", our / their, LIMIT, f"{our:.1f} s against {their:.1f} s")])


def ours(workspace: Workspace, experiment: Experiment) -> float:
    """Seconds from submitting the training job to its end."""
    workspace.put(experiment)
    began = time.perf_counter()
    job = queue.wait(workspace, queue.submit(workspace, "train", {"experiment": experiment.fingerprint}))
    took = time.perf_counter() - began
    failed = workspace.result(job.key).failed if job.state == "done" else job.error
    if failed:
        raise RuntimeError(f"The training did not succeed: {failed}")
    for recording in [j for j in queue.listing(workspace, active_only=True) if j.kind == "record"]:
        queue.wait(workspace, recording.id)
    return took


def plain(pool: Parallel, workspace: Workspace, experiment: Experiment) -> float:
    """Seconds for the same fits in a loop."""
    setting = open_setting(workspace, experiment)
    frame = setting.dataset.frame(setting.schema.features())
    fits = [(recipe, fold) for recipe in experiment.recipes for fold in (*setting.folds, REFIT)]
    began = time.perf_counter()
    pool(delayed(one_fit)(setting, frame, recipe, fold, experiment.seed) for recipe, fold in fits)
    return time.perf_counter() - began


def one_fit(setting: Setting, frame, recipe, fold: int, seed: int) -> None:  # type: ignore[no-untyped-def]
    """One recipe on one fold, scored on the rows it is judged on."""
    refit = fold == REFIT
    rows = setting.plan.training_rows() if refit else setting.plan.fold_training_rows(fold)
    with threadpool_limits(1):
        codes = setting.target.codes(rows)
        prefix = fit_prefix(frame.iloc[rows], codes, setting.schema, prefix_of(recipe), seed, setting.target.names)
        model = make_model(recipe.model, recipe.class_weight, seed).fit(prefix.rows.x, prefix.rows.y)
        if not refit:
            positive_scores(model, encode(prefix.encoder, frame.iloc[setting.plan.validation_rows(fold)]))


def _seeded(experiment: Experiment, rounds: int) -> list[Experiment]:
    return [replace(experiment, seed=seed) for seed in range(1, rounds + 1)]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
