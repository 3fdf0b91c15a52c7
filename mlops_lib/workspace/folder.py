"""Where things lie, and nouns and results by their fingerprint."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mlops_lib.objects.errors import NotFoundError
from mlops_lib.workspace import atomic, codec

Noun = TypeVar("Noun")


@dataclass(frozen=True)
class Workspace:
    """The one folder of an installation. It may be shared by several processes; every write is atomic.

    `datasets/`, `runs/` and `results/` hold one folder a fingerprint; `nouns/<Class>/` one folder a noun (schemas,
    splits, experiments, decisions); `fulcrum.db` is the app's own database; `mlflow/` the embedded MLflow store.
    """

    root: Path

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def results(self) -> Path:
        return self.root / "results"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the app's database: FULCRUM_DATABASE, else SQLite in the workspace."""
        return os.environ.get("FULCRUM_DATABASE") or f"sqlite:///{self.root / 'fulcrum.db'}"

    def put(self, noun: Any) -> str:
        """Store a noun under its own fingerprint and return that. Storing it twice is harmless."""
        final = self.root / "nouns" / type(noun).__name__ / noun.fingerprint
        if not final.is_dir():
            with atomic.new_folder(final) as folder:
                codec.save(noun, folder)
        return str(noun.fingerprint)

    def get(self, kind: type[Noun], fingerprint: str) -> Noun:
        """The stored noun of that class. Raises NotFoundError where there is none."""
        found = codec.load(self._folder(self.root / "nouns" / kind.__name__, fingerprint, kind.__name__))
        if not isinstance(found, kind):
            raise NotFoundError(f"'{fingerprint}' is not a {kind.__name__}.")
        return found

    def save_result(self, key: str, result: Any) -> None:
        """Store a result under the fingerprint of what determines it."""
        final = self.results / key
        if not final.is_dir():
            with atomic.new_folder(final) as folder:
                codec.save(result, folder)

    def has_result(self, key: str) -> bool:
        """Whether a result is stored under this key."""
        return bool(key) and (self.results / key).is_dir()

    def result(self, key: str, *, mapped: bool = False) -> Any:
        """The stored result; with `mapped` its arrays stay where they lie. Raises NotFoundError where there is none."""
        return codec.load(self._folder(self.results, key, "result"), mapped=mapped)

    @staticmethod
    def _folder(parent: Path, name: str, what: str) -> Path:
        folder = parent / name
        if not name or not name.isalnum() or not folder.is_dir():
            raise NotFoundError(
                f"There is no {what} '{name}' in this workspace.", "It may have been made elsewhere or removed."
            )
        return folder


def open_workspace(root: str | Path | None = None) -> Workspace:
    """The workspace at `root`, else at FULCRUM_HOME, else `.fulcrum/` beside the app; made where it is missing."""
    chosen = root or os.environ.get("FULCRUM_HOME") or Path(__file__).resolve().parents[2] / ".fulcrum"
    workspace = Workspace(Path(chosen).expanduser().resolve())
    workspace.root.mkdir(parents=True, exist_ok=True)
    return workspace
