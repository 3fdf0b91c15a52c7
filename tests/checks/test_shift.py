"""The adversarial model: quiet in random splits, and loud, with names, where the hold-out is later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mlops_lib.checks.quality import findings
from mlops_lib.checks.quick_model import Matrix
from mlops_lib.checks.shift import hanley_mcneil, roc_auc, tell_apart
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.samples import SAMPLES, load_sample
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.schema import Schema
from mlops_lib.workspace.folder import Workspace
from tests.checks.tables import YES, Make, N, confirmed, plain


def table(seed: int, rows: int = 600) -> tuple[Matrix, np.ndarray]:
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(rows, 10))
    values[:, 1] = values[:, 0] + 0.3 * values[:, 1]
    values[:, 2] = draw.integers(0, 5, rows)
    return Matrix(tuple("abcdefghij"), values, (2,)), (draw.random(rows) < 0.25).astype(np.int64)


def test_random_splits_show_no_shift_in_95_of_100() -> None:
    found = [tell_apart(*table(seed), seed=0) for seed in range(60)]
    assert sum(f.p < 0.01 for f in found) <= 6
    assert sum(f.p < 0.01 and f.auc >= 0.55 for f in found) <= 6
    assert abs(np.mean([f.auc for f in found]) - 0.5) < 0.01


def test_a_column_that_moves_is_found_and_leads() -> None:
    matrix, held = table(0)
    matrix.values[held == 1, 5] += 1.0
    found = tell_apart(matrix, held, 0)
    assert found.auc > 0.7
    assert found.p < 1e-6
    assert found.low < found.auc < found.high
    assert found.gains.argmax() == 5
    assert found.gains.sum() == pytest.approx(1)


def test_roc_auc_agrees_with_sklearn() -> None:
    draw = np.random.default_rng(0)
    score, truth = draw.integers(0, 9, 200).astype(float), draw.integers(0, 2, 200)
    assert roc_auc(score, truth == 1) == pytest.approx(roc_auc_score(truth, score))


@pytest.mark.parametrize("apart", [0.0, 1.0])
def test_the_error_is_how_much_the_area_varies(apart: float) -> None:
    draw = np.random.default_rng(0)
    truth = np.repeat([True, False], [60, 150])
    areas = [roc_auc(draw.normal(size=210) + apart * truth, truth) for _ in range(2000)]
    assert hanley_mcneil(float(np.mean(areas)), 60, 150) == pytest.approx(np.std(areas), rel=0.12)


def test_a_random_split_of_a_clean_table_is_silent(table_of: Make) -> None:
    dataset = table_of(plain())
    schema = confirmed(dataset)
    told = {s.code: s for s in findings(dataset, schema, plan_split(dataset, schema)).silent}
    assert told["FUL037"].applies
    assert "hardly tells 750 training and 250 hold-out rows apart" in told["FUL037"].reason
    assert not {s.code: s for s in findings(dataset, schema).silent}["FUL037"].applies


def test_flights_split_in_time_differ_by_the_season_and_that_is_expected(workspace: Workspace) -> None:
    sample = SAMPLES["flights"]
    dataset = load_sample(workspace, "flights")
    roles = {sample.target: "target", "time_hour": "time"}
    columns = [replace(c, role=roles.get(c.name, c.role)) for c in propose_columns(dataset)]  # type: ignore[arg-type]
    schema = Schema(dataset.fingerprint, tuple(columns), sample.question)
    found = {f.code: f for f in findings(dataset, schema, plan_split(dataset, schema)).found}["FUL037"]
    assert "month" in found.columns
    assert found.severity == "info"
    assert "expected of a split in time" in found.what


def test_labels_that_move_are_told_with_their_shares(table_of: Make) -> None:
    draw = np.random.default_rng(0)
    day = np.datetime64("2024-01-01", "us") + np.arange(N) * np.timedelta64(1, "D")
    label = np.where(np.arange(N) < 700, draw.choice(["old", "both"], N), draw.choice(["new", "both"], N))
    dataset = table_of(plain(day=day, label=label))
    schema = confirmed(dataset, question=YES)
    columns = tuple(replace(c, role="time") if c.name == "day" else c for c in schema.columns)
    schema = Schema(dataset.fingerprint, columns, YES)
    found = {f.code: f for f in findings(dataset, schema, plan_split(dataset, schema)).found}["FUL037"]
    assert found.columns[0] == "label"
    assert "in training, 0.0 % held out" in found.what
