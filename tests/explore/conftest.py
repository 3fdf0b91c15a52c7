"""A small table with every kind of column, kept as Parquet without going through a reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.fingerprint import table_fingerprint
from mlops_lib.objects.schema import Classes, Column, Number, Question, Schema
from mlops_lib.objects.split import SplitPlan

Asked = tuple[Dataset, Schema, SplitPlan]
Ask = Callable[..., Asked]

KINDS = {
    "age": "numeric", "dept": "categorical", "code": "categorical", "hired": "date", "pay": "numeric",
    "late": "numeric", "grade": "categorical", "left": "categorical",
}  # fmt: skip


def employees(n: int = 400) -> pa.Table:
    rng = np.random.default_rng(4)
    left = rng.random(n) < 0.2
    age = np.where(left, rng.integers(20, 40, n), rng.integers(25, 60, n))
    pay = np.round(rng.lognormal(8, 0.5, n) + 20 * age, 2)
    columns = {
        "age": pa.array(age, pa.int64(), mask=rng.random(n) < 0.1),
        "dept": pa.array(np.where(left & (rng.random(n) < 0.6), "영업", rng.choice(["IT", "인사", "영업"], n))),
        "code": pa.array(rng.integers(1, 4, n)),
        "hired": pa.array(np.datetime64("2020-01-01", "ms") + rng.integers(0, 900, n) * np.timedelta64(1, "D")),
        "pay": pa.array(pay),
        "late": pa.array(pay / 100 + rng.normal(0, 5, n)),
        "grade": pa.array(rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1])),
        "left": pa.array(np.where(left, "Yes", "No"), mask=np.arange(n) < 8),
    }
    return pa.table(columns)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Target and question -> dataset, schema and split."""

    def make(
        target: str = "left", question: Question | None = None, table: pa.Table | None = None, **kinds: str
    ) -> Asked:
        table = employees() if table is None else table
        path = tmp_path / "table.parquet"
        pq.write_table(table, path)
        names = tuple(table.column_names)
        fingerprint = table_fingerprint(table)
        dataset = Dataset(fingerprint, "employees", "made", table.num_rows, names, str(path), "2026-01-01")
        chosen = {**{c: KINDS.get(c, "numeric") for c in names}, **kinds}
        columns = tuple(Column(c, chosen[c], "target" if c == target else "feature") for c in names)  # type: ignore[arg-type]
        asked = question or (Classes("Yes") if target == "left" else Number())
        schema = Schema(fingerprint, columns, asked)
        return dataset, schema, plan_split(dataset, schema)

    return make
