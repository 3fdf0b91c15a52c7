"""One small table in a workspace, for all tests of a module."""

from __future__ import annotations

import pytest

from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return keep_frame(Workspace(tmp_path_factory.mktemp("workspace")), small_frame())
