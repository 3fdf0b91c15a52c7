"""A rule names its adjustment of p; both are told, and rules of old keep their fingerprints."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.objects.recipe import Selection
from mlops_lib.stats.features import Feature
from mlops_lib.stats.selection import select


def weak_columns() -> tuple[dict[str, Feature], np.ndarray]:
    rng = np.random.default_rng(1)
    target = np.repeat([0, 1], 200)
    shifts = (0.6, 0.5, 0.4, 0.27, 0.27, 0.27, 0.0, 0.0)
    columns = {f"x{i}": Feature(f"x{i}", "numeric", rng.normal(size=400) + s * target) for i, s in enumerate(shifts)}
    return columns, target


def test_both_adjustments_are_told_and_the_rule_uses_the_one_it_names() -> None:
    columns, target = weak_columns()
    by_share, by_one = (select(columns, target, Selection(adjust=adjust)) for adjust in ("fdr_bh", "holm"))
    assert set(by_one.kept) < set(by_share.kept)
    for result, name in ((by_share, "bh_p"), (by_one, "holm_p")):
        assert result.table["adjusted_p"].equals(result.table[name].rename("adjusted_p"))
        assert result.kept == tuple(result.table["feature"][result.table[name] <= 0.05])
    assert (by_share.table["bh_p"] <= by_share.table["holm_p"]).all()
    assert by_share.table[["bh_p", "holm_p"]].equals(by_one.table[["bh_p", "holm_p"]])


def test_rules_of_old_keep_their_fingerprints() -> None:
    assert fingerprint(Selection()) == "316a3521542525bb"
    assert fingerprint(Selection(max_p=0.01, keep=("a",))) == "3d38b7a19c223a5b"
    assert fingerprint(Selection(adjust="holm")) != fingerprint(Selection())


def test_an_unknown_adjustment_is_refused() -> None:
    with pytest.raises(InputError, match="sidak"):
        Selection(adjust="sidak")  # type: ignore[arg-type]
