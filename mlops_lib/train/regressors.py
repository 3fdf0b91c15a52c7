"""The relatives of the catalogue's classifiers for a numeric target, with the same settings; each uses one thread."""

from __future__ import annotations

from typing import Any

Keywords = dict[str, Any]


def mean(_keywords: Keywords, _seed: int) -> Any:
    """The mean of the training rows for every row; the settings are the classifier's and mean nothing here."""
    from sklearn.dummy import DummyRegressor

    return DummyRegressor(strategy="mean")


def ridge(keywords: Keywords, _seed: int) -> Any:
    """A linear model by the exact solver, so that it needs no seed."""
    from sklearn.linear_model import Ridge

    return Ridge(**keywords)


def random_forest(keywords: Keywords, seed: int) -> Any:
    """The mean of trees grown on samples of rows; all columns are tried at each cut, which is scikit-learn's default
    for numbers."""
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(**keywords, random_state=seed, n_jobs=1)


def extra_trees(keywords: Keywords, seed: int) -> Any:
    """The mean of trees whose cuts are drawn at random."""
    from sklearn.ensemble import ExtraTreesRegressor

    return ExtraTreesRegressor(**keywords, random_state=seed, n_jobs=1)


def hist_gradient_boosting(keywords: Keywords, seed: int) -> Any:
    """Small trees for the squared error, added one by one."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    fixed = {"early_stopping": False, "categorical_features": None}
    return HistGradientBoostingRegressor(**keywords, **fixed, random_state=seed)


def lightgbm(keywords: Keywords, seed: int) -> Any:
    """LightGBM for the squared error, with the same fixed settings as its classifier."""
    from lightgbm import LGBMRegressor

    fixed = {"n_jobs": 1, "verbose": -1, "deterministic": True, "force_row_wise": True, "importance_type": "gain"}
    return LGBMRegressor(**keywords, **fixed, random_state=seed)
