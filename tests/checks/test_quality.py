"""Findings: each trap is found, named by its code, and offered what fits; a clean table has none to fear."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mlops_lib.checks.column_scores import score_features
from mlops_lib.checks.duplicates import count_copies
from mlops_lib.checks.quality import CHECKS, findings
from mlops_lib.checks.work import findings_job, findings_spec
from mlops_lib.data.datasets import keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.reading import ReadTable
from mlops_lib.data.samples import SAMPLES, load_sample
from mlops_lib.data.splits import plan_split
from mlops_lib.data.target import resolve_target
from mlops_lib.objects.dataset import Dataset, Reading, ReadingOptions
from mlops_lib.objects.finding import Finding
from mlops_lib.objects.schema import Classes, Number, Question, Schema
from mlops_lib.workspace.folder import Workspace, open_workspace

Make = Callable[[Mapping[str, Any]], Dataset]
N = 600
RANDOM = np.random.default_rng(0)
LEFT_YES = Classes("Yes")
LEFT = np.where(RANDOM.random(N) < 0.2, "Yes", "No")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "home")


@pytest.fixture
def table_of(workspace: Workspace) -> Make:
    def table_of(columns: Mapping[str, Any]) -> Dataset:
        table = pa.table(dict(columns))
        return keep(workspace, ReadTable(table, Reading("CSV", ReadingOptions(), N, N)), "t.csv", "test")

    return table_of


def confirmed(dataset: Dataset, target: str = "left", question: Question = LEFT_YES) -> Schema:
    columns = (replace(c, role="target") if c.name == target else c for c in propose_columns(dataset))
    return Schema(dataset.fingerprint, tuple(columns), question)


def found(dataset: Dataset, **how: Any) -> dict[str, Finding]:
    schema = confirmed(dataset, **how)
    return {f.code: f for f in findings(dataset, schema, plan_split(dataset, schema)).found}


def plain(**more: Any) -> dict[str, Any]:
    return {"x": RANDOM.normal(size=N), "dept": RANDOM.choice(["a", "b", "c"], N), "left": LEFT, **more}


def test_a_clean_table_has_no_finding(table_of: Make) -> None:
    assert found(table_of(plain())) == {}


def test_missing_cells_are_counted_on_training_rows_and_offered_what_fits(table_of: Make) -> None:
    few = [None if k % 40 == 0 else float(k % 97) for k in range(N)]
    much = [None if k % 4 == 0 else float(k % 89) for k in range(N)]
    mostly = [None if k % 10 else float(k) for k in range(N)]
    label = [None if k % 5 == 0 else "abc"[k % 3] for k in range(N)]
    dataset = table_of(plain(few=few, much=much, mostly=mostly, label=label))
    seen = found(dataset)
    schema = confirmed(dataset)
    rows = plan_split(dataset, schema).training_rows()
    assert seen["FUL002"].columns == ("few",)
    assert seen["FUL002"].rows == sum(few[k] is None for k in rows)
    assert seen["FUL002"].treatments[0].action == "median"
    assert seen["FUL003"].columns == ("much",)
    assert seen["FUL003"].treatments[0].action == "indicator"
    assert seen["FUL004"].columns == ("label",)
    assert {t.action for t in seen["FUL004"].treatments} == {"own_level", "most_frequent", "drop"}
    assert seen["FUL005"].columns == ("mostly",)
    assert seen["FUL005"].treatments[0].action == "drop"


def test_rows_without_an_answer_are_counted(table_of: Make) -> None:
    left = [None if k < 30 else str(v) for k, v in enumerate(LEFT)]
    seen = found(table_of(plain(left=left)))
    assert seen["FUL001"].rows == 30
    assert "30 rows of 600 (5.0 %) have no 'left'" in seen["FUL001"].what


def test_copies_are_counted_without_the_identifier(table_of: Make) -> None:
    x = RANDOM.normal(size=N)
    x[-20:] = x[:20]
    left = LEFT.copy()
    left[-20:] = left[:20]
    seen = found(table_of({"id": list(range(N)), "x": x, "left": left}))
    assert seen["FUL006"].rows == 20
    assert seen["FUL008"].columns == ("id",)


def test_copies_agree_with_pandas_in_every_kind_of_column() -> None:
    draw = np.random.default_rng(1)
    table = pa.table(
        {
            "a": pa.array(draw.integers(0, 3, 500).tolist(), pa.int64()),
            "b": pa.array([None if v == 2 else float(v) for v in draw.integers(0, 3, 500)], pa.float64()),
            "c": pa.array([None if v == 0 else "xyz"[v] for v in draw.integers(0, 3, 500)], pa.string()),
            "d": pa.array(draw.integers(0, 2, 500).tolist(), pa.timestamp("us")),
        }
    )
    assert count_copies(table) == int(table.to_pandas().duplicated().sum())
    assert count_copies(pa.table({"a": [1, None, 0]})) == 0
    assert count_copies(pa.table({"a": [0.0, -0.0]})) == 1


def test_constants_are_named(table_of: Make) -> None:
    assert found(table_of(plain(same=["z"] * N)))["FUL007"].columns == ("same",)


def test_numbers_far_out_are_found_and_may_be_clipped(table_of: Make) -> None:
    x = RANDOM.normal(size=N)
    x[[5, 50]] = 1000.0
    dataset = table_of(plain(pay=x))
    seen = found(dataset)["FUL009"]
    training = plan_split(dataset, confirmed(dataset)).training_rows()
    assert seen.columns == ("pay",)
    assert seen.rows == sum(k in training for k in (5, 50))
    assert [t.action for t in seen.treatments] == ["clip", "log"]


@pytest.mark.parametrize(
    "leak",
    [
        np.where(LEFT == "Yes", 30.0, 0.0),
        np.where(LEFT == "Yes", "gone", "here"),
        [None if v == "No" else 7.0 for v in LEFT],
        np.where(LEFT == "Yes", 0.0, RANDOM.choice([-1.0, 1.0], N)),
    ],
)
def test_a_column_that_knows_the_answer_is_found_in_every_disguise(table_of: Make, leak: Any) -> None:
    seen = found(table_of(plain(leak=leak)))["FUL010"]
    assert seen.columns == ("leak",)
    assert seen.suggest_ignore
    assert seen.severity == "serious"


def test_labels_of_single_rows_know_nothing(table_of: Make) -> None:
    dataset = table_of(plain(code=[f"c{k // 2}" for k in range(N)]))
    schema = confirmed(dataset)
    rows = np.arange(N)
    scores = score_features(dataset.frame(schema.features()), schema, resolve_target(dataset, schema), rows)
    assert abs(scores["code"] - 0.5) < 0.1
    assert abs(scores["x"] - 0.5) < 0.12


def test_a_number_is_known_by_its_rank(table_of: Make) -> None:
    y = RANDOM.normal(size=N)
    dataset = table_of({"y": y, "copy": np.exp(y), "noise": RANDOM.normal(size=N)})
    seen = found(dataset, target="y", question=Number())
    assert seen["FUL010"].columns == ("copy",)
    assert "rank correlation" in seen["FUL010"].what


def test_cells_that_are_missing_with_the_answer_are_suspected(table_of: Make) -> None:
    gone = RANDOM.random(N) < 0.1
    left = [None if g else str(v) for g, v in zip(gone, LEFT, strict=True)]
    later = [None if g else float(k) for k, g in enumerate(gone)]
    assert found(table_of(plain(left=left, later=later)))["FUL013"].columns == ("later",)


def test_the_traps_of_the_sample_are_all_found(workspace: Workspace) -> None:
    dataset = load_sample(workspace, "employees_traps")
    seen = found(dataset)
    assert seen["FUL010"].columns == ("notice_period_days",)
    assert seen["FUL006"].rows == 40
    assert seen["FUL012"].columns == ("monthly_income", "job_satisfaction")
    assert seen["FUL008"].columns == ("employee_number",)
    assert list(seen)[:2] == ["FUL010", "FUL012"]


def test_the_employee_sample_has_nothing_that_knows_the_answer(workspace: Workspace) -> None:
    assert not {"FUL010", "FUL011", "FUL012", "FUL013"} & set(found(load_sample(workspace, "employees")))


def test_flights_name_the_columns_of_the_journey(workspace: Workspace) -> None:
    sample = SAMPLES["flights"]
    seen = found(load_sample(workspace, "flights"), target=sample.target, question=sample.question)
    assert set(seen["FUL013"].columns) == {"dep_time", "dep_delay", "arr_time", "air_time"}
    assert "FUL001" in seen


def test_the_job_gives_the_same_findings(workspace: Workspace) -> None:
    dataset = load_sample(workspace, "employees_traps")
    schema = confirmed(dataset)
    events: list[object] = []
    result = findings_job(workspace, findings_spec(dataset, schema, plan_split(dataset, schema)), events.append)
    assert result == findings(dataset, schema, plan_split(dataset, schema))
    assert [e.done for e in events[1:]] == list(range(len(CHECKS)))  # type: ignore[attr-defined]
