"""Every table of FULCRUM_TEST_DATA and of sample_data/ is read as stated here, cell for cell as pandas reads it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from mlops_lib.data.reading import ReadTable, read_table
from mlops_lib.objects.dataset import ReadingOptions

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
SHARED = os.environ.get("FULCRUM_TEST_DATA")

COMMA, NAMED = "The delimiter is a comma.", "The first row holds the names."
UTC = "The times in 'time_hour' have a time zone; they are kept as UTC."


@dataclass(frozen=True)
class Stated:
    """What reading a table gives: shape, missing cells, kinds and what is said.

    Columns that are not named are whole numbers; where `text` is None they are text.
    """

    rows: int
    columns: int
    missing: int
    text: tuple[str, ...] | None
    decimals: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    encoding: str = "utf-8"
    repairs: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()


_ABALONE = ("length", "diameter", "height", "whole_weight", "shucked_weight", "viscera_weight", "shell_weight")
_EMPLOYEES = ("gender", "marital_status", "education", "department", "job_role", "overtime", "business_travel")
_EMPLOYEES_TOO = ("badge_colour", "company", "left")

_WEATHER = ("temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib")
_FLIGHTS = ("carrier", "tailnum", "origin", "dest")
_PUMPS = ("vibration_mm_s", "temperature_c", "pressure_bar", "flow_m3_h", "bearing_age_years")
_NONE_IS_A_LABEL = "In 'business_travel', 'None' is kept as a label, not as missing."
_KOREAN = "The encoding is cp949 (Korean)."
_IBM = (
    "Attrition", "BusinessTravel", "Department", "EducationField", "Gender", "JobRole", "MaritalStatus", "Over18",
    "OverTime",
)  # fmt: skip

TABLES: dict[str, Stated] = {
    "abalone.csv": Stated(4177, 9, 0, ("sex",), _ABALONE),
    "ibm_hr_attrition.csv": Stated(1470, 35, 0, _IBM),
    "kosis_airline_company_cp949.csv": Stated(
        3696, 6, 0, ("항공사별(1)", "도착출발별(1)"), dates=("시점",), encoding="cp949",
        guessed=(_KOREAN, "'시점' holds year and month; each is kept as the first day of that month."),
    ),
    "nycflights13_sample.csv": Stated(
        30_000, 36, 57_790, (*_FLIGHTS, "carrier_name", "manufacturer", "plane_engine"),
        (*_WEATHER, "dest_lat", "dest_lon"), dates=("time_hour",), repairs=(UTC,),
    ),
    "ozone_onehour.csv": Stated(
        2536, 74, 0, None, ("class",), dates=("Date",),
        guessed=(
            "The dates in 'Date' are month/day/year.",
            "'WSR0', 'WSR1', 'WSR2' and 69 more would be numeric if '?' counted as missing.",
        ),
        suggested=("?",),
    ),
    "page_blocks.csv": Stated(5472, 11, 0, ("block_type",), ("eccen", "p_black", "p_and", "mean_tr")),
    "employees.csv": Stated(
        3000, 25, 88, (*_EMPLOYEES, *_EMPLOYEES_TOO), ("distance_km",), ("hire_date",), guessed=(_NONE_IS_A_LABEL,)
    ),
    "employees_korean.csv": Stated(
        1200, 11, 31, ("성별", "부서", "직급", "야근", "퇴사"), ("출퇴근 거리(km)",),
        encoding="cp949", guessed=(_KOREAN,),
    ),
    "employees_traps.csv": Stated(
        1540, 26, 60, (*_EMPLOYEES, *_EMPLOYEES_TOO, "monthly_income", "job_satisfaction"), ("distance_km",),
        ("hire_date",),
        repairs=("Blanks around the cells of 'department' were removed.",),
        guessed=(
            "In 'marital_status', 'unknown' is kept as a label, not as missing.",
            _NONE_IS_A_LABEL,
            "'monthly_income', 'job_satisfaction' would be numeric if '?' counted as missing.",
        ),
        suggested=("?",),
    ),
    "flights.csv": Stated(5000, 19, 701, _FLIGHTS, dates=("time_hour",), repairs=(UTC,)),
    "rare_event.csv": Stated(8000, 11, 0, ("pump", "site", "pump_type", "operator_shift", "failed"), _PUMPS),
}  # fmt: skip


def place(name: str) -> Path:
    """Where the table lies; the test is skipped where that folder is not at hand."""
    if (SAMPLES / name).is_file():
        return SAMPLES / name
    if SHARED is None:
        pytest.skip("FULCRUM_TEST_DATA is unset: the shared tables are not at hand")
    return Path(SHARED) / name


def names_of(read: ReadTable, kind: pa.DataType) -> set[str]:
    return {field.name for field in read.table.schema if field.type == kind}


def utf8_of(encoding: str) -> str:
    """The name under which Python leaves a byte-order mark out."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


@pytest.mark.parametrize("name", TABLES)
def test_a_real_table_is_read_as_stated(name: str) -> None:
    path, stated = place(name), TABLES[name]
    read = read_table(path, name)
    said = read.reading
    assert read.table.shape == (stated.rows, stated.columns)
    assert sum(column.null_count for column in read.table.columns) == stated.missing
    assert (said.format, said.container, said.rows_in_file, said.rows_kept) == ("CSV", "", stated.rows, stated.rows)
    assert (said.skipped, said.skipped_in_all, said.misfits, said.renamed) == ((), 0, (), ())
    assert (said.options.encoding, said.options.delimiter, said.options.header) == (stated.encoding, ",", True)
    assert said.file_bytes == path.stat().st_size
    assert said.decoded_bytes == len(path.read_bytes().decode(utf8_of(stated.encoding)).encode())
    assert said.repairs == stated.repairs
    assert [s for s in said.guessed if s not in (COMMA, NAMED)] == list(stated.guessed)
    assert {COMMA, NAMED} <= set(said.guessed)
    assert said.suggested_missing == stated.suggested
    assert names_of(read, pa.timestamp("us")) == set(stated.dates)
    assert names_of(read, pa.float64()) == set(stated.decimals)
    others = set(read.table.column_names) - {*(stated.text or ()), *stated.decimals, *stated.dates}
    assert names_of(read, pa.string()) == (others if stated.text is None else set(stated.text))
    assert names_of(read, pa.int64()) == (set() if stated.text is None else others)


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_of_a_real_table_is_as_pandas_reads_it(name: str) -> None:
    path, stated = place(name), TABLES[name]
    expected = pd.read_csv(path, encoding=utf8_of(stated.encoding), keep_default_na=False, na_values=[""], dtype=str)
    read = read_table(path, name).table
    assert read.column_names == list(expected.columns)
    for column in read.column_names:
        found, wanted = read[column].to_pandas(), expected[column]
        assert found.isna().tolist() == wanted.isna().tolist(), column
        if pa.types.is_string(read[column].type):
            assert found.dropna().tolist() == wanted.dropna().str.strip().tolist(), column
        elif not pa.types.is_timestamp(read[column].type):
            assert found.dropna().tolist() == pd.to_numeric(wanted.dropna()).tolist(), column


def test_the_ozone_table_has_its_numbers_once_its_question_mark_is_missing() -> None:
    path = place("ozone_onehour.csv")
    table = read_table(path, path.name, ReadingOptions(missing=("?",))).table
    assert sum(column.null_count for column in table.columns) == 14_938
    assert sum(pa.types.is_floating(kind) or pa.types.is_integer(kind) for kind in table.schema.types) == 73
