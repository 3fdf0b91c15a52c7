"""What the checks of rows say of real tables, code by code, and how a time split of the flights differs."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_lib.checks.quality import findings
from mlops_lib.data.datasets import keep_upload, read_and_keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.samples import SAMPLES, load_sample
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset, ReadingOptions
from mlops_lib.objects.finding import Finding
from mlops_lib.objects.schema import Above, Classes, Number, Question, Role, Schema
from mlops_lib.workspace.folder import Workspace

FOLDER = os.environ.get("FULCRUM_TEST_DATA")
REAL = pytest.mark.skipif(not FOLDER, reason="FULCRUM_TEST_DATA names no folder with the real tables")
LATE = Above(15.0)


def of_rows(dataset: Dataset, target: str, question: Question, **roles: Role) -> dict[str, Finding]:
    """The findings of the checks of rows (FUL030 to FUL049)."""
    given: dict[str, Role] = {target: "target", **roles}
    columns = tuple(replace(c, role=given.get(c.name, c.role)) for c in propose_columns(dataset))
    schema = Schema(dataset.fingerprint, columns, question)
    told = findings(dataset, schema, plan_split(dataset, schema))
    return {f.code: f for f in told.found if f.code >= "FUL030"}


def real(workspace: Workspace, file: str) -> Dataset:
    options = ReadingOptions(missing=("?",)) if file.startswith("ozone") else ReadingOptions()
    return read_and_keep(workspace, keep_upload(workspace, (Path(str(FOLDER)) / file).read_bytes()), file, options)


@REAL
@pytest.mark.parametrize(
    ("file", "target", "question", "expected"),
    [
        ("ibm_hr_attrition.csv", "Attrition", Classes("Yes"), {"FUL035"}),
        ("ozone_onehour.csv", "class", Classes("1"), {"FUL033", "FUL035", "FUL036"}),
        (
            "page_blocks.csv",
            "block_type",
            Classes(None),
            {"FUL030", "FUL032", "FUL033", "FUL035", "FUL036"},
        ),
        ("abalone.csv", "rings", Number(), {"FUL033", "FUL036"}),
        ("nycflights13_sample.csv", "arr_delay", LATE, {"FUL033", "FUL036"}),
    ],
)
def test_the_codes_of_each_table(
    workspace: Workspace, file: str, target: str, question: Question, expected: set[str]
) -> None:
    assert set(of_rows(real(workspace, file), target, question)) == expected


@REAL
def test_tables_in_time_order_are_proposed_their_date(workspace: Workspace) -> None:
    ozone = of_rows(real(workspace, "ozone_onehour.csv"), "class", Classes("1"))["FUL033"]
    assert ozone.suggest_roles == (("Date", "time"),)
    flights = of_rows(real(workspace, "nycflights13_sample.csv"), "arr_delay", LATE)["FUL033"]
    assert flights.suggest_roles == (("time_hour", "time"),)


@REAL
def test_the_abalone_that_weighs_less_than_its_meat_is_found(workspace: Workspace) -> None:
    dataset = real(workspace, "abalone.csv")
    row = dataset.frame().iloc[of_rows(dataset, "rings", Number())["FUL036"].examples[0]]
    assert row["whole_weight"] < row["shucked_weight"]


@REAL
def test_the_copies_of_page_blocks_are_on_both_sides(workspace: Workspace) -> None:
    dataset = real(workspace, "page_blocks.csv")
    found = of_rows(dataset, "block_type", Classes(None))
    frame = dataset.frame().drop(columns="block_type")
    held, trained = found["FUL032"].examples[:2]
    assert frame.iloc[held].equals(frame.iloc[trained])
    one, other = found["FUL030"].examples[:2]
    assert frame.iloc[one].equals(frame.iloc[other])
    assert dataset.frame().loc[one, "block_type"] != dataset.frame().loc[other, "block_type"]


@REAL
def test_a_time_split_of_the_flights_differs_by_the_season(workspace: Workspace) -> None:
    found = of_rows(real(workspace, "nycflights13_sample.csv"), "arr_delay", LATE, time_hour="time")
    assert "FUL033" not in found
    assert "month" in found["FUL037"].columns
    assert "expected of a split in time" in found["FUL037"].what


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("employees", {"FUL035"}),
        ("employees_traps", {"FUL032", "FUL035"}),
        ("flights", {"FUL033", "FUL036"}),
        ("rare_event", set()),
        ("employees_korean", {"FUL035"}),
    ],
)
def test_the_codes_of_each_sample(workspace: Workspace, key: str, expected: set[str]) -> None:
    sample = SAMPLES[key]
    assert set(of_rows(load_sample(workspace, key), sample.target, sample.question)) == expected
