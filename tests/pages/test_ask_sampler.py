"""The controls that choose a sampler: its settings, its relative for categories, its cost, and why it cannot work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame

Open = Callable[..., AppTest]


@pytest.fixture
def small(workspace: Workspace) -> Small:
    return keep_frame(workspace, small_frame())


def train(open_app: Open, small: Small) -> AppTest:
    return open_app(
        "train", dataset=small.dataset.fingerprint, schema=small.schema.fingerprint, split=small.plan.fingerprint
    )


def said(app: AppTest) -> str:
    return " ".join(c.value for c in app.caption).replace("\\", "")


def key_of(app: AppTest, end: str) -> Any:
    """The number that is asked for under a key with this end."""
    return next(n for n in app.number_input if str(n.key).startswith("train_") and str(n.key).endswith(end))


def test_smote_on_categories_is_smotenc_unless_declined(open_app: Open, small: Small) -> None:
    app = train(open_app, small)
    app.selectbox(key="train_sampler_smoteenn").select("smote").run()
    assert not app.exception
    assert app.selectbox(key="train_sampler_smotenc").value == "smotenc"
    assert "1 column of 4 holds categories, so SMOTENC is used" in said(app)
    app.toggle(key="train_whole_smotenc_smotenc").set_value(False).run()
    assert not app.exception
    assert app.selectbox(key="train_sampler_smote").value == "smote"
    assert app.toggle(key="train_whole_smote_smote").value is False
    assert "SMOTE mixes rows as numbers" in said(app)


def test_settings_stay_with_the_draft(open_app: Open, small: Small) -> None:
    app = train(open_app, small)
    app.selectbox(key="train_sampler_smoteenn").select("borderline_smote").run()
    key_of(app, "_ratio").set_value(0.5).run()
    assert not app.exception
    again = open_app("train", view=app.query_params["view"])
    assert key_of(again, "_ratio").value == 0.5
    assert again.selectbox(key="train_sampler_borderline_smote").value == "borderline_smote"


def test_the_cost_is_said_before_it_runs(open_app: Open, small: Small) -> None:
    assert "of memory on one fold" in said(train(open_app, small))


def test_why_a_sampler_cannot_work_is_said(open_app: Open, small: Small) -> None:
    app = train(open_app, small)
    app.selectbox(key="train_sampler_smoteenn").select("smoten").run()
    assert not app.exception
    assert "SMOTEN works on categories only" in "".join(w.value.replace("\\", "") for w in app.warning)
