"""The digest of a folder sees names and contents, and neither order nor what MLflow adds on download."""

from __future__ import annotations

from pathlib import Path

from mlops_lib.registry.digest import folder_digest


def fill(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        target = folder / name.replace("__", "/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder


def test_the_same_files_have_the_same_digest_whatever_their_order(tmp_path: Path) -> None:
    assert folder_digest(fill(tmp_path / "a", x="1", y="2")) == folder_digest(fill(tmp_path / "b", y="2", x="1"))


def test_a_changed_byte_a_new_name_and_a_new_file_change_it(tmp_path: Path) -> None:
    folders = [
        fill(tmp_path / "a", x="1", sub__y="2"),
        fill(tmp_path / "b", x="1", sub__y="3"),
        fill(tmp_path / "c", x="1", sub__z="2"),
        fill(tmp_path / "d", x="1", y="2"),
        fill(tmp_path / "e", x="1", sub__y="2", extra=""),
        fill(tmp_path / "f", x="12", sub__y=""),
    ]
    assert len({folder_digest(f) for f in folders}) == len(folders)


def test_what_loading_leaves_behind_does_not_count(tmp_path: Path) -> None:
    folder = fill(tmp_path / "a", x="1")
    before = folder_digest(folder)
    (folder / "registered_model_meta").write_text("model_name: m")
    (folder / "code" / "__pycache__").mkdir(parents=True)
    (folder / "code" / "__pycache__" / "x.pyc").write_text("bytecode")
    assert folder_digest(folder) == before
