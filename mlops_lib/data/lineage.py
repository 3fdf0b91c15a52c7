"""How the versions of a table come from each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from mlops_lib.data.catalogue import described, version_of
from mlops_lib.data.origin import operation_words, origin_words
from mlops_lib.objects.catalogue import CataloguedTable, TableVersion
from mlops_lib.objects.dataset import Dataset
from mlops_lib.workspace.folder import Workspace


@dataclass(frozen=True)
class Node:
    """A version in the picture: `number` is None for one of another table; `depth` counts operations from a file."""

    dataset: str
    label: str
    number: int | None
    depth: int
    rows: int
    made: str
    removed: bool = False


@dataclass(frozen=True)
class Edge:
    """`after` was derived from `before`, joined with it, or read after it as the table's next version."""

    before: str
    after: str
    kind: Literal["derived", "joined", "next"]


@dataclass(frozen=True)
class Lineage:
    """The versions of a table in the order of their numbers, those of other tables they came from, and how."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def lineage_of(workspace: Workspace, table: CataloguedTable) -> Lineage:
    """The versions of a table, removed ones too, and what they were made from."""
    datasets = {v.dataset: described(workspace, v) for v in table.versions}
    edges = _edges(datasets)
    depths = _depths(datasets)
    nodes = [_node(v, datasets[v.dataset], depths[v.dataset]) for v in table.versions]
    outside = [fp for e in edges for fp in (e.before,) if fp not in datasets]
    nodes += [_outside(workspace, fp) for fp in dict.fromkeys(outside)]
    return Lineage(tuple(nodes), tuple(edges))


def ancestry(lineage: Lineage, dataset: str) -> tuple[Node, ...]:
    """A version and what it was derived from, the first one first."""
    nodes = {n.dataset: n for n in lineage.nodes}
    before = {e.after: e.before for e in lineage.edges if e.kind == "derived"}
    way: list[Node] = []
    at: str | None = dataset
    while at is not None and at in nodes and nodes[at] not in way:
        way.append(nodes[at])
        at = before.get(at)
    return tuple(reversed(way))


def _edges(datasets: dict[str, Dataset]) -> list[Edge]:
    edges: list[Edge] = []
    last: str | None = None
    for fingerprint, dataset in datasets.items():
        if dataset.parent is None:
            if last is not None:
                edges.append(Edge(last, fingerprint, "next"))
            last = fingerprint
        else:
            edges.append(Edge(dataset.parent, fingerprint, "derived"))
        if dataset.operation is not None and dataset.operation.other:
            edges.append(Edge(dataset.operation.other, fingerprint, "joined"))
    return edges


def _depths(datasets: dict[str, Dataset]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for fingerprint in datasets:
        way: list[str] = []
        at: str | None = fingerprint
        while at is not None and at in datasets and at not in way and at not in depths:
            way.append(at)
            at = datasets[at].parent
        below = depths.get(at or "", -1 if at is None else 0)
        for step, place in enumerate(reversed(way), start=1):
            depths[place] = below + step
    return depths


def _node(version: TableVersion, dataset: Dataset, depth: int) -> Node:
    made = operation_words(dataset.operation) or origin_words(dataset)
    label = f"Version {version.number}"
    return Node(version.dataset, label, version.number, depth, dataset.rows, made, version.removed is not None)


def _outside(workspace: Workspace, fingerprint: str) -> Node:
    place = version_of(workspace, fingerprint)
    if place is None:
        return Node(fingerprint, "a table that is gone", None, 0, 0, "", removed=True)
    table, version = place
    node = _node(version, described(workspace, version), 0)
    return replace(node, label=f"{table.name}, version {version.number}", number=None)
