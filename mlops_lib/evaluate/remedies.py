"""Whether any remedy beats doing nothing about imbalance but moving the threshold of the same model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import special

from mlops_lib.evaluate.best_plain import BestPlain, against_best
from mlops_lib.evaluate.binary_judging import COUNTS, HALF
from mlops_lib.evaluate.comparison import Judgement
from mlops_lib.evaluate.intervals import FoldTest
from mlops_lib.evaluate.margins import MARGIN_SHARE, margin_of
from mlops_lib.evaluate.metrics import decision_metric, expected_cost, metric
from mlops_lib.evaluate.planned import LEVEL, corrected_tests, fold_values, outcome
from mlops_lib.evaluate.sweep import Counts
from mlops_lib.objects.run import Run
from mlops_lib.stats.multiple import holm
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.remedies import REFERENCES, remedy_of, without_remedy

RANKING, DECISIONS, PROBABILITIES, UNCALIBRATED = "Ranking", "Decisions", "Probabilities", "Before calibration"
ANSWERED = (RANKING, DECISIONS, PROBABILITIES)
"""The aspects that the answer rests on; UNCALIBRATED is shown beside them."""

RANKINGS, COST = ("average_precision", "roc_auc"), "cost"

MORE = 5
"""How often the folds would be repeated, where a page says what that could find."""


@dataclass(frozen=True)
class Asked:
    """What remedies are judged by: a metric of ranking, one of decisions (COST needs `costs`, of a miss and of a false
    alarm), and the margin as a share of the way from doing nothing to perfect."""

    ranking: str = "average_precision"
    decision: str = "f1"
    costs: tuple[float, float] = (1.0, 1.0)
    share: float = MARGIN_SHARE


@dataclass(frozen=True)
class Aspect:
    """One way to look at runs: the columns of a remedied run and of the same run without its remedy, the margin in the
    metric's unit, and the difference that had to be there to be found (`detectable`, the middle one of all remedies),
    and with five times as many folds of the same spread (`repeated`).
    """

    name: str
    label: str
    column: str
    plain: str
    higher_is_better: bool
    margin: float
    detectable: float = float("nan")
    repeated: float = float("nan")


@dataclass(frozen=True, eq=False)
class Remedies:
    """Every remedied run against the run that differs from it in nothing but the remedy, on the same folds.

    `tests` has a row a remedied run and aspect: `aspect`, `run`, `partner` (fingerprints), `remedy`, `model`, `instead`
    (the partner's title), `value`, `without`, `gain` (above 0 the remedy is better, whatever the metric), `low`,
    `high` (95 %), `p`, `p_holm` (over the remedies of the aspect), `outcome`. `alone` has a row a run without a
    remedy: `run`, `recipe`, `model`, `threshold` (mean of the folds), `at_half`, `own`, and `gain`, `low`, `high`, `p`,
    `p_holm`, `outcome` of its own threshold over 0.5 in the metric of decisions. `missing` are remedied runs whose
    partner has no result, with the partner's title. `best` has, in ranking and in decisions, all remedied runs against
    the best run without a remedy, whatever its model.
    """

    asked: Asked
    aspects: tuple[Aspect, ...]
    tests: pd.DataFrame
    alone: pd.DataFrame
    missing: tuple[tuple[str, str], ...]
    folds: int
    best: tuple[BestPlain, ...] = ()

    @property
    def remedies(self) -> int:
        """How many remedied runs were compared."""
        return int(self.tests["run"].nunique())

    def aspect(self, name: str) -> Aspect:
        """The aspect of that name."""
        return next(a for a in self.aspects if a.name == name)

    def of(self, name: str) -> pd.DataFrame:
        """The tests of one aspect, the largest gain first."""
        found = self.tests.loc[self.tests["aspect"] == name]
        return found.sort_values("gain", ascending=False, kind="stable", ignore_index=True)


def judge_remedies(judgement: Judgement, asked: Asked | None = None) -> Remedies:
    """The corrected resampled t of each remedied run against its partner, Holm-adjusted over the remedies of an aspect.

    Both stand at their own out-of-fold threshold under the judgement's policy. Their probabilities are compared after
    calibration: that of the remedied run against the partner's, calibrated alike, so that only the remedy differs.
    """
    question = asked or Asked()
    pairs, missing = remedy_pairs(judgement)
    folds = _with_decisions(judgement.folds, question)
    tested = [_tested(judgement, folds, pairs, one) for one in _aspects(judgement, question)]
    return Remedies(
        asked=question,
        aspects=tuple(aspect for aspect, _ in tested),
        tests=pd.concat([table for _, table in tested], ignore_index=True),
        alone=_threshold_alone(judgement, folds, tested[1][0]),
        missing=missing,
        folds=int(judgement.folds["fold"].nunique()),
        best=tuple(filter(None, (_best(judgement, folds, pairs, aspect, question) for aspect, _ in tested[:2]))),
    )


def remedy_pairs(judgement: Judgement) -> tuple[list[tuple[Run, Run]], tuple[tuple[str, str], ...]]:
    """Each remedied run with the run of `without_remedy`, and the titles of those whose partner has no result.

    A partner without calibration comes first; one that is calibrated serves as well.
    """
    plain: dict[str, Run] = {}
    for run in judgement.judged.values():
        if not remedy_of(run.recipe):
            key = without_remedy(run.recipe).fingerprint
            if key not in plain or run.recipe.calibration == "none":
                plain[key] = run
    pairs, missing = [], []
    for run in judgement.judged.values():
        if remedy_of(run.recipe):
            wanted = without_remedy(run.recipe)
            if wanted.fingerprint in plain:
                pairs.append((run, plain[wanted.fingerprint]))
            else:
                missing.append((recipe_title(run.recipe), recipe_title(wanted)))
    return pairs, tuple(missing)


def _aspects(judgement: Judgement, asked: Asked) -> tuple[Aspect, ...]:
    ranking, brier = metric(asked.ranking), metric("brier")
    margins = {one.name: margin_of(one, judgement.nothing, asked.share) for one in (ranking, brier)}
    calibrated = Aspect(
        PROBABILITIES, brier.label, "brier", "brier_calibrated", brier.higher_is_better, margins["brier"]
    )
    return (
        Aspect(RANKING, ranking.label, ranking.name, ranking.name, ranking.higher_is_better, margins[ranking.name]),
        _decision_aspect(judgement, asked),
        calibrated,
        Aspect(UNCALIBRATED, brier.label, "brier_raw", "brier_raw", brier.higher_is_better, margins["brier"]),
    )


def _decision_aspect(judgement: Judgement, asked: Asked) -> Aspect:
    if asked.decision != COST:
        one = decision_metric(asked.decision)
        margin = margin_of(one, judgement.nothing, asked.share)
        return Aspect(DECISIONS, one.label, "decision", "decision", one.higher_is_better, margin)
    nothing = expected_cost(*asked.costs).nothing(judgement.rate)
    return Aspect(DECISIONS, "Cost per row", "decision", "decision", False, asked.share * nothing)


def _with_decisions(folds: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """The folds with the metric of decisions from their counts: `decision`, and at 0.5 with HALF behind it."""
    columns = {}
    for suffix in ("", HALF):
        counts = Counts(*(folds[name + suffix].to_numpy() for name in COUNTS))
        if asked.decision == COST:
            miss, false_alarm = asked.costs
            columns["decision" + suffix] = (counts.fn * miss + counts.fp * false_alarm) / counts.n
        else:
            columns["decision" + suffix] = decision_metric(asked.decision).of(counts)
    return folds.assign(**columns)


def _tested(
    judgement: Judgement, folds: pd.DataFrame, pairs: list[tuple[Run, Run]], aspect: Aspect
) -> tuple[Aspect, pd.DataFrame]:
    """The aspect with what it could have found, and its rows of `Remedies.tests`."""
    first = _by_fold(folds, aspect.column, [run for run, _ in pairs])
    second = _by_fold(folds, aspect.plain, [partner for _, partner in pairs])
    sign = 1.0 if aspect.higher_is_better else -1.0
    gains, reach = _gains(sign * (first - second), judgement.ratio, aspect.margin)
    about = pd.DataFrame({
        "aspect": aspect.name,
        "run": [run.fingerprint for run, _ in pairs],
        "partner": [partner.fingerprint for _, partner in pairs],
        "remedy": [remedy_of(run.recipe) for run, _ in pairs],
        "model": [run.recipe.model.name for run, _ in pairs],
        "instead": [recipe_title(partner.recipe) for _, partner in pairs],
        "value": first.mean(axis=1),
        "without": second.mean(axis=1),
    })  # fmt: skip
    found = replace(aspect, detectable=reach[0], repeated=reach[1])
    return found, pd.concat([about, gains], axis=1)


def _by_fold(folds: pd.DataFrame, column: str, runs: list[Run]) -> np.ndarray:
    """A column of runs by fold, (runs, k); a run may stand in it twice."""
    values = fold_values(folds, column, dict.fromkeys(run.fingerprint for run in runs))
    return np.array([values[run.fingerprint] for run in runs]).reshape(len(runs), folds["fold"].nunique())


def _gains(by_fold: np.ndarray, ratio: float, margin: float) -> tuple[pd.DataFrame, tuple[float, float]]:
    """Each gain (runs, k) tested and adjusted over all of them, and the gain that had to be there to be found: the
    middle one of the smallest with a Holm-adjusted p below 0.05, were it the only one; then that of 5 k folds."""
    gain, low, high, t, p = corrected_tests(by_fold, ratio)
    adjusted, df = holm(p), by_fold.shape[1] - 1
    tests = (FoldTest(*numbers[:4], df, numbers[4]) for numbers in zip(gain, low, high, t, p, strict=True))
    table = pd.DataFrame({
        "gain": gain, "low": low, "high": high, "p": p, "p_holm": adjusted,
        "outcome": [outcome(test, float(q), True, margin) for test, q in zip(tests, adjusted, strict=True)],
    })  # fmt: skip
    if df < 1 or len(p) == 0:
        return table, (float("nan"), float("nan"))
    spread = float(np.median((high - low) / 2)) / (special.stdtrit(df, 0.975) * np.sqrt(1 / (df + 1) + ratio))
    level = 1.0 - LEVEL / (2 * len(p))
    reach = [
        spread * special.stdtrit(folds - 1, level) * np.sqrt(1 / folds + ratio) for folds in (df + 1, MORE * (df + 1))
    ]
    return table, (float(reach[0]), float(reach[1]))


def _best(
    judgement: Judgement, folds: pd.DataFrame, pairs: list[tuple[Run, Run]], aspect: Aspect, asked: Asked
) -> BestPlain | None:
    """The remedied runs that have a partner against the best of those without a remedy."""
    sides = (_plain(judgement), [run for run, _ in pairs])
    plain, remedied = (
        ([(run.fingerprint, recipe_title(run.recipe)) for run in side], _by_fold(folds, aspect.column, side))
        for side in sides
    )
    if not sides[0]:
        return None
    decisions = aspect.name == DECISIONS
    bounds = {"mcc": (-1.0, 1.0), COST: (0.0, np.inf)}.get(asked.decision if decisions else "", (0.0, 1.0))
    return against_best((aspect.name, aspect.higher_is_better, aspect.margin), plain, remedied, judgement.ratio, bounds)


def _plain(judgement: Judgement) -> list[Run]:
    return [r for r in judgement.judged.values() if not remedy_of(r.recipe) and r.recipe.model.name not in REFERENCES]


def _threshold_alone(judgement: Judgement, folds: pd.DataFrame, decisions: Aspect) -> pd.DataFrame:
    """The rows of `Remedies.alone`."""
    runs = _plain(judgement)
    own, half = (_by_fold(folds, decisions.column + suffix, runs) for suffix in ("", HALF))
    sign = 1.0 if decisions.higher_is_better else -1.0
    gains, _ = _gains(sign * (own - half), judgement.ratio, decisions.margin)
    thresholds = dict(zip(judgement.table["run"], judgement.table["threshold"], strict=True))
    about = pd.DataFrame({
        "run": [run.fingerprint for run in runs],
        "recipe": [recipe_title(run.recipe) for run in runs],
        "model": [run.recipe.model.name for run in runs],
        "threshold": [thresholds[run.fingerprint] for run in runs],
        "at_half": half.mean(axis=1),
        "own": own.mean(axis=1),
    })  # fmt: skip
    return pd.concat([about, gains], axis=1)
