from __future__ import annotations

import os
import signal
import time

import pytest
from processes import alive, children, tasks, until

from mlops_lib.jobs import queue
from mlops_lib.jobs.chores import tidy
from mlops_lib.jobs.locks import holder, worker_lock
from mlops_lib.jobs.start import ensure_worker, log_file, stop_worker, worker_alive
from mlops_lib.objects.progress import Progress


@pytest.fixture
def at_work(workspace):
    ensure_worker(workspace, "toy_work")
    return workspace


def task_of(workspace) -> int:
    """The process that does the one running job."""
    return until(lambda: tasks(workspace))[0]


def test_jobs_are_done_in_order_of_progress_and_their_results_kept(at_work):
    job = queue.wait(at_work, queue.submit(at_work, "toy_count", {"to": 50}))
    assert job.state == "done"
    assert at_work.result(job.key)["counted"] == 50
    assert [event for _, event in queue.events(at_work, job.id)] == [Progress(i, 50, f"step {i}") for i in range(50)]
    assert job.progress == Progress(49, 50, "step 49")
    assert queue.find(at_work, "toy_count", {"to": 50}).id == job.id


def test_failures_say_what_a_user_can_read_and_the_log_has_the_rest(at_work):
    refused = queue.submit(at_work, "toy_refuse", {"rows": 3})
    broken = queue.submit(at_work, "toy_break", {})
    hungry = queue.submit(at_work, "toy_hungry", {"bytes": 1 << 60})
    refused = queue.wait(at_work, refused)
    assert (refused.state, refused.error.message, refused.error.hint) == (
        "failed",
        "3 rows are too few.",
        "Bring more.",
    )
    broken = queue.wait(at_work, broken)
    assert broken.state == "failed"
    assert "secret" not in broken.error.message + broken.error.hint
    log = log_file(at_work).read_text()
    assert broken.error.where in log
    assert "a secret path" in log
    assert "Memory ran out" in queue.wait(at_work, hungry).error.message


def test_a_killed_task_fails_its_job_and_no_other(at_work):
    other = queue.submit(at_work, "toy_count", {"to": 20, "pause": 0.1})
    until(lambda: queue.status(at_work, other).state == "running")
    killed = queue.wait(at_work, queue.submit(at_work, "toy_die", {"signal": int(signal.SIGKILL)}))
    assert (killed.state, "signal 9" in killed.error.message) == ("failed", True)
    crashed = queue.wait(at_work, queue.submit(at_work, "toy_die", {"signal": int(signal.SIGSEGV)}))
    assert "signal 11" in crashed.error.message
    assert queue.wait(at_work, other).state == "done"
    assert len(list(at_work.root.glob("began-20-*"))) == 1


def test_a_task_killed_from_outside_fails_its_job(at_work):
    job = queue.submit(at_work, "toy_count", {"to": 600, "pause": 0.1})
    until(lambda: queue.status(at_work, job).progress)
    os.kill(task_of(at_work), signal.SIGKILL)
    assert "signal 9" in queue.wait(at_work, job, 5).error.message


def test_cancel_ends_a_running_job_within_a_second(at_work):
    job = queue.submit(at_work, "toy_count", {"to": 600, "pause": 0.1})
    until(lambda: queue.status(at_work, job).progress)
    pid = task_of(at_work)
    clicked = time.monotonic()
    queue.cancel(at_work, job)
    assert queue.wait(at_work, job, 5).state == "cancelled"
    assert time.monotonic() - clicked < 1.5
    assert not alive(pid)


def test_cancel_kills_what_will_not_listen_and_what_it_started(at_work, tmp_path):
    file = tmp_path / "child"
    job = queue.submit(at_work, "toy_stubborn", {"file": str(file)})
    until(lambda: queue.status(at_work, job).progress)
    pids = [task_of(at_work), int(file.read_text())]
    queue.cancel(at_work, job)
    assert queue.wait(at_work, job, 5).state == "cancelled"
    until(lambda: not any(alive(pid) for pid in pids), 2)


def test_a_job_begun_by_a_worker_that_was_killed_is_done_by_the_next(at_work):
    job = queue.submit(at_work, "toy_count", {"to": 30, "pause": 0.1})
    until(lambda: queue.status(at_work, job).progress)
    task, worker = task_of(at_work), holder(worker_lock(at_work))
    os.kill(worker, signal.SIGKILL)
    until(lambda: not alive(task) and not worker_alive(at_work), 5)
    ensure_worker(at_work, "toy_work")
    done = queue.wait(at_work, job)
    assert (done.state, done.attempts) == ("done", 2)
    assert holder(worker_lock(at_work)) != worker


def test_a_killed_fork_server_is_replaced(at_work):
    job = queue.submit(at_work, "toy_count", {"to": 30, "pause": 0.1})
    until(lambda: queue.status(at_work, job).progress)
    task, worker = task_of(at_work), holder(worker_lock(at_work))
    os.kill(children(worker)[0], signal.SIGKILL)
    until(lambda: not alive(task), 5)
    done = queue.wait(at_work, job)
    assert (done.state, done.attempts) == ("done", 2)
    assert holder(worker_lock(at_work)) == worker


def test_a_worker_that_is_asked_to_end_puts_its_work_back(at_work):
    job = queue.submit(at_work, "toy_count", {"to": 600, "pause": 0.1})
    until(lambda: queue.status(at_work, job).progress)
    task = task_of(at_work)
    stop_worker(at_work)
    assert not worker_alive(at_work)
    assert not alive(task)
    assert (queue.status(at_work, job).state, queue.status(at_work, job).attempts) == ("queued", 0)


def test_ensuring_a_worker_twice_starts_one(at_work):
    first = holder(worker_lock(at_work))
    for _ in range(5):
        ensure_worker(at_work, "toy_work")
    assert holder(worker_lock(at_work)) == first
    assert queue.wait(at_work, queue.submit(at_work, "toy_count", {"to": 1})).state == "done"


def test_nothing_is_started_where_the_worker_is_started_by_hand(workspace, monkeypatch):
    monkeypatch.setenv("FULCRUM_WORKER", "off")
    ensure_worker(workspace)
    assert not worker_alive(workspace)


def test_a_second_worker_by_hand_is_refused(at_work, capfd):
    from mlops_lib.jobs.worker import main

    assert main(["--workspace", str(at_work.root)]) == 1
    assert "already" in capfd.readouterr().err


def test_short_work_is_done_while_long_work_runs(at_work):
    long = queue.submit(at_work, "toy_count", {"to": 600, "pause": 0.1})
    until(lambda: queue.status(at_work, long).state == "running")
    assert queue.wait(at_work, queue.submit(at_work, "toy_count", {"to": 2})).state == "done"
    assert queue.status(at_work, long).state == "running"


def test_tasks_are_warm_single_threaded_and_know_nothing_of_the_app(at_work):
    seen = modules_seen(at_work, 0)
    assert {"sklearn.ensemble", "imblearn.combine", "lightgbm", "pandas", "skops.io"} <= set(seen["names"])
    assert not {"streamlit", "plotly", "app"} & set(seen["names"])
    assert seen["one_thread"] == "1"
    assert seen["main"].endswith("forkserver.py")


def test_what_few_tasks_need_is_loaded_while_nothing_is_to_do_and_starts_no_thread(at_work):
    def loaded(attempt: list[int]) -> dict | None:
        attempt.append(0)
        time.sleep(2.5)
        seen = modules_seen(at_work, len(attempt))
        return seen if {"shap", "mlflow"} <= set(seen["names"]) else None

    tries: list[int] = []
    seen = until(lambda: loaded(tries), 60)
    # Arrow's allocator has a thread that knows about forks; any other could hold a lock that the fork would keep.
    assert len([name for name in seen["server_threads"] if name != "jemalloc_bg_thd"]) == 1


def modules_seen(workspace, number: int) -> dict:
    job = queue.wait(workspace, queue.submit(workspace, "toy_modules", {"number": number}))
    return workspace.result(job.key)


def test_chores_prepare_the_model_store_and_remove_what_is_half_written(workspace):
    old, fresh = workspace.results / ".old-1", workspace.runs / ".training-2"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    column = workspace.datasets / "abc" / "encoded-1" / ".0-values.npy-x"
    column.parent.mkdir(parents=True)
    column.touch()
    os.utime(column, (0, 0))
    tidy(lambda _event: None, str(workspace.root))
    assert not old.exists()
    assert not column.exists()
    assert fresh.exists()
    assert (workspace.root / "mlflow" / "mlflow.db").is_file()


def test_an_idle_worker_ends_when_no_app_lives(workspace, monkeypatch):
    monkeypatch.setenv("FULCRUM_WORKER_IDLE", "0.5")
    ensure_worker(workspace, "toy_work")
    assert queue.wait(workspace, queue.submit(workspace, "toy_count", {"to": 1})).state == "done"
    time.sleep(1.5)
    assert worker_alive(workspace)  # this process holds the app's lock
    from mlops_lib.jobs import start

    os.close(start._shown.pop(workspace.root))
    until(lambda: not worker_alive(workspace), 10)


def test_a_worker_with_other_settings_gives_way_when_an_app_starts(at_work, monkeypatch):
    from mlops_lib.jobs import start

    def another_app() -> int:
        os.close(start._shown.pop(at_work.root))
        ensure_worker(at_work, "toy_work")
        return until(lambda: holder(worker_lock(at_work)))

    first = until(lambda: holder(worker_lock(at_work)))
    assert another_app() == first
    monkeypatch.setenv("FULCRUM_SQL_SALES", "postgresql://reader:hush@127.0.0.1/sales")
    second = another_app()
    assert second != first
    assert not alive(first)
    assert another_app() == second
    assert queue.wait(at_work, queue.submit(at_work, "toy_count", {"to": 1})).state == "done"
    stored = [path.read_bytes() for path in at_work.root.iterdir() if path.is_file()]
    assert not [content for content in stored if b"hush" in content]
