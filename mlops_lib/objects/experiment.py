"""What is compared with what: a dataset, a schema, a split and recipes, under one seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mlops_lib.objects.fingerprint import described, fingerprint
from mlops_lib.objects.recipe import Recipe


@dataclass(frozen=True)
class Experiment:
    """A view over runs. `reference` is the fingerprint of the recipe all others are compared with."""

    dataset: str
    schema: str
    split: str
    recipes: tuple[Recipe, ...]
    reference: str
    seed: int = 0
    name: str = described(default="")

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self)
