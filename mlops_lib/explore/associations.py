"""Which columns go together, the target among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mlops_lib.explore.rows import Looked, Seen, features, look, some_features, target_feature
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import TooLargeError
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.stats.association import AssociationMatrix, association_matrix
from mlops_lib.stats.features import Feature

MAX_COLUMNS = 200
MAX_CELLS = 60_000_000

Numbers = Literal["spearman", "pearson"]
MEASURES = {"spearman": "Spearman", "pearson": "Pearson", "v": "Cramér's V", "eta": "correlation ratio"}


@dataclass(frozen=True, eq=False)
class Associations:
    """The matrix of all features and the target on the rows that were looked at; `n` rows in all."""

    matrix: AssociationMatrix
    target: str
    seen: Seen
    n: int


def associations(dataset: Dataset, schema: Schema, plan: SplitPlan, all_rows: bool = False) -> Associations:
    """Associations of every pair of features, and of each with the target.

    Raises TooLargeError above `MAX_COLUMNS` columns or `MAX_CELLS` cells, NotPossibleError without a feature.
    """
    looked = look(dataset, schema, plan, all_rows)
    names = some_features(schema)
    _check_size(len(names) + 1, len(looked.rows))
    return associations_of(list(features(dataset, schema, looked.rows, names).values()), looked)


def associations_of(columns: Sequence[Feature], looked: Looked) -> Associations:
    """The same of features that are opened already, on the rows that are looked at. Raises TooLargeError as above."""
    _check_size(len(columns) + 1, len(looked.rows))
    matrix = association_matrix([*columns, target_feature(looked)])
    return Associations(matrix, looked.target.column, looked.seen, len(looked.rows))


def _check_size(columns: int, rows: int) -> None:
    if columns > MAX_COLUMNS or columns * rows > MAX_CELLS:
        raise TooLargeError(
            f"{columns:,} columns of {rows:,} rows are more than this can compare in pairs: "
            f"at most {MAX_COLUMNS} columns and {MAX_CELLS:,} cells.",
            "Set columns that cannot matter to 'ignored' on the Data page.",
        )


def pairs_above(found: Associations, limit: float, numbers: Numbers = "spearman") -> pd.DataFrame:
    """Pairs of features whose association is at least `limit` in size, strongest first.

    Columns: first, second, measure, value (signed for pairs of numbers, else without its bias), plain (as defined), n.
    """
    matrix = found.matrix
    values = matrix.values(numbers)
    rows, columns = np.triu_indices(len(matrix.names), 1)
    is_target = np.array([name == found.target for name in matrix.names])
    inside = ~(is_target[rows] | is_target[columns])
    strong = np.nan_to_num(np.abs(values[rows, columns])) >= limit
    chosen = [(int(i), int(j)) for i, j in zip(rows[inside & strong], columns[inside & strong], strict=True)]
    chosen.sort(key=lambda pair: -abs(values[pair]))
    return pd.DataFrame([_pair(matrix, i, j, values, numbers) for i, j in chosen], columns=list(_PAIR))


def measure_of(matrix: AssociationMatrix, i: int, j: int, numbers: Numbers = "spearman") -> str:
    """The name of the measure that suits a pair of columns."""
    categories = [matrix.kinds[i], matrix.kinds[j]].count("categorical")
    return MEASURES[(numbers, "eta", "v")[categories]]


def in_groups(found: Associations, numbers: Numbers = "spearman") -> tuple[int, ...]:
    """Places of the columns in an order that puts alike ones side by side (average linkage on 1 - |value|)."""
    # Half a second to import, for this one figure.
    from scipy.cluster import hierarchy
    from scipy.spatial.distance import squareform

    values = np.nan_to_num(np.abs(found.matrix.values(numbers)))
    if len(values) < 3:
        return tuple(range(len(values)))
    distance = 1 - np.clip((values + values.T) / 2, 0, 1)
    np.fill_diagonal(distance, 0)
    tree = hierarchy.linkage(squareform(distance, checks=False), method="average", optimal_ordering=len(values) <= 80)
    return tuple(int(i) for i in hierarchy.leaves_list(tree))


_PAIR = ("first", "second", "measure", "value", "plain", "n")


def _pair(matrix: AssociationMatrix, i: int, j: int, values: np.ndarray, numbers: Numbers) -> tuple[object, ...]:
    value = float(values[i, j])
    plain = float(matrix.plain[i, j]) if not np.isnan(matrix.plain[i, j]) else value
    return matrix.names[i], matrix.names[j], measure_of(matrix, i, j, numbers), value, plain, int(matrix.n[i, j])
