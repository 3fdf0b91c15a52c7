"""How far a column of a sample is from the same column of its parent, and how far chance alone would take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.words import number, percent
from mlops_lib.stats.features import level_label

_EXPECTED = 5.0
"""Labels that chance expects less often than this are taken together: the chi-square distribution needs as much."""


@dataclass(frozen=True, eq=False)
class ColumnCells:
    """A column of both tables as numbers: values of a number or date (dates: days since 1970), codes of `labels`.

    float64 or int64 of shape (rows,); a missing cell is NaN or -1. `labels` hold text, or are an Arrow array of it.
    """

    kind: Literal["number", "date", "text"]
    sample: np.ndarray
    parent: np.ndarray
    labels: Sequence[object] | pa.Array = ()

    def filled(self, values: np.ndarray) -> np.ndarray:
        """Boolean, shape (rows,): which cells are not missing."""
        return np.asarray(values >= 0 if self.kind == "text" else ~np.isnan(values))

    @cached_property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """The distinct filled values of the parent, ascending, and how often each occurs."""
        values, counts = np.unique(self.parent[self.filled(self.parent)], return_counts=True)
        return values, counts

    def label(self, code: int) -> str:
        """A label as people read it."""
        found = self.labels[code]
        return level_label(found.as_py() if isinstance(found, pa.Scalar) else found)


@dataclass(frozen=True)
class Distance:
    """`value` (0 to 1) with the `limit` that chance alone exceeds in 5 % of samples, its `p` and the difference in
    words. NaN where the column cannot be compared."""

    value: float
    limit: float
    p: float
    shift: str


def column_cells(sample: Dataset, parent: Dataset, column: str) -> ColumnCells:
    """A column of both tables."""
    mine, whole = sample.table([column])[column], parent.table([column])[column]
    if pa.types.is_timestamp(whole.type):
        return ColumnCells("date", _days(mine), _days(whole))
    if pa.types.is_integer(whole.type) or pa.types.is_floating(whole.type):
        return ColumnCells("number", _numbers(mine), _numbers(whole))
    encoded = pa.concat_arrays([*mine.chunks, *whole.chunks]).dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return ColumnCells("text", codes[: len(mine)], codes[len(mine) :], encoded.dictionary)


def distance_of(cells: ColumnCells, weights: np.ndarray | None, drawn: float) -> Distance:
    """The distance of a sample's column.

    Parameters
    ----------
    weights : of the sample's rows, shape (rows,); None where all count alike.
    drawn : the share of the parent's rows that was drawn without replacement, which makes chance smaller (the finite
        population correction); 0 where rows were drawn with replacement.
    """
    weight = np.ones(len(cells.sample)) if weights is None else weights
    there, whole = cells.filled(cells.sample), cells.filled(cells.parent)
    missing = _labels_apart(
        np.array([weight[~there].sum(), weight[there].sum()]), np.array([(~whole).sum(), whole.sum()]),
        _spread(weight, drawn), drawn,
    )  # fmt: skip
    values, of = cells.sample[there], cells.parent[whole]
    if not len(values) or not len(of):
        return _of_missing(missing, cells, weight)
    spread = _spread(weight[there], drawn)
    if cells.kind == "text":
        apart = _label_distance(cells, values, of, weight[there], drawn)
    else:
        apart = _number_distance(cells, values, of, weight[there], spread)
    if np.isnan(missing[2]):
        return apart
    if np.isnan(apart.p) or missing[2] < apart.p:
        both = _of_missing(missing, cells, weight)
        return Distance(both.value, both.limit, min(1.0, 2 * both.p), both.shift)
    return Distance(apart.value, apart.limit, min(1.0, 2 * apart.p), apart.shift)


def _spread(weight: np.ndarray, drawn: float) -> float:
    """The variance of a mean per unit variance: (1 - n/N) / n, with n the rows that the weights are worth."""
    worth = weight.sum() ** 2 / (weight**2).sum() if len(weight) else 0.0
    return float((1 - drawn) / worth) if worth else float("nan")


def _number_distance(
    cells: ColumnCells, values: np.ndarray, of: np.ndarray, weight: np.ndarray, spread: float
) -> Distance:
    from scipy.special import kolmogi, kolmogorov

    points, counts = cells.points
    places = np.minimum(np.searchsorted(points, values), len(points) - 1)
    mine = np.cumsum(np.bincount(places, weights=weight, minlength=len(points))) / weight.sum()
    apart = float(np.abs(mine - np.cumsum(counts) / len(of)).max())
    p = float(kolmogorov(apart / np.sqrt(spread))) if spread > 0 else float("nan")
    if len(points) == 1:
        return Distance(0.0, float("nan"), float("nan"), "one value only")
    average, before = float(np.average(values, weights=weight)), float(of.mean())
    said = f"its mean is {_said(cells, average)} instead of {_said(cells, before)}"
    return Distance(apart, float(kolmogi(0.05) * np.sqrt(spread)), p, said)


def _label_distance(
    cells: ColumnCells, values: np.ndarray, of: np.ndarray, weight: np.ndarray, drawn: float
) -> Distance:
    mine = np.bincount(values, weights=weight, minlength=len(cells.labels))
    whole = np.bincount(of, minlength=len(cells.labels))
    apart, limit, p = _labels_apart(mine, whole, _spread(weight, drawn), drawn)
    if np.isnan(p):
        what = "one label only" if np.count_nonzero(whole) == 1 else "labels too rare to compare"
        return Distance(apart, limit, p, what)
    shares, before = mine / mine.sum(), whole / whole.sum()
    most = int(np.argmax(np.abs(shares - before) - 1e-9 * before))  # of two labels, the rarer one is named
    said = f"{percent(shares[most])} '{cells.label(most)}' instead of {percent(before[most])}"
    return Distance(apart, limit, p, said)


def _labels_apart(mine: np.ndarray, whole: np.ndarray, spread: float, drawn: float) -> tuple[float, float, float]:
    """Total variation of two sets of label counts, its limit by chance, and the p of Pearson's chi-square.

    The limit is the total variation of a difference of the same shape whose chi-square is just at its 95 % quantile.
    """
    from scipy.special import chdtrc, chdtri

    if not mine.sum() or not spread > 0:
        return float("nan"), float("nan"), float("nan")
    expected = whole / whole.sum()
    rare = expected * (1 - drawn) ** 2 / spread < _EXPECTED  # in the sample, and in what was not drawn
    grouped = [np.append(x[~rare], x[rare].sum()) for x in (mine / mine.sum(), expected)]
    shares, expected = (x[grouped[1] > 0] for x in grouped)
    apart = float(np.abs(shares - expected).sum() / 2)
    if len(expected) < 2:
        return apart, float("nan"), float("nan")
    chi_square = float(((shares - expected) ** 2 / expected).sum() / spread)
    edge, df = float(chdtri(len(expected) - 1, 0.05)), len(expected) - 1
    usual = float(np.sqrt(edge / df * spread * expected * (1 - expected)).sum() / 2)
    limit = apart * np.sqrt(edge / chi_square) if chi_square > 0 else usual
    return apart, float(limit), float(chdtrc(df, chi_square))


def _of_missing(missing: tuple[float, float, float], cells: ColumnCells, weight: np.ndarray) -> Distance:
    gone = ~cells.filled(cells.sample)
    share, before = weight[gone].sum() / weight.sum(), (~cells.filled(cells.parent)).mean()
    return Distance(*missing, f"{percent(float(share))} missing instead of {percent(float(before))}")


def _said(cells: ColumnCells, value: float) -> str:
    if cells.kind == "number":
        return number(value)
    return str(np.datetime64("1970-01-01", "s") + np.timedelta64(round(value * 86_400), "s"))[:10]


def _numbers(values: pa.ChunkedArray) -> np.ndarray:
    plain = pc.fill_null(values.cast(pa.float64(), safe=False), float("nan")).to_numpy()
    return np.where(np.isinf(plain), np.nan, plain)


def _days(values: pa.ChunkedArray) -> np.ndarray:
    micro = values.cast(pa.timestamp("us", values.type.tz)).cast(pa.int64())
    days: np.ndarray = pc.fill_null(micro.cast(pa.float64(), safe=False), float("nan")).to_numpy() / 86_400e6
    return days
