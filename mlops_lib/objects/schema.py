"""What each column is (kind), what it is for (role), and the question that is asked of the target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.fingerprint import described, fingerprint

Kind = Literal["numeric", "categorical", "date", "text", "identifier", "constant"]
Role = Literal["target", "feature", "group", "time", "ignored", "split", "weight"]

KINDS: tuple[Kind, ...] = ("numeric", "categorical", "date", "text", "identifier", "constant")
ROLES: tuple[Role, ...] = ("feature", "target", "group", "time", "split", "weight", "ignored")
SPLITTING: tuple[Role, ...] = ("group", "time", "split")
"""The roles that say how the table is split; at most one column has one of them."""
FEATURE_KINDS: tuple[Kind, ...] = ("numeric", "categorical", "date")
"""The kinds a feature may have; a column of another kind is given one of these or left out."""


@dataclass(frozen=True)
class Column:
    """One column: its kind, its role and why each was proposed or chosen."""

    name: str
    kind: Kind
    role: Role
    reason: str = described(default="")


@dataclass(frozen=True)
class Classes:
    """Several classes as they are, or two of them: `positive` is one class against all the rest.

    `positive=None` leaves a target with more than two classes as it is: which of them?
    """

    positive: str | None


@dataclass(frozen=True)
class Above:
    """A numeric target turned into yes or no: is the value greater than `limit`?"""

    limit: float


@dataclass(frozen=True)
class Number:
    """A numeric target as it is: how much, how many?"""


Question = Classes | Above | Number


_SPLITS_BY = {
    "group": "keep groups together ('{}')",
    "time": "go forward in time ('{}')",
    "split": "follow the parts that '{}' names",
}


@dataclass(frozen=True)
class Schema:
    """The confirmed reading of a dataset's columns. `question` says what is asked of the target."""

    dataset: str
    columns: tuple[Column, ...]
    question: Question

    def __post_init__(self) -> None:
        targets = [c.name for c in self.columns if c.role == "target"]
        if len(targets) != 1:
            raise InputError(
                f"A schema needs exactly one target; {len(targets)} are marked ({', '.join(targets) or 'none'}).",
                "Choose one target.",
            )
        for role in (*SPLITTING, "weight"):
            marked = [c.name for c in self.columns if c.role == role]
            if len(marked) > 1:
                raise InputError(f"Only one column can be the {role}; got {', '.join(marked)}.", "Keep one of them.")
        splitting = [(c.role, c.name) for c in self.columns if c.role in SPLITTING]
        if len(splitting) > 1:
            (first, one), (second, other) = splitting[:2]
            raise InputError(
                f"The split can {_SPLITS_BY[first].format(one)} or {_SPLITS_BY[second].format(other)}, not both.",
                "Set one of the two roles to 'ignored'.",
            )
        for column in self.columns:
            if column.role == "feature" and column.kind not in FEATURE_KINDS:
                raise InputError(
                    f"The column '{column.name}' is of kind '{column.kind}' and cannot be a feature.",
                    "Set its role to 'ignored', or its kind to numeric, categorical or date.",
                )

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self)

    @property
    def target(self) -> str:
        return next(c.name for c in self.columns if c.role == "target")

    @property
    def group(self) -> str | None:
        """The column whose rows stay together in the split."""
        return self._of_role("group")

    @property
    def time(self) -> str | None:
        """The column in which the split goes forward."""
        return self._of_role("time")

    @property
    def split(self) -> str | None:
        """The column that names the part of every row."""
        return self._of_role("split")

    @property
    def weight(self) -> str | None:
        """The column that says how much every row counts."""
        return self._of_role("weight")

    def _of_role(self, role: Role) -> str | None:
        return next((c.name for c in self.columns if c.role == role), None)

    def features(self, kind: Kind | None = None) -> tuple[str, ...]:
        """Names of the feature columns, in table order; only those of one kind where given."""
        return tuple(c.name for c in self.columns if c.role == "feature" and kind in (None, c.kind))

    def column(self, name: str) -> Column:
        """The column of that name. Raises InputError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise InputError(
            f"There is no column '{name}'.", f"The columns are: {', '.join(c.name for c in self.columns)}."
        )
