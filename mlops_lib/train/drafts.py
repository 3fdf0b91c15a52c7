"""Drafts of the pages (plain JSON) to the nouns they stand for, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_lib.objects.recipe import Sampler, Selection, Treatment
from mlops_lib.resample.catalogue import SAMPLERS
from mlops_lib.train.calibrate import CALIBRATIONS
from mlops_lib.train.ladder import DEFAULT_SAMPLER, DEFAULT_SELECTION, LADDER_MODELS, RUNGS, Ladder
from mlops_lib.train.models import MODELS


def selection_of(draft: Mapping[str, Any] | None) -> Selection:
    """The selection rule of the Feature tests page; its defaults where nothing was drafted."""
    if not draft:
        return DEFAULT_SELECTION
    known = {f.name for f in dataclasses.fields(Selection)}
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in draft.items() if k in known}
    return Selection(**values)


def treatments_of(draft: Sequence[Mapping[str, Any]] | None) -> tuple[Treatment, ...]:
    """The treatments that were chosen on the Data page."""
    return tuple(
        Treatment(t["column"], t["action"], t.get("why", ""), tuple(t.get("values", ())), t.get("into", ""))
        for t in draft or ()
    )


def treatments_draft(treatments: Sequence[Treatment]) -> list[dict[str, Any]]:
    """Treatments as plain values, from which `treatments_of` makes them again."""
    said = [{**dataclasses.asdict(t), "values": list(t.values)} for t in treatments]
    return [{name: value for name, value in t.items() if value} for t in said]


def sampler_of(draft: Mapping[str, Any] | None) -> Sampler:
    """The sampler that was taken over from the Resampling lab; SMOTEENN where none was."""
    if not draft or draft.get("name") not in SAMPLERS:
        return DEFAULT_SAMPLER
    return Sampler(draft["name"], tuple(sorted((draft.get("settings") or {}).items())))


def sampler_draft(sampler: Sampler) -> dict[str, Any]:
    """A sampler as a draft."""
    return {"name": sampler.name, "settings": dict(sampler.settings)}


def ladder_of(
    draft: Mapping[str, Any] | None, treatments: tuple[Treatment, ...], selection: Selection, sampler: Sampler
) -> Ladder:
    """The ladder as it was edited (rungs, models, calibrations), with what other pages decided."""
    edited = draft or {}
    calibrations = edited.get("calibrations") or {}
    return Ladder(
        treatments=treatments,
        selection=selection,
        models=tuple(m for m in edited.get("models", LADDER_MODELS) if m in MODELS and m != "dummy"),
        rungs=tuple(r for r in edited.get("rungs", RUNGS) if r in RUNGS),
        sampler=sampler,
        calibrations=tuple(sorted((r, c) for r, c in calibrations.items() if r in RUNGS and c in CALIBRATIONS)),
    )


def ladder_draft(ladder: Ladder) -> dict[str, Any]:
    """What the Train page decides about a ladder, as a draft; a calibration only where it is not the rung's own."""
    own = {r: c for r, c in ladder.calibrations if c != RUNGS[r].calibration}
    return {"rungs": list(ladder.rungs), "models": list(ladder.models), "calibrations": own}
