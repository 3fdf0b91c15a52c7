"""A job that wants more memory than it may have fails with one sentence, and nothing else notices."""

from __future__ import annotations

import os
import signal

import pytest

from mlops_lib.data.datasets import keep_upload
from mlops_lib.jobs import memory, queue
from mlops_lib.jobs.reading import read_spec
from mlops_lib.jobs.start import ensure_worker
from mlops_lib.objects.errors import InputError


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [("6GB", 6_000_000_000), ("1.5 gb", 1_500_000_000), ("300M", 300_000_000), ("12345", 12_345), ("2TB", 2 * 10**12)],
)
def test_a_size_is_read_as_people_write_it(monkeypatch, asked, allowed):
    monkeypatch.setenv("TOY_MEMORY", asked)
    assert memory.memory_limit("TOY_MEMORY") == allowed


@pytest.mark.parametrize("asked", ["much", "-1", "0", "6 GiB", "1e9"])
def test_what_is_no_size_is_refused(monkeypatch, asked):
    monkeypatch.setenv("TOY_MEMORY", asked)
    with pytest.raises(InputError, match=f"TOY_MEMORY is '{asked}', which is no size"):
        memory.memory_limit("TOY_MEMORY")


def test_the_default_is_half_of_the_machine_and_at_most_six_gigabytes(monkeypatch):
    monkeypatch.delenv("TOY_MEMORY", raising=False)
    monkeypatch.setattr(memory, "machine_memory", lambda: 4_000_000_000)
    assert memory.memory_limit("TOY_MEMORY") == 2_000_000_000
    monkeypatch.setattr(memory, "machine_memory", lambda: 64_000_000_000)
    assert memory.memory_limit("TOY_MEMORY") == 6_000_000_000


def test_the_memory_of_the_machine_is_at_most_that_of_the_container(monkeypatch, tmp_path):
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "_LIMITS", (limit,))
    assert memory.machine_memory() == whole
    limit.write_text("max\n")
    assert memory.machine_memory() == whole
    limit.write_text("123456789\n")
    assert memory.machine_memory() == 123_456_789


def test_only_what_a_library_does_to_itself_is_put_down_to_memory():
    assert memory.broke_off(None, 10**9) is None
    assert memory.broke_off(0, 10**9) is None
    assert memory.broke_off(int(signal.SIGKILL), 10**9) is None
    for number in (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS):
        assert "more than 1.0 GB of memory, the limit" in memory.broke_off(int(number), 10**9).message


def test_a_job_gets_its_memory_and_no_more(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("TOY_MEMORY", "200MB")
    ensure_worker(workspace, "toy_work")
    small = {
        how: queue.submit(workspace, "toy_limited", {"how": how, "bytes": 100_000_000})
        for how in ("python", "numpy", "arrow")
    }
    ways = ("python", "numpy", "arrow", "table", "abort")
    spec = {"bytes": 400_000_000, "file": str(tmp_path / "long.csv")}
    large = {how: queue.submit(workspace, "toy_limited", {**spec, "how": how}) for how in ways}
    for job in small.values():
        ended = queue.wait(workspace, job)
        assert (ended.state, ended.error) == ("done", None)
        assert workspace.result(ended.key)["bytes"] >= 96_000_000
    for how, job in large.items():
        ended = queue.wait(workspace, job)
        assert ended.state == "failed", how
        said = (
            "This broke off: it needs more than 200 MB of memory" if how == "abort" else "This needs more than 200 MB"
        )
        assert ended.error.message.startswith(said), (how, ended.error)
    unlimited = queue.wait(workspace, queue.submit(workspace, "toy_hungry", {"bytes": 300_000_000}))
    assert unlimited.state == "done"


def test_reading_has_a_limit_of_its_own_and_the_next_table_is_read(workspace, monkeypatch):
    monkeypatch.setenv("FULCRUM_READ_MEMORY", "100 MB")
    ensure_worker(workspace)
    long = keep_upload(workspace, b"a,b\n" + b"some words,1.5\n" * 4_000_000)
    short = keep_upload(workspace, b"a,b\n" + b"some words,1.5\n" * 40)
    failed = queue.wait(workspace, queue.submit(workspace, "read", read_spec(long, "long.csv")))
    assert (failed.state, failed.error.message) == ("failed", "This needs more than 100 MB of memory, the limit.")
    assert queue.wait(workspace, queue.submit(workspace, "read", read_spec(short, "short.csv"))).state == "done"
