"""A table that is deleted for good leaves no job or result behind, and can be read again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mlops_lib.data.catalogue import add_version, version_of
from mlops_lib.data.datasets import keep_upload
from mlops_lib.data.removal import remove
from mlops_lib.jobs import chores, queue, taking
from mlops_lib.jobs.chores import tidy
from mlops_lib.jobs.doing import do_job
from mlops_lib.jobs.reading import read_spec
from mlops_lib.jobs.work import WORK, work_of
from mlops_lib.objects.dataset import Dataset
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace, open_workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("FULCRUM_DATABASE", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return open_workspace(tmp_path / "home")


def done(workspace: Workspace, kind: str, spec: dict[str, Any]) -> Any:
    """The result of a job, done here and now."""
    job = queue.status(workspace, queue.submit(workspace, kind, spec))
    while (taken := taking.take(workspace, "test", tuple(WORK))) is not None:
        text = codec.to_json(dict(taken.spec))
        do_job(lambda _: None, str(workspace.root), work_of(taken.kind).run, text, taken.key)
        taking.end(workspace, "test", taken.id, "done")
    return workspace.result(job.key)


def read(workspace: Workspace, first: int) -> tuple[dict[str, Any], Dataset]:
    content = b"number,age\n" + b"".join(b"%d,%d\n" % (k, first + k) for k in range(30))
    spec = read_spec(keep_upload(workspace, content), f"t{first}.csv")
    return spec, done(workspace, "read", spec)


def test_the_chores_delete_what_stayed_removed_and_only_that(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (spec, gone), (kept_spec, kept) = read(workspace, 0), read(workspace, 50)
    version = add_version(workspace, gone)
    add_version(workspace, kept, version.table)
    both = {"before": gone.fingerprint, "after": kept.fingerprint}
    done(workspace, "compare_tables", both)
    remove(workspace, version)
    tidy(lambda _: None, str(workspace.root))
    assert Path(gone.path).is_file(), "it can be restored for thirty days"

    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr(chores, "purge", lambda where: _purge_at(where, later))
    tidy(lambda _: None, str(workspace.root))
    assert not Path(gone.path).exists()
    assert queue.find(workspace, "read", spec) is None
    assert queue.find(workspace, "compare_tables", both) is None
    assert Path(kept.path).is_file()
    assert done(workspace, "read", kept_spec) == kept

    again = read(workspace, 0)[1]
    assert again.fingerprint == gone.fingerprint
    assert Path(again.path).is_file()
    assert add_version(workspace, again, version.table).number == 1
    assert version_of(workspace, again.fingerprint) is not None


def _purge_at(workspace: Workspace, at: datetime) -> tuple[str, ...]:
    from mlops_lib.data.removal import purge

    return purge(workspace, at)
