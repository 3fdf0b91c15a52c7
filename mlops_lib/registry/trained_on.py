"""Which table a registered version was trained on, noted in the app's own database for the catalogue of tables."""

from __future__ import annotations

import sqlalchemy as sa

from mlops_lib.data.uses import note_model, noted_models
from mlops_lib.objects.errors import FulcrumError
from mlops_lib.registry import ledger
from mlops_lib.registry.versions import open_version
from mlops_lib.workspace.database import database
from mlops_lib.workspace.database import ledger as ledger_rows
from mlops_lib.workspace.folder import Workspace

_DATASET_TAG = "fulcrum.dataset"


def note_earlier_models(workspace: Workspace) -> int:
    """Note the tables of versions that were registered before this was noted; returns how many there were.

    What MLflow no longer has is passed over.
    """
    query = sa.select(ledger_rows.c.model, ledger_rows.c.after).where(ledger_rows.c.what == ledger.REGISTERED)
    with database(workspace).connect() as connection:
        registered = {(row.model, int(row.after)) for row in connection.execute(query) if row.after}
    return sum(_noted(workspace, name, number) for name, number in sorted(registered - noted_models(workspace)))


def _noted(workspace: Workspace, name: str, number: int) -> bool:
    try:
        version = open_version(workspace, name, number)
    except FulcrumError:
        return False
    dataset = dict(version.tags).get(_DATASET_TAG, "")
    if dataset:
        note_model(workspace, name, number, dataset, version.run)
    return bool(dataset)
