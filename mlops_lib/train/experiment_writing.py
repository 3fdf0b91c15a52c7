"""Writing an experiment as YAML that `experiment_file` reads back into the same nouns."""

from __future__ import annotations

import dataclasses
from typing import Any

import yaml

from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost, Policy
from mlops_lib.objects.recipe import Recipe, Sampler, Selection, Treatment
from mlops_lib.objects.schema import Above, Classes, Question
from mlops_lib.train.experiment_file import AS_IT_IS, COLUMN_LISTS, FORMAT, ExperimentFile
from mlops_lib.train.ladder import RUNGS, Ladder
from mlops_lib.train.remedy_ladder import RemedyLadder

_HEAD = "# An experiment of Fulcrum. Run it with: python -m mlops_lib run THIS_FILE\n"


def write_experiment_file(file: ExperimentFile) -> str:
    """The file as YAML text with a comment on top."""
    content: dict[str, Any] = {"fulcrum": FORMAT, "name": file.name, "data": _data(file)}
    content["question"] = {"target": file.target, **_question(file.question)}
    content["columns"] = {name: f"{kind} {role}" for name, kind, role in file.columns}
    content["split"] = {"folds": file.folds, "hold_out": file.hold_out, "seed": file.split_seed, **_split(file)}
    content["seed"] = file.seed
    if isinstance(file.ladder, RemedyLadder):
        content["remedies"] = _remedies(file.ladder)
    elif file.ladder is not None:
        content["ladder"] = _ladder(file.ladder)
    else:
        content["recipes"] = [_recipe(recipe) for recipe in file.recipes]
    content["reference"] = file.reference
    content["prevalence"] = file.prevalence
    content["policy"] = _policy(file.policy)
    if file.register is not None:
        content["register"] = _filled(dataclasses.asdict(file.register))
    text: str = yaml.safe_dump(_kept(content), sort_keys=False, allow_unicode=True, width=120)
    return _HEAD + text


def _split(file: ExperimentFile) -> dict[str, Any]:
    """What only some kinds of split have."""
    more = {"repeats": file.repeats if file.repeats > 1 else None, "gap": file.gap or None, "held": file.held}
    return _filled(more)


def _data(file: ExperimentFile) -> dict[str, Any]:
    source = file.data
    said = _filled({"dataset": source.dataset, "file": source.file, "name": source.name})
    return said if source.options is None else {**said, "reading": _reading(source.options)}


def _reading(options: ReadingOptions) -> dict[str, Any]:
    found = {k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(options).items()}
    return {k: v for k, v in found.items() if v is not None and not (k in COLUMN_LISTS and not v)}


def _question(question: Question) -> dict[str, Any]:
    if isinstance(question, Above):
        return {"above": question.limit}
    if isinstance(question, Classes) and question.positive is not None:
        return {"positive": question.positive}
    return {"as": next(name for name, asked in AS_IT_IS.items() if asked == question)}


def _ladder(ladder: Ladder) -> dict[str, Any]:
    return _filled(
        {
            "rungs": list(ladder.rungs),
            "models": list(ladder.models),
            "sampler": _sampler(ladder.sampler),
            "selection": _selection(ladder.selection),
            "treatments": [_treatment(t) for t in ladder.treatments],
            "calibrations": {rung: ladder.calibration(rung) for rung in RUNGS if rung in dict(ladder.calibrations)},
        }
    )


def _remedies(ladder: RemedyLadder) -> dict[str, Any]:
    """What is tried; empty lists are written too, because leaving them out means the usual ones."""
    plain = all(not sampler.settings for sampler in ladder.samplers)
    entries: list[Any] = [s.name if plain else {"name": s.name, **dict(s.settings)} for s in ladder.samplers]
    return {
        "models": list(ladder.models),
        "samplers": entries,
        "remedies": list(ladder.remedies),
        "miss_cost": ladder.miss_cost,
        "beta": ladder.beta,
        "calibration": ladder.calibration,
        **_filled({"rule": ladder.rule, "treatments": [_treatment(t) for t in ladder.treatments]}),
    }


def _recipe(recipe: Recipe) -> dict[str, Any]:
    said: dict[str, Any] = {"model": recipe.model.name, "rung": recipe.rung, "settings": dict(recipe.model.settings)}
    said["treatments"] = [_treatment(t) for t in recipe.treatments]
    said["sampler"] = None if recipe.sampler is None else _sampler(recipe.sampler)
    said["class_weight"], said["weight_number"] = recipe.class_weight, recipe.weight_number
    said["training"] = "" if recipe.training == "once" else recipe.training
    said["leak"] = list(recipe.leak)
    said = _filled(said)
    if recipe.selection is not None:
        said["selection"] = _selection(recipe.selection)
    return {
        **said,
        "min_frequency": recipe.min_frequency,
        "scale": recipe.scale,
        "calibration": recipe.calibration,
    }


def _selection(rule: Selection) -> dict[str, Any]:
    said = {"max_p": rule.max_p, "min_effect": rule.min_effect}
    limits = {"max_vif": rule.max_vif, "max_correlation": rule.max_correlation}
    more = {**limits, "keep": list(rule.keep), "drop": list(rule.drop), "seen": rule.seen}
    return {**said, **_filled(more), **({} if rule.adjust == "fdr_bh" else {"adjust": rule.adjust})}


def _treatment(treatment: Treatment) -> dict[str, Any]:
    return _filled({**dataclasses.asdict(treatment), "values": list(treatment.values)})


def _sampler(sampler: Sampler) -> Any:
    return {"name": sampler.name, **dict(sampler.settings)} if sampler.settings else sampler.name


def _policy(policy: Policy) -> dict[str, Any]:
    if isinstance(policy, Best):
        return {"best": policy.metric}
    if isinstance(policy, (Cost, Capacity, AtLeast)):
        return _filled(dataclasses.asdict(policy))
    return {"threshold": policy.threshold}


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty; 0 stays."""
    return {k: v for k, v in values.items() if v is not None and v != "" and v != [] and v != {}}


def _kept(content: dict[str, Any]) -> dict[str, Any]:
    return _filled(content)
