"""What a sampler of the catalogue is: its settings, the steps it runs, and the work that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

Value = float | int | str | bool | None
Family = Literal["none", "over", "under", "clean", "combined"]
Columns = Literal["any", "mixed", "categories"]
"""Which original columns a sampler works on: all kinds as they are encoded, or categories kept whole."""

FAMILIES: Mapping[Family, str] = {
    "none": "None",
    "over": "Over-sampling: makes rows of the rare class",
    "under": "Under-sampling: leaves out rows of the common class, to a ratio",
    "clean": "Cleaning: leaves out rows by their neighbours; there is no ratio to aim at",
    "combined": "Combined: makes rows, then cleans",
}


@dataclass(frozen=True)
class Setting:
    """One setting of a sampler, under the name that imbalanced-learn gives it (but for `ratio`).

    A number lies between `low` and `high`; `choices`, where there are some, are the only values. `later` marks a
    setting that came after recipes had been stored: at its default it is left out of `settings_of`, so that a run of
    old is found again. `default` None leaves the value to imbalanced-learn.
    """

    name: str
    label: str
    default: Value
    low: float = 1
    high: float = float("inf")
    kind: Literal["whole", "number"] = "whole"
    choices: tuple[Value, ...] = ()
    later: bool = True
    help: str = ""

    def accepts(self, value: object) -> bool:
        """Whether a recipe may give this value."""
        if self.choices:
            return any(value == c and type(value) is type(c) for c in self.choices)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value is None and self.default is None
        return (self.kind == "number" or isinstance(value, int)) and self.low <= value <= self.high

    @property
    def wanted(self) -> str:
        """What the value must be, as the end of "must be ..."."""
        if self.choices:
            return f"one of {', '.join(repr(c) for c in self.choices)}"
        what = "a whole number" if self.kind == "whole" else "a number"
        return f"{what} from {self.low:g}" + (f" to {self.high:g}" if np.isfinite(self.high) else "")


@dataclass(frozen=True)
class Work:
    """What a step is built from: its settings, the rows of each class before the sampler, and the seed.

    Classes are coded 0, 1, ... and each has rows. `categories` is boolean of shape (columns,), true where a column
    holds category codes.
    """

    settings: Mapping[str, Any]
    counts: tuple[int, ...]
    categories: np.ndarray
    seed: int

    @property
    def smallest(self) -> int:
        return min(self.counts)

    @property
    def rows(self) -> int:
        return sum(self.counts)

    def capped(self, name: str, most: int) -> int:
        """A number of neighbours, at most `most` and at least one."""
        return max(min(int(self.settings[name]), most), 1)

    @property
    def neighbours(self) -> int:
        """The asked number of neighbours within a class, or as many as the smallest class has."""
        return self.capped("k_neighbors", self.smallest - 1)

    @property
    def over(self) -> str | dict[int, int]:
        """What imbalanced-learn's over-samplers take as `sampling_strategy`."""
        return over_targets(self.counts, self.settings.get("ratio"))

    @property
    def grown(self) -> dict[int, int]:
        """Classes that an over-sampler makes rows of, and how many."""
        return grown(self.counts, self.settings.get("ratio"))

    @property
    def under(self) -> str | dict[int, int]:
        """What imbalanced-learn's under-samplers take as `sampling_strategy`."""
        return under_targets(self.counts, self.settings.get("ratio"))


def over_targets(counts: tuple[int, ...], ratio: float | None) -> str | dict[int, int]:
    """Rows that classes are brought up to: `ratio` times the largest class, rounded down as imbalanced-learn does.

    Classes that have as many already are left out. "auto" (even classes) where there is no ratio.
    """
    if ratio is None or ratio == 1:
        return "auto"
    target = int(max(counts) * ratio)
    return {code: target for code, rows in enumerate(counts) if rows < target}


def grown(counts: tuple[int, ...], ratio: float | None) -> dict[int, int]:
    """Classes that lie below `ratio` times the largest class, and how many rows they lack."""
    target = int(max(counts) * (1.0 if ratio is None else ratio))
    return {code: target - rows for code, rows in enumerate(counts) if rows < target}


def under_targets(counts: tuple[int, ...], ratio: float | None) -> str | dict[int, int]:
    """Rows that classes are cut down to: the smallest class over `ratio`, rounded down as imbalanced-learn does.

    Classes that have no more already are left out. "auto" (even classes) where there is no ratio.
    """
    if ratio is None or ratio == 1:
        return "auto"
    target = int(min(counts) / ratio)
    return {code: target for code, rows in enumerate(counts) if rows > target}


@dataclass(frozen=True, eq=False)
class Made:
    """Rows after a step: `picked` holds positions among the rows given, None where rows were put behind them."""

    x: np.ndarray
    y: np.ndarray
    picked: np.ndarray | None = None


Method = Callable[[np.ndarray, np.ndarray], Made]
"""Rows and codes (rows,) to what a step makes of them."""
Step = Callable[[Work], Method]


@dataclass(frozen=True)
class Effort:
    """What a sampler does on a table of this size, in units that `limits.py` has measured.

    `searches` are (rows asked for, rows searched through) for each search of neighbours; `sparse` and `coded` count
    pairs of rows that are compared with their categories whole, among numbers and alone. `made` rows are written,
    `mixed` rows with their categories voted for; `sorted` rows are put in order one by one; `calls` of scikit-learn
    are made for a row or two; 100 trees are fitted on `trees` rows, a support vector machine on `machine` (rows, rare
    rows). `held` are octets beside the rows given and made.
    """

    searches: tuple[tuple[int, int], ...] = ()
    sparse: int = 0
    coded: int = 0
    made: int = 0
    mixed: int = 0
    sorted: int = 0
    calls: int = 0
    trees: int = 0
    machine: tuple[int, int] = (0, 0)
    held: int = 0


@dataclass(frozen=True)
class Size:
    """The table that a sampler meets: rows of each class (all above 0), encoded columns, and its settings."""

    counts: tuple[int, ...]
    columns: int
    settings: Mapping[str, Any]

    @property
    def rows(self) -> int:
        return sum(self.counts)

    @property
    def smallest(self) -> int:
        return min(self.counts)

    @property
    def others(self) -> int:
        """Rows outside the smallest class."""
        return self.rows - self.smallest

    @cached_property
    def grown(self) -> dict[int, int]:
        """Classes that an over-sampler makes rows of, and how many."""
        return grown(self.counts, self.settings.get("ratio"))

    @property
    def made(self) -> int:
        """Rows that an over-sampler makes."""
        return sum(self.grown.values())

    @property
    def within(self) -> tuple[tuple[int, int], ...]:
        """Each class that is made larger, searched for neighbours within itself."""
        return tuple((self.counts[code], self.counts[code]) for code in self.grown)

    @property
    def pairs_within(self) -> int:
        """Pairs of rows of the same class, over the classes that are made larger."""
        return sum(asked * through for asked, through in self.within)

    @property
    def after(self) -> Size:
        """The table after an over-sampler."""
        counts = tuple(n + self.grown.get(code, 0) for code, n in enumerate(self.counts))
        return Size(counts, self.columns, self.settings)


@dataclass(frozen=True)
class SamplerSpec:
    """A sampler: name in recipes, label, family, one sentence, and the steps it runs in order.

    `columns` says which columns it works on. `interpolates` ones make rows between rows. `compares` says in words
    which rows it measures distances between, `effort` how much that is. `least` is the smallest class it can work with.
    """

    name: str
    label: str
    family: Family
    sentence: str
    steps: tuple[Step, ...] = ()
    settings: tuple[Setting, ...] = ()
    columns: Columns = "any"
    interpolates: bool = False
    compares: str = ""
    least: int = 1
    effort: Callable[[Size], Effort] = lambda _: Effort()

    @property
    def nominal(self) -> bool:
        """Whether it works on categories as they are, not on their one-hot parts."""
        return self.columns != "any"

    def setting(self, name: str) -> Setting | None:
        """The setting of that name, None where it has none."""
        return next((s for s in self.settings if s.name == name), None)


RATIO = Setting(
    "ratio",
    "Rare rows for each common row",
    1.0,
    0.001,
    1.0,
    "number",
    help="1 makes the classes even; 0.1 leaves one rare row to ten common ones. A milder ratio distorts less.",
)
K_NEIGHBORS = Setting(
    "k_neighbors",
    "Neighbours",
    5,
    high=1_000,
    later=False,
    help="How many neighbours of its own class a row is mixed with; at most as many as the class has in a fold.",
)
M_NEIGHBORS = Setting(
    "m_neighbors",
    "Neighbours that say where the border is",
    10,
    high=1_000,
    help="A row lies at the border when half or more of these, but not all, are of another class.",
)


def neighbours(default: int, text: str, *, later: bool = True) -> Setting:
    """The setting of a sampler that looks at neighbours of any class."""
    return Setting("n_neighbors", "Neighbours", default, high=1_000, later=later, help=text)


def run_by_imblearn(sampler: Any) -> Method:
    """An imbalanced-learn sampler as a step."""

    def method(x: np.ndarray, y: np.ndarray) -> Made:
        # Some of them divide by nothing where rows coincide; what they make of it is checked by what comes out.
        with np.errstate(divide="ignore", invalid="ignore"):
            after, codes = sampler.fit_resample(x, y)
        picked = getattr(sampler, "sample_indices_", None)
        return Made(
            np.asarray(after), np.asarray(codes), None if picked is None else np.asarray(picked, dtype=np.int64)
        )

    return method
