"""Files of the server: those of the folder, and nothing outside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlops_lib.data.server_files import files_are_set, find_file, list_files
from mlops_lib.objects.errors import InputError, NotFoundError, NotPossibleError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "tables"
    (root / "2024" / "q1").mkdir(parents=True)
    (root / ".git").mkdir()
    (tmp_path / "outside").mkdir()
    for name in ("b.csv", "a.csv", "2024/q1/한글.csv", ".hidden.csv", ".git/config", "~$book.xlsx"):
        (root / name).write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "outside" / "secret.csv").write_text("s\n1\n")
    (root / "link.csv").symlink_to(root / "a.csv")
    (root / "away.csv").symlink_to(tmp_path / "outside" / "secret.csv")
    (root / "folder").symlink_to(tmp_path / "outside", target_is_directory=True)
    (root / "loop").symlink_to(root / "loop")
    monkeypatch.setenv("FULCRUM_FILES", str(root))
    return root


def test_files_are_listed_with_size_and_time(folder: Path) -> None:
    os.utime(folder / "a.csv", (1_700_000_000, 1_700_000_000))
    found = {file.name: file for file in list_files()}
    assert list(found) == ["2024/q1/한글.csv", "a.csv", "b.csv", "link.csv"]
    assert (found["a.csv"].size, found["a.csv"].changed) == (8, "2023-11-14T22:13:20+00:00")
    assert found["a.csv"].stamp != found["b.csv"].stamp
    path, file = find_file("2024/q1/한글.csv")
    assert path.read_text() == "a,b\n1,2\n"
    assert file == found["2024/q1/한글.csv"]


def test_a_changed_file_has_another_stamp(folder: Path) -> None:
    before = find_file("a.csv")[1].stamp
    (folder / "a.csv").write_text("a,b\n1,2\n3,4\n")
    assert find_file("a.csv")[1].stamp != before


@pytest.mark.parametrize(
    "name",
    [
        "../outside/secret.csv",
        "2024/../../outside/secret.csv",
        "/etc/passwd",
        "away.csv",
        "folder/secret.csv",
        "folder",
        "loop",
        "",
        ".",
        "..",
        "a.csv\x00",
        "none.csv",
        "2024",
    ],
)
def test_nothing_outside_the_folder_is_opened(folder: Path, name: str) -> None:
    with pytest.raises((InputError, NotFoundError)) as caught:
        find_file(name)
    assert str(folder) not in str(caught.value)
    assert str(folder.parent) not in str(caught.value)


def test_the_folder_itself_may_be_a_link(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = folder.parent / "link to tables"
    other.symlink_to(folder, target_is_directory=True)
    monkeypatch.setenv("FULCRUM_FILES", str(other))
    assert "a.csv" in [file.name for file in list_files()]
    assert find_file("a.csv")[1].size == 8


def test_without_a_folder_that_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for setting, words in (("", "name no folder"), (str(folder / "gone"), "cannot be read")):
        monkeypatch.setenv("FULCRUM_FILES", setting)
        for ask in (list_files, lambda: find_file("a.csv")):
            with pytest.raises(NotPossibleError, match=words) as caught:
                ask()
            assert str(folder) not in str(caught.value)
    monkeypatch.setenv("FULCRUM_FILES", " ")
    assert not files_are_set()


def test_a_long_list_is_cut(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlops_lib.data.server_files.MAX_LISTED", 3)
    for k in range(10):
        (folder / f"c{k}.csv").write_text("a\n1\n")
    assert len(list_files()) == 3
