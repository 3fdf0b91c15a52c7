"""A recipe fitted again on growing shares of its rows, in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlops_lib.jobs.engine import ForkEngine
from mlops_lib.train.learning_curve import Refits, refit_stored
from mlops_lib.workspace.folder import Workspace


def learning_curve_job(workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]) -> Refits:
    """The job kind "learning_curve". Raises as `train.learning_curve.refit_shares` does."""
    return refit_stored(workspace, spec, ForkEngine(), emit)
