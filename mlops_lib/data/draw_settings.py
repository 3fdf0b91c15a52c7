"""What is asked of a draw: how many rows, by which column, how many of each label."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import count, counted

Setting = float | int | str | bool | tuple[str, ...] | None

MAX_DRAWN = 5_000_000
"""With replacement, so many rows can be drawn at most."""


def size_asked(dataset: Dataset, settings: Mapping[str, Setting], back: bool = False) -> int:
    """How many rows are asked for: `rows`, or `share` of all. Fewer than all, unless rows go `back` once drawn.

    Raises InputError where neither or both are given, or one is no number or out of range.
    """
    rows, share = settings.get("rows"), settings.get("share")
    if (rows is None) == (share is None):
        raise InputError("Say either how many rows or which share of them to draw.", "Give one of the two.")
    asked = rows if rows is not None else share
    if not isinstance(asked, int | float) or not np.isfinite(asked) or (rows is not None and asked % 1):
        raise InputError(f"'{asked}' is no number of rows and no share of them.", "Give a number.")
    size = int(asked) if rows is not None else round(asked * dataset.rows)
    limit = MAX_DRAWN if back else dataset.rows - 1
    if not 1 <= size <= limit:
        raise InputError(
            f"{counted(size, 'row')} cannot be drawn from {count(dataset.rows)}.",
            f"Ask for 1 to {count(limit)}.",
        )
    return size


def column_asked(settings: Mapping[str, Setting]) -> str:
    """The column by which rows are drawn. Raises InputError where none is named."""
    column = settings.get("column")
    if not column:
        raise InputError("Say by which column to draw.", "Choose a column.")
    return str(column)


def numbers_asked(settings: Mapping[str, Setting]) -> dict[str, float]:
    """`numbers` as label to number. Raises InputError where they are no pairs or one is not finite."""
    flat = settings.get("numbers") or ()
    if not isinstance(flat, tuple) or len(flat) % 2:
        raise InputError("The numbers by label are not in pairs.", "Give label, number, label, number, ...")
    try:
        numbers = {str(k): float(v) for k, v in zip(flat[::2], flat[1::2], strict=True)}
    except ValueError as error:
        raise InputError(f"The numbers by label are not numbers ({error}).", "Give a number for each.") from error
    odd = [label for label, given in numbers.items() if not np.isfinite(given)]
    if odd:
        raise InputError(f"The number of '{odd[0]}' is {numbers[odd[0]]}.", "Give a number for each.")
    return numbers
