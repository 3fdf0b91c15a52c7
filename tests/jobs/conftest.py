from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import toy_work

from mlops_lib.jobs.start import stop_worker
from mlops_lib.workspace.database import _engine, database
from mlops_lib.workspace.folder import Workspace


@pytest.fixture(autouse=True)
def toy_kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    toy_work.register()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
    yield
    for kind in toy_work.KINDS:
        del toy_work.WORK[f"toy_{kind}"]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path)
    yield made
    stop_worker(made)
    database(made).dispose()
    _engine.cache_clear()
