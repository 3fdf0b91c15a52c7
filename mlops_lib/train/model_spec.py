"""What the catalogue says of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlops_lib.objects.recipe import Settings
from mlops_lib.train.weights import ClassWeight

Keywords = dict[str, Any]
Regress = Callable[[Keywords, int], Any]


@dataclass(frozen=True)
class ModelSpec:
    """A model: its name in recipes, its label, one sentence for people, and its default settings.

    `build(keywords, class_weight, seed)` returns the unfitted classifier, which uses one thread (None: it predicts
    numbers only), `regress(keywords, seed)` its relative for a numeric target (None: it predicts classes only).
    `weights` says whether it can weigh classes, `row_weights` whether rows, `linear` whether its score is linear in the
    encoded columns, `two_classes` whether it needs a target with just two. An imbalance-aware model names its `plain`
    relative, and its `remedy` by a short label.
    """

    name: str
    label: str
    sentence: str
    settings: Settings
    build: Callable[[Keywords, ClassWeight, int], Any] | None
    weights: bool = True
    linear: bool = False
    regress: Regress | None = None
    plain: str = ""
    remedy: str = ""
    row_weights: bool = True
    two_classes: bool = False
