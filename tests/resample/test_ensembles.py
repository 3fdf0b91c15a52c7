"""Balanced ensembles without imbalanced-learn: the same probabilities, from classes that travel."""

from __future__ import annotations

import numpy as np
import pytest
from imblearn.ensemble import (
    BalancedBaggingClassifier,
    BalancedRandomForestClassifier,
    EasyEnsembleClassifier,
    RUSBoostClassifier,
)
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from mlops_lib.objects.errors import FulcrumError, NotPossibleError
from mlops_lib.resample.ensembles import (
    Ensemble,
    balanced_bagging,
    balanced_random_forest,
    check_same,
    easy_ensemble,
    rusboost,
)

FOREST = {"max_depth": 5, "min_samples_leaf": 3, "n_estimators": 10}
BOOST = {"learning_rate": 0.3, "max_depth": 3, "n_estimators": 4}
TREE = DecisionTreeClassifier(max_depth=3)


def _rows(classes: int = 2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(300, 4))
    score = 2 * x[:, 0] + rng.normal(size=300) * 0.3
    return x, np.digitize(score, [1.8, 2.8][: classes - 1]).astype(np.int8)


def _theirs(name: str) -> object:
    if name == "forest":
        sampled = {"sampling_strategy": "all", "replacement": True, "bootstrap": False}
        return BalancedRandomForestClassifier(**FOREST, **sampled, random_state=4)
    if name == "bagging":
        tree = DecisionTreeClassifier(max_depth=5, min_samples_leaf=3)
        return BalancedBaggingClassifier(tree, n_estimators=10, random_state=4)
    if name == "easy":
        return EasyEnsembleClassifier(3, AdaBoostClassifier(TREE, n_estimators=4, learning_rate=0.3), random_state=4)
    return RUSBoostClassifier(TREE, n_estimators=4, learning_rate=0.3, random_state=4)


def _ours(name: str) -> Ensemble:
    return {
        "forest": lambda: balanced_random_forest(FOREST, 4),
        "bagging": lambda: balanced_bagging(FOREST, 4),
        "easy": lambda: easy_ensemble({**BOOST, "subsets": 3}, 4),
        "rus": lambda: rusboost(BOOST, 4),
    }[name]()


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", ["forest", "bagging", "easy", "rus"])
@pytest.mark.filterwarnings("ignore:RUSBoost ended after")  # three classes end its boosting early
def test_the_plain_form_gives_the_probabilities_of_imbalanced_learn(name: str, classes: int) -> None:
    x, y = _rows(classes)
    new = _rows(classes, seed=9)[0]
    plain, theirs = _ours(name).fit(x, y), _theirs(name).fit(x, y)  # type: ignore[attr-defined]
    assert type(plain).__module__.startswith("sklearn.")
    np.testing.assert_allclose(plain.predict_proba(new), theirs.predict_proba(new), rtol=1e-12, atol=1e-15)
    assert not any("imblearn" in type(value).__module__ for value in vars(plain).values())


def test_boosting_that_ends_early_is_told() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(400, 3)), (rng.random(400) < 0.1).astype(np.int8)
    with pytest.warns(UserWarning, match="RUSBoost ended after"):
        rusboost({**BOOST, "max_depth": 4, "n_estimators": 50, "learning_rate": 1.0}, 1).fit(x, y)


def test_a_draw_that_misses_a_class_is_refused_in_words() -> None:
    x, y = _rows()
    few = np.concatenate([np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:1]])
    with pytest.raises(NotPossibleError, match="1 of the rarest class"):
        balanced_bagging(FOREST, 0).fit(x[few], y[few])


def test_forms_that_differ_are_refused() -> None:
    x, y = _rows()
    one, other = (RandomForestClassifier(3, random_state=seed).fit(x, y) for seed in (0, 1))
    with pytest.raises(FulcrumError, match="probabilities that differ"):
        check_same(one, other, x)
