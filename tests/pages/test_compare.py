import shutil

import pytest

from mlops_lib.evaluate.openings import openings_of
from mlops_lib.workspace.views import find_view
from tests.pages.trained import said, view_of

NOUNS = ("dataset", "schema", "split", "experiment")


@pytest.fixture
def page(open_app, nouns):
    return open_app("compare", **{name: nouns[name] for name in NOUNS})


def kept(app, what):
    from mlops_lib.workspace.folder import open_workspace

    return find_view(open_workspace(), view_of(app))[what]


def chosen(app):
    return kept(app, "nouns")


def test_without_runs_it_says_what_is_missing(open_app):
    app = open_app("compare")
    assert "needs a table" in said(app)
    assert not app.exception


def test_the_verdict_comes_first_and_every_run_is_a_line(page):
    verdict = next(m.value for m in page.markdown if m.value.startswith("#### "))
    assert "Logistic regression" in verdict
    frame = page.dataframe[0].value
    assert len(frame) == 4
    assert "SMOTEENN left no row of 'Yes'." in frame["Note"].iloc[-1]
    assert frame["Recipe"].iloc[-2] == "Do nothing"
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize(
    ("view", "figures"),
    [
        ("Values", 1),
        ("Folds", 1),
        ("ROC and precision-recall", 2),
        ("Calibration", 2),
        ("Confusion matrices", 2),
        ("Planned comparisons", 1),
        ("Recipes", 0),
        ("Columns kept", 0),
    ],
)
def test_every_view_draws(page, view, figures):
    page.get_by_key("compare_view").select(view).run()
    assert not page.exception
    assert not page.error
    assert len(page.get("plotly_chart")) == figures


def test_how_often_each_column_survived_is_shown_for_a_trained_run(page, nouns):
    page.get_by_key("compare_view").select("Columns kept").run()
    assert "has no selection rule: it uses all" in said(page)
    key = f"compare_run_{nouns['experiment']}"
    chosen = next(name for name in page.selectbox(key=key).options if name.endswith("selection"))
    page.selectbox(key=key).select(chosen).run()
    assert "Chosen anew in each of 5 folds" in said(page)
    kept = next(frame.value for frame in page.dataframe if "Kept in folds" in frame.value)
    assert kept["Kept in folds"].iloc[0] == "5 of 5"


def test_another_metric_and_policy_change_the_table_and_its_head(page):
    page.get_by_key("compare_metric").select("brier").run()
    assert "Brier score" in next(m.value for m in page.markdown if m.value.startswith("#### "))
    page.get_by_key("compare_policy_kind").select("cost").run()
    page.get_by_key("compare_policy_miss").set_value(20.0).run()
    page.get_by_key("compare_columns").set_value("Decisions").run()
    assert "F1 at least cost" in page.dataframe[0].value.columns
    assert not page.error


def test_three_questions_find_a_metric_and_one_click_takes_it_over(page, do_jobs):
    page.get_by_key("compare_use_miss").set_value(7.0).run()
    assert "a miss as much as 7 false alarms" in said(page)
    assert "always saying 'No' is right" in said(page)
    page.get_by_key("compare_use_take").click().run()
    assert page.get_by_key("compare_metric").value == "expected_cost:7:1"
    assert page.get_by_key("compare_policy_kind").value == "cost"
    assert not page.error
    page.get_by_key("compare_use_miss").set_value(None).run()
    page.get_by_key("compare_use_capacity").set_value(4.0).run()
    page.get_by_key("compare_use_take").click().run()
    assert page.get_by_key("compare_metric").value == "precision_at_k:0.04"
    assert page.get_by_key("compare_policy_alerts").value == 40
    page.get_by_key("compare_use_miss").set_value(20.0).run()
    page.get_by_key("compare_use_take").click().run()
    assert page.get_by_key("compare_policy_kind").value == "capacity"
    draft = kept(page, "drafts")["policy"]
    assert (draft["miss"], draft["false_alarm"], draft["own_costs"]) == (20.0, 1.0, True)
    page.get_by_key("compare_columns").set_value("Decisions").run()
    assert "F1 with at most 40 alerts in 1,000 rows" in page.dataframe[0].value.columns
    assert not page.error


def test_a_metric_without_fold_values_is_compared_by_a_paired_bootstrap(page, do_jobs):
    page.get_by_key("compare_metric").select("ece").run()
    assert do_jobs() == 1
    page.run()
    assert "Calibration error" in next(m.value for m in page.markdown if m.value.startswith("#### "))
    page.get_by_key("compare_view").select("Planned comparisons").run()
    planned = page.dataframe[1].value
    assert "not defined in every fold" not in set(planned["Outcome"])
    assert not page.error


def test_before_the_first_result_the_page_leads_to_the_training(page, workspace):
    shutil.rmtree(workspace.runs)
    page.run()
    assert not page.exception
    assert "None of 4 recipes has a result yet." in said(page)
    page.get_by_key("compare_to_train").click().run()
    assert page.title[0].value.endswith("Train")


def test_a_run_that_is_its_own_reference_has_no_differences_to_list(page, nouns):
    page.get_by_key(f"compare_reference_{nouns['experiment']}").select(nouns["run"]).run()
    page.get_by_key(f"compare_run_{nouns['experiment']}").select(nouns["run"]).run()
    page.get_by_key("compare_view").select("Recipes").run()
    assert any("the reference itself" in info.value for info in page.info)
    assert len(page.dataframe) == 1


def test_without_a_remedy_the_part_says_what_to_train(page):
    page.get_by_key("compare_part").select("Remedies").run()
    assert "No remedy has been trained yet" in said(page)
    page.get_by_key("compare_remedies_train").click().run()
    assert page.title[0].value.endswith("Train")


def test_opening_the_hold_out_is_counted_and_a_change_of_choice_is_shown(page, nouns, workspace, do_jobs):
    page.get_by_key(f"compare_run_{nouns['experiment']}").select(nouns["selection"]).run()
    assert "Opened **0 times**" in said(page)
    page.get_by_key("compare_open").click().run()
    assert do_jobs() == 1
    page.run()
    assert "Opened **1 time**" in said(page)
    assert "DeLong" in said(page)
    book = openings_of(workspace, nouns["split"])
    assert [(o.run, o.reference) for o in book] == [(nouns["selection"], nouns["run"])]
    assert "choice changed" not in said(page)
    page.get_by_key(f"compare_run_{nouns['experiment']}").select(nouns["run"]).run()
    assert "choice changed after the hold-out was opened" in said(page)
    page.get_by_key(f"compare_run_{nouns['experiment']}").select(nouns["selection"]).run()
    assert "DeLong" in said(page)
    assert len(openings_of(workspace, nouns["split"])) == 1


def test_choosing_a_run_makes_it_the_run_of_the_session(page, nouns):
    page.get_by_key(f"compare_run_{nouns['experiment']}").select(nouns["selection"]).run()
    page.get_by_key("compare_choose").click().run()
    assert chosen(page)["run"] == nouns["selection"]
    assert chosen(page)["reference"] == nouns["run"]
    assert page.title[0].value.endswith("Threshold")


def test_many_rows_are_judged_in_a_job(page, do_jobs, monkeypatch):
    monkeypatch.setattr("mlops_lib.threshold.compared.QUICK_ROWS", 10)
    page.run()
    assert not page.dataframe
    assert do_jobs() == 1
    page.run()
    assert len(page.dataframe[0].value) == 4
