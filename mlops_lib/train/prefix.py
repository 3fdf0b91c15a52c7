"""What recipes share on a fold: treatment, selection, encoding and sampler, fitted once for every model behind it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer

from mlops_lib.data.conditions import columns_of
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.fingerprint import fingerprint, later
from mlops_lib.objects.recipe import Leak, Recipe, Sampler, Selection, Treatment
from mlops_lib.objects.schema import Schema
from mlops_lib.resample.resampling import Resampled, resample
from mlops_lib.stats.features import features_from
from mlops_lib.stats.selection import select
from mlops_lib.train.encode import category_groups, check_encoded_size, dropped, fit_encode, make_encoder, mend
from mlops_lib.train.rule_model import parse_rule, rule_encoder, rule_of


@dataclass(frozen=True)
class Prefix:
    """The part of a recipe before the model. `leak` names what is done before the split (`wrong_order.py`).

    With a `rule` nothing else is done: it looks at the raw columns.
    """

    treatments: tuple[Treatment, ...] = ()
    selection: Selection | None = None
    min_frequency: float = 0.01
    scale: bool = True
    sampler: Sampler | None = None
    leak: tuple[Leak, ...] = later(())
    rule: str = later("")

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self)


def prefix_of(recipe: Recipe) -> Prefix:
    """What comes before the model in a recipe."""
    if recipe.model.name == "rule":
        return Prefix(rule=rule_of(recipe))
    return Prefix(recipe.treatments, recipe.selection, recipe.min_frequency, recipe.scale, recipe.sampler, recipe.leak)


def seed_for(experiment_seed: int, what: str, fold: int) -> int:
    """The seed of one fit, from the experiment's seed, the fingerprint of what is fitted and the fold: 0 .. 2³¹-1."""
    return int(fingerprint(experiment_seed, what, fold), 16) % (1 << 31)


@dataclass(frozen=True, eq=False)
class FittedPrefix:
    """A fitted encoder of the columns `kept`, and the encoded training rows after the sampler."""

    encoder: ColumnTransformer
    kept: tuple[str, ...]
    rows: Resampled
    notes: tuple[str, ...]


def fit_prefix(
    frame: pd.DataFrame, y: np.ndarray, schema: Schema, prefix: Prefix, seed: int, names: Sequence[str]
) -> FittedPrefix:
    """Fit the prefix on raw training rows: `frame` holds the schema's features, `y` int codes of shape (rows,), or
    float64 numbers, which have no `names` and no sampler.

    Raises NotPossibleError where the sampler cannot work on these rows or no column is left, TooLargeError where the
    encoded matrix exceeds the limit, InputError for a treatment that does not fit its column.
    """
    if prefix.rule:
        return _fit_rule(frame, y, prefix.rule)
    kept, note = keep_columns(frame, y, schema, prefix)
    encoder, x, notes = fit_encoder(frame, kept, schema, prefix)
    rows = resample(x, y, category_groups(encoder), prefix.sampler, seed, names) if len(names) else untouched(x, y)
    return FittedPrefix(encoder, kept, rows, (*([note] if note else []), *notes, *rows.notes))


def _fit_rule(frame: pd.DataFrame, y: np.ndarray, rule: str) -> FittedPrefix:
    encoder = rule_encoder(rule, frame)
    rows = resample(fit_encode(encoder, frame), y, (), None, 0)
    return FittedPrefix(encoder, columns_of(parse_rule(rule)), rows, ())


def untouched(x: np.ndarray, y: np.ndarray) -> Resampled:
    """The rows of a numeric target, of which none is made and none removed."""
    return Resampled(x, y, np.arange(len(y)), (), (), (), ())


def keep_columns(frame: pd.DataFrame, y: np.ndarray, schema: Schema, prefix: Prefix) -> tuple[tuple[str, ...], str]:
    """The columns that enter the encoder, and a sentence where the rule had to be bent (else empty)."""
    gone = dropped(prefix.treatments)
    offered = tuple(name for name in schema.features() if name not in gone)
    if not offered:
        raise NotPossibleError(
            "No feature column is left to learn from.", "Give at least one column the role 'feature'."
        )
    if prefix.selection is None:
        return offered, ""
    kinds: Mapping[str, str] = {name: schema.column(name).kind for name in offered}
    chosen = select(features_from(mend(frame, schema, prefix.treatments), kinds), y, prefix.selection)
    return chosen.kept, chosen.note


def fit_encoder(
    frame: pd.DataFrame, kept: Sequence[str], schema: Schema, prefix: Prefix
) -> tuple[ColumnTransformer, np.ndarray, tuple[str, ...]]:
    """The encoder of the columns `kept` fitted on these rows, the rows encoded, and what the libraries warned of.

    Raises TooLargeError where the encoded matrix exceeds the limit, InputError for a treatment that does not fit.
    """
    check_encoded_size(frame, schema, kept, prefix.min_frequency)
    encoder = make_encoder(schema, kept, prefix.treatments, prefix.min_frequency, prefix.scale)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        x = fit_encode(encoder, frame)
    return encoder, x, tuple(dict.fromkeys(str(w.message) for w in caught))
