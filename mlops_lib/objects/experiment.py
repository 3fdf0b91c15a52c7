"""What is compared with what: a dataset, a schema, a split and recipes, under one seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.fingerprint import described, fingerprint, later
from mlops_lib.objects.recipe import Recipe


@dataclass(frozen=True)
class Experiment:
    """A view over runs. `reference` is the fingerprint of the recipe all others are compared with.

    `prevalence` is the true share of the positive class, above 0 and below 1, where the table has it in another one on
    purpose: probabilities are corrected to it. None: they are those of the table.
    """

    dataset: str
    schema: str
    split: str
    recipes: tuple[Recipe, ...]
    reference: str
    seed: int = 0
    name: str = described(default="")
    prevalence: float | None = later(None)

    def __post_init__(self) -> None:
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise InputError(
                f"{self.prevalence:g} is no share of the positive class.", "Give a number above 0 and below 1."
            )

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self)
