"""The real app on a free port of this machine, with a workspace of its own; stopped with its worker by process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from mlops_lib.jobs.start import stop_worker, worker_alive
from mlops_lib.workspace.folder import Workspace, open_workspace

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


class Server:
    """`streamlit run app.py` as a user would start it. `ready_seconds` is how long it took until it listened."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home, self.environment = home, environment
        self.port = _free_port()
        self.log = home.with_name(f"{home.name}-server.log")
        self.process: subprocess.Popen[bytes] | None = None
        self.began = self.ready_seconds = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def workspace(self) -> Workspace:
        return open_workspace(self.home)

    def start(self) -> Self:
        """Start and wait until it listens. Raises RuntimeError with the log where it ends before."""
        self.began = time.monotonic()
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        environment = {**os.environ, "FULCRUM_HOME": str(self.home), **self.environment}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() - self.began > START_SECONDS:
                self.stop()
                raise RuntimeError(f"The app did not start:\n{self.said()}")
            time.sleep(0.05)
        self.ready_seconds = time.monotonic() - self.began
        return self

    def stop(self, worker: bool = True) -> None:
        """End the server, and with `worker` the worker it started."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        patience = time.monotonic() + 20
        while worker and worker_alive(self.workspace) and time.monotonic() < patience:
            stop_worker(self.workspace)  # one that is only just starting has not yet said which process it is
            time.sleep(0.1)

    def said(self) -> str:
        """What the server wrote."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _listens(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
