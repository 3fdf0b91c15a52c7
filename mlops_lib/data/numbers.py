"""What reads as a number, and what only looks like one."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
WHOLE = r"^[+-]?\d+$"
LEADING_ZERO = r"^[+-]?0\d"
MAX_DIGITS = 15
"""Whole numbers with more digits do not survive as floating-point numbers; a column that has one stays text."""
TOO_LONG = r"^[+-]?\d{16,}$"
TOO_LONG_DECIMAL = r"^[+-]?\d{17,}\.\d*$"
"""Programs write floating-point numbers of this size with an exponent, so these are exact decimals that would lose
digits."""

MISSING_TOKENS: tuple[str, ...] = (
    "?", "NA", "N/A", "n/a", "na", "#N/A", "NaN", "nan", "NAN", "null", "NULL", "Null", "None", "none", "-", "--", ".",
    "*", "missing", "Missing", "unknown", "Unknown", "(null)", "<NA>", "\\N", "#NULL!", "inf", "-inf",
)  # fmt: skip
"""Cell texts that often mean "missing". They count as missing only where the user says so."""

_NUMBER = re.compile(NUMBER)


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell reads as a plain number; "inf", "nan", "1,000" and "5 %" do not."""
    cell = cell.strip()
    return bool(_NUMBER.match(cell if decimal == "." else cell.replace(decimal, ".", 1)))


def without_numbers(numbers: pa.ChunkedArray | pa.Array, missing: tuple[str, ...]) -> pa.ChunkedArray | pa.Array:
    """Numbers, or plain texts of numbers, without those that count as missing: "-999" also stands for -999.0."""
    values = [float(token) for token in missing if is_number(token)]
    if not values:
        return numbers
    absent = pc.is_in(pc.cast(numbers, pa.float64(), safe=False), pa.array(values, pa.float64()))
    return pc.if_else(absent, pa.scalar(None, numbers.type), numbers)
