"""What cells become: a table of columns as people have them, with values, type and sentences stated exactly."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops_lib.data.convert import convert_column, rules_of
from mlops_lib.data.converted import Converted
from mlops_lib.data.dates import STAMP
from mlops_lib.data.reading import read_table
from mlops_lib.objects.dataset import Misfit, ReadingOptions

INT, FLOAT, TEXT = pa.int64(), pa.float64(), pa.string()
AMBIGUOUS = "'x' looks like dates, but day and month cannot be told apart, so it is kept as text."
DAY_FIRST = "The dates in 'x' are day/month/year."
MONTH_FIRST = "The dates in 'x' are month/day/year."
ZONED = "The times in 'x' have a time zone; they are kept as UTC."
BASIC = "'x' holds dates of eight digits: 20210304 is 4 March 2021."
SHORT_YEARS = "The years in 'x' have two digits: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068."
BY_MONTH = "'x' holds year and month; each is kept as the first day of that month."
COMMAS = "The commas between thousands were removed from 'x'."
POINTS = "The points between thousands were removed from 'x'."
BLANKS = "The blanks between thousands were removed from 'x'."
APOSTROPHES = "The apostrophes between thousands were removed from 'x'."
BRACKETS = "Numbers in brackets in 'x' are negative: (5) is -5."
ZEROS = "'x' has numbers with leading zeros, so it is kept as text."
OPEN_COMMA = "The comma in 'x' ('{}') may separate thousands or decimals, so it is kept as text."
NO_NUMBER = "No cell of 'x' reads as a number, so it is kept as text."
NO_DATE = "No cell of 'x' reads as a date, so it is kept as text."


def at(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts)  # noqa: DTZ001 (tables hold times without a zone)


def taken(what: str, were: str = "was") -> str:
    return f"{what} {were} removed from 'x'."


def read(cells: list[str], others: tuple[list[str], ...] = (), name: str = "x", **options: Any) -> Converted:
    columns = [pa.chunked_array([pa.array(c, pa.string())]) for c in (cells, *others)]
    return convert_column(columns[0], name, rules_of(ReadingOptions(**options), columns))


@dataclass(frozen=True)
class Case:
    """Cells in; kind, values and every sentence out. None in `values`: the cells themselves."""

    cells: list[str]
    kind: pa.DataType
    values: list[Any] | None = None
    said: tuple[str, ...] = ()


CASES = [
    # whole numbers and decimals
    Case(["1", "2", ""], INT, [1, 2, None]),
    Case(["+5", "-3", "\u22127"], INT, [5, -3, -7]),
    Case(["1", "2.5", " "], FLOAT, [1.0, 2.5, None]),
    Case(["1e3", "-.5", "+2."], FLOAT, [1000.0, -0.5, 2.0]),
    Case(["1,5", "2,25"], FLOAT, [1.5, 2.25]),
    Case(["1.5", "2,25"], TEXT),
    Case(["007", "012", "100"], TEXT, said=(ZEROS,)),
    Case(
        ["1234567890123456789", "2"],
        TEXT,
        said=("'x' has whole numbers of more than 15 digits, so it is kept as text to lose none.",),
    ),
    Case(
        ["12345678901234567.89", "1.5"],
        TEXT,
        said=("'x' has numbers of more than 16 digits before the decimal point, so it is kept as text.",),
    ),
    Case(["1234567890123456.5", "1.5"], FLOAT, [1234567890123456.5, 1.5]),
    Case(["1e400", "1"], TEXT, said=("'x' has numbers beyond 1.8e308, so it is kept as text.",)),
    Case(["0x10", "1", "2"], TEXT),
    Case(["1", "inf", "nan"], TEXT),
    # signs between thousands
    Case(["1,234,567.89", "12"], FLOAT, [1234567.89, 12.0], (COMMAS,)),
    Case(["1.234.567,89", "12"], FLOAT, [1234567.89, 12.0], (POINTS,)),
    Case(["1 234 567,89", "-12,5"], FLOAT, [1234567.89, -12.5], (BLANKS,)),
    Case(["1\u00a0234", "12\u202f345", "3\u2009456\u2009789"], INT, [1234, 12345, 3456789], (BLANKS,)),
    Case(["1'234'567.89", "1’000"], FLOAT, [1234567.89, 1000.0], (APOSTROPHES,)),
    Case(["1,234,567", "1,234"], INT, [1234567, 1234], (COMMAS,)),
    Case(["1,234", "2,345"], TEXT, said=(OPEN_COMMA.format("1,234"),)),
    Case(["1,234", "0,500"], FLOAT, [1.234, 0.5]),
    Case(["1,234", "22,5"], FLOAT, [1.234, 22.5]),
    Case(["1.234", "2.345"], FLOAT, [1.234, 2.345], ("The '.' in 'x' is read as the decimal sign, as is most usual.",)),
    Case(["1,23,456", "1,234"], TEXT),
    Case(["12,34,567", "1"], TEXT),
    Case(["1,234,567", "12,34"], TEXT),
    Case(
        ["732 829 320", "123 456 789"],
        TEXT,
        said=("'x' holds groups of three digits that may name things, so it is kept as text.",),
    ),
    # money and percent
    Case(
        ["$1,200.50", "-$5", "($5.00)", "$-7", "0"],
        FLOAT,
        [1200.5, -5.0, -5.0, -7.0, 0.0],
        (taken("The currency sign '$' and the commas between thousands", "were"), BRACKETS),
    ),
    Case(
        ["€ 1.200,50", "€ 5"],
        FLOAT,
        [1200.5, 5.0],
        (taken("The currency sign '€' and the points between thousands", "were"),),
    ),
    Case(
        ["1 200 kr", "20 kr"],
        INT,
        [1200, 20],
        (taken("The currency sign 'kr' and the blanks between thousands", "were"),),
    ),
    Case(
        ["₩1,234,000", "₩500"],
        INT,
        [1234000, 500],
        (taken("The currency sign '₩' and the commas between thousands", "were"),),
    ),
    Case(
        ["₩1,234", "₩5,678"],
        INT,
        [1234, 5678],
        (
            taken("The currency sign '₩' and the commas between thousands", "were"),
            "The ',' in 'x' is read as the sign between thousands, as is usual with '₩'.",
        ),
    ),
    Case(["1500원", "500원"], INT, [1500, 500], (taken("The currency sign '원'"),)),
    Case(["£5", "£7.25"], FLOAT, [5.0, 7.25], (taken("The currency sign '£'"),)),
    Case(["¥500", "¥700"], INT, [500, 700], (taken("The currency sign '¥'"),)),
    Case(["USD 5", "7.5 USD"], FLOAT, [5.0, 7.5], (taken("The currency sign 'USD'"),)),
    Case(["€1.459", "€1.5"], FLOAT, [1.459, 1.5], (taken("The currency sign '€'"),)),
    Case(["€1,459", "€1,399"], TEXT, said=(OPEN_COMMA.format("€1,459"),)),
    Case(["$5", "€7"], TEXT, said=("'x' holds amounts in '$' and '€', so it is kept as text.",)),
    Case(
        ["12.5 %", "3%"],
        FLOAT,
        [12.5, 3.0],
        (taken("The percent sign") + " 'x' is in percent: 12.5 % is the number 12.5.",),
    ),
    Case(
        ["12,5 %", "0"],
        FLOAT,
        [12.5, 0.0],
        (taken("The percent sign") + " 'x' is in percent: 12.5 % is the number 12.5.",),
    ),
    Case(["5 kg", "7 kg"], TEXT),
    Case(["(5)", "7"], INT, [-5, 7], (BRACKETS,)),
    # dates
    Case(["2024-02-29", "", "2023-01-01"], STAMP, [at(2024, 2, 29), None, at(2023, 1, 1)]),
    Case(["2023-02-29", "2023-01-01"], TEXT),
    Case(
        ["2021-03-04 10:11", "2021-03-04T10:11:12.5"],
        STAMP,
        [at(2021, 3, 4, 10, 11), at(2021, 3, 4, 10, 11, 12, 500000)],
    ),
    Case(
        ["2021-03-04T10:11:12Z", "2021-03-04T10:11:12+09:00"],
        STAMP,
        [at(2021, 3, 4, 10, 11, 12), at(2021, 3, 4, 1, 11, 12)],
        (ZONED,),
    ),
    Case(["2021-03-04 10:11 KST", "2021-03-04 01:11 UTC"], STAMP, [at(2021, 3, 4, 1, 11)] * 2, (ZONED,)),
    Case(
        ["2021-03-04 10:11+25:00", "2021-03-04 10:11+01:00"],
        TEXT,
        said=("The times in 'x' name the zone '+25:00', which there is not, so it is kept as text.",),
    ),
    Case(
        ["2021-03-04 10:11 CST"],
        TEXT,
        said=("The times in 'x' name the zone 'CST', which may mean several, so it is kept as text.",),
    ),
    Case(
        ["2021-03-04 10:11Z", "2021-03-04 10:11"],
        TEXT,
        said=("Some times in 'x' have a time zone and others have none, so it is kept as text.",),
    ),
    Case(["1.2.2020", "13.1.2020"], STAMP, [at(2020, 2, 1), at(2020, 1, 13)], (DAY_FIRST,)),
    Case(["1/2/2020", "1/13/2020"], STAMP, [at(2020, 1, 2), at(2020, 1, 13)], (MONTH_FIRST,)),
    Case(["1/2/2020", "13/1/2020"], STAMP, [at(2020, 2, 1), at(2020, 1, 13)], (DAY_FIRST,)),
    Case(["1/2/2020", "3/4/2020"], TEXT, said=(AMBIGUOUS,)),
    Case(["1/1/2020", "2/2/2020"], STAMP, [at(2020, 1, 1), at(2020, 2, 2)], (DAY_FIRST,)),
    Case(["13/1/2020", "1/13/2020"], TEXT),
    Case(["2021/3/4", "2021/12/31"], STAMP, [at(2021, 3, 4), at(2021, 12, 31)]),
    Case(["2021.3.4", "2021.12.31"], STAMP, [at(2021, 3, 4), at(2021, 12, 31)]),
    Case(["2021. 3. 4.", "2021. 12. 31."], STAMP, [at(2021, 3, 4), at(2021, 12, 31)]),
    Case(["3 Jan 2021", "14 March 2020"], STAMP, [at(2021, 1, 3), at(2020, 3, 14)]),
    Case(["Jan 3, 2021", "September 14, 2020"], STAMP, [at(2021, 1, 3), at(2020, 9, 14)]),
    Case(["03-Jan-21", "04-FEB-99"], STAMP, [at(2021, 1, 3), at(1999, 2, 4)], (SHORT_YEARS,)),
    Case(["13/02/99", "03/04/05"], STAMP, [at(1999, 2, 13), at(2005, 4, 3)], (DAY_FIRST, SHORT_YEARS)),
    Case(
        ["99/12/31", "98/01/02"],
        STAMP,
        [at(1999, 12, 31), at(1998, 1, 2)],
        ("The dates in 'x' are year/month/day.", SHORT_YEARS),
    ),
    Case(["21/03/04", "22/05/06"], TEXT, said=(AMBIGUOUS,)),
    Case(["2021년 3월 4일", "2021년 12월 31일"], STAMP, [at(2021, 3, 4), at(2021, 12, 31)]),
    Case(["2021-03-04 오후 3:10", "2021-03-04 오전 12:10"], STAMP, [at(2021, 3, 4, 15, 10), at(2021, 3, 4, 0, 10)]),
    Case(
        ["1/13/2021 1:05 PM", "1/13/2021 12:05 am"],
        STAMP,
        [at(2021, 1, 13, 13, 5), at(2021, 1, 13, 0, 5)],
        (MONTH_FIRST,),
    ),
    Case(["2021-03-04 13:05 PM"], TEXT),
    Case(["Mon, 4 Jan 2021 10:00:00 GMT"], STAMP, [at(2021, 1, 4, 10)], (ZONED,)),
    Case(["2005.01", "2005.10", "2005.12"], STAMP, [at(2005, 1, 1), at(2005, 10, 1), at(2005, 12, 1)], (BY_MONTH,)),
    Case(["2021년 3월", "2021년 10월"], STAMP, [at(2021, 3, 1), at(2021, 10, 1)], (BY_MONTH,)),
    Case(
        ["20210304", "20211231"],
        INT,
        [20210304, 20211231],
        ("'x' may hold dates of eight digits (20210304), but that is not sure, so it is kept as numbers.",),
    ),
    Case(
        [f"2021{m:02}{d:02}" for m in (1, 2) for d in range(1, 13)],
        STAMP,
        [at(2021, m, d) for m in (1, 2) for d in range(1, 13)],
        (BASIC,),
    ),
    Case(["20210304", "20211331"], INT, [20210304, 20211331]),
    Case(["1609459200", "1612137600"], INT, [1609459200, 1612137600]),
    Case(
        ["2021-03-04T10:11:12.123456789"],
        STAMP,
        [at(2021, 3, 4, 10, 11, 12, 123456)],
        ("The times in 'x' are kept to the microsecond.",),
    ),
    Case(["10:30", "11:45"], TEXT),
    # labels
    Case(["yes", "no", "yes"], TEXT),
    Case(["true", "false"], TEXT),
    Case(["Ja", "Nein"], TEXT),
    Case(["예", "아니오"], TEXT),
    Case(["NA", "US"], TEXT, said=("In 'x', 'NA' is kept as a label, not as missing.",)),
    Case([" a", "a ", "b"], TEXT, ["a", "a", "b"], ("Blanks around the cells of 'x' were removed.",)),
    Case(["", " "], TEXT, [None, None]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: " | ".join(case.cells[:3]))
def test_cells_become_what_they_say(case: Case) -> None:
    found = read(case.cells)
    assert (found.values.type, found.values.to_pylist()) == (case.kind, case.values or case.cells)
    assert (*found.repairs, *found.guessed) == case.said


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 50


@pytest.mark.parametrize(
    ("cells", "other", "values"),
    [
        (["1,234", "2,345"], ["1.5", "2.25"], [1234, 2345]),
        (["1,234", "2,345"], ["1,5", "2,25"], [1.234, 2.345]),
        (["1.234", "2.345"], ["1,5", "2,25"], [1234, 2345]),
        (["1.234", "2.345"], ["1.5", "2.25"], [1.234, 2.345]),
        (["1,234", "2,345"], ["€ 1.200,50", "€ 3,00"], [1.234, 2.345]),
    ],
)
def test_what_may_be_thousands_or_decimals_is_read_as_in_the_other_columns(
    cells: list[str], other: list[str], values: list[float]
) -> None:
    found = read(cells, (other,))
    assert found.values.to_pylist() == values
    assert found.guessed[0].endswith("as in other columns.")


def test_columns_that_disagree_decide_nothing() -> None:
    found = read(["1,234", "2,345"], (["1,5", "2,25"], ["1.5", "2.25"]))
    assert found.ambiguous == "number"


@pytest.mark.parametrize(
    ("cells", "options", "values"),
    [
        (["1,234", "2,345"], {"thousands": ","}, [1234, 2345]),
        (["1,234", "2,345"], {"decimal": "."}, [1234, 2345]),
        (["1,234", "2,345"], {"decimal": ","}, [1.234, 2.345]),
        (["1,234", "2,345"], {"thousands": ""}, [1.234, 2.345]),
        (["1.234", "2.345"], {"thousands": "."}, [1234, 2345]),
        (["732 829 320", "123 456 789"], {"thousands": " "}, [732829320, 123456789]),
        (["1/2/2020", "3/4/2020"], {"day_first": ("x",)}, [at(2020, 2, 1), at(2020, 4, 3)]),
        (["1/2/2020", "3/4/2020"], {"month_first": ("x",)}, [at(2020, 1, 2), at(2020, 3, 4)]),
        (["21/03/04", "22/05/16"], {"month_first": ("x",)}, [at(2021, 3, 4), at(2022, 5, 16)]),
        (["20210304", "x"], {"date_columns": ("x",)}, [at(2021, 3, 4), None]),
        (["2005.01", "2005.10"], {"number_columns": ("x",)}, [2005.01, 2005.1]),
        (["007", "012"], {"number_columns": ("x",)}, [7, 12]),
        (["12", "13"], {"text_columns": ("x",)}, ["12", "13"]),
        (["2021-01-01"], {"text_columns": ("x",), "date_columns": ("x",)}, ["2021-01-01"]),
        (["1", "-999", "-999.0", "2"], {"missing": ("-999",)}, [1, None, None, 2]),
        (["1.5", "-999,00"], {"missing": ("-999",), "number_columns": ("x",)}, [1.5, None]),
        (["a", "-999", "-999.0"], {"missing": ("-999",)}, ["a", None, "-999.0"]),
        (["007", "7"], {"missing": ("7",)}, ["007", None]),
        (["2021-01-01", "?"], {"missing": ("?",)}, [at(2021, 1, 1), None]),
        (["None", "x", "-"], {"missing": ("None", "-")}, [None, "x", None]),
    ],
)
def test_the_user_decides(cells: list[str], options: dict[str, Any], values: list[Any]) -> None:
    assert read(cells, **options).values.to_pylist() == values


def test_a_name_can_make_dates_of_eight_digits_sure() -> None:
    found = read(["20210304", "20211231"], name="hire_date")
    assert found.values.to_pylist() == [at(2021, 3, 4), at(2021, 12, 31)]


def test_asking_for_the_impossible_changes_nothing_and_is_said() -> None:
    assert read(["a", "b"], number_columns=("x",)).repairs == (NO_NUMBER,)
    assert read(["a", "b"], date_columns=("x",)).repairs == (NO_DATE,)


NUMBERS = [str(k) for k in range(95)]


def test_a_few_cells_that_are_no_number_are_listed_and_the_column_stays_text() -> None:
    found = read([*NUMBERS, "n/k", "n/k", "12a", "x1", ""])
    assert found.values.type == TEXT
    assert found.misfits == (Misfit("x", "number", 95, 4, (("n/k", 2), ("12a", 1), ("x1", 1))),)
    assert not found.suggested


def test_where_numbers_are_asked_for_the_others_become_missing_and_are_listed() -> None:
    found = read([*NUMBERS, "n/k", "n/k", "12a", "x1", ""], number_columns=("x",))
    assert found.values.to_pylist() == [*range(95), None, None, None, None, None]
    assert found.misfits == (Misfit("x", "number", 95, 4, (("n/k", 2), ("12a", 1), ("x1", 1)), missing=True),)


def test_a_few_cells_that_are_no_date_are_listed() -> None:
    days = [f"2021-01-{d:02}" for d in range(1, 29)]
    assert read([*days, "later", "2021-02-30"]).misfits == (
        Misfit("x", "date", 28, 2, (("later", 1), ("2021-02-30", 1))),
    )
    found = read([*days, "later", "2021-02-30"], date_columns=("x",))
    assert found.values.to_pylist() == [*(at(2021, 1, d) for d in range(1, 29)), None, None]


@pytest.mark.parametrize("cells", [[*map(str, range(19)), "a", "b"], [*map(str, range(89)), *["a", "b"] * 6]])
def test_too_few_fitting_cells_are_no_offer(cells: list[str]) -> None:
    assert read(cells).misfits == ()


def test_one_amount_in_another_currency_is_a_misfit() -> None:
    found = read([*(f"${k}" for k in range(1, 40)), "€7"])
    assert found.misfits == (Misfit("x", "number", 39, 1, (("€7", 1),)),)


@pytest.mark.parametrize(("odd", "kind"), [("?", "number"), ("not measured", "number"), ("-", "date")])
def test_what_probably_means_missing_is_suggested_and_is_no_misfit(odd: str, kind: str) -> None:
    filled = NUMBERS if kind == "number" else [f"2021-01-{d:02}" for d in range(1, 29)]
    found = read([*filled, odd, odd])
    assert (found.suggested, found.suggested_kind, found.misfits) == ((odd,), kind, ())


def test_a_comma_that_only_stands_in_large_numbers_separates_thousands() -> None:
    cells = [f"{k:,}" for k in range(1, 3000, 37)]
    found = read(cells)
    assert found.values.to_pylist() == list(range(1, 3000, 37))


def test_a_sign_that_only_a_late_cell_has_is_found_in_a_long_column() -> None:
    cells = [str(k) for k in range(8000)]
    cells[7001] = "1,234,567"
    found = read(cells)
    assert (found.values.type, found.values[7001].as_py()) == (INT, 1234567)


LONG = 20_000


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([str(7 * k) for k in range(LONG)], INT),
        ([f"{k / 7:.4f}" for k in range(LONG)], FLOAT),
        ([f"{np.datetime64('2000-01-01') + k}" for k in range(LONG)], STAMP),
        (["".join(chr(97 + int(d)) for d in str(k)) for k in range(LONG)], TEXT),
        ([f"0{k}" for k in range(LONG)], TEXT),
        ([f"{10**17 + k}" for k in range(LONG)], TEXT),
        ([f"0x{k}" for k in range(LONG)], TEXT),
        ([str(20000101 + k) for k in range(LONG)], INT),
        ([f"{k}.5" for k in range(LONG)], FLOAT),
    ],
    ids=["whole", "decimals", "days", "words", "zeros", "long", "hexadecimal", "eight digits", "halves"],
)
def test_a_long_column_is_read_like_a_short_one(cells: list[str], kind: pa.DataType) -> None:
    long, short = read(cells), read(cells[:500] * 3)
    assert long.values.type == short.values.type == kind
    assert long.values.to_pylist()[:500] == short.values.to_pylist()[:500]
    assert set(long.repairs) == set(short.repairs)


def test_what_hides_in_a_long_column_is_not_lost() -> None:
    whole = [str(k) for k in range(LONG)]
    for odd, kind in (("007", TEXT), ("0x1F", TEXT), (str(10**16), TEXT), ("12.5", FLOAT), ("later", TEXT), ("", INT)):
        cells = list(whole)
        cells[5432] = odd
        found = read(cells)
        assert found.values.type == kind, odd
    lowest = read([*whole, str(-(2**63))])
    assert lowest.values.type == TEXT
    days = [*np.datetime_as_string(np.datetime64("1990-01-01") + np.arange(LONG)), "0000-01-01"]
    assert read(days).values.type == TEXT
    decimals = [f"{k}.25" for k in range(LONG)]
    decimals[5432] = "-999.0"
    assert read(decimals, missing=("-999",)).values[5432].as_py() is None


def test_what_the_user_says_of_a_long_column_holds() -> None:
    whole = [str(k) for k in range(LONG)]
    assert read(whole, text_columns=("x",)).values.to_pylist() == whole
    assert read(whole, number_columns=("x",)).values.to_pylist() == list(range(LONG))
    zeros = read([*whole, "007"], number_columns=("x",)).values
    assert (zeros.type, zeros[-1].as_py()) == (INT, 7)
    days = [str(20_200_101 + k % 28 + 100 * (k // 28 % 12) + 10_000 * (k // 336)) for k in range(LONG)]
    assert read(days, number_columns=("x",)).values.type == INT
    assert read(days, date_columns=("x",)).values.type == STAMP
    iso = [*np.datetime_as_string(np.datetime64("1990-01-01") + np.arange(LONG))]
    assert read(iso, date_columns=("x",)).values.type == STAMP
    (misfit,) = read([*iso, "soon"], date_columns=("x",)).misfits
    assert (misfit.cells, misfit.missing) == (1, True)
    assert read(iso, number_columns=("x",)).values.to_pylist() == iso


def test_a_column_that_its_file_declares_as_numbers_loses_what_counts_as_missing(tmp_path: Path) -> None:
    columns = {
        "n": [1, -999, 3],
        "f": [1.5, -999.0, None],
        "t": ["-999", "a", "b"],
        "d": ["3 Jan 2021", "4 Jan 2021", None],
    }
    pq.write_table(pa.table(columns), tmp_path / "table")
    found = read_table(tmp_path / "table", "table.parquet", ReadingOptions(missing=("-999",))).table.to_pydict()
    assert found == {
        "n": [1, None, 3],
        "f": [1.5, None, None],
        "t": [None, "a", "b"],
        "d": [at(2021, 1, 3), at(2021, 1, 4), None],
    }


def test_reading_again_as_it_was_read_changes_nothing(tmp_path: Path) -> None:
    text = 'a;b;c;d\n1,5;1.234;$5;3/4/2021\n2,5;2.345;"$1,200";5/6/2021\n'
    path = tmp_path / "table"
    path.write_text(text)
    once = read_table(path, "table.csv")
    again = read_table(path, "table.csv", once.reading.options)
    assert again.table.equals(once.table)
    assert again.reading.options == once.reading.options
    assert once.reading.ambiguous_dates == ("d",)


def test_the_decimal_sign_is_kept_when_what_hid_it_counts_as_missing(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_text("a;b\n" + "".join(f"{k},5;{'?' if k == 3 else f'{k},25'}\n" for k in range(30)))
    once = read_table(path, "table.csv", ReadingOptions(text_columns=("a",)))
    assert (once.reading.suggested_missing, once.reading.options.decimal) == (("?",), ",")
    again = read_table(path, "table.csv", replace(once.reading.options, missing=("?",)))
    assert again.table["b"].to_pylist() == [None if k == 3 else k + 0.25 for k in range(30)]
