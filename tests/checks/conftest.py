"""Datasets of a few columns in a workspace of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mlops_lib.data.datasets import keep
from mlops_lib.data.reading import ReadTable
from mlops_lib.objects.dataset import Dataset, Reading, ReadingOptions
from mlops_lib.workspace.folder import Workspace, open_workspace
from tests.checks.tables import Make


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "home")


@pytest.fixture
def table_of(workspace: Workspace) -> Make:
    def table_of(columns: Mapping[str, Any] | pa.Table, **read: Any) -> Dataset:
        table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
        reading = Reading("CSV", ReadingOptions(), table.num_rows, table.num_rows, **read)
        return keep(workspace, ReadTable(table, reading), "t.csv", "test")

    return table_of
