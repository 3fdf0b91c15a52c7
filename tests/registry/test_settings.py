"""Where MLflow lies, and that a server that is down says so in seconds."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.registry.settings import (
    artifact_root,
    open_client,
    prepare_store,
    registry_client,
    shown,
    tracking_uri,
)
from mlops_lib.workspace.folder import Workspace
from tests.trained import trained


@pytest.fixture(autouse=True)
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_the_embedded_store_is_an_absolute_address_in_the_workspace(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert tracking_uri(workspace) == f"sqlite:///{tmp_path}/mlflow/mlflow.db"
    assert artifact_root(workspace) == (tmp_path / "mlflow" / "artifacts").as_uri()


def test_a_server_decides_itself_where_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow.example:5000")
    assert artifact_root(Workspace(tmp_path)) is None
    assert prepare_store(Workspace(tmp_path)) is None
    assert not list(tmp_path.iterdir())


def test_preparing_twice_keeps_the_store(tmp_path: Path) -> None:
    workspace = trained(tmp_path / "home").workspace
    made = prepare_store(workspace)
    assert made is not None
    before = made.stat().st_mtime_ns
    assert prepare_store(workspace) == made
    assert made.stat().st_mtime_ns == before
    assert [f.name for f in made.parent.iterdir()] == [made.name], "no half-made store is left beside it"


def test_a_client_sets_nothing_for_others(tmp_path: Path) -> None:
    import mlflow

    before = mlflow.get_tracking_uri()
    open_client(trained(tmp_path / "home").workspace)
    assert mlflow.get_tracking_uri() == before


def test_a_server_that_is_down_says_so_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    begun = time.monotonic()
    with pytest.raises(NotPossibleError, match=rf"http://127.0.0.1:{port} does not answer"):
        open_client(Workspace(tmp_path))
    assert time.monotonic() - begun < 2


def test_a_server_that_hangs_is_given_up_in_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{silent.getsockname()[1]}")
        begun = time.monotonic()
        with pytest.raises(NotPossibleError, match="does not answer"):
            open_client(Workspace(tmp_path))
        assert 2 < time.monotonic() - begun < 8


def test_any_answer_counts_as_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that asks strangers for a password answers 401: it is there, and MLflow itself deals with the rest."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        thread = threading.Thread(target=_refuse, args=(server,))
        thread.start()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.getsockname()[1]}")
        assert open_client(Workspace(tmp_path)).tracking_uri.startswith("http://127.0.0.1")
        thread.join()


def _refuse(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_what_mlflow_refuses_becomes_a_sentence(tmp_path: Path) -> None:
    workspace = trained(tmp_path / "home").workspace
    with pytest.raises(NotPossibleError, match="refused"), registry_client(workspace) as client:
        client.get_run("0" * 32)


def test_passwords_in_addresses_are_not_shown() -> None:
    assert shown("postgresql://me:secret@host/db") == "postgresql://host/db"
    assert shown("sqlite:////tmp/x.db") == "sqlite:////tmp/x.db"
