"""Ensembles that draw even classes for each member: fitted with imbalanced-learn, then turned into scikit-learn's own.

What travels with a registered model must not import imbalanced-learn. The drawing has nothing to do when scoring, so
the fitted members are put into the plain scikit-learn class that joins them in the same way.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_lib.objects.errors import FulcrumError, NotPossibleError

Keywords = dict[str, Any]

_COMPARED = 1_000
"""Rows on which both forms must give the same probabilities."""


@dataclass(frozen=True)
class Ensemble:
    """An unfitted ensemble. `fit` returns a fitted scikit-learn classifier that knows nothing of imbalanced-learn."""

    label: str
    keywords: Keywords
    sampled: Any
    turned: Callable[[Any], Any]

    def fit(self, x: np.ndarray, y: np.ndarray) -> Any:
        """Fit on rows `x` (rows, columns) with the codes `y` (rows,); warns where boosting ended early.

        Raises NotPossibleError where a draw misses a class, or a first boosted tree is worse than chance.
        """
        try:
            fitted = self.sampled.fit(x, y)
        except ValueError as error:
            counts = np.bincount(y)
            raise NotPossibleError(
                f"{self.label} could not be fitted on {int(counts.sum()):,} rows, {int(counts.min()):,} of the rarest "
                f"class: {error}",
                "Class weights work on any number of rows.",
            ) from error
        plain = self.turned(fitted)
        if len(plain.estimators_) < fitted.n_estimators:
            warnings.warn(_stopped(self.label, len(plain.estimators_), fitted.n_estimators), stacklevel=2)
        check_same(fitted, plain, x[:_COMPARED])
        return plain

    def get_params(self) -> Keywords:
        """The settings, as scikit-learn's classifiers give them."""
        return dict(self.keywords)


def balanced_random_forest(keywords: Keywords, seed: int) -> Ensemble:
    """Each tree on as many rows of every class, drawn with replacement (Chen, Liaw & Breiman 2004)."""
    from imblearn.ensemble import BalancedRandomForestClassifier

    sampled = BalancedRandomForestClassifier(
        **keywords, bootstrap=False, sampling_strategy="all", replacement=True, random_state=seed, n_jobs=1
    )
    return Ensemble("Balanced random forest", keywords, sampled, _forest)


def balanced_bagging(keywords: Keywords, seed: int) -> Ensemble:
    """Each tree on a bootstrap sample of which the common class is under-sampled; every cut looks at all columns."""
    from imblearn.ensemble import BalancedBaggingClassifier
    from sklearn.tree import DecisionTreeClassifier

    of_trees = {name: value for name, value in keywords.items() if name != "n_estimators"}
    sampled = BalancedBaggingClassifier(
        DecisionTreeClassifier(**of_trees), n_estimators=keywords["n_estimators"], random_state=seed, n_jobs=1
    )
    return Ensemble("Balanced bagging", keywords, sampled, _forest_of_bags)


def easy_ensemble(keywords: Keywords, seed: int) -> Ensemble:
    """An AdaBoost on each of several under-samples of the common class (Liu, Wu & Zhou 2009)."""
    from imblearn.ensemble import EasyEnsembleClassifier

    sampled = EasyEnsembleClassifier(keywords["subsets"], adaboost(keywords, None), random_state=seed, n_jobs=1)
    return Ensemble("EasyEnsemble", keywords, sampled, _bag)


def rusboost(keywords: Keywords, seed: int) -> Ensemble:
    """AdaBoost with a new under-sample of the common class in every round (Seiffert et al. 2010)."""
    from imblearn.ensemble import RUSBoostClassifier

    plain = adaboost(keywords, seed)
    sampled = RUSBoostClassifier(**plain.get_params(deep=False))
    return Ensemble("RUSBoost", keywords, sampled, _boosted)


def adaboost(keywords: Keywords, seed: int | None) -> Any:
    """scikit-learn's AdaBoost of trees with at most `max_depth` cuts in a row, from `n_estimators`, `learning_rate`."""
    from sklearn.ensemble import AdaBoostClassifier
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=keywords["max_depth"])
    rounds, rate = keywords["n_estimators"], keywords["learning_rate"]
    return AdaBoostClassifier(tree, n_estimators=rounds, learning_rate=rate, random_state=seed)


def check_same(sampled: Any, plain: Any, x: np.ndarray) -> None:
    """Raises FulcrumError where the two do not give the same probabilities on these rows."""
    gap = float(np.abs(sampled.predict_proba(x) - plain.predict_proba(x)).max())
    if not gap <= 1e-12:
        raise FulcrumError(
            f"{type(plain).__name__} gives probabilities that differ by up to {gap:.2g} from those of "
            f"{type(sampled).__name__}, whose members it took over.",
            "Choose another model, and report this run.",
        )


def _stopped(label: str, rounds: int, asked: int) -> str:
    return (
        f"{label} ended after {rounds} of {asked} rounds: the next tree, grown on an even draw, was wrong about more "
        "than half of the weight of all rows"
    )


def _forest(fitted: Any) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    own = RandomForestClassifier().get_params()
    kept = {name: value for name, value in fitted.get_params().items() if name in own}
    return _with_members(RandomForestClassifier(**kept), fitted, list(fitted.estimators_))


def _forest_of_bags(fitted: Any) -> Any:
    """Bagged trees that may look at every column are a forest that may: both average the trees' probabilities."""
    from sklearn.ensemble import RandomForestClassifier

    trees = [member.steps[-1][1] for member in fitted.estimators_]
    settings = {
        name: value for name, value in trees[0].get_params().items() if name in ("max_depth", "min_samples_leaf")
    }
    forest = RandomForestClassifier(
        len(trees), max_features=None, n_jobs=1, random_state=fitted.random_state, **settings
    )
    return _with_members(forest, fitted, trees)


def _with_members(forest: Any, fitted: Any, trees: list[Any]) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    forest.estimator_, forest.estimators_ = DecisionTreeClassifier(), trees
    forest.classes_, forest.n_classes_ = fitted.classes_, int(fitted.n_classes_)
    forest.n_features_in_, forest.n_outputs_ = int(fitted.n_features_in_), 1
    return forest


def _bag(fitted: Any) -> Any:
    from sklearn.ensemble import BaggingClassifier

    members = [member.steps[-1][1] for member in fitted.estimators_]
    bag = BaggingClassifier(members[0], len(members), bootstrap=False, random_state=fitted.random_state, n_jobs=1)
    bag.estimator_, bag.estimators_ = members[0], members
    bag.estimators_features_ = list(fitted.estimators_features_)
    bag.classes_, bag.n_classes_ = fitted.classes_, int(fitted.n_classes_)
    bag.n_features_in_ = int(fitted.n_features_in_)
    return bag


def _boosted(fitted: Any) -> Any:
    from sklearn.ensemble import AdaBoostClassifier

    own = AdaBoostClassifier().get_params(deep=False)
    kept = {name: value for name, value in fitted.get_params(deep=False).items() if name in own}
    boosted = AdaBoostClassifier(**kept)
    boosted.estimator_, boosted.estimators_ = fitted.estimator_, list(fitted.estimators_)
    boosted.estimator_weights_, boosted.estimator_errors_ = fitted.estimator_weights_, fitted.estimator_errors_
    boosted.classes_, boosted.n_classes_ = fitted.classes_, int(fitted.n_classes_)
    boosted.n_features_in_ = int(fitted.n_features_in_)
    return boosted
