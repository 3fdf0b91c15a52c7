"""Reading a large CSV: how long and in how much memory, and whether others notice.

`python -m benchmarks.reading [rounds] [alone]` writes the table of `benchmarks.large_table` and reads it. "Ours" is
all that lies between an upload and a version that can be confirmed: storing the uploaded bytes, decoding, finding
the layout, reading every cell by our rules, fingerprint, Parquet and what each column seems to be. "Theirs" is
`pyarrow.csv.read_csv` and writing Parquet with the same compression and row groups. Both take turns, each in a fresh
process; the ratio is that of the fastest rounds, which other processes disturbed least. Memory is the peak of the
reading process above what it held before it began, as a multiple of the table's size in Arrow.

Without `alone`, one visitor then uploads the table in the real app and has its quality checked, while another one goes
through the pages with a small sample and looks at each for a second.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.figures import Figure, report
from benchmarks.large_table import TARGET, YES, write_table
from mlops_lib.jobs.queue import listing
from tests.e2e import story
from tests.e2e.driver import Visitor, chromium, find_browser
from tests.e2e.server import Server

RATIO, MEMORY, FINDINGS_SECONDS, CLICK_SECONDS = 3.0, 4.0, 15.0, 1.0
_PATIENCE = 600.0
_LOOKING = 1.0
"""Seconds that the other visitor looks at a page before the next click."""

_PAGES = ("Explore", "Feature tests", "Resampling lab", "Data")


def main(arguments: list[str]) -> int:
    """Measure, print and report."""
    rounds = next((int(a) for a in arguments if a.isdigit()), 3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        write_table(path)
        print(f"{path.stat().st_size / 1e6:.0f} MB", flush=True)
        figures = reading_alone(path, rounds)
        if "alone" not in arguments:
            figures += two_visitors(path, Path(folder))
    return report(figures)


def reading_alone(path: Path, rounds: int) -> list[Figure]:
    """The ratio of times and the multiple of memory."""
    turns = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as home:
            upload, read = _fresh("upload", path, home), _fresh("read", path, home)
            theirs = _fresh("theirs", path, home)
        turns.append((upload["seconds"] + read["seconds"], theirs["seconds"], read["memory"]))
        ours, other, memory = turns[-1]
        print(
            f"ours {ours:6.2f} s ({upload['seconds']:.2f} upload)   theirs {other:6.2f} s   ratio {ours / other:.2f}   "
            f"memory {memory:.2f} x Arrow",
            flush=True,
        )
    ours, other, memory = min(t[0] for t in turns), min(t[1] for t in turns), max(t[2] for t in turns)
    return [
        Figure("reading_ratio", ours / other, RATIO, f"{ours:.1f} s against {other:.1f} s"),
        Figure("reading_memory", memory, MEMORY, "times the table's Arrow size, the worst round"),
    ]


def _fresh(part: str, path: Path, home: str) -> dict[str, float]:
    """What one of the parts below measures in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.reading", part, str(path), home]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def upload(path: Path, home: Path) -> dict[str, float]:
    """Seconds to store the bytes as the page gets them."""
    from mlops_lib.data.datasets import keep_upload
    from mlops_lib.workspace.folder import open_workspace

    workspace, given = open_workspace(home), memoryview(path.read_bytes())
    began = time.perf_counter()
    kept = keep_upload(workspace, given)
    took = time.perf_counter() - began
    (home / "kept").write_text(str(kept))
    return {"seconds": took}


def read(path: Path, home: Path) -> dict[str, float]:
    """Seconds from the stored file to the proposed columns, and the peak of memory meanwhile."""
    import pandas as pd  # noqa: F401 (a reading task is forked from a process that has imported it)
    import pyarrow.compute
    import pyarrow.csv  # noqa: F401

    from mlops_lib.data.datasets import read_and_keep
    from mlops_lib.data.profile import propose_columns
    from mlops_lib.workspace.folder import open_workspace

    workspace, kept = open_workspace(home), Path((home / "kept").read_text())
    before, began = _peak(), time.perf_counter()
    dataset = read_and_keep(workspace, kept, path.name)
    columns = propose_columns(dataset)
    took, memory = time.perf_counter() - began, _peak() - before
    table = dataset.table()
    if table.shape != (1_000_000, 30) or len(columns) != 30:
        raise RuntimeError(f"The table was read as {table.shape}.")
    return {"seconds": took, "memory": memory / table.nbytes}


def theirs(path: Path, home: Path) -> dict[str, float]:
    """Seconds for pyarrow's own reading and the same Parquet file."""
    import pyarrow.csv as pacsv
    import pyarrow.parquet as pq

    began = time.perf_counter()
    table = pacsv.read_csv(path)
    pq.write_table(table, home / "theirs.parquet", compression="zstd", row_group_size=1 << 17)
    return {"seconds": time.perf_counter() - began}


def _peak() -> float:
    """Most bytes that this process has held in memory so far."""
    status = Path("/proc/self/status")
    if status.is_file():  # what `resource` says includes the process from which this one was started
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return 1024 * float(line.split()[1])
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def two_visitors(path: Path, folder: Path) -> list[Figure]:
    """Seconds that the findings of the large table take as jobs, and the slowest click of another visitor meanwhile."""
    if find_browser() is None:
        why = "no Chromium on this machine"
        return [
            Figure("findings_seconds", None, FINDINGS_SECONDS, why),
            Figure("other_click_seconds", None, CLICK_SECONDS, why),
        ]
    with Server(folder / "home") as server:
        ready, over = threading.Event(), threading.Event()
        with ThreadPoolExecutor(1) as pool:
            walking = pool.submit(_walk, server, ready, over)
            try:
                ready.wait(_PATIENCE)
                began = time.monotonic()
                seconds = _findings(server, path)
            finally:
                over.set()
            clicks = walking.result()
    for title, took, at in sorted(clicks, key=lambda entry: -entry[1])[:5]:
        print(f"{took:7.2f} s  {title}, {at - began:.0f} s after the upload began")
    slowest = max(clicks, key=lambda entry: entry[1])
    note = f"slowest of {len(clicks)}: {slowest[0]}"
    return [
        Figure("findings_seconds", sum(seconds), FINDINGS_SECONDS, " + ".join(f"{s:.1f}" for s in seconds)),
        Figure("other_click_seconds", slowest[1], CLICK_SECONDS, note),
    ]


def _walk(server: Server, ready: threading.Event, over: threading.Event) -> list[tuple[str, float, float]]:
    """Go round the pages with the employee sample until it is over; each click, its seconds, and when it began."""
    clicks = []
    with chromium() as browser, Visitor(browser, server.url) as visitor:
        story.take_sample(visitor)
        story.confirm(visitor)
        for title in (*_PAGES, *_PAGES):
            visitor.go(title)  # what is computed for the first time is not what is measured
        still = max(seconds for name, seconds in visitor.times[-len(_PAGES) :])
        print(f"{still:7.2f} s  the slowest click while nothing else runs", flush=True)
        ready.set()
        while not over.is_set():
            for title in _PAGES:
                at = time.monotonic()
                clicks.append((title, visitor.go(title), at))
                time.sleep(_LOOKING)
    return clicks


def _findings(server: Server, path: Path) -> list[float]:
    """Upload, name the target and wait for both parts of the findings; how long each job ran."""
    began = time.time()
    with chromium() as browser, Visitor(browser, server.url) as visitor:
        visitor.open("/")
        visitor.upload(path)
        visitor.wait_for("rows", _PATIENCE)
        visitor.choose("Target: the column to be predicted", TARGET)
        visitor.click(f"{YES}:", exact=False)
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            jobs = [job for job in listing(server.workspace) if job.kind == "findings" and job.created > began]
            if len(jobs) > 1 and not any(job.active for job in jobs):
                break
            time.sleep(0.5)
        failed = [job.error for job in jobs if job.state != "done"]
        if failed or len(jobs) < 2:
            raise RuntimeError(f"The findings did not succeed: {failed} {visitor.problems()}")
    return [job.seconds for job in reversed(jobs)]


_PARTS = {"upload": upload, "read": read, "theirs": theirs}

if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] in _PARTS:
        print(json.dumps(_PARTS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
    else:
        sys.exit(main(sys.argv[1:]))
