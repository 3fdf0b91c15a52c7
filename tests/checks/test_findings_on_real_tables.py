"""What the checks of columns say of real tables, code by code: each finding is one that a person would agree with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlops_lib.data.datasets import read_and_keep
from mlops_lib.data.samples import SAMPLES, load_sample
from mlops_lib.objects.dataset import Dataset, ReadingOptions
from mlops_lib.objects.finding import Finding
from mlops_lib.objects.schema import Above, Classes, Number, Question
from mlops_lib.workspace.folder import Workspace
from tests.checks.tables import seen

FOLDER = os.environ.get("FULCRUM_TEST_DATA")
REAL = pytest.mark.skipif(not FOLDER, reason="FULCRUM_TEST_DATA names no folder with the real tables")


def of_columns(dataset: Dataset, target: str, question: Question) -> dict[str, Finding]:
    """The findings of the checks of columns (FUL001 to FUL029)."""
    return {code: f for code, f in seen(dataset, target=target, question=question).items() if code < "FUL030"}


@REAL
@pytest.mark.parametrize(
    ("file", "target", "question", "expected"),
    [
        ("ibm_hr_attrition.csv", "Attrition", Classes("Yes"), {
            "FUL007": {"EmployeeCount", "Over18", "StandardHours"},
            "FUL008": {"EmployeeNumber"},
            "FUL009": {"YearsSinceLastPromotion"},
        }),
        ("nycflights13_sample.csv", "arr_delay", Above(15), {
            "FUL001": {"arr_delay"},
            "FUL002": {
                "temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "visib", "dest_lat", "dest_lon",
            },
            "FUL003": {"plane_year", "engines", "seats", "pressure"},
            "FUL004": {"manufacturer", "plane_engine"},
            "FUL005": {"wind_gust"},
            "FUL007": {"year"},
            "FUL009": {"dep_delay", "wind_gust", "dest_lon"},
            "FUL011": {"dep_delay"},
            "FUL013": {"dep_time", "dep_delay", "arr_time", "air_time"},
            "FUL014": {"pressure"},
            "FUL016": {"engines"},
            "FUL017": {"tailnum", "dest"},
            "FUL018": {"carrier", "carrier_name", "manufacturer", "plane_engine"},
        }),
        ("ozone_onehour.csv", "class", Classes("1"), {"FUL002": 12, "FUL003": 60}),
        ("page_blocks.csv", "block_type", Classes(None), {
            "FUL006": set(),
            "FUL009": 8,
            "FUL011": {"height", "mean_tr"},
        }),
        ("abalone.csv", "rings", Number(), {"FUL009": {"height"}, "FUL015": {"height"}}),
        ("kosis_airline_company_cp949.csv", "여객 (명)", Number(), {
            "FUL009": {"화물 (톤)"},
            "FUL010": {"운항 (편)"},
            "FUL011": {"화물 (톤)"},
        }),
    ],
)  # fmt: skip
def test_real_tables_have_these_findings(
    workspace: Workspace, file: str, target: str, question: Question, expected: dict[str, set[str] | int]
) -> None:
    options = ReadingOptions(missing=("?",)) if file.startswith("ozone") else None
    dataset = read_and_keep(workspace, Path(str(FOLDER)) / file, file, options)
    found = of_columns(dataset, target, question)
    counts = {
        code: len(f.columns) if isinstance(expected.get(code), int) else set(f.columns) for code, f in found.items()
    }
    assert counts == expected


@REAL
def test_an_undeclared_question_mark_is_not_told_twice(workspace: Workspace) -> None:
    dataset = read_and_keep(workspace, Path(str(FOLDER)) / "ozone_onehour.csv", "ozone", None)
    found = of_columns(dataset, "class", Classes("1"))
    assert len(found["FUL012"].columns) == 72
    assert not {"FUL015", "FUL017", "FUL018", "FUL019", "FUL020", "FUL021"} & set(found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("employees", {
            "FUL002": ("distance_km",), "FUL007": ("company",), "FUL008": ("employee_number",),
            "FUL009": ("distance_km",),
        }),
        ("flights", {
            "FUL001": ("arr_delay",), "FUL007": ("year",), "FUL009": ("dep_delay",), "FUL011": ("dep_delay",),
            "FUL013": ("dep_time", "dep_delay", "arr_time", "air_time"), "FUL017": ("tailnum", "dest"),
            "FUL018": ("carrier",),
        }),
        ("employees_traps", {
            "FUL001": ("left",), "FUL002": ("distance_km",), "FUL006": (), "FUL007": ("company",),
            "FUL008": ("employee_number",), "FUL009": ("training_days",), "FUL010": ("notice_period_days",),
            "FUL012": ("monthly_income", "job_satisfaction"),
            "FUL015": ("training_days", "parking_space", "marital_status"), "FUL018": ("department", "job_role"),
            "FUL019": ("department",), "FUL020": ("job_role",),
        }),
    ],
)  # fmt: skip
def test_samples_have_these_findings(workspace: Workspace, name: str, expected: dict[str, tuple[str, ...]]) -> None:
    sample = SAMPLES[name]
    found = of_columns(load_sample(workspace, name), sample.target, sample.question)
    assert {code: f.columns for code, f in sorted(found.items())} == expected


def test_the_traps_are_told_with_the_cells_that_were_planted(workspace: Workspace) -> None:
    found = of_columns(load_sample(workspace, "employees_traps"), "left", Classes("Yes"))
    disguised = {t.column: t.values for t in found["FUL015"].treatments}
    assert disguised == {"training_days": ("99",), "parking_space": ("-1",), "marital_status": ("unknown",)}
    (merge,) = found["FUL019"].treatments
    assert (merge.into, set(merge.values)) == ("Sales", {"SALES", "sales"})
    (slip,) = found["FUL020"].treatments
    assert (slip.values, slip.into) == (("Research scientst",), "Research scientist")
