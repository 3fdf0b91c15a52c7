"""The jobs give what the direct calls give, from fingerprints alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_lib.explore import work
from mlops_lib.explore.binned import Binned
from mlops_lib.explore.feature_tests import TestedColumns
from mlops_lib.explore.profile import Profile, profile
from mlops_lib.explore.survival import MeasuredFolds
from mlops_lib.jobs.work import WORK, load
from mlops_lib.objects.progress import Progress
from mlops_lib.workspace.folder import open_workspace
from tests.explore.conftest import Ask


@pytest.mark.parametrize("kind", ["feature_tests", "survival", "profile", "linked"])
def test_a_job_opens_its_nouns_and_stores_its_result(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    workspace = open_workspace(tmp_path / "home")
    dataset, schema, plan = ask()
    workspace.put(schema)
    workspace.put(plan)
    monkeypatch.setattr(work, "open_dataset", lambda _workspace, _fingerprint: dataset)
    told: list[object] = []
    spec = work.spec_of(dataset, schema, plan, all_rows=False)
    workspace.save_result("result", load(WORK[kind].run)(workspace, spec, told.append))
    result = workspace.result("result")
    assert isinstance(told[0], Progress)
    if isinstance(result, TestedColumns):
        assert set(result.measured.tests) == set(schema.features())
    elif isinstance(result, MeasuredFolds):
        assert result.rows == tuple(len(plan.fold_training_rows(fold)) for fold in range(5))
        assert all(set(fold.tests) == set(schema.features()) for fold in result.folds)
        assert len(told) == 5
    elif isinstance(result, Profile):
        assert result.associations is not None
        assert result.associations.matrix.names == (*schema.features(), "left")
        for shown in (result.columns, result.wall):
            assert {d.name for d in shown} == set(schema.features())
            assert all(np.sum(d.counts) == 294 for d in shown)
        direct = profile(dataset, schema, plan)
        pd.testing.assert_frame_equal(result.table(), direct.table())
    elif isinstance(result, Binned):
        assert set(result.features) == set(schema.features())
        assert result.n == 294
    else:
        pytest.fail(f"nobody looks at the result of '{kind}'")
