"""Tables in a folder of the server that the settings name: listed, opened, and never anything outside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from mlops_lib.objects.errors import InputError, NotFoundError, NotPossibleError

SETTING = "FULCRUM_FILES"
MAX_LISTED = 500
"""Files that are listed at most, in the order of their names."""

_HIDDEN = (".", "~$")


@dataclass(frozen=True)
class ServerFile:
    """A file of the folder. `name` is its place in it with slashes; `size` in bytes, `changed` in UTC (ISO 8601).

    `stamp` changes whenever the file does.
    """

    name: str
    size: int
    changed: str
    stamp: str


def files_are_set() -> bool:
    """Whether the settings name a folder."""
    return bool(os.environ.get(SETTING, "").strip())


def list_files() -> tuple[ServerFile, ...]:
    """The files of the folder and of the folders in it, hidden ones left out, by name.

    Raises NotPossibleError where the settings name no folder, or one that cannot be read.
    """
    root = _root()
    found: list[ServerFile] = []
    for folder, folders, names in os.walk(root):  # does not follow links to folders
        folders[:] = sorted(f for f in folders if not f.startswith(_HIDDEN))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(_HIDDEN) and _is_inside(path, root):
                found.append(_described(path, root))
        if len(found) >= MAX_LISTED:
            break
    return tuple(sorted(found, key=lambda file: file.name)[:MAX_LISTED])


def find_file(name: str) -> tuple[Path, ServerFile]:
    """Where the file of that name lies, and the file as it is now.

    Raises InputError where the name leads out of the folder, NotFoundError where there is no such file.
    """
    root = _root()
    parts = PurePosixPath(name).parts
    path = root.joinpath(*parts)
    if not parts or ".." in parts or PurePosixPath(name).is_absolute() or "\x00" in name:
        raise InputError(f"'{name}' is no name of a file in the folder.", "Choose one from the list.")
    if not path.is_file():
        raise NotFoundError(f"There is no file '{name}' any more.", "Choose another one from the list.")
    if not _is_inside(path, root):
        raise InputError(f"'{name}' leads out of the folder.", "Copy the file itself into the folder.")
    return path.resolve(), _described(path, root)


def _root() -> Path:
    setting = os.environ.get(SETTING, "").strip()
    if not setting:
        raise NotPossibleError("The settings name no folder with files.", f"Set {SETTING} where Fulcrum is started.")
    root = Path(setting).expanduser()
    if not root.is_dir() or not os.access(root, os.R_OK | os.X_OK):
        raise NotPossibleError(f"The folder that {SETTING} names cannot be read.", "Ask whoever runs this server.")
    return root.resolve()


def _is_inside(path: Path, root: Path) -> bool:
    """Whether it is an ordinary file that lies in the folder also after every link is followed."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return real.is_relative_to(root) and real.is_file() and os.access(real, os.R_OK)


def _described(path: Path, root: Path) -> ServerFile:
    facts = path.stat()
    changed = datetime.fromtimestamp(facts.st_mtime, UTC).isoformat(timespec="seconds")
    name = path.relative_to(root).as_posix().encode("utf-8", "replace").decode()
    return ServerFile(name, facts.st_size, changed, f"{facts.st_mtime_ns:x}-{facts.st_size:x}-{facts.st_ino:x}")
