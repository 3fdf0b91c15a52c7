"""The Sample & derive page: forms that become operations, previews, the version made, and its check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data.catalogue import versions_of
from mlops_lib.data.datasets import keep_upload, list_datasets, open_dataset, read_and_keep
from mlops_lib.data.derive import derive, operation
from mlops_lib.data.prevalence import true_prevalence
from mlops_lib.data.removal import remove
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.decision import Best
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.objects.schema import Classes, Column, Schema
from mlops_lib.objects.version import Candidate
from mlops_lib.report.model_card import card_files
from mlops_lib.threshold.choosing import choose
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.runs import out_of_fold
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import find_view, keep_view
from tests.pages.conftest import texts
from tests.trained import csv

Open = Callable[..., AppTest]
ROWS = 400


@pytest.fixture
def people(workspace: Workspace) -> Dataset:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(20, 60, ROWS),
            "monthly pay": rng.gamma(2.0, 1000.0, ROWS).round(2),
            "dept": rng.choice(["Sales", "R&D", "HR"], ROWS),
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, ROWS), "D"),
            "left": np.where(rng.random(ROWS) < 0.1, "Yes", "No"),
        }
    )
    frame = pd.concat([frame, frame.head(7)])
    return read_and_keep(workspace, keep_upload(workspace, csv(frame)), "people.csv")


def drafted(workspace: Workspace, dataset: Dataset, draft: dict[str, Any]) -> str:
    state = {"nouns": {"dataset": dataset.fingerprint}, "drafts": {"derive": draft}, "jobs": {}}
    return keep_view(workspace, state)


def chosen(app: AppTest, workspace: Workspace) -> dict[str, Any]:
    view = find_view(workspace, app.session_state["fulcrum_view"])
    assert view is not None
    return view


def make(app: AppTest, do_jobs: Callable[[], int]) -> AppTest:
    app.button(key="derive_make").click().run()
    assert not app.exception
    assert do_jobs() == 1
    return app.run()


def said(app: AppTest) -> str:
    """What the page says, with the signs that keep names from being read as Markdown taken away."""
    return texts(app).replace("\\", "")


def used(app: AppTest, workspace: Workspace) -> Dataset:
    app.button(key="derive_use").click().run()
    return open_dataset(workspace, chosen(app, workspace)["nouns"]["dataset"])


def test_without_a_table_it_says_what_is_missing(open_app: Open) -> None:
    app = open_app("derive")
    assert not app.exception
    assert "This page needs a table" in said(app)


def test_a_balanced_sample_is_made_checked_and_used(
    open_app: Open, workspace: Workspace, people: Dataset, do_jobs: Callable[[], int]
) -> None:
    app = open_app("derive", dataset=people.fingerprint)
    app.selectbox(key="derive_f_method").select("stratified").run()
    assert not any(b.key == "derive_make" for b in app.button)
    app.selectbox(key="derive_f_column_stratified").select("left").run()
    app.radio(key="derive_f_allocation").set_value("equal").run()
    app.number_input(key="derive_f_size").set_value(60).run()
    assert "**Balanced sample of 60 of 407 rows**: 60 rows (14.7 %), 5 columns." in said(app)
    app = make(app, do_jobs)
    shown = said(app)
    assert "Version 2 of people is made: 60 of 407 rows." in shown
    assert "'left' is changed on purpose: 50.0 %" in shown
    assert "With its weights, " in shown
    assert len(app.get("plotly_chart")) == 1
    sample = used(app, workspace)
    assert sample.parent == people.fingerprint
    kinds = {"age": "numeric", "monthly pay": "numeric", "dept": "categorical", "joined": "date", "left": "categorical"}
    columns = tuple(Column(n, k, "target" if n == "left" else "feature") for n, k in kinds.items())  # type: ignore[arg-type]
    true = float((people.frame(["left"])["left"] == "Yes").mean())
    assert true_prevalence(workspace, sample, Schema(sample.fingerprint, columns, Classes("Yes"))) == pytest.approx(
        true
    )


def test_staying_with_the_parent_keeps_the_table(
    open_app: Open, workspace: Workspace, people: Dataset, do_jobs: Callable[[], int]
) -> None:
    app = make(open_app("derive", dataset=people.fingerprint), do_jobs)
    app.button(key="derive_stay").click().run()
    assert not any(b.key == "derive_use" for b in app.button)
    assert chosen(app, workspace)["nouns"]["dataset"] == people.fingerprint


def test_a_finding_leads_here_with_its_operation(
    open_app: Open, workspace: Workspace, people: Dataset, do_jobs: Callable[[], int]
) -> None:
    app = open_app("derive", view=drafted(workspace, people, {"operation": "drop_duplicates"}))
    assert app.radio(key="derive_f_operation").value == "drop_duplicates"
    assert "**Without 7 repeated rows**: 400 rows (98.3 %), 5 columns." in said(app)
    assert used(make(app, do_jobs), workspace).rows == ROWS


def test_rows_of_a_finding_are_left_out(open_app: Open, workspace: Workspace, people: Dataset) -> None:
    app = open_app("derive", view=drafted(workspace, people, {"operation": "leave_out", "rows": [3, 5]}))
    assert app.text_input(key="derive_f_rows").value == "3, 5"
    assert "**Without 2 rows chosen by hand**: 405 rows" in said(app)
    app.text_input(key="derive_f_rows").set_value("3, 999").run()
    assert "There is no row 999." in said(app)
    assert not any(b.key == "derive_make" for b in app.button)


def test_a_condition_is_put_together_and_counted_live(open_app: Open, workspace: Workspace, people: Dataset) -> None:
    app = open_app("derive", dataset=people.fingerprint)
    app.radio(key="derive_f_operation").set_value("filter").run()
    assert not any(b.key == "derive_make" for b in app.button)
    app.selectbox(key="derive_f_column_0").select("monthly pay").run()
    app.selectbox(key="derive_f_sign_0_number").select(">").run()
    app.number_input(key="derive_f_0_number_>_monthly pay_0").set_value(2000.0).run()
    frame = people.frame()
    rich = frame["monthly pay"] > 2000
    assert f": {rich.sum()} rows (" in said(app)
    app.button(key="derive_f_add").click().run()
    app.selectbox(key="derive_f_column_1").select("dept").run()
    app.selectbox(key="derive_f_sign_1_text").select("in").run()
    app.multiselect(key="derive_f_1_text_dept_in").set_value(["HR", "R&D"]).run()
    both = rich & frame["dept"].isin(["HR", "R&D"])
    assert f": {both.sum()} rows (" in said(app)
    app.radio(key="derive_f_how_many").set_value("any").run()
    assert f": {(rich | frame['dept'].isin(['HR', 'R&D'])).sum()} rows (" in said(app)
    app.radio(key="derive_f_keep").set_value("leave out").run()
    assert f": {(~(rich | frame['dept'].isin(['HR', 'R&D']))).sum()} rows (" in said(app)
    again = open_app("derive", view=app.session_state["fulcrum_view"])
    assert f": {(~(rich | frame['dept'].isin(['HR', 'R&D']))).sum()} rows (" in said(again)
    again.button(key="derive_f_remove_1").click().run()
    assert f": {(~rich).sum()} rows (" in said(again)
    assert not app.exception
    assert not again.exception


def test_a_condition_can_be_written(open_app: Open, workspace: Workspace, people: Dataset) -> None:
    app = open_app("derive", dataset=people.fingerprint)
    app.radio(key="derive_f_operation").set_value("filter").run()
    app.toggle(key="derive_f_written").set_value(True).run()
    app.text_input(key="derive_f_text").set_value("joined >= '2021-01-01' and left == 'Yes'").run()
    frame = people.frame()
    met = (frame["joined"] >= "2021-01-01") & (frame["left"] == "Yes")
    assert f": {met.sum()} rows (" in said(app)
    app.text_input(key="derive_f_text").set_value("lefd == 'Yes'").run()
    assert "Is it 'left'?" in said(app)


def test_dates_are_chosen_from_a_calendar(open_app: Open, people: Dataset) -> None:
    import datetime

    app = open_app("derive", dataset=people.fingerprint)
    app.radio(key="derive_f_operation").set_value("filter").run()
    app.selectbox(key="derive_f_column_0").select("joined").run()
    for place, day in enumerate((datetime.date(2020, 6, 1), datetime.date(2020, 6, 30))):
        app.date_input(key=f"derive_f_0_date_between_joined_{place}").set_value(day).run()
    met = people.frame()["joined"].between("2020-06-01", "2020-06-30")
    assert f": {met.sum()} rows (" in said(app)


def test_a_second_table_is_joined(
    open_app: Open, workspace: Workspace, people: Dataset, do_jobs: Callable[[], int]
) -> None:
    other = pd.DataFrame({"dept": ["Sales", "HR"], "floor": [1, 2]})
    app = open_app("derive", dataset=people.fingerprint)
    app.radio(key="derive_f_operation").set_value("join").run()
    assert "There is no second table" in said(app)
    floors = read_and_keep(workspace, keep_upload(workspace, csv(other)), "floors.csv")
    app.run()
    app.selectbox(key="derive_f_other").select(floors.fingerprint).run()
    assert "407 rows (100.0 %), 6 columns." in said(app)
    assert "did not and have nothing in the new columns." in said(app)
    joined = used(make(app, do_jobs), workspace)
    assert joined.columns[-1] == "floor"


@pytest.mark.parametrize("method", ["simple", "systematic", "cluster", "weighted", "reservoir", "importance"])
def test_every_method_has_a_form(open_app: Open, people: Dataset, method: str) -> None:
    app = open_app("derive", dataset=people.fingerprint)
    app.selectbox(key="derive_f_method").select(method).run()
    column = {"cluster": "joined", "weighted": "monthly pay", "importance": "left"}.get(method)
    if column:
        app.selectbox(key=f"derive_f_column_{method}").select(column).run()
    assert not app.exception
    assert " of 407 rows**" in said(app)


def test_numbers_can_be_given_for_each_label(open_app: Open, people: Dataset) -> None:
    app = open_app("derive", dataset=people.fingerprint)
    app.selectbox(key="derive_f_method").select("stratified").run()
    app.selectbox(key="derive_f_column_stratified").select("left").run()
    app.radio(key="derive_f_allocation").set_value("given").run()
    app.number_input(key="derive_f_stratified_left_0").set_value(20).run()
    app.number_input(key="derive_f_stratified_left_1").set_value(10).run()
    assert "By 'left', on purpose: 20 'No' and 10 'Yes'." in said(app)
    app.selectbox(key="derive_f_method").select("importance").run()
    app.selectbox(key="derive_f_column_importance").select("left").run()
    app.toggle(key="derive_f_wanted_left").set_value(True).run()
    app.number_input(key="derive_f_importance_left_0").set_value(75.0).run()
    app.number_input(key="derive_f_importance_left_1").set_value(25.0).run()
    assert "makes 'left' 75.0 % 'No' and 25.0 % 'Yes'" in said(app)


def test_what_changes_nothing_is_said(open_app: Open, workspace: Workspace, people: Dataset) -> None:
    unique = drafted(workspace, people, {"operation": "filter", "condition": "age > 0"})
    app = open_app("derive", view=unique)
    assert "Every row meets this; there is nothing to leave out." in said(app)
    assert not any(b.key == "derive_make" for b in app.button)


def test_names_of_the_table_are_not_markup(open_app: Open, workspace: Workspace) -> None:
    odd = pd.DataFrame({"[x](http://a.b)": [1, 1, 2], "y": ["*a*", "*a*", "<b>"]})
    dataset = read_and_keep(workspace, keep_upload(workspace, csv(odd)), "odd.csv")
    condition = "`[x](http://a.b)` == 1"
    app = open_app("derive", view=drafted(workspace, dataset, {"operation": "filter", "condition": condition}))
    assert not app.exception
    assert "[x](http" not in texts(app)


def test_the_data_page_says_what_a_version_was_made_of_and_keeps_the_question(
    open_app: Open, workspace: Workspace, people: Dataset, do_jobs: Callable[[], int]
) -> None:
    state = {
        "nouns": {"dataset": people.fingerprint},
        "drafts": {"derive": {"operation": "drop_duplicates"}, "data": {"target": "left", "positive": "Yes"}},
        "jobs": {},
    }
    app = make(open_app("derive", view=keep_view(workspace, state)), do_jobs)
    app.button(key="derive_use").click().run()
    data = open_app("data", view=app.session_state["fulcrum_view"])
    assert not data.exception
    assert "**Without 7 repeated rows**: 400 rows and 5 columns." in said(data)
    assert "Of rows that repeat each other, the first is kept." in said(data)
    assert chosen(data, workspace)["drafts"]["data"]["target"] == "left"
    data.button(key="data_other").click().run()
    assert "dataset" not in chosen(data, workspace)["nouns"]


def test_training_on_a_sample_drawn_by_the_target_says_what_is_corrected(
    open_app: Open, workspace: Workspace, people: Dataset
) -> None:
    asked = operation("sample", seed=0, method="stratified", column="left", allocation="equal", rows=70)
    sample = derive(workspace, people, asked)
    kinds = {"age": "numeric", "monthly pay": "numeric", "dept": "categorical", "joined": "date", "left": "categorical"}
    columns = tuple(Column(n, k, "target" if n == "left" else "feature") for n, k in kinds.items())  # type: ignore[arg-type]
    schema = Schema(sample.fingerprint, columns, Classes("Yes"))
    plan = plan_split(sample, schema, folds=3)
    recipes = (Recipe(Model("dummy"), rung="nothing"), Recipe(Model("logistic_regression")))
    experiment = new_experiment(plan, recipes, prevalence=true_prevalence(workspace, sample, schema))
    nouns = {"dataset": sample.fingerprint, "schema": workspace.put(schema), "split": workspace.put(plan)}
    true = f"{100 * float((people.frame(['left'])['left'] == 'Yes').mean()):.1f} %"
    share = f"{100 * float((sample.frame(['left'])['left'] == 'Yes').mean()):.1f} %"
    sentence = (
        f"This sample has {share} 'Yes' on purpose; the parent has {true}. Probabilities are corrected to {true}."
    )
    train_page = open_app("train", **nouns)
    assert not train_page.exception
    assert sentence in said(train_page)
    assert f"prevalence={experiment.prevalence!r}" in train_page.code[0].value
    workspace.put(experiment)
    runs = {run.recipe.rung: run for run in train(workspace, experiment)}
    judged = {**nouns, "experiment": experiment.fingerprint, "run": runs["base"].fingerprint}
    for page in ("compare", "threshold"):
        app = open_app(page, **judged)
        assert not app.exception
        assert sentence in said(app)
        assert "a threshold for least cost is chosen at the true share" in said(app)
    decision = choose(out_of_fold(workspace, runs["base"]), Best("f1"), resamples=20)
    card = card_files(workspace, Candidate(runs["base"], decision), "leavers")["model_card.md"]
    assert sentence in card.replace("\\", "")


def test_a_version_that_was_removed_is_made_again(
    open_app: Open, workspace: Workspace, people: Dataset, do_jobs: Callable[[], int]
) -> None:
    app = make(open_app("derive", view=drafted(workspace, people, {"operation": "drop_duplicates"})), do_jobs)
    derived = next(d for d in list_datasets(workspace) if d.parent == people.fingerprint)
    ((table, _),) = versions_of(workspace, derived.fingerprint)
    remove(workspace, table.versions[-1])
    app.run()
    assert not app.exception
    assert not any(b.key == "derive_use" for b in app.button)
    assert used(make(app, do_jobs), workspace).fingerprint == derived.fingerprint
