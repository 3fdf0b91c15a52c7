"""Where MLflow lies, and how long anybody waits for it."""

from __future__ import annotations

import os
import tempfile
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.workspace.folder import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient

HEALTH_SECONDS = 3
"""How long a server may take to say that it is there."""

_MANNERS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "15",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
}


def tracking_uri(workspace: Workspace) -> str:
    """MLFLOW_TRACKING_URI where it is set, else the embedded SQLite store of the workspace, as an absolute address."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{_embedded(workspace)}"


def artifact_root(workspace: Workspace) -> str | None:
    """Where the files of new MLflow experiments go; None where a server decides that itself."""
    if is_server(tracking_uri(workspace)):
        return None
    return (workspace.root / "mlflow" / "artifacts").as_uri()


def prepare_store(workspace: Workspace) -> Path | None:
    """Make the embedded SQLite store, where it is the one in use and is missing: a step of the set-up (3 to 5 s).

    Returns the file, or None where MLFLOW_TRACKING_URI points elsewhere. The file is made under another name and then
    renamed, so that a store that is half made never shows.
    """
    if os.environ.get("MLFLOW_TRACKING_URI"):
        return None
    final = _embedded(workspace)
    if not final.is_file():
        final.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=final.parent) as folder:
            made = Path(folder) / final.name
            _migrate(made, final.parent / "artifacts")
            _rename_unless_there(made, final)
    return final


def open_client(workspace: Workspace) -> MlflowClient:
    """A client with explicit addresses; nothing global is set. Raises NotPossibleError where the server is down."""
    uri = tracking_uri(workspace)
    if is_server(uri):
        _ask_health(uri)
    prepare_store(workspace)
    load_mlflow()
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri, registry_uri=uri)


@contextmanager
def registry_client(workspace: Workspace) -> Iterator[MlflowClient]:
    """A client for a block; what MLflow raises in it becomes a NotPossibleError that names the store.

    MLflow answers to the outside world, so its errors are not bugs of ours; they are kept as the cause for the log.
    """
    client = open_client(workspace)
    from mlflow.exceptions import MlflowException

    try:
        yield client
    except (MlflowException, OSError) as error:
        raise NotPossibleError(
            f"MLflow at {shown(tracking_uri(workspace))} refused: {str(error).splitlines()[0][:300]}",
            "Try again; if it stays, look at the MLflow store and its log.",
        ) from error


def shown(uri: str) -> str:
    """An address without the password that it may carry."""
    scheme, mark, rest = uri.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else uri


def _embedded(workspace: Workspace) -> Path:
    return workspace.root / "mlflow" / "mlflow.db"


def is_server(uri: str) -> bool:
    """Whether the address is that of an MLflow server, not of a database."""
    return uri.startswith(("http://", "https://"))


def load_mlflow() -> None:
    """Import MLflow (2 s once a process) with short waits and no telemetry.

    MLflow reads the settings at each request; its own values (7 retries of up to 120 s) freeze a page for minutes.
    """
    for name, value in _MANNERS.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        # MLflow's own mapping still uses SQLAlchemy's 'noload'; nothing that we can change.
        warnings.filterwarnings("ignore", message=".*noload.*", category=DeprecationWarning)
        # On import MLflow looks at type hints of its own classes and warns that one of them says Any.
        warnings.filterwarnings("ignore", message=".*Any type hint is inferred.*", category=UserWarning)
        import mlflow.pyfunc
        import mlflow.store.tracking.sqlalchemy_store  # noqa: F401


def _ask_health(uri: str) -> None:
    """Any answer will do, also a refusal to strangers: it says that somebody listens."""
    try:
        with urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=HEALTH_SECONDS):  # noqa: S310  the scheme was checked
            return
    except urllib.error.HTTPError:
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise NotPossibleError(
            f"The MLflow server at {shown(uri)} does not answer ({reason}).",
            "Start it, or correct MLFLOW_TRACKING_URI; your runs and decisions are kept in the workspace meanwhile.",
        ) from error


def _migrate(file: Path, artifacts: Path) -> None:
    load_mlflow()
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(f"sqlite:///{file}", artifacts.as_uri())
    store.engine.dispose()


def _rename_unless_there(made: Path, final: Path) -> None:
    try:
        os.link(made, final)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        made.rename(final)
