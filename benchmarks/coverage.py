"""How often intervals hold the truth, and how often a difference is claimed where there is none.

`python -m benchmarks.coverage [hold-out] [folds] [outcomes] [shares] [tables]`: the tables of docs/statistics.md; takes
about half an hour with 500 tables. The tests make smaller ones with the same functions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from benchmarks.outcomes import class_coverage, number_coverage
from benchmarks.populations import Binormal, predicted
from benchmarks.trained import FOLDS, Recipe, Trained, trained
from mlops_lib.evaluate.bootstrap import paired_differences, replicates
from mlops_lib.evaluate.comparison import Comparison, Entry, Judgement, conclude, judge_runs
from mlops_lib.evaluate.delong import auc_spread, delong
from mlops_lib.evaluate.intervals import bootstrap_intervals, wilson
from mlops_lib.evaluate.metrics import METRICS, metric
from mlops_lib.evaluate.planned import BETTER, WORSE, bootstrap_tests
from mlops_lib.evaluate.score_metrics import roc_auc
from mlops_lib.evaluate.sweep import sweep_of
from mlops_lib.objects.recipe import Model
from mlops_lib.objects.recipe import Recipe as TrainingRecipe
from mlops_lib.objects.run import Run

HELD = (
    (Binormal(1.5, 0.1, 0.2), 600),
    (Binormal(1.5, 0.3, 0.3), 500),
    (Binormal(1.5, 0.1, 0.2), 250),
    (Binormal(2.5, 0.04, 0.1), 1_000),
)
RESAMPLES = 400
SEEN = (
    Recipe(300, 0.3, 1.2, 3, 3),
    Recipe(1_000, 0.1, 1.5, 2, 8),
    Recipe(300, 0.3, 1.2, 1, 15),
    Recipe(300, 0.3, 0.0, 0, 5),
)
TESTED = ("roc_auc", "average_precision", "brier", "log_loss", "f1", "ece")
MODELS = ("logistic_regression", "ridge", "random_forest", "xgboost", "knn", "naive_bayes")
THRESHOLD = 0.3


def held_out(population: Binormal, rows: int, tables: int) -> pd.DataFrame:
    """Two models that are as good as each other on hold-outs of so many rows, judged as the Compare page does, but with
    RESAMPLES resamples.

    A row a metric: `covered` (by the interval of one model), `claimed` (p of the difference below 0.05) and `better`
    (the first claimed to be better).
    """
    found = [_one_hold_out(population, rows, seed) for seed in range(tables)]
    return pd.concat(found).groupby(level=0, sort=False).mean()


def _one_hold_out(population: Binormal, rows: int, seed: int) -> pd.DataFrame:
    first, second = population.drawn(rows, np.random.default_rng(seed), 2)
    at = population.threshold
    own = bootstrap_intervals(sweep_of(first), METRICS, at, RESAMPLES, seed)
    held = {name: (one.low, one.high) for name, one in own.items()} | {
        "roc_auc": auc_spread(first.truth, first.score)[1:]
    }
    apart = paired_differences(first, second, METRICS, RESAMPLES, seed, (at, at))
    test = delong(first.truth, first.score, second.score)
    claims = {name: (one.value, one.p) for name, one in apart.items()} | {"roc_auc": (test.difference, test.p)}
    return pd.DataFrame.from_dict({
        one.name: {
            "covered": held[one.name][0] <= population.truth[one.name] <= held[one.name][1],
            "claimed": claims[one.name][1] < 0.05,
            "better": claims[one.name][1] < 0.05 and (claims[one.name][0] > 0) == one.higher_is_better,
        }
        for one in METRICS
    }, orient="index", dtype=np.float64)  # fmt: skip


def runs_of(count: int) -> dict[str, Run]:
    """Runs of so many models, the first the reference."""
    return {
        name: Run(name, "data", "schema", "split", 0, TrainingRecipe(Model(name), rung="base"), "complete",
                  fit_seconds=1.0, predict_seconds_per_1000=0.01)
        for name in MODELS[:count]
    }  # fmt: skip


def judged_table(found: Trained, table: int, truth: np.ndarray, fold: np.ndarray) -> Judgement:
    """All recipes of one simulated table, judged as the Compare page does."""
    at = np.full(FOLDS, THRESHOLD)
    return judge_runs(
        Entry(run, predicted(truth, found.score[place, table], name, fold), at)
        for place, (name, run) in enumerate(runs_of(len(found.score)).items())
    )


def on_folds(recipe: Recipe, tables: int, recipes: int = 2) -> pd.DataFrame:
    """Recipes none of which is better, trained and judged on folds.

    A row a metric: `covered` (the expected value of a model trained on so many rows by the interval of the first),
    `claimed` (some recipe called better or worse than the reference) and `better` (the verdict names a recipe as better
    than it).
    """
    found, truth, fold = trained(recipe, tables, recipes), recipe.truth, recipe.fold
    names, expected, lines = TESTED if recipes == 2 else TESTED[:-1], found.expected, []
    for table in range(tables):
        judgement = judged_table(found, table, truth, fold)
        drawn = {
            name: replicates(predicted(truth, found.score[place, table], name, fold), [metric("ece")])["ece"]
            for place, name in enumerate(MODELS[: recipes if "ece" in names else 0])
        }
        lines += [_concluded(judgement, name, expected[name], drawn if name == "ece" else None) for name in names]
    return pd.DataFrame(lines).groupby("metric", sort=False).mean()


def _concluded(
    judgement: Judgement, name: str, expected: float, drawn: Mapping[str, np.ndarray] | None
) -> dict[str, object]:
    comparison = conclude(judgement, MODELS[0], name, drawn=drawn)
    first = judgement.table.iloc[0]
    held = first[f"{name}_low"] <= expected <= first[f"{name}_high"]
    return {"metric": name, "covered": float(held), **said_of(comparison)}


def said_of(comparison: Comparison) -> dict[str, float]:
    """Whether some recipe is called better or worse than another, and whether the verdict calls one better than the
    reference."""
    claimed = comparison.planned["outcome"].isin([BETTER, WORSE]).any()
    return {"claimed": float(claimed), "better": float(comparison.verdict.detectable)}


def pooled(recipe: Recipe, tables: int) -> dict[str, float]:
    """How often a difference in ROC-AUC of two such recipes is claimed by the paired bootstrap of all out-of-fold rows:
    `widened` by the overlap of training rows, as it is done, and `plain`."""
    found, area, claimed = trained(recipe, tables, 2), metric("roc_auc"), np.zeros(2)
    for table in range(tables):
        pair = [predicted(recipe.truth, found.score[m, table], str(m), recipe.fold) for m in range(2)]
        whole = np.array([float(roc_auc(sweep_of(one))) for one in pair])
        drawn = np.array([replicates(one, [area], 500, table)["roc_auc"] for one in pair])
        claimed += [bootstrap_tests(whole, drawn, overlap)[4][0, 1] < 0.05 for overlap in (FOLDS / (FOLDS - 1), 0.0)]
    return dict(zip(("widened", "plain"), (claimed / tables).tolist(), strict=True))


def shares(n: int, share: float) -> float:
    """The exact chance that Wilson's interval of n rows holds a share (Brown, Cai & DasGupta 2001)."""
    from scipy import stats

    successes = np.arange(n + 1)
    low, high = wilson(successes, np.full(n + 1, n))
    held = (low <= share) & (share <= high)
    return float(stats.binom.pmf(successes[held], n, share).sum())


def _show(title: str, table: pd.DataFrame) -> None:
    print(f"\n{title}\n")
    print("| |" + " | ".join(map(str, table.columns)) + " |")
    print("|---|" + "---|" * table.shape[1])
    for name, row in table.iterrows():
        print(f"| {name} | " + " | ".join(f"{100 * v:.1f} %" for v in row) + " |", flush=True)


def _hold_outs(tables: int) -> None:
    for population, rows in HELD:
        _show(f"Hold-out, {round(population.rate * rows)} positives of {rows:,}", held_out(population, rows, tables))


def _folds(tables: int) -> None:
    for recipes in (2, 6):
        for one in SEEN if recipes == 2 else SEEN[::3]:
            _show(f"{recipes} recipes on folds, {_named(one)}", on_folds(one, tables, recipes))
    _show("Paired bootstrap of out-of-fold rows, claimed", pd.DataFrame({_named(r): pooled(r, tables) for r in SEEN}))


def _named(one: Recipe) -> str:
    return f"{one.rows:,} rows, {one.rate:.0%}, {one.signal} + {one.noise} columns"


def _outcomes(tables: int) -> None:
    _show("Many classes", pd.DataFrame({f"{n:,} rows": class_coverage(n, tables) for n in (200, 600)}))
    _show("Numbers", pd.DataFrame({
        f"{n:,} rows, {kind}": number_coverage(n, tables, kind) for n in (100, 400) for kind in ("normal", "heavy")
    }))  # fmt: skip


def _shares(_: int) -> None:
    table = {f"{n:,} rows": {f"{s:g}": shares(n, s) for s in (0.02, 0.1, 0.5)} for n in (20, 100, 1_000)}
    _show("Wilson", pd.DataFrame(table))


PARTS: Mapping[str, Callable[[int], None]] = {
    "shares": _shares, "folds": _folds, "hold-out": _hold_outs, "outcomes": _outcomes,
}  # fmt: skip


def main(wanted: Sequence[str]) -> None:
    """Print the tables of these parts (all by default); a number among the words is how many tables are drawn."""
    tables = next((int(word) for word in wanted if word.isdigit()), 500)
    names: Iterable[str] = [word for word in wanted if word in PARTS] or PARTS
    for name in names:
        PARTS[name](tables)


if __name__ == "__main__":
    main(sys.argv[1:])
