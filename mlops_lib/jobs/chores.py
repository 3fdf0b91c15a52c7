"""What a worker sees to once, soon after its start and when nothing else is to do."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mlops_lib.data.removal import purge
from mlops_lib.jobs.forgetting import forget_table
from mlops_lib.objects.errors import FulcrumError
from mlops_lib.registry.recording import close_orphans
from mlops_lib.registry.settings import prepare_store
from mlops_lib.registry.trained_on import note_earlier_models
from mlops_lib.workspace.folder import Workspace

STALE_SECONDS = 86_400.0
"""Age at which something half-written belongs to nobody any more."""


def tidy(_emit: Callable[[object], None], root: str) -> None:
    """Prepare the MLflow store, close MLflow runs that nobody writes any more, remove what was left half-written.

    Tables that were removed from the catalogue long enough ago are deleted, unless something uses them.
    """
    workspace = Workspace(Path(root))
    for path in half_written(workspace):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    try:
        prepare_store(workspace)
        close_orphans(workspace)
        note_earlier_models(workspace)
    except FulcrumError as error:
        # Which tables the models of an unreachable store were trained on is not known: nothing is deleted today.
        print(f"MLflow was not tidied: {error}", file=sys.stderr)  # noqa: T201
    else:
        for fingerprint in purge(workspace):
            forget_table(workspace, fingerprint)


def half_written(workspace: Workspace) -> Iterator[Path]:
    """Hidden files and folders beside finished ones that are older than a day: their writer was killed."""
    limit = time.time() - STALE_SECONDS
    places = (workspace.datasets, workspace.runs, workspace.results, workspace.uploads)
    for place in (*places, *workspace.datasets.glob("[!.]*/*/")):  # a dataset's folder has one of encoded columns
        for path in place.glob(".*") if place.is_dir() else ():
            if path.stat().st_mtime < limit:
                yield path
