"""What a rule keeps in the folds is what the plain loop of training keeps there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mlops_lib.explore.survival import MeasuredFolds, apply_in_folds, measure_folds, survival
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import Classes
from mlops_lib.objects.split import HOLD_OUT, UNUSED, WARM_UP
from mlops_lib.stats.features import features_from
from mlops_lib.stats.selection import select
from mlops_lib.workspace import codec
from tests.explore.conftest import Ask, Asked, employees

RULES = [Selection(), Selection(max_p=0.2, max_vif=2.0), Selection(min_effect=0.2, adjust="holm", drop=("age",))]


def answers(asked: Asked, rows: np.ndarray) -> np.ndarray:
    cells = asked[0].frame().iloc[rows][asked[1].target]
    if asked[1].target == "late":
        return cells.to_numpy(dtype=np.float64)
    return np.searchsorted(np.sort(cells.unique()), cells).astype(np.int8)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("target", "question"), [("left", None), ("late", None), ("grade", Classes(None))])
def test_survival_is_the_loop_over_folds(ask: Ask, rule: Selection, target: str, question: Classes | None) -> None:
    dataset, schema, plan = asked = ask(target, question)
    found = survival(dataset, schema, plan, rule)
    kinds = {name: schema.column(name).kind for name in schema.features()}
    kept = dict.fromkeys(kinds, 0)
    effects: dict[str, list[float]] = {name: [] for name in kinds}
    for fold in range(plan.folds):
        rows = plan.fold_training_rows(fold)
        chosen = select(features_from(dataset.frame().iloc[rows], kinds), answers(asked, rows), rule)
        for name in chosen.kept:
            kept[name] += 1
        for name, strength in zip(chosen.table["feature"], chosen.table["strength"], strict=True):
            effects[name].append(strength)
        assert found.rows[fold] == len(rows)
    table = found.table.set_index("feature")
    assert table["kept"].to_dict() == kept
    assert found.folds == plan.folds
    for name, values in effects.items():
        np.testing.assert_allclose(
            table.loc[name, ["effect_low", "effect_mean", "effect_high"]].to_numpy(dtype=float),
            [min(values), np.mean(values), max(values)],
            rtol=1e-9,
            atol=1e-12,
        )


def test_ranks_are_places_by_effect(ask: Ask) -> None:
    found = survival(*ask(), Selection())
    assert len(found.by_fold) == 5 * 7
    first = found.by_fold[found.by_fold["rank"] == 1]
    assert (first["strength"].to_numpy() == found.by_fold.groupby("fold")["strength"].max().to_numpy()).all()
    assert found.table["rank_low"].min() == 1
    assert (found.table["rank_low"] <= found.table["rank_high"]).all()
    assert (found.table["significant"] <= found.table["tested"]).all()


def test_rules_are_tried_on_stored_folds(ask: Ask, tmp_path: Path) -> None:
    folds = measure_folds(*ask())
    folder = tmp_path / "stored"
    folder.mkdir()
    codec.save(folds, folder)
    again: MeasuredFolds = codec.load(folder)
    for rule in RULES:
        assert apply_in_folds(again, rule).table.equals(apply_in_folds(folds, rule).table)


def test_a_column_with_one_value_has_no_effect_in_any_fold(ask: Ask) -> None:
    table = employees().select(["age", "left"]).append_column("same", pa.array(np.ones(400)))
    row = survival(*ask(table=table), Selection()).table.set_index("feature").loc["same"]
    assert (row["kept"], row["tested"], row["significant"]) == (0, 0, 0)
    assert row[["effect_low", "effect_mean", "effect_high", "rank_low"]].isna().all()


def test_how_far_it_is_is_told(ask: Ask) -> None:
    told: list[tuple[int, int]] = []
    measure_folds(*ask(), tell=lambda done, folds: told.append((done, folds)))
    assert told == [(fold, 5) for fold in range(5)]


def test_folds_in_time_train_on_what_came_before(ask: Ask) -> None:
    dataset, schema, plan = ask()
    known = np.flatnonzero(plan.assignment != UNUSED)
    assignment = plan.assignment.copy()
    assignment[known] = np.repeat([WARM_UP, 0, 1, 2, HOLD_OUT], 79)[: len(known)]
    in_time = replace(plan, kind="time", folds=3, assignment=assignment)
    found = survival(dataset, schema, in_time, Selection(max_p=0.2))
    assert found.rows == (79, 158, 237)
    kinds = {name: schema.column(name).kind for name in schema.features()}
    for fold in range(3):
        rows = in_time.fold_training_rows(fold)
        chosen = select(
            features_from(dataset.frame().iloc[rows], kinds),
            answers((dataset, schema, in_time), rows),
            Selection(max_p=0.2),
        )
        here = found.by_fold[found.by_fold["fold"] == fold + 1]
        assert tuple(here["feature"][here["kept"]]) == chosen.kept
