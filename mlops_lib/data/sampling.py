"""Ways to draw rows from a table, a line each in METHODS. A seed makes every draw repeatable; row order is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlops_lib.data.chances import drawn_by_chance, inclusion_chances
from mlops_lib.data.conditions import check_column
from mlops_lib.data.draw_settings import Setting, column_asked, numbers_asked, size_asked
from mlops_lib.data.reservoir import Reservoir
from mlops_lib.data.strata import Strata, sizes_of, strata_of
from mlops_lib.objects.dataset import Dataset, Sampling
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import count, counted, number, percent

Parameter = Literal["size", "by", "order", "column", "allocation", "numbers", "replace"]

MAX_SHARES = 100
"""True shares are kept for columns with at most so many labels."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows that were drawn: positions in the parent (int64, ascending; repeated where drawn with replacement).

    `weights` say how many rows of the parent each one stands for, None where all count alike. `said` are finished
    sentences, the first of which names the sample.
    """

    rows: np.ndarray
    weights: np.ndarray | None
    sampling: Sampling
    said: tuple[str, ...]


@dataclass(frozen=True)
class Method:
    """A way of drawing: its name and a sentence for people, the settings it takes, and the function that draws."""

    title: str
    sentence: str
    parameters: tuple[Parameter, ...]
    draw: Callable[[Dataset, Mapping[str, Setting], np.random.Generator], Drawn]


def draw(dataset: Dataset, method: str, settings: Mapping[str, Setting], seed: int) -> Drawn:
    """Draw rows by a method of METHODS.

    Parameters
    ----------
    settings : either `rows` or `share` (of the rows); `column`, `order`, `allocation` ("proportional", "equal",
        "given"), `numbers` (label, number, label, number, ...) and `replace` as the method takes them.

    Raises InputError for an unknown method, a setting that does not fit, or more rows than there are.
    """
    if method not in METHODS:
        raise InputError(f"There is no way of sampling called '{method}'.", f"Choose one of: {', '.join(METHODS)}.")
    return METHODS[method].draw(dataset, settings, np.random.default_rng(seed))


def _simple(dataset: Dataset, settings: Mapping[str, Setting], rng: np.random.Generator) -> Drawn:
    rows = np.sort(rng.choice(dataset.rows, size_asked(dataset, settings), replace=False))
    return _alike("simple", rows, dataset, "simple random sample")


def _systematic(dataset: Dataset, settings: Mapping[str, Setting], rng: np.random.Generator) -> Drawn:
    """Every k-th row from a random start; k = rows / size need not be whole, so every row has the same chance."""
    size, order = size_asked(dataset, settings), settings.get("order")
    places = np.floor((rng.random() + np.arange(size)) * (dataset.rows / size)).astype(np.int64)
    places = np.minimum(places, dataset.rows - 1)
    if order is not None:
        places = np.sort(_sorted_rows(dataset, str(order))[places])
    by = f" in the order of '{order}'" if order is not None else ""
    every = f"One row in every {number(dataset.rows / size)}{by}, from a random start on."
    return _alike("systematic", places, dataset, "systematic sample", every)


def _cluster(dataset: Dataset, settings: Mapping[str, Setting], rng: np.random.Generator) -> Drawn:
    strata = strata_of(dataset, column_asked(settings), most=None)
    share = size_asked(dataset, settings) / dataset.rows
    groups = max(1, round(share * len(strata.labels)))
    if groups >= len(strata.labels):
        raise InputError(
            f"'{strata.column}' has {counted(len(strata.labels), 'group')}; {percent(share)} of the rows are all "
            "of them.",
            "Ask for fewer rows, or choose a column with more groups.",
        )
    chosen = np.zeros(len(strata.sizes), dtype=bool)
    chosen[rng.choice(len(strata.labels), groups, replace=False)] = True
    rows = np.flatnonzero((strata.codes >= 0) & chosen[strata.codes])
    said = [f"{count(groups)} of {count(len(strata.labels))} groups of '{strata.column}', each of them whole."]
    return _alike("cluster", rows, dataset, "cluster sample", *said, *strata.left_out())


def _stratified(dataset: Dataset, settings: Mapping[str, Setting], rng: np.random.Generator) -> Drawn:
    allocation = str(settings.get("allocation") or "proportional")
    strata = strata_of(dataset, column_asked(settings), missing_is_one=allocation == "proportional")
    if allocation == "given":
        asked = strata.given(numbers_asked(settings))
    elif allocation in ("proportional", "equal"):
        size = size_asked(dataset, settings)
        asked = strata.proportional(size) if allocation == "proportional" else strata.equal(size)
    else:
        raise InputError(
            f"Rows cannot be shared out '{allocation}'.", "Choose 'proportional', 'equal' or 'given' numbers."
        )
    taken = np.minimum(asked, strata.sizes)
    rows = strata.drawn(taken, rng)
    _check_some(rows)
    capped = strata.capped(asked)
    if allocation == "proportional":
        said = f"Each of the {counted(len(strata.sizes), 'label')} of '{strata.column}' keeps its share."
        return _alike("stratified", rows, dataset, "stratified sample", said, *capped)
    weights = (strata.sizes / np.maximum(taken, 1))[strata.codes[rows]]
    said = f"By '{strata.column}', on purpose: {strata.counts_phrase(taken)}."
    name = "balanced sample" if allocation == "equal" else "stratified sample"
    left_out = (*strata.never(asked), *strata.left_out())
    return _changed("stratified", rows, weights, strata, dataset, name, said, *capped, *left_out)


def _weighted(dataset: Dataset, settings: Mapping[str, Setting], rng: np.random.Generator) -> Drawn:
    column = column_asked(settings)
    size, chance = size_asked(dataset, settings), sizes_of(dataset, column)
    included = inclusion_chances(chance, size)
    rows = drawn_by_chance(included, rng)
    how = "systematic drawing in random order, Hartley & Rao 1962"
    what = f"The chance of a row goes with its '{column}'; its weight is 1 / that chance ({how})."
    said = [what, *_certain(included), *_never(chance, column)]
    sampling = Sampling("weighted", dataset.rows, column, weighted=True)
    return Drawn(rows, 1 / included[rows], sampling, (_name("weighted sample", rows, dataset), *said))


def _reservoir(dataset: Dataset, settings: Mapping[str, Setting], rng: np.random.Generator) -> Drawn:
    rows = reservoir_positions(_row_groups(dataset), size_asked(dataset, settings), int(rng.integers(1 << 62)))
    return _alike("reservoir", rows, dataset, "reservoir sample", "Drawn in one pass, each row with the same chance.")


def _importance(dataset: Dataset, settings: Mapping[str, Setting], rng: np.random.Generator) -> Drawn:
    """Draw by other chances than the parent's, with weights (parent density / draw density) that undo it.

    Weights are scaled so that a weighted sum estimates the parent's sum without bias (with replacement: Hansen &
    Hurwitz 1943); a weighted mean divides by their sum.
    """
    column, back = column_asked(settings), bool(settings.get("replace"))
    size, wanted = size_asked(dataset, settings, back), numbers_asked(settings)
    strata = None if not wanted and _is_number(dataset, column) else strata_of(dataset, column)
    density = sizes_of(dataset, column) if strata is None else strata.density(wanted)
    density = density / density.sum()
    if back:
        rows = np.sort(rng.choice(dataset.rows, size, p=density))
        weights, certain = 1 / (size * density[rows]), tuple[str, ...]()
    else:
        included = inclusion_chances(density, size)
        rows = drawn_by_chance(included, rng)
        weights, certain = 1 / included[rows], _certain(included)
    how = "with" if back else "without"
    by = f"goes with its '{column}'" if strata is None else f"makes '{column}' {strata.shares_phrase(wanted)}"
    said = f"The chance of a row {by}, drawn {how} replacement; its weight is parent density / draw density."
    name = "importance sample"
    if strata is None:
        sampling = Sampling("importance", dataset.rows, column, weighted=True)
        return Drawn(rows, weights, sampling, (_name(name, rows, dataset), said, *certain, *_never(density, column)))
    left_out = (*strata.never(strata.wanted(wanted)), *strata.left_out())
    return _changed("importance", rows, weights, strata, dataset, name, said, *certain, *left_out)


METHODS: Mapping[str, Method] = {
    "simple": Method("Simple random", "Every row has the same chance.", ("size",), _simple),
    "stratified": Method(
        "Stratified",
        "Rows of each label of a column are drawn apart: in proportion, equally many, or as many as you say.",
        ("column", "allocation", "size", "numbers"),
        _stratified,
    ),
    "systematic": Method(
        "Systematic",
        "Every k-th row from a random start on, in table order or in the order of a column.",
        ("size", "order"),
        _systematic,
    ),
    "cluster": Method(
        "Cluster", "Whole groups are drawn: all rows of a customer, a shop or a day.", ("column", "size"), _cluster
    ),
    "weighted": Method(
        "Weighted",
        "The chance of a row goes with a number in it: large orders rather than small ones.",
        ("by", "size"),
        _weighted,
    ),
    "reservoir": Method(
        "Reservoir",
        "One pass over the table, whatever its size; every row has the same chance.",
        ("size",),
        _reservoir,
    ),
    "importance": Method(
        "Importance",
        "Draw by other shares than the table's, and give every row the weight that undoes it.",
        ("column", "numbers", "size", "replace"),
        _importance,
    ),
}  # fmt: skip
"""The ways of drawing, by the name that `Sampling.method` keeps."""


def reservoir_positions(batches: Iterable[int], size: int, seed: int) -> np.ndarray:
    """Positions of `size` rows out of batches of so many rows each, drawn in one pass: int64, ascending."""
    reservoir, kept = Reservoir(size, seed), np.empty(size, dtype=np.int64)
    for rows in batches:
        before = reservoir.seen
        entering, places = reservoir.offer(rows)
        kept[places] = before + entering
    return np.sort(kept)


def _row_groups(dataset: Dataset) -> list[int]:
    facts = pq.ParquetFile(dataset.path).metadata
    return [facts.row_group(k).num_rows for k in range(facts.num_row_groups)]


def _is_number(dataset: Dataset, column: str) -> bool:
    kind = pq.read_schema(dataset.path).field(column).type if column in dataset.columns else pa.null()
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _sorted_rows(dataset: Dataset, column: str) -> np.ndarray:
    """Positions of all rows in the order of a column; missing cells come last."""
    check_column(column, dataset.columns)
    return np.asarray(pc.sort_indices(dataset.table([column]), sort_keys=[(column, "ascending")]).to_numpy(), np.int64)


def _certain(included: np.ndarray) -> tuple[str, ...]:
    sure = int(np.count_nonzero(included >= 1))
    return (f"{counted(sure, 'row')} would have had a chance above 1 and came in for certain.",) if sure else ()


def _never(sizes: np.ndarray, column: str) -> tuple[str, ...]:
    never = int(np.count_nonzero(sizes == 0))
    if not never:
        return ()
    return (f"{counted(never, 'row')} with 0 or nothing in '{column}' had no chance: the sample says nothing of them.",)


def _alike(method: str, rows: np.ndarray, dataset: Dataset, name: str, *said: str) -> Drawn:
    _check_some(rows)
    return Drawn(rows, None, Sampling(method, dataset.rows), (_name(name, rows, dataset), *said))


def _changed(
    method: str, rows: np.ndarray, weights: np.ndarray, strata: Strata, dataset: Dataset, name: str, *said: str
) -> Drawn:
    few = len(strata.labels) <= MAX_SHARES
    sampling = Sampling(method, dataset.rows, strata.column, strata.shares() if few else (), weighted=True)
    return Drawn(rows, weights, sampling, (_name(name, rows, dataset), *said))


def _name(name: str, rows: np.ndarray, dataset: Dataset) -> str:
    return f"{name[0].upper()}{name[1:]} of {count(len(rows))} of {counted(dataset.rows, 'row')}"


def _check_some(rows: np.ndarray) -> None:
    if len(rows) == 0:
        raise InputError("The sample would have no row.", "Ask for more rows.")
