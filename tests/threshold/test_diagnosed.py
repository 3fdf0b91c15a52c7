"""Looking into stored runs: the rows behind errors and flips, and the groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_lib.data.datasets import open_dataset
from mlops_lib.objects.decision import Cost
from mlops_lib.threshold.diagnosed import errors_of, flips_of, slices_of
from mlops_lib.train.runs import out_of_fold
from tests.trained import KINDS, Trained, trained

POLICY = Cost(10.0, 1.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(Path(tmp_path_factory.mktemp("trained")) / "home")


def test_errors_come_with_the_cells_of_their_rows(made: Trained) -> None:
    run = made.runs["lightgbm"]
    found = errors_of(made.workspace, run)
    rows = found.cells["row"].to_numpy()
    cells = open_dataset(made.workspace, run.dataset).frame(list(KINDS), rows)
    assert set(KINDS) <= set(found.cells)
    np.testing.assert_array_equal(found.cells["income"].to_numpy(), cells["income"].to_numpy())
    assert str(found.cells["age"].dtype) == "Int64"


def test_days_are_written_without_an_hour(made: Trained) -> None:
    found = errors_of(made.workspace, made.runs["lightgbm"])
    joined = found.cells["joined"]
    assert joined.str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    cells = open_dataset(made.workspace, made.runs["lightgbm"].dataset).frame(["joined"], found.cells["row"].to_numpy())
    assert (pd.to_datetime(joined).to_numpy() == pd.to_datetime(cells["joined"]).to_numpy()).all()


def test_flipped_rows_are_those_whose_decision_differs(made: Trained) -> None:
    run, reference = made.runs["lightgbm"], made.runs["logistic_regression"]
    found = flips_of(made.workspace, run, reference, POLICY)
    assert len(found.cells) == len(found.flips.table)
    assert set(found.cells["row"]) <= set(out_of_fold(made.workspace, run).row.tolist())


def test_every_group_of_a_column_is_measured_once(made: Trained) -> None:
    run = made.runs["lightgbm"]
    found = slices_of(made.workspace, run, POLICY, "dept")
    assert found.table["n"].sum() == out_of_fold(made.workspace, run).n
    assert {"Sales", "R&D", "HR"} <= set(found.table["slice"])
