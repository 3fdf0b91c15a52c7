from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_lib.objects import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0123456, "0.0123"),
        (3.14159, "3.14"),
        (1470, "1,470"),
        (12345.6, "12,346"),
        (-0.5, "−0.500"),
        (0, "0"),
        (1.2e-9, "1.20e-09"),
        (float("nan"), "–"),
        (None, "–"),
        (float("-inf"), "−∞"),
    ],
)
def test_number_keeps_three_significant_digits(value: float | None, text: str) -> None:
    assert words.number(value) == text


@given(st.floats(min_value=1e-5, max_value=1e9, allow_nan=False))
def test_number_is_within_half_a_step_of_the_third_digit(value: float) -> None:
    shown = float(words.number(value).replace(",", ""))
    assert math.isclose(shown, value, rel_tol=0.0051)


@pytest.mark.parametrize(("p", "text"), [(0.0002, "< 0.001"), (0.032, "= 0.032"), (float("nan"), "= –")])
def test_p_behind_its_letter(p: float, text: str) -> None:
    assert words.p_is(p) == text


@pytest.mark.parametrize(("name", "text"), [("yes", "yes"), ("not yet", "'not yet'"), ("", "''")])
def test_names_of_several_words_are_quoted(name: str, text: str) -> None:
    assert words.quoted(name) == text


@pytest.mark.parametrize(
    ("p", "text"), [(0.0009, "< 0.001"), (0.001, "0.001"), (0.04999, "0.050"), (1.0, "1.000"), (0.0, "< 0.001")]
)
def test_p_value(p: float, text: str) -> None:
    assert words.p_value(p) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0031, "3.1 ms"),
        (0.25, "250 ms"),
        (4.24, "4.2 s"),
        (9.99, "10 s"),
        (59.7, "1 min"),
        (125, "2 min 5 s"),
        (4200, "1 h 10 min"),
        (3599.9, "1 h"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [(12, "12 B"), (999, "999 B"), (1500, "1.5 KB"), (12_345, "12 KB"), (3_400_000, "3.4 MB"), (2e12, "2.0 TB")],
)
def test_size(octets: float, text: str) -> None:
    assert words.size(octets) == text


def test_percent_money_and_lists() -> None:
    assert words.percent(0.16122) == "16.1 %"
    assert words.percent(-0.02) == "−2.0 %"
    assert words.money(12500.4, "EUR") == "12,500 EUR"
    assert words.money(3.5, "€") == "3.50 €"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed([str(i) for i in range(8)]) == "0, 1, 2, 3, 4 and 3 more"
    assert words.counted(1, "row") == "1 row"
    assert words.counted(1470, "class", "classes") == "1,470 classes"
