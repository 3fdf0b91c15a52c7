from __future__ import annotations

import subprocess
import sys
import time

import pytest

from mlops_lib.jobs import queue, taking
from mlops_lib.objects.errors import InputError, NotFoundError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.run import Failure
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace

KINDS = ["toy_count"]


def test_the_same_work_is_one_job_while_it_waits_or_runs(workspace):
    first = queue.submit(workspace, "toy_count", {"to": 3})
    assert queue.submit(workspace, "toy_count", {"to": 3}) == first
    assert queue.submit(workspace, "toy_count", {"to": 4}) != first
    taking.take(workspace, "w", KINDS)
    assert queue.status(workspace, first).state == "running"
    assert queue.submit(workspace, "toy_count", {"to": 3}) == first


def test_what_only_describes_the_work_makes_no_other_job(workspace):
    first = queue.submit(workspace, "toy_count", {"to": 3, "note": "mine"})
    assert queue.submit(workspace, "toy_count", {"to": 3, "note": "yours"}) == first


def test_a_stored_result_needs_no_work(workspace):
    job = queue.submit(workspace, "toy_count", {"to": 3})
    taken = taking.take(workspace, "w", KINDS)
    workspace.save_result(taken.key, {"counted": 3})
    taking.end(workspace, "w", job, "done")
    assert queue.submit(workspace, "toy_count", {"to": 3}) == job
    assert queue.status(workspace, job).state == "done"


def test_a_result_that_came_from_elsewhere_is_a_job_done_at_once(workspace):
    key = queue.work.key("toy_count", {"to": 3})
    workspace.save_result(key, {"counted": 3})
    job = queue.status(workspace, queue.submit(workspace, "toy_count", {"to": 3}))
    assert (job.state, job.key) == ("done", key)
    assert taking.take(workspace, "w", KINDS) is None


def test_asked_for_again_the_work_is_done_again(workspace):
    key = queue.work.key("toy_count", {"to": 3})
    workspace.save_result(key, {"counted": 3})
    job = queue.submit(workspace, "toy_count", {"to": 3}, again=True)
    assert queue.status(workspace, job).state == "queued"
    assert not workspace.has_result(key)
    assert list(workspace.results.iterdir()) == []


def test_failed_work_may_be_asked_for_again(workspace):
    first = queue.submit(workspace, "toy_count", {"to": 3})
    taking.take(workspace, "w", KINDS)
    taking.end(workspace, "w", first, "failed", Failure("No.", "Yes."))
    assert queue.status(workspace, first).error == Failure("No.", "Yes.")
    second = queue.submit(workspace, "toy_count", {"to": 3})
    assert second != first
    assert queue.find(workspace, "toy_count", {"to": 3}).id == second


def test_unknown_kinds_and_jobs_are_refused(workspace):
    with pytest.raises(InputError, match="no work called 'fly'"):
        queue.submit(workspace, "fly", {})
    with pytest.raises(NotFoundError, match="no job 'abc'"):
        queue.status(workspace, "abc")
    assert queue.find(workspace, "toy_count", {"to": 9}) is None


def test_events_come_back_in_order_and_from_where_one_left_off(workspace):
    job = queue.submit(workspace, "toy_count", {"to": 3})
    taking.take(workspace, "w", KINDS)
    told = [Progress(i, 3, f"step {i}") for i in range(3)]
    texts = [codec.to_json(event) for event in told]
    taking.record(workspace, "w", job, [(texts[0], texts[0])])
    taking.record(workspace, "w", job, [(texts[1], texts[1]), (texts[2], texts[2])])
    seen = queue.events(workspace, job)
    assert [event for _, event in seen] == told
    assert [event for _, event in queue.events(workspace, job, after=seen[0][0])] == told[1:]
    assert queue.status(workspace, job).progress == told[-1]


def test_a_waiting_job_is_cancelled_at_once_and_never_taken(workspace):
    job = queue.submit(workspace, "toy_count", {"to": 3})
    queue.cancel(workspace, job)
    assert queue.status(workspace, job).state == "cancelled"
    assert taking.take(workspace, "w", KINDS) is None


def test_the_listing_is_newest_first(workspace):
    jobs = [queue.submit(workspace, "toy_count", {"to": n}) for n in range(3)]
    queue.cancel(workspace, jobs[1])
    assert [job.id for job in queue.listing(workspace)] == jobs[::-1]
    assert [job.id for job in queue.listing(workspace, active_only=True)] == [jobs[2], jobs[0]]


_TAKER = """
import sys
from pathlib import Path
from mlops_lib.jobs import taking
from mlops_lib.workspace.folder import Workspace
workspace = Workspace(Path(sys.argv[1]))
sys.stdin.readline()
while (job := taking.take(workspace, sys.argv[2], ["toy_count"])) is not None:
    print(job.id, flush=True)
"""


def test_two_workers_never_take_the_same_job(workspace):
    submitted = {queue.submit(workspace, "toy_count", {"to": n}) for n in range(60)}
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", _TAKER, str(workspace.root), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for taker in takers:
        taker.stdin.write("go\n")
        taker.stdin.flush()
    taken = [taker.communicate(timeout=60)[0].split() for taker in takers]
    assert [taker.returncode for taker in takers] == [0, 0]
    assert sorted(taken[0] + taken[1]) == sorted(submitted)


def test_orphans_wait_again_once_and_then_fail(workspace):
    job = queue.submit(workspace, "toy_count", {"to": 3})
    for attempt in (1, 2):
        taking.enter(workspace, f"w{attempt}", 1, "here")
        assert taking.take(workspace, f"w{attempt}", KINDS).attempts == attempt
        assert taking.close_orphans(workspace) == 0
        assert taking.close_orphans(workspace, gone_from="here") == 1
    failed = queue.status(workspace, job)
    assert (failed.state, failed.attempts) == ("failed", 2)
    assert "Start it again" in failed.error.hint


def test_an_orphan_that_was_being_cancelled_is_cancelled(workspace):
    job = queue.submit(workspace, "toy_count", {"to": 3})
    taking.take(workspace, "gone", KINDS)
    queue.cancel(workspace, job)
    assert queue.status(workspace, job).cancelling
    taking.close_orphans(workspace)
    assert queue.status(workspace, job).state == "cancelled"


def test_a_silent_worker_counts_as_gone_and_one_of_another_host_does_not(workspace, monkeypatch):
    job = queue.submit(workspace, "toy_count", {"to": 3})
    taking.enter(workspace, "w", 1, "there")
    taking.take(workspace, "w", KINDS)
    assert taking.close_orphans(workspace, gone_from="here") == 0
    monkeypatch.setattr(taking, "SILENCE", -1.0)
    assert taking.close_orphans(workspace) == 1
    assert queue.status(workspace, job).state == "queued"


def test_a_worker_given_up_for_dead_cannot_write_into_the_job(workspace):
    job = queue.submit(workspace, "toy_count", {"to": 3})
    taking.take(workspace, "old", KINDS)
    taking.close_orphans(workspace)
    taking.take(workspace, "new", KINDS)
    text = codec.to_json(Progress(1, 3, "late"))
    taking.record(workspace, "old", job, [(text, text)])
    taking.end(workspace, "old", job, "done")
    assert queue.status(workspace, job).state == "running"
    assert queue.events(workspace, job) == ()
    assert taking.assigned(workspace, "old") == {}
    assert taking.assigned(workspace, "new") == {job: False}


def test_a_worker_that_leaves_puts_its_work_back_unspent(workspace):
    job = queue.submit(workspace, "toy_count", {"to": 3})
    taking.enter(workspace, "w", 1, "here")
    taking.take(workspace, "w", KINDS)
    taking.leave(workspace, "w")
    back = queue.status(workspace, job)
    assert (back.state, back.attempts) == ("queued", 0)


def test_old_events_are_forgotten_and_recent_ones_kept(workspace):
    job = queue.submit(workspace, "toy_count", {"to": 3})
    taking.take(workspace, "w", KINDS)
    text = codec.to_json(Progress(1, 3, "x"))
    taking.record(workspace, "w", job, [(text, text)])
    taking.end(workspace, "w", job, "done")
    taking.forget(workspace, days=1)
    assert len(queue.events(workspace, job)) == 1
    time.sleep(0.01)
    taking.forget(workspace, days=0)
    assert queue.events(workspace, job) == ()
    assert queue.status(workspace, job).state == "done"


def test_the_queue_lies_in_the_workspace(workspace):
    queue.submit(workspace, "toy_count", {"to": 3})
    assert queue.listing(Workspace(workspace.root))[0].spec == {"to": 3}
