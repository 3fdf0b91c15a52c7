"""Conditions on rows: what the text says, in words and back, and which rows meet it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_lib.data.conditions import (
    LONGEST,
    OPERATORS,
    Comparison,
    Condition,
    Group,
    columns_of,
    in_words,
    parse_condition,
    to_text,
)
from mlops_lib.data.matching import matches
from mlops_lib.objects.errors import InputError

TABLE = pa.table(
    {
        "tenure": pa.array([1, 2, 3, None, 5]),
        "pay": pa.array([1.5, float("nan"), None, 4.0, 5.0]),
        "overtime": ["Yes", "No", "Yes", None, ""],
        "monthly income": [10, 20, 30, 40, 50],
        "class": ["a", "b", "a`b", "it's", "c"],
        "나이": [1, 1, 2, 2, 3],
        "day": pa.array(["2020-01-01", "2020-01-01T23:59", "2020-01-02", None, "2021-05-05"]).cast(pa.timestamp("us")),
    }
)


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("tenure < 3", [0, 1]),
        ("tenure <= 3", [0, 1, 2]),
        ("3 > tenure", [0, 1]),
        ("tenure == 2.0", [1]),
        ("tenure != 2", [0, 2, 4]),
        ("tenure is None", [3]),
        ("tenure is not None", [0, 1, 2, 4]),
        ("pay is None", [1, 2]),
        ("pay != 4", [0, 4]),
        ("pay > -1e9", [0, 3, 4]),
        ("2 <= tenure <= 3", [1, 2]),
        ("tenure in [1, 5, 7.5]", [0, 4]),
        ("overtime == 'Yes'", [0, 2]),
        ('overtime != "Yes"', [1, 4]),
        ("overtime in ('No', '')", [1, 4]),
        ("overtime == 'Yes' and tenure < 2", [0]),
        ("overtime == 'Yes' or tenure == 5 and pay > 1", [0, 2, 4]),
        ("(overtime == 'Yes' or tenure == 5) and pay > 2", [4]),
        ("`monthly income` >= 30", [2, 3, 4]),
        ("`class` == 'a`b'", [2]),
        ("`class` == 'it\\'s'", [3]),
        ("나이 == 2", [2, 3]),
        ("day == '2020-01-01'", [0, 1]),
        ("day != '2020-01-01'", [2, 4]),
        ("day < '2020-01-02'", [0, 1]),
        ("day <= '2020-01-01'", [0, 1]),
        ("day > '2020-01-01'", [2, 4]),
        ("day >= '2020-01-01T12:00'", [1, 2, 4]),
        ("'2020-01-01' <= day <= '2020-01-02'", [0, 1, 2]),
        ("day in ['2020-01-02', '2021-05-05']", [2, 4]),
        ("day <= '9999-12-31'", [0, 1, 2, 4]),
    ],
)
def test_rows_that_meet_a_condition(text: str, met: list[int]) -> None:
    condition = parse_condition(text, TABLE.column_names)
    assert np.flatnonzero(matches(TABLE, condition)).tolist() == met
    again = parse_condition(to_text(condition))
    assert again == condition
    assert set(columns_of(condition)) <= set(TABLE.column_names)


def test_dates_with_a_zone_are_compared_as_moments() -> None:
    table = pa.table({"at": pa.array(["2020-01-01T12:00Z"]).cast(pa.timestamp("us", "Asia/Seoul"))})
    assert matches(table, parse_condition("at == '2020-01-01T12:00+00:00'")).tolist() == [True]
    assert matches(table, parse_condition("at == '2020-01-01T12:00+09:00'")).tolist() == [False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("tenure <", "cannot be read"),
        ("monthly income > 3", "cannot be read near"),
        ("tenure = 2", "Two equals signs compare"),
        ("class == 1 and tenure < 2", "between backticks: `class`"),
        ("tenure", "tenure is no comparison"),
        ("not tenure", "tenure is no comparison"),
        ("__import__('os').system('true')", "is no comparison"),
        ("tenure.real < 2", "is not the name of a column"),
        ("tenure < pay", "pay is a column or a word without quotes"),
        ("tenure + 1 < 2", "is not the name of a column"),
        ("overtime == Yes", "Put text in quotes: 'Yes'"),
        ("tenure == None", "Write 'is None'"),
        ("tenure is 2", "asks for missing cells only"),
        ("tenure not in [2]", "uses 'not in'"),
        ("tenure in 2", "is no list of values"),
        ("tenure == True", "is no number and no text"),
        ("tenure == f'{pay}'", "is no number and no text"),
        ("1 < tenure < 3", "compares more than two things"),
        ("tenur < 3", "Is it 'tenure'?"),
        ("x" * (LONGEST + 1), "the limit is 20,000"),
        ("(" * 5000 + "tenure < 2" + ")" * 5000, "cannot be read"),
        (" or ".join(["tenure == 1"] * 201), "more than 200 comparisons"),
    ],
)
def test_what_is_no_condition_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_condition(text, TABLE.column_names)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tenure == 'x'", "'tenure' holds numbers; 'x' is text."),
        ("overtime == 2", "'overtime' holds text; 2 is a number."),
        ("overtime < 'Yes'", "'overtime' holds text, and < compares numbers or dates."),
        ("day < 3", "'day' holds dates; '3' is none."),
        ("day == 'soon'", "'day' holds dates; 'soon' is none."),
        ("nothing == 1", "There is no column 'nothing'."),
    ],
)
def test_values_that_do_not_fit_their_column_are_refused(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        matches(TABLE, parse_condition(text))
    assert caught.value.message == said


def test_words() -> None:
    condition = parse_condition("(overtime == 'Yes' or overtime is None) and 1 <= tenure <= 2500")
    assert in_words(condition) == ("(overtime is 'Yes' or overtime is missing) and tenure is between 1 and 2,500")
    assert in_words(parse_condition("tenure > 0.123456")) == "tenure is above 0.123456"


@pytest.mark.parametrize("number", ["1" + "0" * 400, "0x" + "f" * 9000])
def test_a_number_beyond_all_columns_is_one_sentence(number: str) -> None:
    for text in (f"tenure == -{number}", f"tenure in [1, {number}]", f"'a' < {number}"):
        with pytest.raises(InputError, match=r"a number beyond 1\.8e308"):
            parse_condition(text)


def test_whole_numbers_that_no_float_holds_can_be_asked_for() -> None:
    assert matches(pa.table({"n": [1, 2, 3]}), parse_condition("n in [2, 9007199254740993]")).tolist() == [
        False,
        True,
        False,
    ]


def test_numbers_agree_with_pandas() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=500), "b": rng.integers(0, 9, 500)})
    frame.loc[::7, "a"] = np.nan
    table = pa.Table.from_pandas(frame)
    text = "a > 0.2 and b <= 4 or a < -1"
    assert np.array_equal(matches(table, parse_condition(text)), frame.eval(text, engine="python").to_numpy())


names = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r"), min_size=1, max_size=12)
values = st.one_of(
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False, allow_infinity=False),
    names.filter(lambda t: "\x00" not in t),
)


def comparisons() -> st.SearchStrategy[Condition]:
    def made(operator: str) -> st.SearchStrategy[Comparison]:
        wanted = OPERATORS[operator].values  # type: ignore[index]
        some = (
            st.lists(values, min_size=1, max_size=4)
            if wanted is None
            else st.lists(values, min_size=wanted, max_size=wanted)
        )
        return st.builds(lambda n, v: Comparison(n, operator, tuple(v)), names, some)  # type: ignore[arg-type]

    return st.sampled_from(list(OPERATORS)).flatmap(made)


@given(
    st.recursive(
        comparisons(),
        lambda inner: st.builds(
            Group, st.sampled_from(["all", "any"]), st.lists(inner, min_size=2, max_size=3).map(tuple)
        ),
        max_leaves=6,
    )
)
def test_text_and_condition_are_the_same_thing(condition: Condition) -> None:
    assert parse_condition(to_text(condition)) == condition
    assert in_words(condition)
