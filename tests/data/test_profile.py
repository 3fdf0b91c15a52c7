"""What a column seems to be, with the reason."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from mlops_lib.data import profile
from mlops_lib.data.profile import propose_column, propose_columns
from mlops_lib.objects.dataset import Dataset

N = 200
RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("name", "values", "kind", "role"),
    [
        ("age", RANDOM.integers(18, 60, N).tolist(), "numeric", "feature"),
        ("share", RANDOM.random(N).tolist(), "numeric", "feature"),
        ("score", RANDOM.integers(1, 5, N).tolist(), "numeric", "feature"),
        ("dept", ["a", "b", "c", "d"] * 50, "categorical", "feature"),
        ("same", ["x"] * N, "constant", "ignored"),
        ("nothing", [None] * 199 + [None], "constant", "ignored"),
        ("flag", ["x"] * 150 + [None] * 50, "categorical", "feature"),
        ("EmployeeNumber", list(range(1, 2 * N, 2)), "identifier", "ignored"),
        ("customer_id", RANDOM.permutation(10**6)[:N].tolist(), "identifier", "ignored"),
        ("번호", RANDOM.permutation(N).tolist(), "identifier", "ignored"),
        ("population", (RANDOM.permutation(10**6)[:N] * 13).tolist(), "numeric", "feature"),
        ("ticket", [f"T-{k}" for k in range(N)], "identifier", "ignored"),
        ("comment", [f"the guest number {k} was quite happy" for k in range(N)], "text", "ignored"),
        ("when", [datetime.datetime(2020, 1, 1) + datetime.timedelta(days=k) for k in range(N)], "date", "feature"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_kind_and_role_are_proposed(
    dataset_of: Callable[[Any], Dataset], name: str, values: list[object], kind: str, role: str
) -> None:
    import pyarrow as pa

    column = pa.array(values, pa.string()) if all(v is None for v in values) else values
    proposed = propose_columns(dataset_of({name: column}))[0]
    assert (proposed.kind, proposed.role) == (kind, role)
    assert proposed.reason.endswith((".", ")."))


def test_missing_cells_are_part_of_the_reason(dataset_of: Callable[[Any], Dataset]) -> None:
    values = [None if k < 30 else k % 50 for k in range(N)]
    assert propose_columns(dataset_of({"x": values}))[0].reason.endswith("30 missing (15.0 %).")


def test_no_column_is_proposed_as_target(dataset_of: Callable[[Any], Dataset]) -> None:
    dataset = dataset_of({"target": ["Yes", "No"] * 100, "y": [0, 1] * 100, "row": list(range(N))})
    assert not any(c.role == "target" for c in propose_columns(dataset))


def test_proposals_are_kept_with_the_table_and_made_anew_for_another_version(
    dataset_of: Callable[[Mapping[str, Any]], Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = dataset_of({"a": [1.5, 2.5, None], "b": ["x", "y", "x"]})
    made = propose_columns(dataset)
    assert made == tuple(propose_column(dataset.table()[n], n) for n in dataset.columns)
    monkeypatch.setattr(profile, "_propose", lambda _table: ())
    assert propose_columns(dataset) == made
    monkeypatch.setattr(profile, "VERSION", profile.VERSION + 1)
    assert propose_columns(dataset) == ()
