"""What has changed since an experiment was trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.words import listed
from mlops_lib.train.ladder import rung_name

_FIELDS = {
    "treatments": "the treatment of columns",
    "selection": "the selection rule",
    "sampler": "the sampler",
    "calibration": "the calibration",
    "class_weight": "the class weights",
    "weight_number": "the class weights",
    "training": "the kind of training",
    "min_frequency": "the limit for rare levels",
    "scale": "the scaling",
}
_NOUNS = {
    "dataset": "the table",
    "schema": "the columns or the question",
    "split": "the split",
    "seed": "the seed",
    "prevalence": "the true share",
}


def what_changed(before: Experiment, now: Experiment) -> tuple[str, ...]:
    """Short names of what differs ("the sampler", "the models"), empty where nothing does."""
    nouns = [words for name, words in _NOUNS.items() if getattr(before, name) != getattr(now, name)]
    return (*nouns, *_recipes_changed(before.recipes, now.recipes))


def changed_sentence(changes: Sequence[str]) -> str:
    """One sentence on what has changed since training; empty where nothing has."""
    if not changes:
        return ""
    verb = "has" if len(changes) == 1 else "have"
    said = listed(list(changes), most=9)
    return f"{said[0].upper()}{said[1:]} {verb} changed since these runs were trained."


def _recipes_changed(before: Sequence[Recipe], now: Sequence[Recipe]) -> list[str]:
    old, new = _by_place(before), _by_place(now)
    both = [(old[key], new[key]) for key in old if key in new]
    said = [words for name, words in _FIELDS.items() if any(getattr(a, name) != getattr(b, name) for a, b in both)]
    found = list(dict.fromkeys(said))
    for part, words in ((0, "the rungs"), (1, "the models")):
        if {key[part] for key in old} != {key[part] for key in new}:
            found.append(words)
    if any(a.model != b.model for a, b in both):
        found.append("the settings of a model")
    return found


def _by_place(recipes: Sequence[Recipe]) -> dict[tuple[str, str, int], Recipe]:
    """Each recipe by its rung, its model and how many such came before it."""
    seen: Counter[tuple[str, str]] = Counter()
    placed = {}
    for recipe in recipes:
        place = (rung_name(recipe), recipe.model.name)
        placed[(*place, seen[place])] = recipe
        seen[place] += 1
    return placed
