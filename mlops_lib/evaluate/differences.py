"""What differs between two recipes, field by field."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import pandas as pd

from mlops_lib.objects.recipe import Model, Recipe, Sampler, Treatment
from mlops_lib.objects.words import MISSING
from mlops_lib.resample.catalogue import SAMPLERS
from mlops_lib.train.models import MODELS
from mlops_lib.train.repair import calibration_label

_LABELS = {
    "model": "Model", "rung": "Step of the ladder", "treatments": "Treatments", "selection": "Feature selection",
    "min_frequency": "Rare categories below", "scale": "Scaling", "sampler": "Sampler", "class_weight": "Class weights",
    "calibration": "Calibration", "weight_number": "Class weights: number", "training": "Training",
    "leak": "Done before the split",
}  # fmt: skip


def recipe_differences(first: Recipe, second: Recipe) -> pd.DataFrame:
    """One row a field: `field`, `first`, `second` (as text; "–" where there is none) and `differs`; those first."""
    ours, theirs = dict(_fields(first)), dict(_fields(second))
    names = [*ours, *(n for n in theirs if n not in ours)]
    table = pd.DataFrame({
        "field": names,
        "first": [ours.get(n, MISSING) for n in names],
        "second": [theirs.get(n, MISSING) for n in names],
    })  # fmt: skip
    table["differs"] = table["first"] != table["second"]
    return table.sort_values("differs", ascending=False, kind="stable", ignore_index=True)


def _fields(recipe: Recipe) -> Iterator[tuple[str, str]]:
    for field in dataclasses.fields(recipe):
        if field.name == "calibration":
            yield _LABELS[field.name], calibration_label(recipe)
            continue
        yield from _described(_LABELS.get(field.name, field.name), getattr(recipe, field.name))


def _described(label: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, tuple) and value and isinstance(value[0], Treatment):
        yield from _treatments(value)
    elif dataclasses.is_dataclass(value):
        yield from _inside(label, value)
    else:
        yield label, _text(value)


def _treatments(treatments: Sequence[Treatment]) -> Iterator[tuple[str, str]]:
    """One line a column, whatever is done to it."""
    for column in dict.fromkeys(t.column for t in treatments):
        yield f"Treatment of {column}", ", ".join(t.said for t in treatments if t.column == column)


def _inside(label: str, value: object) -> Iterator[tuple[str, str]]:
    """A model, sampler or selection: its name beside the label, then each setting on its own line."""
    parts = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}  # type: ignore[arg-type]
    yield label, _name(value)
    parts.pop("name", None)
    for name, part in {**parts, **dict(parts.pop("settings", ()))}.items():
        if name != "settings":
            yield f"{label}: {name.replace('_', ' ')}", _text(part)


def _name(value: object) -> str:
    """What people call a model or a sampler; a selection has no name."""
    if isinstance(value, Model) and value.name in MODELS:
        return MODELS[value.name].label
    if isinstance(value, Sampler) and value.name in SAMPLERS:
        return SAMPLERS[value.name].label
    return str(getattr(value, "name", "yes"))


def _text(value: object) -> str:
    if value is None or value in ("", ()):
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(str(v) for v in value)
    return str(value)
