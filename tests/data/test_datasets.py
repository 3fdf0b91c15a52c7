"""Tables in the workspace: immutable, found again, and one and the same where their cells are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from mlops_lib.data import limits
from mlops_lib.data.datasets import keep_upload, list_datasets, open_dataset, read_and_keep
from mlops_lib.data.samples import SAMPLES, load_sample, sample_of
from mlops_lib.data.target import describe_labels
from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.errors import NotFoundError, TooLargeError
from mlops_lib.objects.schema import Classes
from mlops_lib.workspace.folder import Workspace, open_workspace

CSV = b"a,b\n1,x\n2,?\n3,z\n"


def test_a_table_is_found_again_after_a_restart_and_a_move(workspace: Workspace, tmp_path: Path) -> None:
    kept = read_and_keep(workspace, keep_upload(workspace, CSV), "t.csv")
    shutil.move(workspace.root, tmp_path / "elsewhere")
    moved = open_workspace(tmp_path / "elsewhere")
    again = open_dataset(moved, kept.fingerprint)
    assert (again.name, again.rows, again.columns, again.reading) == (kept.name, 3, ("a", "b"), kept.reading)
    pd.testing.assert_frame_equal(again.frame(), pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": ["x", "?", "z"]}))


def test_a_path_may_be_text(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(CSV)
    path = tmp_path / "t.csv"
    assert read_and_keep(workspace, str(path), "t.csv") == read_and_keep(workspace, path, "t.csv")


def test_the_cells_alone_make_the_fingerprint(workspace: Workspace) -> None:
    one = read_and_keep(workspace, keep_upload(workspace, CSV), "one.csv")
    renamed = read_and_keep(workspace, keep_upload(workspace, CSV), "two.csv")
    same_cells = read_and_keep(workspace, keep_upload(workspace, CSV.replace(b",", b";")), "three.csv")
    changed = read_and_keep(workspace, keep_upload(workspace, CSV.replace(b"3,z", b"4,z")), "four.csv")
    assert one.fingerprint == renamed.fingerprint == same_cells.fingerprint
    assert changed.fingerprint != one.fingerprint
    assert [d.name for d in list_datasets(workspace) if d.fingerprint == one.fingerprint] == ["three.csv"]


def test_another_reading_of_a_file_is_another_version(workspace: Workspace) -> None:
    path = keep_upload(workspace, CSV)
    one = read_and_keep(workspace, path, "t.csv")
    two = read_and_keep(workspace, path, "t.csv", ReadingOptions(missing=("?",)))
    assert one.fingerprint != two.fingerprint
    assert len(list_datasets(workspace)) == 2
    assert two.reading is not None
    assert two.reading.file == path.name


def test_what_is_not_there_is_said(workspace: Workspace) -> None:
    for name in ("abc", "../x", ""):
        with pytest.raises(NotFoundError):
            open_dataset(workspace, name)


def test_an_upload_above_the_limit_is_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 10)
    with pytest.raises(TooLargeError):
        keep_upload(workspace, CSV)
    assert not list(workspace.uploads.glob("*"))


@pytest.mark.parametrize("key", SAMPLES)
def test_every_sample_loads_and_its_question_can_be_asked(workspace: Workspace, key: str) -> None:
    dataset = load_sample(workspace, key)
    sample = sample_of(dataset)
    assert sample is SAMPLES[key]
    labels = describe_labels(dataset, sample.target)
    if isinstance(sample.question, Classes):
        assert sample.question.positive in labels.labels
    else:
        assert labels.numeric
    with pytest.raises(NotFoundError):
        load_sample(workspace, "nonsense")


@pytest.mark.skipif(
    "FULCRUM_TEST_DATA" not in os.environ, reason="FULCRUM_TEST_DATA is unset: the tables are not at hand"
)
def test_an_upload_with_a_byte_order_mark_keeps_its_first_name(workspace: Workspace) -> None:
    content = (Path(os.environ["FULCRUM_TEST_DATA"]) / "ibm_hr_attrition.csv").read_bytes()
    dataset = read_and_keep(workspace, keep_upload(workspace, content), "hr.csv")
    assert dataset.columns[0] == "Age"
