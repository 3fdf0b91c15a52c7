"""The matrix holds features and target; pairs above a limit are features alone."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_lib.explore import associations as module
from mlops_lib.explore.associations import associations, in_groups, pairs_above
from mlops_lib.objects.errors import TooLargeError
from tests.explore.conftest import Ask


def test_pairs_above_a_limit(ask: Ask) -> None:
    dataset, schema, plan = ask()
    found = associations(dataset, schema, plan)
    frame = dataset.frame(["pay", "late"]).iloc[plan.training_rows()]
    pairs = pairs_above(found, 0.5)
    first = pairs.iloc[0]
    assert {first["first"], first["second"]} == {"pay", "late"}
    assert (first["measure"], first["n"]) == ("Spearman", len(frame))
    assert first["value"] == pytest.approx(frame.corr(method="spearman").iloc[0, 1])
    assert pairs_above(found, 0.5, "pearson").iloc[0]["value"] == pytest.approx(frame.corr().iloc[0, 1])
    everything = pairs_above(found, 0.0)
    assert len(everything) == 7 * 6 / 2
    assert "left" not in set(everything["first"]) | set(everything["second"])
    assert set(everything["measure"]) == {"Spearman", "Cramér's V", "correlation ratio"}
    assert len(pairs_above(found, 1.01)) == 0
    assert list(pairs_above(found, 1.01)) == list(everything)


def test_alike_columns_stand_side_by_side(ask: Ask) -> None:
    found = associations(*ask())
    order = in_groups(found)
    assert sorted(order) == list(range(8))
    names = [found.matrix.names[i] for i in order]
    assert abs(names.index("pay") - names.index("late")) == 1


def test_the_target_is_part_of_the_matrix(ask: Ask) -> None:
    found = associations(*ask("late"), all_rows=True)
    assert found.matrix.names[-1] == found.target == "late"
    assert found.matrix.kinds[-1] == "numeric"
    assert not np.isnan(found.matrix.values()[-1]).any()


def test_too_many_columns_are_refused(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_COLUMNS", 4)
    with pytest.raises(TooLargeError, match="at most 4 columns"):
        associations(*ask())
