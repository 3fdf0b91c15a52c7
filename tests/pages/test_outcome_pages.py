"""Many classes and numbers on the pages: trained, compared, held out, and told where two answers are needed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.objects.schema import Classes, Number, Question
from mlops_lib.threshold.compared import stored_runs
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.ladder import Ladder
from mlops_lib.train.outcomes import applied
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from tests.pages.trained import said
from tests.train.small import Small, keep_frame, small_frame
from tests.train.test_outcomes import classes_frame

Open = Callable[..., AppTest]
QUESTIONS: dict[str, tuple[str, Question]] = {"classes": ("level", Classes(None)), "number": ("pay", Number())}


def kept(workspace: Workspace, kind: str) -> Small:
    frame = classes_frame() if kind == "classes" else small_frame().drop(columns="left")
    target, question = QUESTIONS[kind]
    return keep_frame(workspace, frame, target, question, folds=3)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, str]]]:
    """A workspace with a small ladder of each kind, and the nouns of a visitor who has trained it."""
    workspace = Workspace(tmp_path_factory.mktemp("outcomes"))
    return workspace.root, {kind: _trained(workspace, kind) for kind in QUESTIONS}


@pytest.fixture
def nouns(workspace: Workspace, template: tuple[Path, dict[str, dict[str, str]]]) -> dict[str, dict[str, str]]:
    shutil.copytree(template[0], workspace.root, dirs_exist_ok=True)
    return template[1]


def _trained(workspace: Workspace, kind: str) -> dict[str, str]:
    small = kept(workspace, kind)
    ladder = applied(Ladder(models=("logistic_regression",), rungs=("nothing", "base", "selection")), kind).ladder  # type: ignore[arg-type]
    experiment = new_experiment(small.plan, ladder.recipes())
    workspace.put(experiment)
    assert all(run.state == "complete" for run in train(workspace, experiment))
    return {
        "dataset": small.dataset.fingerprint, "schema": small.schema.fingerprint, "split": small.plan.fingerprint,
        "experiment": experiment.fingerprint, "run": stored_runs(workspace, experiment)[1].fingerprint,
    }  # fmt: skip


def test_the_train_page_asks_about_classes_with_every_rung(open_app: Open, nouns: dict[str, dict[str, str]]) -> None:
    app = open_app("train", **{name: nouns["classes"][name] for name in ("dataset", "schema", "split")})
    assert not app.exception
    assert "Which of 3 classes is level?" in said(app)
    assert {"train_rung_sampling", "train_rung_weights"} <= {t.key for t in app.toggle}
    assert app.button(key="train_start").label == "Train 21 recipes"


def test_the_train_page_trains_a_number_without_what_is_about_imbalance(
    open_app: Open, nouns: dict[str, dict[str, str]], do_jobs: Callable[[], int]
) -> None:
    app = open_app("train", **{name: nouns["number"][name] for name in ("dataset", "schema", "split")})
    assert "What number is pay?" in said(app)
    assert "A number has no rare class" in said(app)
    assert not {"train_rung_sampling", "train_rung_weights"} & {t.key for t in app.toggle}
    app.get_by_key("train_models_number").set_value(["ridge"])
    app.toggle(key="train_rung_nothing").set_value(False)
    app.toggle(key="train_rung_selection").set_value(False).run()
    assert app.button(key="train_start").label == "Train 1 recipe"
    app.button(key="train_start").click().run()
    do_jobs()
    app.run()
    assert not app.exception
    assert "1 of 1 recipe is trained. Highest R²" in said(app)


@pytest.mark.parametrize(
    ("kind", "views"),
    [
        ("classes", ("Values", "Classes", "Confusion matrices", "Calibration", "Planned comparisons", "Recipes")),
        ("number", ("Values", "Predicted and observed", "Residuals", "Planned comparisons", "Recipes")),
    ],
)
def test_the_compare_page_judges_and_opens_the_hold_out(
    open_app: Open, nouns: dict[str, dict[str, str]], do_jobs: Callable[[], int], kind: str, views: tuple[str, ...]
) -> None:
    app = open_app("compare", **nouns[kind])
    assert not app.exception
    verdict = next(m.value for m in app.markdown if m.value.startswith("#### "))
    assert ("RMSE" if kind == "number" else "Macro average precision") in verdict
    assert "doing nothing: " in said(app)
    assert len(app.dataframe[0].value) == 3
    assert "Remedies" not in app.segmented_control[0].options
    for view in views:
        app.get_by_key(f"compare_view_{kind}").set_value(view).run()
        assert not app.exception, view
        assert not app.error, view
    app.get_by_key(f"compare_metric_{kind}").set_value("mae" if kind == "number" else "f1_macro").run()
    assert not app.exception
    app.button(key="compare_open").click().run()
    do_jobs()
    app.run()
    assert not app.exception
    assert "On the hold-out, " in said(app)
    app.button(key="compare_choose").click().run()
    assert not app.exception


@pytest.mark.parametrize(
    ("page", "kind"),
    [("threshold", "classes"), ("threshold", "number"), ("explain", "number"), ("registry", "classes")],
)
def test_pages_for_two_answers_say_so_and_where_to_go(
    open_app: Open, nouns: dict[str, dict[str, str]], kind: str, page: str
) -> None:
    app = open_app(page, **nouns[kind])
    assert not app.exception
    target, _ = QUESTIONS[kind]
    what = "is a number" if kind == "number" else "has more than two classes"
    assert f"The target '{target}' {what}." in said(app)
    assert ("above a limit" if kind == "number" else "one class against all others") in said(app)


def test_the_lab_samples_classes_and_says_no_to_a_number(open_app: Open, nouns: dict[str, dict[str, str]]) -> None:
    for kind in QUESTIONS:
        app = open_app("resampling", **{name: nouns[kind][name] for name in ("dataset", "schema", "split")})
        assert not app.exception
        assert ("is a number" in said(app)) == (kind == "number")
