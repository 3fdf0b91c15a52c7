"""Success by the charter: met, missed or open, and whether it was set before the runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from mlops_lib.data.charters import keep_charter
from mlops_lib.evaluate.criterion import latency_met, metric_met, set_before
from mlops_lib.objects.charter import Charter, Criterion
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.objects.run import Run
from mlops_lib.train.prior_shift import PriorShift
from mlops_lib.workspace.folder import open_workspace


@pytest.mark.parametrize(
    ("metric", "limit", "status"),
    [
        ("roc_auc", 0.75, "met"),
        ("roc_auc", 0.80, "open"),
        ("roc_auc", 0.90, "missed"),
        ("brier", 0.15, "met"),
        ("brier", 0.11, "open"),
        ("brier", 0.05, "missed"),
    ],
)
def test_the_whole_interval_decides(metric: str, limit: float, status: str) -> None:
    line = pd.Series(
        {
            "roc_auc": 0.83,
            "roc_auc_low": 0.79,
            "roc_auc_high": 0.87,
            "brier": 0.11,
            "brier_low": 0.1,
            "brier_high": 0.12,
        }
    )
    assert metric_met(line, Criterion(metric, limit)).status == status


@pytest.mark.parametrize(("metric", "status"), [("precision", "open"), ("brier", "open"), ("roc_auc", "met")])
def test_what_depends_on_the_share_of_positives_is_open_where_that_was_changed(metric: str, status: str) -> None:
    line = pd.Series({f"{metric}{end}": 0.6 for end in ("", "_low", "_high")})
    criterion = Criterion(metric, 0.9 if metric == "brier" else 0.5)
    assert metric_met(line, criterion).status == "met"
    met = metric_met(line, criterion, PriorShift("Yes", 0.5, 0.04, "", "", ""))
    assert met.status == status
    assert ("measured with 50.0 % 'Yes', and the truth is 4.0 %." in met.says) == (status == "open")


def test_what_was_not_measured_is_open() -> None:
    met = metric_met(pd.Series({"roc_auc": float("nan")}), Criterion("roc_auc", 0.8))
    assert (met.status, met.says) == ("open", "ROC-AUC was not measured for this run.")


def test_latency() -> None:
    criterion = Criterion("roc_auc", 0.8, latency_ms=20)
    assert latency_met(12.3, criterion).status == "met"
    assert latency_met(20.1, criterion).status == "missed"
    assert latency_met(1, Criterion("roc_auc", 0.8)).status == "open"


def test_set_before_or_after(tmp_path) -> None:
    workspace = open_workspace(tmp_path)
    charter = Charter("p", "Who leaves?", criterion=Criterion("roc_auc", 0.8))
    run = Run("f" * 32, "d", "s", "p", 0, Recipe(Model("logistic")), "complete")
    now = datetime.now(UTC)
    earlier, later = (replace(run, finished=(now + timedelta(hours=h)).isoformat()) for h in (-1, 1))
    keep_charter(workspace, charter)
    assert set_before(workspace, charter, [])
    assert set_before(workspace, charter, [later])
    assert not set_before(workspace, charter, [later, earlier])
    moved = replace(charter, criterion=Criterion("roc_auc", 0.7))
    keep_charter(workspace, moved)
    assert set_before(workspace, moved, [later])
