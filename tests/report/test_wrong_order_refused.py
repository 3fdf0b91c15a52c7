"""A run that was made in the wrong order is marked wherever it is named, and refused wherever it would count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_lib.__main__ import main
from mlops_lib.charts.training import arrived_chart
from mlops_lib.evaluate.partial import so_far
from mlops_lib.evaluate.shown import shown_table
from mlops_lib.explain.shap_values import explain
from mlops_lib.objects.decision import Best, Decision, Fixed
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import WRONG_ORDER, Leak, Model, Recipe, Sampler, Selection
from mlops_lib.objects.run import Run
from mlops_lib.objects.version import Candidate
from mlops_lib.registry.recording import Param, log_items, run_label
from mlops_lib.registry.register import register
from mlops_lib.report.model_card import model_card
from mlops_lib.report.registration import register_job, register_with_card
from mlops_lib.threshold.choosing import choose
from mlops_lib.threshold.compared import compare_runs, open_hold_out, reference_run, stored_runs
from mlops_lib.threshold.of_run import choice_of_run
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.runs import out_of_fold
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, keep_frame, small_frame

LOGISTIC = Model("logistic_regression")
RIGHT: dict[Leak, Recipe] = {
    "sample": Recipe(LOGISTIC, sampler=Sampler("random_over"), calibration="sigmoid"),
    "select": Recipe(LOGISTIC, selection=Selection()),
    "scale": Recipe(LOGISTIC),
}
WRONG = {leak: replace(recipe, leak=(leak,)) for leak, recipe in RIGHT.items()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return keep_frame(Workspace(tmp_path_factory.mktemp("workspace")), small_frame(), folds=2)


@pytest.fixture(scope="module")
def experiment(small: Small) -> Experiment:
    made = small.experiment(Recipe(LOGISTIC), *WRONG.values())
    assert all(run.state == "complete" for run in train(small.workspace, made))
    return made


@pytest.fixture(scope="module")
def wrong(small: Small, experiment: Experiment) -> dict[Leak, Run]:
    return {run.recipe.leak[0]: run for run in stored_runs(small.workspace, experiment) if run.recipe.leak}


@pytest.mark.parametrize("leak", WRONG)
def test_it_gets_no_threshold_no_card_and_no_version(small: Small, wrong: dict[Leak, Run], leak: Leak) -> None:
    workspace, run = small.workspace, wrong[leak]
    predictions = out_of_fold(workspace, run)
    forced = Decision(run.fingerprint, Fixed(0.5), 0.5, predictions.split, predictions.n)
    workspace.put(forced)
    candidate = Candidate(run, forced)
    spec = {"run": run.fingerprint, "decision": forced.fingerprint, "name": "model", "store": "", "attempt": 0}
    for attempt in (
        lambda: choose(predictions, Best("f1")),
        lambda: choose(predictions, Fixed(0.5)),
        lambda: choice_of_run(workspace, run, Best("f1")),
        lambda: open_hold_out(workspace, run, None),
        lambda: model_card(workspace, candidate, "model"),
        lambda: register(workspace, candidate, "model", {}),
        lambda: register_with_card(workspace, candidate, "model"),
        lambda: register_job(workspace, spec, lambda _: None),
    ):
        with pytest.raises(NotPossibleError, match="wrong order"):
            attempt()


def test_every_name_of_it_begins_with_the_mark(small: Small, experiment: Experiment, wrong: dict[Leak, Run]) -> None:
    known = so_far(small.workspace, experiment)
    shown = shown_table(
        compare_runs(small.workspace, stored_runs(small.workspace, experiment), reference_run(experiment))
    )
    for named in (known.table["recipe"].tolist(), shown["Recipe"].tolist()):
        assert sum(name.startswith(WRONG_ORDER) for name in named) == 3
        assert len(named) == 4
    ticks = arrived_chart(known).layout.yaxis.ticktext
    assert sum("wrong order" in tick for tick in ticks) == 3
    for run in wrong.values():
        assert run.recipe.name.startswith(WRONG_ORDER)
        assert recipe_title(run.recipe).startswith(WRONG_ORDER)


def test_it_leads_nothing_and_is_nobodys_reference(
    small: Small, experiment: Experiment, wrong: dict[Leak, Run]
) -> None:
    known = so_far(small.workspace, experiment)
    assert known.best is not None
    assert known.best["recipe"] == "Logistic regression · base"
    assert "wrong order" not in arrived_chart(known).layout.title.text
    only = so_far(small.workspace, replace(experiment, recipes=(WRONG["sample"],)))
    assert only.best is None
    comparison = compare_runs(small.workspace, stored_runs(small.workspace, experiment), reference_run(experiment))
    assert set(comparison.judgement.judged) == {reference_run(experiment)}
    assert comparison.verdict.recommended == reference_run(experiment)
    assert comparison.planned.empty
    against = compare_runs(small.workspace, stored_runs(small.workspace, experiment), wrong["sample"].fingerprint)
    assert against.planned.empty
    recipes = (Recipe(LOGISTIC), WRONG["sample"])
    with pytest.raises(InputError, match="wrong order, so nothing can be compared"):
        new_experiment(small.plan, recipes, reference_name=WRONG["sample"].name)
    assert new_experiment(small.plan, (WRONG["scale"], RIGHT["scale"])).reference == RIGHT["scale"].fingerprint


def test_mlflow_keeps_the_mark(wrong: dict[Leak, Run]) -> None:
    kept = {item.key: item.value for item in log_items(wrong["select"], None) if isinstance(item, Param)}
    assert kept["done_before_the_split"] == "select"
    assert run_label(wrong["select"].recipe) == f"{WRONG_ORDER}logistic_regression, base"
    right = replace(wrong["select"], recipe=RIGHT["select"])
    assert not any(isinstance(i, Param) and i.key == "done_before_the_split" for i in log_items(right, None))
    assert run_label(right.recipe) == "logistic_regression, base"


def test_its_explanation_is_of_the_refit_and_carries_its_run(small: Small, wrong: dict[Leak, Run]) -> None:
    found = explain(small.workspace, wrong["scale"])
    assert found.run == wrong["scale"].fingerprint


FILE = """
data: {file: t.csv}
question: {target: left, positive: yes}
split: {folds: 2}
recipes:
  - {model: logistic_regression}
  - {model: logistic_regression, rung: leaky, sampler: smote, leak: [sample]}
"""


def test_a_file_cannot_ask_to_register_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_frame().drop(columns="day").to_csv(tmp_path / "t.csv", index=False)
    asked = tmp_path / "experiment.yaml"
    for name in ("logistic_regression · leaky", f"{WRONG_ORDER}logistic_regression · leaky"):
        asked.write_text(f"{FILE}register: {{model: m, recipe: '{name}'}}\n")
        assert main(["run", str(asked), "--quiet", "--workspace", str(tmp_path / "w")]) == 1
        said = capsys.readouterr().err
        assert f"There is no recipe '{name}' to register" in said
        assert said.count("leaky") == 1
    asked.write_text(f"{FILE}reference: '{WRONG_ORDER}logistic_regression · leaky'\n")
    assert main(["run", str(asked), "--quiet", "--workspace", str(tmp_path / "w")]) == 1
    assert "nothing can be compared with it" in capsys.readouterr().err
