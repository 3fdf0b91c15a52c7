"""The mistake itself: what must be learnt inside a fold is learnt before the split, so that its price can be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlops_lib.data.splits import stratify
from mlops_lib.objects.schema import Schema
from mlops_lib.resample.resampling import resample
from mlops_lib.train.encode import category_groups, encode
from mlops_lib.train.prefix import FittedPrefix, Prefix, fit_encoder, fit_prefix, keep_columns
from mlops_lib.train.progress import REFIT


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """All raw rows outside the hold-out, their class codes, the fold that judges each (below 0: none does) and whether
    the fold at hand is trained on it in the right order; arrays of shape (rows,)."""

    frame: pd.DataFrame
    y: np.ndarray
    fold: np.ndarray
    fitted: np.ndarray


@dataclass(frozen=True, eq=False)
class WrongFold:
    """A prefix fitted in the wrong order on one fold, and what it is judged on: encoded rows with their codes.

    Where the rows were sampled before the split, those that are judged are made or repeated ones, too.
    """

    prefix: FittedPrefix
    judged: np.ndarray
    truth: np.ndarray


def wrong_fold(
    rows: TrainingRows, fold: int, schema: Schema, prefix: Prefix, seed: int, names: Sequence[str]
) -> WrongFold:
    """Fit a prefix with a `leak` on one fold; `seed` is the same for all folds, as one sampling serves them all.

    "sample": all rows are encoded and sampled, then split at random. "select": the columns are chosen on all rows.
    "scale": gaps are filled, levels listed and numbers scaled on all rows. Else the fold is trained on the rows of the
    right order, in a split in time on earlier ones only, so that nothing but the mistake differs. Raises as
    `fit_prefix` does.
    """
    if fold == REFIT:
        frame, y = rows.frame[rows.fitted], rows.y[rows.fitted]
        return WrongFold(fit_prefix(frame, y, schema, prefix, seed, names), np.empty((0, 0)), np.empty(0))
    if "sample" in prefix.leak:
        return _sampled_first(rows, fold, schema, prefix, seed, names)
    return _fitted_first(rows, fold, schema, prefix, seed, names)


def _sampled_first(
    rows: TrainingRows, fold: int, schema: Schema, prefix: Prefix, seed: int, names: Sequence[str]
) -> WrongFold:
    whole = fit_prefix(rows.frame, rows.y, schema, prefix, seed, names)
    sampled = whole.rows
    mine = stratify(sampled.y.astype(np.int64), int(rows.fold.max()) + 1, 0.0, seed) == fold
    left = replace(sampled, x=sampled.x[~mine], y=sampled.y[~mine], origin=sampled.origin[~mine])
    return WrongFold(replace(whole, rows=left), sampled.x[mine], sampled.y[mine])


def _fitted_first(
    rows: TrainingRows, fold: int, schema: Schema, prefix: Prefix, seed: int, names: Sequence[str]
) -> WrongFold:
    mine = rows.fold == fold
    frame, y = rows.frame[rows.fitted], rows.y[rows.fitted]
    seen, answers = (rows.frame, rows.y) if "select" in prefix.leak else (frame, y)
    kept, note = keep_columns(seen, answers, schema, prefix)
    if "scale" in prefix.leak:
        encoder, _, notes = fit_encoder(rows.frame, kept, schema, prefix)
        x = encode(encoder, frame)
    else:
        encoder, x, notes = fit_encoder(frame, kept, schema, prefix)
    after = resample(x, y, category_groups(encoder), prefix.sampler, seed, names)
    fitted = FittedPrefix(encoder, kept, after, (*([note] if note else []), *notes, *after.notes))
    return WrongFold(fitted, encode(encoder, rows.frame[mine]), rows.y[mine])
