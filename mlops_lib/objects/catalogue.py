"""Tables that belong together: one entry of the catalogue with its numbered versions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TableVersion:
    """One version of a catalogued table: `number` counts from 1, `dataset` is the fingerprint of its cells.

    `created` and `removed` are UTC times in ISO 8601; a removed version can be restored.
    """

    table: str
    number: int
    dataset: str
    note: str
    created: str
    removed: str | None = None


@dataclass(frozen=True)
class CataloguedTable:
    """An entry of the catalogue: `id` never changes, name and note may; versions in the order of their numbers."""

    id: str
    name: str
    note: str
    created: str
    versions: tuple[TableVersion, ...]
