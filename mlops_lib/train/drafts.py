"""Drafts of the pages (plain JSON) to the nouns they stand for, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_lib.objects.recipe import Sampler, Selection, Treatment
from mlops_lib.resample.catalogue import SAMPLERS
from mlops_lib.train.ladder import DEFAULT_SAMPLER, DEFAULT_SELECTION, LADDER_MODELS, RUNGS, Ladder
from mlops_lib.train.models import MODELS
from mlops_lib.train.remedy_ladder import REMEDIES, RemedyLadder
from mlops_lib.train.repair import CALIBRATIONS


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


def remedies_of(draft: Mapping[str, Any] | None, usual: RemedyLadder) -> RemedyLadder:
    """What was tried last against the imbalance; `usual` for whatever was not drafted."""
    if not draft:
        return usual
    samplers = tuple(sampler_of(s) for s in draft.get("samplers", ()) if s.get("name") in SAMPLERS)
    found = dataclasses.replace(
        usual,
        models=tuple(m for m in draft.get("models", usual.models) if m in LADDER_MODELS),
        samplers=samplers if "samplers" in draft else usual.samplers,
        remedies=tuple(r for r in draft.get("remedies", usual.remedies) if r in REMEDIES),
        rule=str(draft.get("rule", "")),
        beta=float(draft.get("beta", usual.beta)),
        miss_cost=float(draft.get("miss_cost", usual.miss_cost)),
    )
    kind = draft.get("calibration", usual.calibration)
    return dataclasses.replace(found, calibration=kind if kind in CALIBRATIONS else usual.calibration)


def remedies_draft(ladder: RemedyLadder, usual: RemedyLadder | None = None) -> dict[str, Any]:
    """What the Train page decides about remedies, as a draft. A cost that is that of `usual` is left out, so that it
    follows what other pages say of costs."""
    said = {
        "models": list(ladder.models),
        "samplers": [sampler_draft(sampler) for sampler in ladder.samplers],
        "remedies": list(ladder.remedies),
        "beta": ladder.beta,
        "rule": ladder.rule,
        "calibration": ladder.calibration,
    }
    own = usual is None or ladder.miss_cost != usual.miss_cost
    return {**said, "miss_cost": ladder.miss_cost} if own else said
