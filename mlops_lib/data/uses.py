"""What uses a version of a table: experiments and runs, registered models, versions derived from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from mlops_lib.data.datasets import list_datasets
from mlops_lib.objects.words import counted, listed
from mlops_lib.workspace.database import database, model_uses, table_versions
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True)
class ModelUse:
    """A registered model version that was trained on a table."""

    model: str
    number: int
    run: str


@dataclass(frozen=True)
class Uses:
    """Who uses a table: fingerprints of experiments, runs (failed ones too) and derived datasets, and model versions.

    `derived` are datasets that have it as parent or as the second table of a join and are not removed.
    """

    experiments: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    models: tuple[ModelUse, ...] = ()
    derived: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything uses it."""
        return bool(self.experiments or self.runs or self.models or self.derived)

    def words(self) -> str:
        """The uses as a phrase: "1 experiment, 6 runs and hr version 2"; "nothing" where there are none."""
        parts = [
            counted(len(self.experiments), "experiment") if self.experiments else "",
            counted(len(self.runs), "run") if self.runs else "",
            *(f"the model {m.model} version {m.number}" for m in self.models),
            counted(len(self.derived), "derived version") if self.derived else "",
        ]
        return listed([part for part in parts if part], most=6) or "nothing"


def uses(workspace: Workspace, fingerprint: str) -> Uses:
    """Who uses the table of that fingerprint."""
    return all_uses(workspace).get(fingerprint, Uses())


def all_uses(workspace: Workspace) -> dict[str, Uses]:
    """Who uses which table, by its fingerprint, in one pass over the workspace; tables without a use are left out."""
    experiments = _by_dataset(_nouns(workspace, "Experiment"))
    runs = _by_dataset(_runs(workspace))
    models, derived = _models(workspace), _derived(workspace)
    return {
        dataset: Uses(
            tuple(sorted(experiments.get(dataset, ()))),
            tuple(sorted(runs.get(dataset, ()))),
            tuple(models.get(dataset, ())),
            tuple(sorted(derived.get(dataset, ()))),
        )
        for dataset in experiments.keys() | runs.keys() | models.keys() | derived.keys()
    }


def note_model(workspace: Workspace, model: str, number: int, dataset: str, run: str) -> None:
    """Note that a registered model version was trained on a table. Noting it twice is harmless."""
    row = {"model": model, "number": number, "dataset": dataset, "run": run}
    try:
        with database(workspace).begin() as connection:
            connection.execute(sa.insert(model_uses).values(**row))
    except IntegrityError:
        # It was noted before: a version never changes its run.
        return


def noted_models(workspace: Workspace) -> set[tuple[str, int]]:
    """Name and number of the model versions whose table is noted."""
    with database(workspace).connect() as connection:
        return {(row[0], row[1]) for row in connection.execute(sa.select(model_uses.c.model, model_uses.c.number))}


def _by_dataset(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for dataset, user in pairs:
        found.setdefault(dataset, set()).add(user)
    return found


def _nouns(workspace: Workspace, kind: str) -> Iterator[tuple[str, str]]:
    for path in (workspace.root / "nouns" / kind).glob("[!.]*/value.json"):
        yield _dataset_in(path), path.parent.name


def _runs(workspace: Workspace) -> Iterator[tuple[str, str]]:
    for path in workspace.runs.glob("[!.]*/run.json"):
        yield _dataset_in(path), path.parent.name
    for path in workspace.runs.glob("[!.]*.failed.json"):
        yield _dataset_in(path), path.name.partition(".")[0]


def _dataset_in(path: Path) -> str:
    """The fingerprint of the table that a stored noun names. Only this field is read: there may be thousands."""
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
    return str(stored["fields"]["dataset"])


def _models(workspace: Workspace) -> dict[str, list[ModelUse]]:
    found: dict[str, list[ModelUse]] = {}
    with database(workspace).connect() as connection:
        for row in connection.execute(sa.select(model_uses).order_by(model_uses.c.model, model_uses.c.number)):
            found.setdefault(row.dataset, []).append(ModelUse(row.model, row.number, row.run))
    return found


def _derived(workspace: Workspace) -> dict[str, set[str]]:
    removed = _removed(workspace)
    datasets = [d for d in list_datasets(workspace) if d.parent is not None and d.fingerprint not in removed]
    others = ((d.operation.other, d.fingerprint) for d in datasets if d.operation and d.operation.other)
    parents = ((str(d.parent), d.fingerprint) for d in datasets)
    return _by_dataset(pair for pair in (*parents, *others) if pair[0] != pair[1])


def _removed(workspace: Workspace) -> set[str]:
    """Datasets all of whose places in the catalogue were removed."""
    live = table_versions.c.removed.is_(None)
    with database(workspace).connect() as connection:
        known = set(connection.execute(sa.select(table_versions.c.dataset)).scalars())
        return known - set(connection.execute(sa.select(table_versions.c.dataset).where(live)).scalars())
