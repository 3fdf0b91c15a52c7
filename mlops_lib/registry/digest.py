"""One SHA-256 over the files of a stored model."""

from __future__ import annotations

import hashlib
from pathlib import Path

_ADDED_ON_DOWNLOAD = ("registered_model_meta",)
"""MLflow writes this file beside the others whenever it fetches a registered model."""


def folder_digest(folder: Path) -> str:
    """SHA-256 (64 hex digits) of the names and contents of all files below a folder, whatever their order or times."""
    digest = hashlib.sha256()
    for file in sorted(_files(folder), key=lambda f: f.relative_to(folder).as_posix()):
        name = file.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
        content = hashlib.sha256(file.read_bytes()).digest()
        digest.update(len(name).to_bytes(8, "big") + name + content)
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return [
        f
        for f in folder.rglob("*")
        if f.is_file() and "__pycache__" not in f.parts and f.relative_to(folder).as_posix() not in _ADDED_ON_DOWNLOAD
    ]
