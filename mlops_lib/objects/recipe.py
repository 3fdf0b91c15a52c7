"""What is done to the rows before and around a model: names and numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, get_args

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.fingerprint import described, fingerprint, later
from mlops_lib.objects.words import listed

Settings = tuple[tuple[str, float | int | str | bool | None], ...]
"""Keyword settings of a sampler or model, sorted by name."""

Action = Literal[
    "median",
    "mean",
    "most_frequent",
    "own_level",
    "zero",
    "indicator",
    "clip",
    "log",
    "drop",
    "as_missing",
    "merge",
    "lump",
    "frequency",
]
Calibration = Literal["none", "sigmoid", "isotonic", "prior"]
Adjust = Literal["fdr_bh", "holm"]

Weights = Literal["balanced", "effective", "cost"]
Training = Literal["once", "two_phase", "dynamic"]
Leak = Literal["sample", "select", "scale"]

WRONG_ORDER: Final = "⚠ wrong order · "
"""What every name of a recipe with a leak begins with."""

ADJUSTMENTS: Final[dict[str, str]] = {"fdr_bh": "Benjamini-Hochberg", "holm": "Holm"}
"""The adjustments of p by the names that people know."""


@dataclass(frozen=True)
class Treatment:
    """What to do about a finding in one column; every statistic it needs is fitted on training rows.

    Several treatments of one column come in this order, however they are listed: "merge", "as_missing", then for a
    number "clip", "log", what is filled in, "indicator"; for a category what is filled in, then "lump" or "frequency".

    `values` are cells as text ("-999", "1900-01-01", "yes "): those that "as_missing" makes missing, or those that
    "merge" turns `into` another label. Other actions have none.
    """

    column: str
    action: Action
    why: str = described(default="")
    values: tuple[str, ...] = later(())
    into: str = later("")

    def __post_init__(self) -> None:
        if bool(self.values) != (self.action in ("as_missing", "merge")):
            need = "no cells" if self.values else "the cells that it is about"
            raise InputError(
                f"The treatment '{self.action}' of '{self.column}' needs {need}.",
                "Give 'values' to as_missing and merge, and to no other action.",
            )
        if bool(self.into) != (self.action == "merge"):
            raise InputError(
                f"The treatment '{self.action}' of '{self.column}' got the label '{self.into}'.",
                "Give 'into' to merge, and to no other action.",
            )

    @property
    def said(self) -> str:
        """The action with its cells: "median", "as_missing ('-999', '98')", "merge ('yes ' into 'Yes')"."""
        if not self.values:
            return self.action
        into = f" into '{self.into}'" if self.into else ""
        cells = listed([f"'{value}'" for value in self.values])
        return f"{self.action} ({cells}{into})"


@dataclass(frozen=True)
class Selection:
    """A rule that keeps columns, refitted in every fold.

    A column is kept when its adjusted p over all columns is at most `max_p` and its effect on the common scale
    (bias-corrected V, or the square root of the bias-corrected epsilon squared) is at least `min_effect`. Of two
    columns whose association exceeds `max_correlation` the one with the smaller effect is dropped, then numeric columns
    one by one while the largest VIF exceeds `max_vif` (None: not looked at). `keep` and `drop` were forced by hand
    after looking at `seen` rows. `adjust` names the adjustment: "fdr_bh" (Benjamini-Hochberg) bounds the
    expected share of false finds among the finds, "holm" the chance of a single one.
    """

    max_p: float = 0.05
    min_effect: float = 0.0
    max_vif: float | None = None
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    seen: Literal["", "training rows", "all rows"] = ""
    adjust: Adjust = later("fdr_bh")
    max_correlation: float | None = later(None)

    def __post_init__(self) -> None:
        if self.adjust not in get_args(Adjust):
            raise InputError(
                f"The adjustment '{self.adjust}' of the selection rule is not known.",
                f"Choose one of: {', '.join(get_args(Adjust))}.",
            )
        if self.max_correlation is not None and not 0 < self.max_correlation < 1:
            raise InputError(
                f"The largest correlation of the selection rule is {self.max_correlation:g}.",
                "Give a number above 0 and below 1, or leave it out.",
            )

    @property
    def said(self) -> str:
        """The limits: "p (Benjamini-Hochberg) ≤ 0.05, effect ≥ 0.1, correlation ≤ 0.9, VIF ≤ 10"."""
        limits = {"correlation": self.max_correlation, "VIF": self.max_vif}
        more = [f"{name} ≤ {limit:g}" for name, limit in limits.items() if limit is not None]
        return ", ".join([f"p ({ADJUSTMENTS[self.adjust]}) ≤ {self.max_p:g}", f"effect ≥ {self.min_effect:g}", *more])


@dataclass(frozen=True)
class Sampler:
    """A sampler by its catalogue name, with its settings."""

    name: str
    settings: Settings = ()


@dataclass(frozen=True)
class Model:
    """A model by its catalogue name, with its settings."""

    name: str
    settings: Settings = ()


@dataclass(frozen=True)
class Recipe:
    """A rung (the strategy) with a model. `rung` is a label for people and determines nothing.

    `class_weight` "balanced" weighs a class by rows / (classes x its rows); "effective" by its effective number of rows
    (Cui et al. 2019, equation 2), `weight_number` being beta; "cost" weighs the positive class by `weight_number`, the
    cost of a miss over that of a false alarm. `training` "two_phase" fits on sampled rows and then goes on with the
    rows as they are; "dynamic" draws the rows anew while the model grows. `calibration` "none" leaves probabilities as
    the model gives them; ladders and experiment files put in `train.repair.usual_calibration`. `leak` names what is
    done before the split, which is wrong: such a run shows what the mistake would pretend; it can be neither the
    reference nor registered.
    """

    model: Model
    rung: str = described(default="base")
    treatments: tuple[Treatment, ...] = ()
    selection: Selection | None = None
    min_frequency: float = 0.01
    scale: bool = True
    sampler: Sampler | None = None
    class_weight: Weights | None = None
    calibration: Calibration = "none"
    weight_number: float | None = later(None)
    training: Training = later("once")
    leak: tuple[Leak, ...] = later(())

    def __post_init__(self) -> None:
        if self.sampler is not None and self.class_weight is not None:
            raise InputError(
                f"The recipe asks for the sampler '{self.sampler.name}' and for class weights.",
                "Choose one: both would correct the same imbalance twice.",
            )
        for leak, part in (("sample", self.sampler), ("select", self.selection)):
            if leak in self.leak and part is None:
                raise InputError(
                    f"The recipe is to {leak} before the split, but it does not {leak}.",
                    f"Give it a {'sampler' if leak == 'sample' else 'selection rule'}, or take '{leak}' out of 'leak'.",
                )

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self)

    @property
    def name(self) -> str:
        """A label for people: model and rung; it says so where something is done before the split."""
        return f"{WRONG_ORDER if self.leak else ''}{self.model.name} · {self.rung}"
