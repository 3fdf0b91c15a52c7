"""What the checks look at: the training rows of a table under a schema, each part made when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from mlops_lib.checks.column_scores import score_features
from mlops_lib.checks.digest import digest_rows
from mlops_lib.data.target import resolve_target
from mlops_lib.explore.rows import features
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Target
from mlops_lib.objects.words import count
from mlops_lib.stats.features import Feature, feature_from

SAMPLE_ROWS = 50_000
"""Rows that a check which would take too long on all of them looks at."""


@dataclass(frozen=True, eq=False)
class CheckedTable:
    """A table as the checks see it; what one of them has computed, the next one finds there.

    Statistics are taken on `rows`: the training rows, or without a split every row whose target is known.
    """

    dataset: Dataset
    schema: Schema
    plan: SplitPlan | None = None
    _features: dict[str, Feature] = field(default_factory=dict)

    @cached_property
    def target(self) -> Target:
        """Raises what `resolve_target` raises."""
        return resolve_target(self.dataset, self.schema)

    @cached_property
    def rows(self) -> np.ndarray:
        """Ids of the rows looked at, ascending int64."""
        return np.flatnonzero(self.target.known) if self.plan is None else self.plan.training_rows()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The feature columns on those rows; its index holds their ids. Costly on a large table: `feature` is not."""
        return self.dataset.frame(self.schema.features()).iloc[self.rows]

    @cached_property
    def missing(self) -> pd.Series:
        """Missing cells of each feature column, as a count."""
        gone = {name: np.count_nonzero(~self.feature(name).known) for name in self.schema.features()}
        return pd.Series(gone, dtype=np.int64)

    @cached_property
    def sample(self) -> np.ndarray:
        """Positions in `rows`, evenly spread, at most `SAMPLE_ROWS` of them."""
        step = max(1, -(-len(self.rows) // SAMPLE_ROWS))
        return np.arange(0, len(self.rows), step)

    @cached_property
    def scores(self) -> dict[str, float]:
        """How much of the answer each feature column tells alone, by `score_features`; empty where too few rows."""
        return score_features(self.sampled, self.schema, self.target, self.rows[self.sample])

    @cached_property
    def sampled(self) -> pd.DataFrame:
        """The feature columns on the `sample`; its index counts from 0."""
        return self.dataset.frame(self.schema.features(), rows=self.rows[self.sample])

    @cached_property
    def digests(self) -> np.ndarray:
        """uint64, one for each row of the dataset, equal where rows are equal in every feature (`digest_rows`)."""
        return digest_rows(self.dataset.table(self.schema.features()))

    @cached_property
    def numbers_as_text(self) -> tuple[str, ...]:
        """Columns that would be numbers if the tokens counted as missing which reading suggests."""
        reading = self.dataset.reading
        tokens = reading.suggested_missing if reading else ()
        return _kept_as_text(self.dataset, self.texts, tokens) if tokens else ()

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Columns that hold text, whatever their role, by the file's schema alone."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = pq.read_schema(self.dataset.path)
        return tuple(n for n in self.dataset.columns if pa.types.is_string(kinds.field(n).type))

    @property
    def which(self) -> str:
        """The rows looked at in words: "1,102 training rows"."""
        return f"{count(len(self.rows))} {'rows with an answer' if self.plan is None else 'training rows'}"

    def feature(self, name: str) -> Feature:
        """A feature column on `rows`: numbers (dates as days), or codes into sorted levels; made once."""
        if name not in self._features:
            self._features.update(features(self.dataset, self.schema, self.rows, [name]))
        return self._features[name]

    def features_on(self, ids: np.ndarray) -> list[Feature]:
        """All feature columns on some rows of the dataset; levels are those that occur there."""
        names = self.schema.features()
        frame = self.dataset.frame(names, ids)
        return [feature_from(frame[name], self.schema.column(name).kind) for name in names]

    def labels(self, name: str) -> Feature:
        """A column, or the target as it was read, by its labels on `rows`, whatever is asked of it."""
        if self.schema.column(name).role == "feature" and self.schema.column(name).kind == "categorical":
            return self.feature(name)
        return feature_from(self.dataset.frame([name])[name].iloc[self.rows], "categorical")

    def any_missing(self, columns: Sequence[str]) -> int:
        """Rows looked at in which at least one of these columns is missing."""
        gone = [~self.feature(name).known for name in columns]
        return int(np.count_nonzero(np.logical_or.reduce(gone)))


def _kept_as_text(dataset: Dataset, texts: Sequence[str], tokens: Sequence[str]) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.compute as pc

    table = dataset.table(texts)
    wanted = pa.array(tokens, pa.string())
    return tuple(
        name
        for name in texts
        if pc.any(pc.is_in(table[name], wanted)).as_py() and _else_numbers(table[name].unique(), wanted)
    )


def _else_numbers(values: object, tokens: object) -> bool:
    import pyarrow.compute as pc

    from mlops_lib.data.numbers import NUMBER

    rest = pc.filter(values, pc.invert(pc.is_in(values, tokens))).drop_null()
    return bool(pc.all(pc.match_substring_regex(rest, NUMBER)).as_py())
