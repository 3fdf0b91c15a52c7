"""Small datasets kept in a workspace of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mlops_lib.data.datasets import keep
from mlops_lib.data.reading import ReadTable, read_table
from mlops_lib.objects.dataset import Dataset, Reading, ReadingOptions
from mlops_lib.workspace.folder import Workspace, open_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "home")


@pytest.fixture
def dataset_of(workspace: Workspace) -> Callable[[Mapping[str, Any]], Dataset]:
    """A dataset of the columns given as lists."""

    def dataset_of(columns: Mapping[str, Any]) -> Dataset:
        table = pa.table(dict(columns))
        reading = Reading("CSV", ReadingOptions(), table.num_rows, table.num_rows)
        return keep(workspace, ReadTable(table, reading), "table.csv", "test")

    return dataset_of


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(content: bytes, name: str = "people.csv", **options: Any) -> ReadTable:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return read_table(path, name, ReadingOptions(**options))

    return read
