"""The additive model against statsmodels, and against a published example."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from mlops_lib.stats.additive import additive_means, additive_odds

SURVEY = np.array([[[538, 911], [456, 44]], [[43, 3], [279, 2]]])
"""Alcohol x cigarettes x marijuana (no, yes): Agresti, Categorical Data Analysis (2013), table 9.3; 2,276 students."""


def test_the_published_example() -> None:
    found = additive_odds(SURVEY[..., 1], SURVEY.sum(axis=-1))
    assert found is not None
    assert found.n == 2276
    assert (round(found.statistic, 2), found.df) == (0.37, 1)
    assert found.p_from == "draws"  # two of the eight expected counts are below 5
    assert found.expected[0, 0] * SURVEY[0, 0].sum() == pytest.approx(910.4, abs=0.05)


@pytest.mark.parametrize("seed", range(6))
def test_shares_agree_with_a_binomial_model(seed: int) -> None:
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    rng = np.random.default_rng(seed)
    a, b = rng.integers(2, 5, 2)
    n = rng.integers(30, 400, (a, b))
    hits = rng.binomial(n, rng.uniform(0.1, 0.6, (a, b)))
    rows, columns = np.indices((a, b))
    frame = pd.DataFrame({"r": rows.ravel(), "c": columns.ravel(), "yes": hits.ravel(), "no": (n - hits).ravel()})
    models = [
        smf.glm(f"yes + no ~ {right}", frame, family=sm.families.Binomial()).fit(tol=1e-14)
        for right in ("C(r) + C(c)", "C(r)", "C(c)")
    ]
    found = additive_odds(hits, n)
    assert found is not None
    assert found.statistic == pytest.approx(models[0].deviance, rel=1e-7)
    assert found.df == models[0].df_resid
    np.testing.assert_allclose(found.expected.ravel(), models[0].fittedvalues, rtol=1e-7)
    share = hits.sum() / n.sum()
    whole = -2 * n.sum() * (share * np.log(share) + (1 - share) * np.log(1 - share))
    for value, model in zip((found.added, found.first, found.second), models, strict=True):
        wanted = (model.null_deviance - model.deviance - model.df_model) / whole
        assert value == pytest.approx(max(0.0, wanted), rel=1e-7, abs=1e-12)
    joint = (models[0].null_deviance - (a * b - 1)) / whole
    assert found.joint == pytest.approx(max(found.added, joint), rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_means_agree_with_two_way_analysis_of_variance(seed: int) -> None:
    import statsmodels.formula.api as smf
    from statsmodels.stats.anova import anova_lm

    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(0, 3, 400), rng.integers(0, 4, 400)
    y = 5 + rows + 0.5 * columns + 0.4 * rows * columns + rng.normal(0, 2, 400)
    if seed == 5:
        keep = ~((rows == 2) & (columns == 3))
        rows, columns, y = rows[keep], columns[keep], y[keep]
    frame = pd.DataFrame({"r": rows, "c": columns, "y": y, "cell": rows * 4 + columns})
    places = rows * 4 + columns
    n, sums, squares = (np.bincount(places, w, 12).reshape(3, 4) for w in (None, y - 5, (y - 5) ** 2))
    found = additive_means(sums, squares, n)
    added, cells = smf.ols("y ~ C(r) + C(c)", frame).fit(), smf.ols("y ~ C(cell)", frame).fit()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels leaves the first row of the table empty
        row = anova_lm(added, cells).iloc[1]
    assert found is not None
    assert found.statistic == pytest.approx(row["F"], rel=1e-9)
    assert found.p == pytest.approx(row["Pr(>F)"], rel=1e-9)
    assert (found.df, found.df_rest) == (row["df_diff"], row["df_resid"])
    assert found.added == pytest.approx(added.rsquared_adj, rel=1e-9)
    assert found.joint == pytest.approx(cells.rsquared_adj, rel=1e-9)
    assert found.first == pytest.approx(max(0, smf.ols("y ~ C(r)", frame).fit().rsquared_adj), rel=1e-9)


def test_p_is_uniform_where_effects_add_up() -> None:
    rng = np.random.default_rng(1)
    odds = np.array([-1.5, -0.5, 0.2])[:, None] + np.array([0.0, 0.6, 1.0])[None]
    n = rng.integers(80, 300, (3, 3))
    p = np.array([additive_odds(rng.binomial(n, 1 / (1 + np.exp(-odds))), n).p for _ in range(400)])  # type: ignore[union-attr]
    assert 0.02 <= (p < 0.05).mean() <= 0.085
    assert 0.42 <= (p < 0.5).mean() <= 0.58


def test_tables_that_say_nothing_have_no_answer() -> None:
    n = np.array([[50, 60], [70, 80]])
    assert additive_odds(np.zeros((2, 2), int), n) is None
    assert additive_odds(n, n) is None
    assert additive_odds(np.array([[3, 0], [0, 4]]), np.array([[9, 0], [0, 9]])) is None
    assert additive_means(n * 2.0, n * 4.0, n) is None


def test_thin_cells_take_p_from_drawn_tables() -> None:
    rng = np.random.default_rng(2)
    odds = np.array([-2.0, -1.0, -0.5])[:, None] + np.array([0.0, 0.4, 0.8])[None]
    n = rng.integers(6, 20, (3, 3))
    found = [additive_odds(rng.binomial(n, 1 / (1 + np.exp(-odds))), n, seed) for seed in range(120)]
    assert {f.p_from for f in found if f is not None} == {"draws"}
    p = np.array([f.p for f in found if f is not None])
    assert (p <= 0.05).mean() <= 0.1
    assert 0.38 <= (p <= 0.5).mean() <= 0.62
    full = additive_odds(np.array([[30, 60], [60, 30]]), np.array([[90, 90], [90, 90]]))
    assert full is not None
    assert full.p_from == "chi-square"
    assert full.extra == full.joint - full.added > 0.05


def test_the_same_seed_draws_the_same() -> None:
    hits, n = np.array([[1, 5], [6, 1]]), np.array([[9, 9], [9, 9]])
    first, second = additive_odds(hits, n, 3), additive_odds(hits, n, 3)
    assert first is not None
    assert second is not None
    assert first.p_from == "draws"
    assert first.p == second.p
