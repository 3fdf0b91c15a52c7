"""What samplers take on the machine they were measured on, and which are refused for it.

The constants are seconds of processor time on one core of a shared two-core server (imbalanced-learn 0.14,
scikit-learn 1.9), from made tables of 1,500 to 50,000 rows with 16 to 120 encoded columns (2 to 15 for the tree) and
2 % or 16 % rare rows; `python -m benchmarks.samplers` prints what they say beside what a sampler takes. Where time
depends on the table (a tree needs less where columns go together) they lie on the high side.
"""

from __future__ import annotations

import math

from mlops_lib.objects.words import duration
from mlops_lib.objects.words import size as octets
from mlops_lib.resample.spec import Effort, SamplerSpec, Size

LIMIT_SECONDS = 300.0
"""A sampler whose nominal time on one fold is longer is refused."""
LIMIT_MEMORY = 4_000_000_000
"""A sampler that would hold more octets beside the rows given is refused."""

TREE_COLUMNS = 15
"""Up to here scikit-learn searches in a tree, above by products of matrices."""

START = 0.005
WRITTEN = 2e-8
"""For each number that is copied or made."""
SPARSE_PAIR, CODED_PAIR = 5e-8, 4.5e-9
"""For two rows compared with whole categories: among numbers; alone, for each column they would be encoded into."""
MIXED, SORTED, CALL = 2.6e-5, 3.5e-6, 7e-4
TREES = 2.1e-5
"""For each row, and each halving of the rows, that 100 trees are fitted on."""


def nominal_seconds(effort: Effort, size: Size) -> float:
    """Seconds on the machine the constants were measured on."""
    columns = size.columns
    searched = sum(asked * _asked_once(through, columns) for asked, through in effort.searches)
    compared = SPARSE_PAIR * effort.sparse + CODED_PAIR * columns * effort.coded
    written = WRITTEN * columns * (size.rows + effort.made + effort.mixed) + MIXED * effort.mixed
    called = SORTED * effort.sorted + CALL * effort.calls
    fitted = TREES * effort.trees * math.log2(max(size.rows, 2)) + _machine(*effort.machine, columns)
    return START + searched + compared + written + called + fitted


def _asked_once(through: int, columns: int) -> float:
    """Seconds to find the neighbours of one row among `through` rows."""
    if columns > TREE_COLUMNS:
        return through * (2.3e-9 + 5.5e-11 * columns)
    return 2.5e-6 + through * 4.5e-8 * math.exp(-0.3 * (TREE_COLUMNS - columns))


def _machine(rows: int, rare: int, columns: int) -> float:
    """Seconds to fit a support vector machine: quadratic in the rows, worse where its cache no longer holds them."""
    if not rows:
        return 0.0
    return (columns + 10) / 40 * (5e-9 + 8e-8 * rare / rows) * rows * rows * (1 + math.pow(rows / 32_000, 2.5))


def memory(effort: Effort, size: Size) -> int:
    """Octets held at most beside the rows given: a copy of them, what is made, and what is held meanwhile."""
    return 8 * size.columns * (size.rows + effort.made + effort.mixed) + effort.held


def too_long(spec: SamplerSpec, size: Size) -> str | None:
    """Why a sampler is refused on a table of this size, and what works; None where it is not.

    Decided by nominal seconds, not by the speed of this machine: a recipe is refused everywhere or nowhere.
    """
    if not spec.compares:
        return None
    effort = spec.effort(size)
    seconds, held = nominal_seconds(effort, size), memory(effort, size)
    if seconds <= LIMIT_SECONDS and held <= LIMIT_MEMORY:
        return None
    slow = f"about {duration(seconds)} (the limit is {duration(LIMIT_SECONDS)})"
    large = f"{octets(held)} of memory (the limit is {octets(LIMIT_MEMORY)})"
    return (
        f"{spec.label} compares {spec.compares}; on {size.rows:,} rows, {size.smallest:,} of them in the smallest "
        f"class, it would need {slow if seconds > LIMIT_SECONDS else large}. "
        "Random under-sampling or class weights work at any size."
    )
