"""The X-ray of the Resampling lab, from `app.py`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import keep_view
from tests.pages.conftest import texts
from tests.train.small import Small, keep_frame, small_frame

Open = Callable[..., AppTest]
SAMPLER = "resampling_sampler_smoteenn"


@pytest.fixture
def small(workspace: Workspace) -> Small:
    return keep_frame(workspace, small_frame())


def opened(open_app: Open, small: Small) -> AppTest:
    nouns = {"dataset": small.dataset.fingerprint, "schema": small.schema.fingerprint, "split": small.plan.fingerprint}
    drafts = {"selection": {"max_p": 1.0}}
    return open_app("resampling", view=keep_view(small.workspace, {"nouns": nouns, "drafts": drafts, "jobs": {}}))


def test_the_lab_shows_what_a_sampler_did_and_hands_it_to_train(
    open_app: Open, small: Small, do_jobs: Callable[[], int]
) -> None:
    app = opened(open_app, small)
    app.selectbox(key=SAMPLER).select("borderline_smote").run()
    assert do_jobs() == 2
    app.run()
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "Borderline-SMOTE makes" in said
    assert "have half a category, such as" in said
    assert "SMOTENC" in said
    assert len(app.get("plotly_chart")) == 3
    impossible, folds = (frame.value for frame in app.dataframe)
    assert "half a category" in set(impossible["what"])
    assert len(folds) == 5
    app.selectbox(key="resampling_across_borderline_smote_0").select("pay").run()
    app.selectbox(key="resampling_up_borderline_smote_0").select("noise").run()
    assert not app.exception
    app.button(key="resampling_use").click().run()
    assert not app.exception
    assert app.title[0].value.endswith("Train")
    assert app.toggle(key="train_rung_sampling").label == "Selection + Borderline-SMOTE"


def test_a_sampler_that_cannot_work_says_what_would(open_app: Open, workspace: Workspace) -> None:
    plain = keep_frame(workspace, small_frame()[["pay", "noise", "left"]])
    app = opened(open_app, plain)
    app.selectbox(key=SAMPLER).select("smotenc").run()
    assert "SMOTE works" in "".join(w.value for w in app.warning)
    assert not [b for b in app.button if b.key == "resampling_use"]


def test_nothing_done_is_the_first_sentence(open_app: Open, workspace: Workspace, do_jobs: Callable[[], int]) -> None:
    rng = np.random.default_rng(0)
    frame = small_frame(300)[["noise"]].assign(far=rng.normal(size=300), left="no")
    frame.loc[:29, "left"], frame.loc[:29, "far"] = "yes", 90.0 + rng.normal(size=30)
    app = opened(open_app, keep_frame(workspace, frame))
    app.selectbox(key=SAMPLER).select("tomek").run()
    do_jobs()
    app.run()
    assert not app.exception
    assert any("Tomek links did nothing" in m.value for m in app.markdown)
