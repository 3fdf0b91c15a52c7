"""A write is whole or not there, and what is stored under a fingerprint is found again."""

from pathlib import Path

import numpy as np
import pytest

from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.split import SplitPlan
from mlops_lib.workspace import atomic
from mlops_lib.workspace.folder import Workspace, open_workspace


def test_nouns_are_found_by_their_fingerprint(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    plan = SplitPlan("d", "s", "stratified", 2, 0.25, 0, np.array([0, 1, -1], np.int8))
    assert workspace.put(plan) == plan.fingerprint
    workspace.put(plan)
    found = workspace.get(SplitPlan, plan.fingerprint)
    assert found.fingerprint == plan.fingerprint
    assert found.assignment.tolist() == [0, 1, -1]


@pytest.mark.parametrize("name", ["", "missing", "../../etc", "a/b"])
def test_names_that_are_not_there_or_point_elsewhere_are_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFoundError):
        Workspace(tmp_path).result(name)


def test_a_cut_off_write_never_shows(tmp_path: Path) -> None:
    final = tmp_path / "thing"
    with pytest.raises(RuntimeError), atomic.new_folder(final) as folder:
        (folder / "half").write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_the_first_of_two_writers_wins(tmp_path: Path) -> None:
    final = tmp_path / "thing"
    with atomic.new_folder(final) as slow:
        (slow / "value").write_text("same")
        with atomic.new_folder(final) as fast:
            (fast / "value").write_text("same")
    assert [p.name for p in tmp_path.iterdir()] == ["thing"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    atomic.write_bytes(tmp_path / "f", b"one")
    atomic.write_bytes(tmp_path / "f", b"two")
    assert (tmp_path / "f").read_bytes() == b"two"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_workspace_is_where_the_setting_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULCRUM_HOME", str(tmp_path / "home"))
    assert open_workspace().root == (tmp_path / "home").resolve()
    assert open_workspace(tmp_path / "other").root == (tmp_path / "other").resolve()
