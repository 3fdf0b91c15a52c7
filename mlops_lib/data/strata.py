"""The rows of a table by the labels of one column, and how many rows to draw of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.data.conditions import check_column
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import count, counted, listed, percent
from mlops_lib.stats.features import level_label

MAX_STRATA = 1_000
MISSING_LABEL = "(missing)"


@dataclass(frozen=True, eq=False)
class Strata:
    """`codes` (int64, shape (rows,)) point into `labels`, -1 where the cell is missing and has no stratum of its own;
    `sizes` (int64) counts the rows of each label, `missing` those with none."""

    column: str
    labels: tuple[str, ...]
    codes: np.ndarray
    sizes: np.ndarray
    missing: int

    def left_out(self) -> tuple[str, ...]:
        """A sentence on the rows that have no label and can therefore not be drawn."""
        if not self.missing:
            return ()
        return (f"{counted(self.missing, 'row')} without a value in '{self.column}' cannot be drawn.",)

    def shares(self) -> tuple[tuple[str, float], ...]:
        """The share of each label among the filled cells."""
        return tuple(zip(self.labels, (self.sizes / self.sizes.sum()).tolist(), strict=True))

    def proportional(self, size: int) -> np.ndarray:
        """Rows per label in proportion to its size, rounded by largest remainders so that they add up to `size`."""
        exact = self.sizes / self.sizes.sum() * size
        whole: np.ndarray = np.floor(exact).astype(np.int64)
        whole[np.argsort(whole - exact, kind="stable")[: size - int(whole.sum())]] += 1
        return whole

    def equal(self, size: int) -> np.ndarray:
        """Equally many rows per label; the first ones get one more where it does not come out even."""
        each, more = divmod(size, len(self.labels))
        return np.array([each + (k < more) for k in range(len(self.labels))], dtype=np.int64)

    def given(self, numbers: Mapping[str, float]) -> np.ndarray:
        """Rows per label as the user says; labels without a number get none."""
        self._check_known(numbers)
        odd = [label for label, rows in numbers.items() if rows < 0 or rows != int(rows)]
        if odd or not any(numbers.values()):
            what = f"'{odd[0]}' asks for {numbers[odd[0]]:g} rows." if odd else "No label has a number of rows."
            raise InputError(what, "Give whole numbers, at least one of them above 0.")
        return np.array([int(numbers.get(label, 0)) for label in self.labels], dtype=np.int64)

    def capped(self, asked: np.ndarray) -> tuple[str, ...]:
        """A sentence on the labels that have fewer rows than asked for."""
        small = np.flatnonzero(asked > self.sizes)
        if not len(small):
            return ()
        said = [f"'{self.labels[k]}' ({count(self.sizes[k])} of {count(asked[k])})" for k in small]
        return (f"All rows are taken where there are fewer than asked for: {listed(said)}.",)

    def drawn(self, taken: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """So many rows of each label, each with the same chance within it: positions, ascending int64."""
        inside = np.flatnonzero(self.codes >= 0)
        codes = self.codes[inside]
        order = np.lexsort((rng.random(len(inside)), codes))
        starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
        rank = np.arange(len(inside)) - starts[codes[order]]
        rows: np.ndarray = np.sort(inside[order[rank < taken[codes[order]]]])
        return rows

    def wanted(self, shares: Mapping[str, float]) -> np.ndarray:
        """The share of each label that is asked for; labels that are not named get none, unless none is."""
        return np.array([shares.get(label, 0.0) if shares else 1.0 for label in self.labels])

    def density(self, shares: Mapping[str, float]) -> np.ndarray:
        """The chance of each row to be the one drawn, so that labels come in these shares (none: evenly); 0 for rows
        without a label. float64, shape (rows,)."""
        self._check_known(shares)
        wanted = self.wanted(shares)
        if (wanted < 0).any() or not wanted.any():
            raise InputError("The wanted shares must not be below 0, nor all 0.", "Give a share above 0.")
        by_label = np.append(wanted / wanted.sum() / self.sizes, 0.0)
        density: np.ndarray = by_label[self.codes]
        return density

    def never(self, wanted: np.ndarray) -> tuple[str, ...]:
        """A sentence on the labels of which no row is wanted."""
        labels = [f"'{self.labels[k]}'" for k in np.flatnonzero(wanted == 0)]
        return (f"No row with {listed(labels)} can be drawn: the sample says nothing of them.",) if labels else ()

    def counts_phrase(self, taken: np.ndarray) -> str:
        """How many rows of each label: "500 'Yes' and 500 'No'"."""
        return listed([f"{count(n)} '{label}'" for label, n in zip(self.labels, taken, strict=True) if n])

    def shares_phrase(self, shares: Mapping[str, float]) -> str:
        """The wanted shares: "50.0 % 'Yes' and 50.0 % 'No'"."""
        if not shares:
            return f"evenly spread over its {counted(len(self.labels), 'label')}"
        whole = sum(shares.values())
        return listed([f"{percent(share / whole)} '{label}'" for label, share in shares.items()])

    def _check_known(self, numbers: Mapping[str, float]) -> None:
        unknown = [label for label in numbers if label not in self.labels]
        if unknown:
            raise InputError(
                f"'{unknown[0]}' is not a label of '{self.column}'.", f"Its labels are: {listed(self.labels, most=10)}."
            )


def strata_of(dataset: Dataset, column: str, missing_is_one: bool = False, most: int | None = MAX_STRATA) -> Strata:
    """The strata of a column, largest first. With `missing_is_one`, missing cells are a stratum of their own.

    Raises InputError where there is no such column, it has no value, or more than `most` labels.
    """
    check_column(column, dataset.columns)
    encoded = pa.concat_arrays(dataset.table([column])[column].chunks).dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    if len(encoded.dictionary) == 0:
        raise InputError(f"'{column}' has no value at all.", "Choose another column.")
    if most is not None and len(encoded.dictionary) > most:
        raise InputError(
            f"'{column}' has {count(len(encoded.dictionary))} labels; the limit is {count(most)}.",
            "Choose a column with fewer labels.",
        )
    labels = [level_label(v) for v in encoded.dictionary.to_pylist()]
    sizes = np.bincount(codes[codes >= 0], minlength=len(labels))
    order = np.argsort(-sizes, kind="stable")
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order], place[-1] = np.arange(len(order)), -1
    found = Strata(column, tuple(labels[k] for k in order), place[codes], sizes[order], int((codes < 0).sum()))
    return _with_missing(found) if missing_is_one and found.missing else found


def _with_missing(found: Strata) -> Strata:
    codes = np.where(found.codes < 0, len(found.labels), found.codes)
    sizes = np.append(found.sizes, found.missing)
    return Strata(found.column, (*found.labels, MISSING_LABEL), codes, sizes, 0)


def sizes_of(dataset: Dataset, column: str) -> np.ndarray:
    """A numeric column as sizes: float64 of shape (rows,), 0 where it is missing.

    Raises InputError where the column holds text or dates, a number below 0, or nothing above 0.
    """
    check_column(column, dataset.columns)
    values = dataset.table([column])[column]
    if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
        raise InputError(f"'{column}' holds no numbers.", "Choose a numeric column.")
    plain = pc.fill_null(values.cast(pa.float64()), 0.0).to_numpy()
    sizes = np.where(np.isfinite(plain), plain, 0.0)
    if (sizes < 0).any():
        raise InputError(
            f"'{column}' has {counted(int((sizes < 0).sum()), 'number')} below 0, which cannot be chances.",
            "Choose a column without negative numbers.",
        )
    if not sizes.any():
        raise InputError(f"'{column}' has no number above 0.", "Choose another column.")
    return sizes
