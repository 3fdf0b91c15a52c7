"""One column as the tests need it: numbers with gaps, or integer codes with their labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from mlops_lib.objects.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

FeatureKind = Literal["numeric", "categorical", "date"]

_MICROSECONDS_PER_DAY = 86_400e6
"""Nanoseconds would overflow in the year 2262, and 9999-12-31 is a usual way to say "never"."""


@dataclass(frozen=True, eq=False)
class Feature:
    """A column of n rows.

    `values` is float64 of shape (n,) with NaN for missing where `kind` is "numeric" or "date" (days since 1970), and
    integer codes of shape (n,) into `levels`, -1 for missing, where it is "categorical".
    """

    name: str
    kind: FeatureKind
    values: np.ndarray
    levels: tuple[str, ...] = ()

    @property
    def known(self) -> np.ndarray:
        """Boolean, shape (n,): rows with a value."""
        return np.asarray(self.values >= 0 if self.kind == "categorical" else ~np.isnan(self.values))

    def take(self, rows: np.ndarray) -> Feature:
        """The same column on some rows (positions, or a boolean mask); the levels stay."""
        return Feature(self.name, self.kind, self.values[rows], self.levels)


def feature_from(series: pd.Series, kind: str) -> Feature:
    """A pandas column as a Feature.

    Levels of a categorical column are sorted: as numbers where all of them are numbers, else as text.

    Raises
    ------
    InputError : the column holds text but its kind says numbers or dates, or the kind cannot be a feature.
    """
    name = str(series.name)
    if kind == "categorical":
        codes, levels = _encoded(series)
        return Feature(name, "categorical", codes, levels)
    if kind == "numeric":
        return Feature(name, "numeric", _numbers(series, kind))
    if kind == "date":
        return Feature(name, "date", _days(series))
    raise InputError(
        f"The column '{name}' is of kind '{kind}' and cannot be tested.", "Make it numeric, categorical or date."
    )


def features_from(frame: pd.DataFrame, kinds: Mapping[str, str]) -> dict[str, Feature]:
    """The columns named in `kinds` (name to kind) of a frame as Features, in that order."""
    return {name: feature_from(frame[name], kind) for name, kind in kinds.items()}


def level_label(value: object) -> str:
    """A cell as the label of a level: numbers as people write them (1.0 is "1"), everything else as it prints."""
    return f"{value:.15g}" if isinstance(value, (float, np.floating)) else str(value)


def _encoded(series: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    import pandas as pd

    codes, found = pd.factorize(series, use_na_sentinel=True)
    return sorted_levels(codes, list(found))


def sorted_levels(codes: np.ndarray, values: Sequence[object]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Codes (n,) into distinct `values`, -1 missing, as `ranked` codes into their labels in order: numbers, or text."""
    order = np.array(_sorted_positions(values), dtype=np.int64)
    return ranked(codes, order), tuple(level_label(values[i]) for i in order)


def ranked(codes: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Codes (n,), -1 missing, counted anew where the level `order[k]` becomes the k-th.

    They are of the smallest integer type that has room for one more level, so that `codes + 1` is safe; products are
    not, and need a wider type.
    """
    place = np.empty(len(order) + 1, dtype=np.min_scalar_type(-len(order) - 2))
    place[order] = np.arange(len(order))
    place[-1] = -1
    return np.asarray(place[codes])


def _sorted_positions(values: Sequence[object]) -> list[int]:
    try:
        numbers = [float(v) for v in values]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        numbers = [math.nan]
    if any(math.isnan(v) for v in numbers):
        return sorted(range(len(values)), key=lambda i: str(values[i]))
    return sorted(range(len(values)), key=numbers.__getitem__)


def _numbers(series: pd.Series, kind: str) -> np.ndarray:
    try:
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The column '{series.name}' is marked {kind} but holds text ({error}).", "Change its kind to categorical."
        ) from error


def _days(series: pd.Series) -> np.ndarray:
    import pandas as pd

    if not pd.api.types.is_datetime64_any_dtype(series.dtype):
        return _numbers(series, "date")
    plain = series.dt.tz_localize(None) if isinstance(series.dtype, pd.DatetimeTZDtype) else series
    stamps = plain.to_numpy(dtype="datetime64[us]")
    days = stamps.astype(np.int64) / _MICROSECONDS_PER_DAY
    return np.where(np.isnat(stamps), np.nan, days)
