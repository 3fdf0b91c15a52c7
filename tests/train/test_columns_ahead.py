"""The number of encoded columns, against an encoder that was fitted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_lib.train.columns_ahead import columns_ahead
from mlops_lib.train.prefix import Prefix, fit_encoder
from mlops_lib.workspace.folder import Workspace
from tests.train.small import keep_frame


def frame(rows: int = 2_000) -> pd.DataFrame:
    """A number, a date, a few levels, many rare levels, and a gap."""
    rng = np.random.default_rng(0)
    rare = np.where(rng.random(rows) < 0.05, rng.integers(100, 160, rows), rng.integers(0, 4, rows)).astype(str)
    gaps = pd.Series(rng.choice(["a", "b", "c"], rows)).mask(rng.random(rows) < 0.1)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, rows), unit="D")
    left = rng.choice(["yes", "no"], rows)
    town = np.char.add("town ", rare)
    return pd.DataFrame({"pay": rng.normal(size=rows), "day": days, "town": town, "plan": gaps, "left": left})


@pytest.mark.parametrize("min_frequency", [0.01, 0.3])
def test_as_many_as_the_fitted_encoder_gives(tmp_path: Path, min_frequency: float) -> None:
    kept = keep_frame(Workspace(tmp_path), frame())
    features = kept.schema.features()
    prefix = Prefix(min_frequency=min_frequency)
    _, x, _ = fit_encoder(kept.dataset.frame(features), features, kept.schema, prefix)
    assert {kept.schema.column(name).kind for name in features} == {"numeric", "date", "categorical"}
    assert columns_ahead(kept.dataset, kept.schema, min_frequency) == x.shape[1]
