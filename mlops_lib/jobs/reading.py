"""Reading a file as a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlops_lib.data.datasets import read_and_keep
from mlops_lib.objects.dataset import Dataset, ReadingOptions
from mlops_lib.objects.progress import Progress
from mlops_lib.workspace.folder import Workspace


def read_spec(path: Path, name: str, options: ReadingOptions | None = None, source: str = "upload") -> dict[str, Any]:
    """The spec of the job kind "read". `path` is what `keep_upload` returned: named by its content."""
    return {"path": str(path), "name": name, "options": options or ReadingOptions(), "source": source}


def read_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Dataset:
    """Read the file and keep it as a dataset. Raises what `data.reading.read_table` raises."""
    emit(Progress(0, 1, f"Reading {spec['name']}"))
    return read_and_keep(workspace, Path(spec["path"]), spec["name"], spec["options"], spec["source"])
