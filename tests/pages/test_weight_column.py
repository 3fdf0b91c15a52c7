"""A weight column from the lab to Compare: samplers are left out, and every page on the way says so."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data.splits import plan_split
from mlops_lib.workspace.folder import Workspace
from tests.pages.conftest import texts as escaped
from tests.train.small import Small, keep_frame, small_frame

Open = Callable[..., AppTest]


@pytest.fixture
def weighed(workspace: Workspace) -> Small:
    weight = np.random.default_rng(5).integers(1, 4, 300) / 2
    small = keep_frame(workspace, small_frame().assign(w=weight))
    columns = tuple(dataclasses.replace(c, role="weight" if c.name == "w" else c.role) for c in small.schema.columns)
    schema = dataclasses.replace(small.schema, columns=columns)
    plan = plan_split(small.dataset, schema, 3)
    workspace.put(schema)
    workspace.put(plan)
    return dataclasses.replace(small, schema=schema, plan=plan)


def texts(app: AppTest) -> str:
    return escaped(app).replace("\\", "")


def nouns(small: Small) -> dict[str, str]:
    return {"dataset": small.dataset.fingerprint, "schema": small.schema.fingerprint, "split": small.plan.fingerprint}


def test_samplers_are_left_out_and_every_page_says_so(
    open_app: Open, weighed: Small, do_jobs: Callable[[], int]
) -> None:
    app = open_app("train", **nouns(weighed))
    app.get_by_key("train_models").set_value(["logistic_regression"]).run()
    assert "Rows are weighed by 'w', so 1 recipe that draws or makes rows is left out" in texts(app)
    assert app.button(key="train_start").label == "Train 4 recipes"
    app.button(key="train_start").click().run()
    do_jobs()
    app.run()
    assert app.dataframe[0].value["state"].tolist() == ["complete"] * 4
    compared = open_app("compare", view=app.query_params["view"])
    assert not compared.exception
    assert not compared.error
    assert "Figures are weighted by 'w'" in texts(compared)
    assert len(compared.dataframe[0].value) == 4


def test_no_remedy_that_draws_rows_is_planned(open_app: Open, weighed: Small) -> None:
    app = open_app("train", **nouns(weighed)).get_by_key("train_choice").set_value("remedies").run()
    assert not app.exception
    said = texts(app)
    assert "Rows are weighed by 'w'" in said
    assert "Class weights and moving the threshold stay." in said


@pytest.mark.parametrize("part", ["X-ray", "Leak meter"])
def test_the_lab_says_why_nothing_is_sampled(
    open_app: Open, weighed: Small, do_jobs: Callable[[], int], part: str
) -> None:
    app = open_app("resampling", **nouns(weighed)).get_by_key("resampling_part").set_value(part).run()
    if part == "Leak meter":
        app.selectbox(key="leak_model").select("logistic_regression").run()
        app.button(key="leak_measure").click().run()
    do_jobs()
    app.run()
    assert not app.exception
    assert "weighed by 'w'" in texts(app)
