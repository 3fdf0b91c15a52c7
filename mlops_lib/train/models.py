"""The models a recipe can name. Adding one is adding a line to `MODELS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Model, Settings
from mlops_lib.train import regressors
from mlops_lib.train.imbalance_models import IMBALANCE_AWARE, REFERENCES, RELATIVES
from mlops_lib.train.model_spec import Keywords, ModelSpec
from mlops_lib.train.weights import ClassWeight


def _dummy(keywords: Keywords, _weight: ClassWeight, _seed: int) -> Any:
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(**keywords)


def _logistic_regression(keywords: Keywords, class_weight: ClassWeight, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(**keywords, class_weight=class_weight, random_state=seed)


def _random_forest(keywords: Keywords, class_weight: ClassWeight, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(**keywords, class_weight=class_weight, random_state=seed, n_jobs=1)


def _extra_trees(keywords: Keywords, class_weight: ClassWeight, seed: int) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(**keywords, class_weight=class_weight, random_state=seed, n_jobs=1)


def _hist_gradient_boosting(keywords: Keywords, class_weight: ClassWeight, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    fixed = {"early_stopping": False, "categorical_features": None}
    return HistGradientBoostingClassifier(**keywords, **fixed, class_weight=class_weight, random_state=seed)


def _lightgbm(keywords: Keywords, class_weight: ClassWeight, seed: int) -> Any:
    from lightgbm import LGBMClassifier

    fixed = {"n_jobs": 1, "verbose": -1, "deterministic": True, "force_row_wise": True, "importance_type": "gain"}
    return LGBMClassifier(**keywords, **fixed, class_weight=class_weight, random_state=seed)


_FOREST: Settings = (("max_depth", 10), ("min_samples_leaf", 5), ("n_estimators", 200))

_SPECS = (
    ModelSpec(
        "dummy",
        "Do nothing",
        "Gives every row the base rate; what any model has to beat.",
        (("strategy", "prior"),),
        _dummy,
        weights=False,
        regress=regressors.mean,
    ),
    ModelSpec(
        "logistic_regression",
        "Logistic regression",
        "A weighted sum of the columns; quick, steady on few rows, easy to explain.",
        (("C", 1.0), ("max_iter", 5000), ("tol", 1e-7)),
        _logistic_regression,
        linear=True,
    ),
    ModelSpec(
        "random_forest",
        "Random forest",
        "The average of 200 trees, each grown on its own sample of rows and columns.",
        _FOREST,
        _random_forest,
        regress=regressors.random_forest,
    ),
    ModelSpec(
        "extra_trees",
        "Extra trees",
        "A forest that draws its cuts at random; faster, and smoother than a random forest.",
        _FOREST,
        _extra_trees,
        regress=regressors.extra_trees,
    ),
    ModelSpec(
        "hist_gradient_boosting",
        "Histogram gradient boosting",
        "Small trees added one by one, each correcting those before; strong on many rows.",
        (("l2_regularization", 1.0), ("learning_rate", 0.05), ("max_iter", 150), ("max_leaf_nodes", 15)),
        _hist_gradient_boosting,
        regress=regressors.hist_gradient_boosting,
    ),
    ModelSpec(
        "lightgbm",
        "LightGBM",
        "Gradient boosting by another library, with its own way of growing trees.",
        (("learning_rate", 0.05), ("n_estimators", 150), ("num_leaves", 15), ("reg_lambda", 1.0)),
        _lightgbm,
        regress=regressors.lightgbm,
    ),
    ModelSpec(
        "ridge",
        "Ridge regression",
        "A weighted sum of the columns that gives a number; quick, steady on few rows, easy to explain.",
        (("alpha", 1.0),),
        None,
        weights=False,
        linear=True,
        regress=regressors.ridge,
    ),
)

PLAIN_MODELS: tuple[str, ...] = tuple(spec.name for spec in _SPECS)
MODELS: Mapping[str, ModelSpec] = {spec.name: spec for spec in (*_SPECS, *IMBALANCE_AWARE, *RELATIVES, *REFERENCES)}


def model_spec(name: str) -> ModelSpec:
    """The model of that name. Raises InputError where there is none."""
    if name not in MODELS:
        raise InputError(f"There is no model '{name}'.", f"Choose one of: {', '.join(MODELS)}.")
    return MODELS[name]


def settings_of(model: Model) -> Settings:
    """All settings of a model, the recipe's over the defaults. Raises InputError for a setting it does not have."""
    spec = model_spec(model.name)
    defaults, own = dict(spec.settings), dict(model.settings)
    unknown = sorted(set(own) - set(defaults))
    if unknown:
        raise InputError(
            f"The model '{model.name}' has no setting {', '.join(repr(u) for u in unknown)}.",
            f"Its settings are: {', '.join(defaults)}.",
        )
    return tuple(sorted({**defaults, **own}.items()))


def make_model(model: Model, class_weight: ClassWeight, seed: int) -> Any:
    """The unfitted classifier. Raises InputError for an unknown name or setting, or weights that it cannot use."""
    spec = model_spec(model.name)
    if spec.build is None:
        raise InputError(f"The model '{model.name}' predicts numbers, not classes.", "Choose another model.")
    if class_weight is not None and not spec.weights:
        raise InputError(f"The model '{model.name}' cannot weigh classes.", "Leave class weights out of this recipe.")
    return spec.build(dict(settings_of(model)), class_weight, seed)


def make_regressor(model: Model, seed: int) -> Any:
    """The unfitted regressor for a numeric target. Raises InputError for an unknown name or setting, or a model that
    predicts classes only."""
    spec = model_spec(model.name)
    if spec.regress is None:
        able = ", ".join(name for name, one in MODELS.items() if one.regress is not None)
        raise InputError(f"The model '{model.name}' predicts classes, not numbers.", f"Choose one of: {able}.")
    return spec.regress(dict(settings_of(model)), seed)
