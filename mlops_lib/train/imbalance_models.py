"""The models that do something about imbalance themselves, their plain relatives, and two references."""

from __future__ import annotations

from typing import Any

from mlops_lib.objects.recipe import Settings
from mlops_lib.resample import ensembles
from mlops_lib.train.model_spec import Keywords, ModelSpec
from mlops_lib.train.weights import ClassWeight


def _balanced_random_forest(keywords: Keywords, _weight: ClassWeight, seed: int) -> Any:
    return ensembles.balanced_random_forest(keywords, seed)


def _balanced_bagging(keywords: Keywords, _weight: ClassWeight, seed: int) -> Any:
    return ensembles.balanced_bagging(keywords, seed)


def _easy_ensemble(keywords: Keywords, _weight: ClassWeight, seed: int) -> Any:
    return ensembles.easy_ensemble(keywords, seed)


def _rusboost(keywords: Keywords, _weight: ClassWeight, seed: int) -> Any:
    return ensembles.rusboost(keywords, seed)


def _adaboost(keywords: Keywords, _weight: ClassWeight, seed: int) -> Any:
    return ensembles.adaboost(keywords, seed)


def _bagged_trees(keywords: Keywords, class_weight: ClassWeight, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    kept = {**keywords, "max_features": None}
    return RandomForestClassifier(**kept, class_weight=class_weight, random_state=seed, n_jobs=1)


def _focal(keywords: Keywords, _weight: ClassWeight, seed: int) -> Any:
    from mlops_lib.train.objectives import FocalBooster

    return FocalBooster(**keywords, random_state=seed)


def _cost(keywords: Keywords, _weight: ClassWeight, seed: int) -> Any:
    from mlops_lib.train.objectives import CostBooster

    return CostBooster(**keywords, random_state=seed)


def _anomaly(keywords: Keywords, _weight: ClassWeight, seed: int) -> Any:
    from mlops_lib.train.anomaly import AnomalyScore

    return AnomalyScore(**keywords, random_state=seed)


def _rule(keywords: Keywords, _weight: ClassWeight, _seed: int) -> Any:
    from mlops_lib.train.rule_model import rule_classifier

    return rule_classifier(keywords["rule"])


_FOREST: Settings = (("max_depth", 10), ("min_samples_leaf", 5), ("n_estimators", 200))
_BAGS: Settings = (("max_depth", 10), ("min_samples_leaf", 5), ("n_estimators", 50))
_ADABOOST: Settings = (("learning_rate", 0.3), ("max_depth", 5), ("n_estimators", 50))
_LIGHTGBM: Settings = (("learning_rate", 0.05), ("n_estimators", 150), ("num_leaves", 15), ("reg_lambda", 1.0))

IMBALANCE_AWARE = (
    ModelSpec(
        "focal_lightgbm",
        "LightGBM, focal loss",
        "Looks less at rows that it has right already, so the hard ones of the rare class count more.",
        tuple(sorted((("alpha", 0.25), ("gamma", 2.0), *_LIGHTGBM))),
        _focal,
        weights=False,
        plain="lightgbm",
        remedy="focal loss",
        two_classes=True,
    ),
    ModelSpec(
        "cost_lightgbm",
        "LightGBM, cost-sensitive",
        "Learns from a loss in which a miss costs as many false alarms as you say.",
        tuple(sorted((("miss_cost", 10.0), *_LIGHTGBM))),
        _cost,
        weights=False,
        plain="lightgbm",
        remedy="cost-sensitive loss",
        two_classes=True,
    ),
    ModelSpec(
        "balanced_random_forest",
        "Balanced random forest",
        "A random forest in which every tree sees as many rows of each class.",
        _FOREST,
        _balanced_random_forest,
        weights=False,
        row_weights=False,
        plain="random_forest",
        remedy="balanced random forest",
    ),
    ModelSpec(
        "balanced_bagging",
        "Balanced bagging",
        "Trees that look at every column, each on a sample with the common class under-sampled.",
        _BAGS,
        _balanced_bagging,
        weights=False,
        row_weights=False,
        plain="bagged_trees",
        remedy="balanced bagging",
    ),
    ModelSpec(
        "easy_ensemble",
        "EasyEnsemble",
        "Several AdaBoosts, each on its own under-sample of the common class.",
        tuple(sorted((*_ADABOOST, ("subsets", 10)))),
        _easy_ensemble,
        weights=False,
        row_weights=False,
        plain="adaboost",
        remedy="EasyEnsemble",
    ),
    ModelSpec(
        "rusboost",
        "RUSBoost",
        "AdaBoost that under-samples the common class anew in every round.",
        _ADABOOST,
        _rusboost,
        weights=False,
        row_weights=False,
        plain="adaboost",
        remedy="RUSBoost",
    ),
)

RELATIVES = (
    ModelSpec(
        "bagged_trees",
        "Bagged trees",
        "A random forest whose trees may look at every column at every cut.",
        _BAGS,
        _bagged_trees,
    ),
    ModelSpec(
        "adaboost",
        "AdaBoost",
        "Trees added one by one, each looking more at the rows that those before got wrong.",
        _ADABOOST,
        _adaboost,
        weights=False,
    ),
)

REFERENCES = (
    ModelSpec(
        "anomaly",
        "Anomaly score",
        "How unlike the common class a row is; it never sees the rare one. A reference for very rare events.",
        (("max_samples", 256), ("n_estimators", 200)),
        _anomaly,
        weights=False,
        row_weights=False,
        two_classes=True,
    ),
    ModelSpec(
        "rule",
        "Your rule",
        "A condition that you write; rows that meet it get one share of positives, the others another.",
        (("rule", ""),),
        _rule,
        weights=False,
        two_classes=True,
    ),
)
