"""Whole groups to the hold-out and the folds, with classes and sizes as even as whole groups allow."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import NotPossibleError
from mlops_lib.objects.split import HOLD_OUT

_ONE_BY_ONE = 50_000


def split_by_group(
    dataset: Dataset, column: str, rows: np.ndarray, strata: np.ndarray, folds: int, hold_out: float, seed: int
) -> tuple[np.ndarray, list[str]]:
    """`split_groups` by a column on these rows (ids), with sentences on what was not as asked.

    Raises NotPossibleError where there are too few groups.
    """
    encoded = (
        dataset.table([column])[column].take(pa.array(rows)).dictionary_encode().unify_dictionaries().combine_chunks()
    )
    encoded = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    alone = codes < 0
    codes[alone] = len(encoded.dictionary) + np.arange(int(alone.sum()))
    notes = []
    if alone.any():
        notes.append(f"{int(alone.sum()):,} rows have no '{column}'; each counts as a group of its own.")
    if len(np.unique(codes)) == len(codes):
        notes.append(f"Every row has a '{column}' of its own, so this split is like one without groups.")
    groups, needed = len(np.unique(codes)), 2 * (folds + 1)
    if groups < needed:
        raise NotPossibleError(
            f"'{column}' has {groups:,} groups; a hold-out and {folds} folds need at least {needed}.",
            "Use fewer folds, or another group column.",
        )
    assigned = split_groups(codes, strata, folds, hold_out, seed)
    share = float(np.mean(assigned == HOLD_OUT))
    if abs(share - hold_out) > 0.02:
        notes.append(f"Groups are not cut, so the hold-out has {share:.1%} of the rows instead of {hold_out:.1%}.")
    return assigned, notes


def split_groups(groups: np.ndarray, strata: np.ndarray, folds: int, hold_out: float, seed: int) -> np.ndarray:
    """HOLD_OUT or a fold for each of n rows, the same for all rows of a group.

    The largest groups are placed first, each where its classes are most wanting; of more than 50,000 groups, the
    smaller ones are dealt out at random, because single ones no longer matter.

    Parameters
    ----------
    groups, strata : int of shape (n,), codes; strata from 0.
    """
    _, group = np.unique(groups, return_inverse=True)
    count = int(group.max()) + 1
    classes = int(strata.max()) + 1
    table = np.bincount(group * classes + strata, minlength=count * classes).reshape(count, classes)
    shuffled = np.random.default_rng(seed).permutation(count)
    order = shuffled[np.argsort(-table[shuffled].sum(axis=1), kind="stable")]
    shares = np.array([hold_out, *[(1 - hold_out) / folds] * folds])
    part = np.empty(count, np.int64)
    part[order[:_ONE_BY_ONE]] = _place(table[order[:_ONE_BY_ONE]] / table.sum(axis=0), shares)
    rest = order[_ONE_BY_ONE:]
    part[rest] = np.random.default_rng([seed, 1]).choice(len(shares), size=len(rest), p=shares)
    return np.where(part == 0, HOLD_OUT, part - 1)[group].astype(np.int8)


def _place(weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The part of each group, by greedy filling of what is wanting most.

    Parameters
    ----------
    weights : shape (groups, classes), the share of each class that a group holds.
    shares : shape (parts,), adding up to one.
    """
    wanting = np.repeat(shares[:, None], weights.shape[1], axis=1)
    chosen = np.empty(len(weights), np.int64)
    for number, weight in enumerate(weights):
        chosen[number] = best = int(np.argmax((wanting @ weight) / shares))
        wanting[best] -= weight
    return chosen
