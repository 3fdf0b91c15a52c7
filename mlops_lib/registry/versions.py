"""Registered versions: list them, open one, compare two, point an alias at one and take that back."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlops_lib.objects.errors import InputError, NotFoundError, NotTrustedError
from mlops_lib.objects.version import Version
from mlops_lib.registry import ledger
from mlops_lib.registry.digest import folder_digest
from mlops_lib.registry.settings import registry_client, tracking_uri
from mlops_lib.threshold.policies import said
from mlops_lib.workspace import codec
from mlops_lib.workspace.folder import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION = "champion"
DECISION_TAG, AT_THRESHOLD_TAG, DIGEST_TAG = "fulcrum.decision", "fulcrum.at_threshold", "fulcrum.digest"
PAGE = 20

_SHOWN_TAGS = ("fulcrum.run", "fulcrum.dataset", "fulcrum.schema", "fulcrum.split", "fulcrum.recipe")


@dataclass(frozen=True)
class VersionPage:
    """Versions, newest first. `following` continues the list, "" at its end.

    `foreign` counts versions that Fulcrum did not make; `champion` is the number that the alias points at, on this page
    or another.
    """

    versions: tuple[Version, ...]
    following: str = ""
    foreign: int = 0
    champion: int | None = None


@dataclass(frozen=True, eq=False)
class VersionComparison:
    """Two versions side by side: frames with the columns `what`, `first`, `second` and `same`."""

    first: Version
    second: Version
    facts: pd.DataFrame
    metrics: pd.DataFrame
    parameters: pd.DataFrame


def list_models(workspace: Workspace) -> tuple[str, ...]:
    """Names of the registered models, the one changed last first (at most 200)."""
    with registry_client(workspace) as client:
        found = client.search_registered_models(max_results=200, order_by=["last_updated_timestamp DESC"])
    return tuple(model.name for model in found)


def list_versions(workspace: Workspace, name: str, page_size: int = PAGE, following: str = "") -> VersionPage:
    """A page of the versions of a model with their aliases."""
    with registry_client(workspace) as client:
        found = client.search_model_versions(
            f"name = {_quoted(name)}",
            max_results=page_size,
            order_by=["version_number DESC"],
            page_token=following or None,
        )
        ours = [v for v in found if DECISION_TAG in v.tags]
        aliases = _aliases(client, name)
        versions = tuple(_version(workspace, client, v, aliases) for v in ours)
    return VersionPage(versions, found.token or "", len(found) - len(ours), _pointed_at(aliases, CHAMPION))


def open_version(workspace: Workspace, name: str, number: int) -> Version:
    """One version. Raises NotFoundError where there is none, or where Fulcrum did not make it."""
    from mlflow.exceptions import MlflowException

    with registry_client(workspace) as client:
        try:
            found = client.get_model_version(name, str(number))
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            raise NotFoundError(f"There is no version {number} of '{name}'.", "Choose one from the list.") from error
        if DECISION_TAG not in found.tags:
            raise NotFoundError(f"'{name}' version {number} was not made by Fulcrum.", "Choose another version.")
        return _version(workspace, client, found, _aliases(client, name))


def version_at(workspace: Workspace, name: str, alias: str = CHAMPION) -> Version:
    """The version that an alias points at. Raises NotFoundError where it points at none."""
    with registry_client(workspace) as client:
        number = _pointed_at(_aliases(client, name), alias)
    if number is None:
        raise NotFoundError(f"'{name}' has no version called '{alias}'.", "Set the alias on the Registry page.")
    return open_version(workspace, name, number)


def set_alias(
    workspace: Workspace, name: str, number: int, alias: str = CHAMPION, *, who: str = "somebody", why: str = ""
) -> ledger.Entry:
    """Point an alias at a version and note the move. Raises InputError where it points there already."""
    return _move(workspace, name, number, alias, ledger.ALIAS_SET, who, why)


def go_back(
    workspace: Workspace, name: str, alias: str = CHAMPION, *, who: str = "somebody", why: str = ""
) -> ledger.Entry:
    """Point an alias at the version it had before, by the ledger. Raises NotFoundError where there is none."""
    return _move(workspace, name, ledger.previous_version(workspace, name, alias), alias, ledger.WENT_BACK, who, why)


def compare_versions(first: Version, second: Version) -> VersionComparison:
    """What two versions have in common and what not."""
    return VersionComparison(
        first,
        second,
        _side_by_side(_facts(first), _facts(second)),
        _side_by_side(dict(first.metrics), dict(second.metrics)),
        _side_by_side(dict(first.parameters), dict(second.parameters)),
    )


def fetch_files(workspace: Workspace, version: Version, folder: Path) -> Path:
    """Copy a version's files into a folder and check them against the digest in the ledger.

    Raises NotTrustedError where this workspace did not register the version, or where a file was changed since.
    """
    try:
        noted = ledger.registered_digest(workspace, version.name, version.number)
    except NotFoundError as error:
        raise NotTrustedError(error.message, error.hint) from error
    with registry_client(workspace) as client:
        from mlflow.artifacts import download_artifacts

        source = client.get_model_version_download_uri(version.name, str(version.number))
        copied = Path(download_artifacts(source, dst_path=str(folder), tracking_uri=tracking_uri(workspace)))
    if folder_digest(copied) != noted:
        raise NotTrustedError(
            f"The files of '{version.name}' version {version.number} are not those that were registered.",
            "Somebody changed them in the store. Register the run again, or go back to another version.",
        )
    return copied


def read_card(workspace: Workspace, version: Version) -> str:
    """The version's model card as HTML, as it lies in the store. Raises NotPossibleError where it cannot be had."""
    with registry_client(workspace) as client, tempfile.TemporaryDirectory(prefix="fulcrum-card-") as folder:
        from mlflow.artifacts import download_artifacts

        source = client.get_model_version_download_uri(version.name, str(version.number))
        place = f"{source.rstrip('/')}/artifacts/model_card.html"
        file = download_artifacts(place, dst_path=folder, tracking_uri=tracking_uri(workspace))
        return Path(file).read_text(encoding="utf-8", errors="surrogatepass")


def _move(workspace: Workspace, name: str, number: int, alias: str, what: str, who: str, why: str) -> ledger.Entry:
    open_version(workspace, name, number)
    with registry_client(workspace) as client:
        before = _pointed_at(_aliases(client, name), alias)
        if before == number:
            raise InputError(f"'{alias}' points at version {number} already.", "Choose another version.")
        client.set_registered_model_alias(name, alias, str(number))
    return ledger.write(workspace, name, what, who=who, before=before, after=number, alias=alias, why=why)


def _aliases(client: MlflowClient, name: str) -> dict[int, tuple[str, ...]]:
    by_alias = client.get_registered_model(name).aliases
    numbers = sorted({int(n) for n in by_alias.values()})
    return {n: tuple(sorted(a for a, at in by_alias.items() if int(at) == n)) for n in numbers}


def _pointed_at(aliases: dict[int, tuple[str, ...]], alias: str) -> int | None:
    return next((number for number, names in aliases.items() if alias in names), None)


def _version(
    workspace: Workspace, client: MlflowClient, found: ModelVersion, aliases: dict[int, tuple[str, ...]]
) -> Version:
    number = int(found.version)
    data = client.get_run(found.run_id).data if found.run_id else None
    metrics = {k: v for k, v in data.metrics.items() if not k.startswith("fold_")} if data else {}
    metrics |= {f"{k}_at_threshold": v for k, v in json.loads(found.tags.get(AT_THRESHOLD_TAG, "{}")).items()}
    return Version(
        name=found.name,
        number=number,
        uri=f"models:/{found.name}/{number}",
        run=found.tags.get("fulcrum.run", ""),
        decision=codec.from_json(found.tags[DECISION_TAG]),
        digest=_noted_digest(workspace, found.name, number),
        aliases=aliases.get(number, ()),
        created=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC).isoformat(timespec="seconds"),
        tags=tuple(sorted((k, v) for k, v in found.tags.items() if k not in (DECISION_TAG, AT_THRESHOLD_TAG))),
        metrics=tuple(sorted(metrics.items())),
        parameters=tuple(sorted(data.params.items())) if data else (),
        mlflow_run=found.run_id or "",
    )


def _noted_digest(workspace: Workspace, name: str, number: int) -> str:
    """The ledger's digest, "" where another workspace registered the version."""
    try:
        return ledger.registered_digest(workspace, name, number)
    except NotFoundError:
        return ""


def _facts(version: Version) -> dict[str, str]:
    tags = dict(version.tags)
    shown = {tag.partition(".")[2]: tags.get(tag, "") for tag in _SHOWN_TAGS}
    decision = {"threshold": repr(version.decision.threshold), "chosen by": said(version.decision.policy)}
    return {**decision, "registered": version.created, **shown}


def _side_by_side(first: dict[str, Any], second: dict[str, Any]) -> pd.DataFrame:
    keys = list(dict.fromkeys([*first, *second]))
    rows = [(k, first.get(k), second.get(k), first.get(k) == second.get(k)) for k in keys]
    return pd.DataFrame(rows, columns=["what", "first", "second", "same"])


def _quoted(name: str) -> str:
    """A name for MLflow's filters, which know no escape sign."""
    return f"'{name}'" if "'" not in name else f'"{name}"'
