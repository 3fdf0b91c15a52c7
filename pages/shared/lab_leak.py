"""The leak meter: one mistake, made on purpose on the visitor's own table, beside the right order."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.leak_meter import leak_chart
from mlops_lib.jobs import queue
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import Leak, Model, Recipe, Sampler
from mlops_lib.resample.catalogue import SAMPLERS
from mlops_lib.threshold.compared import is_quick, stored_runs
from mlops_lib.threshold.leak_meter import DONE, LeakMeter, leak_job, leak_recipes, leak_spec
from mlops_lib.train.drafts import sampler_of, selection_of, treatments_of
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.ladder import LADDER_MODELS
from mlops_lib.train.models import MODELS
from mlops_lib.train.question import TrainingQuestion
from pages.shared.boundary import guarded
from pages.shared.calls import cached, job
from pages.shared.code import show_code
from pages.shared.exploring import Nouns
from pages.shared.question import stop_unless_two_answers
from pages.shared.session import session, workspace
from pages.shared.show import escape, figure, interval, number, sentence, table

FEW = ("random_forest", "logistic_regression", "hist_gradient_boosting")
CODE = """
from mlops_lib.objects.recipe import Model, Sampler, Selection
from mlops_lib.threshold.leak_meter import leak_meter, leak_recipes
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.training import train

right, wrong = leak_recipes({leak!r}, {model!r}, {sampler!r}, Selection())
runs = {{run.recipe: run for run in train(workspace, new_experiment(plan, (right, wrong)))}}
leak_meter(workspace, runs[right], runs[wrong]).sentence
"""


def show_leak(nouns: Nouns, _question: TrainingQuestion) -> None:
    """The mistake to be made, and what it pretends."""
    stop_unless_two_answers(nouns[1], "The leak meter compares the ROC-AUC of a question with two answers.")
    st.markdown(
        "Everything that learns from rows belongs inside the folds. Make one mistake on purpose and see what it "
        "pretends on this table. The wrong run is marked wherever it appears, and cannot be registered."
    )
    left, middle, right = st.columns(3)
    with left:
        leak = ask_leak()
    with middle:
        model = ask_model()
    with right:
        sampler = ask_sampler() if leak == "sample" else Sampler("none")
    recipes = leak_recipes(
        leak,
        model,
        sampler,
        selection_of(session().draft("selection")),
        treatments_of(session().draft("treatments")),
    )
    experiment = new_experiment(nouns[2], recipes, int(session().draft("train_seed", 0)), "Leak meter")
    measure(experiment, recipes, is_quick(nouns[2], len(recipes)))
    show_code(CODE.format(leak=leak, model=model, sampler=sampler))


def ask_leak() -> Leak:
    leak: Leak = st.selectbox(
        "The mistake", list(DONE), format_func=DONE.__getitem__, key="leak_mistake", persist_state="session"
    )
    return leak


def ask_model() -> Model:
    names = [*FEW, *(n for n in LADDER_MODELS if n not in FEW)]
    name = st.selectbox(
        "Model", names, format_func=lambda n: MODELS[n].label, key="leak_model", persist_state="session"
    )
    return Model(name)


def ask_sampler() -> Sampler:
    names = [name for name in SAMPLERS if name != "none"]
    drafted = sampler_of(session().draft("sampler"))
    name = st.selectbox(
        "Sampler",
        names,
        index=names.index("smote"),
        format_func=lambda n: SAMPLERS[n].label,
        key="leak_sampler",
        persist_state="session",
    )
    return drafted if drafted.name == name else Sampler(name)


def measure(experiment: Experiment, recipes: tuple[Recipe, Recipe], at_once: bool) -> None:
    """The button, the training under way, or the meter, `at_once` where there are few rows."""
    spec = {"experiment": experiment.fingerprint, "attempt": 0}
    runs = {run.recipe: run for run in stored_runs(workspace(), experiment)}
    if len(runs) == len(recipes) and all(run.state == "complete" for run in runs.values()):
        both = leak_spec(runs[recipes[0]], runs[recipes[1]])
        label = "Judging both orders"
        found = cached(leak_job)(workspace(), both) if at_once else job("leak_meter", both, label=label)
        if found is not None:
            show_meter(found)
        return
    job("train", spec, label="Training the recipe in both orders", start=False)
    failed = [run.failure.message for run in runs.values() if run.failure is not None]
    if failed:
        st.warning(escape(failed[0]), icon="💡")
    elif queue.find(workspace(), "train", spec) is None:
        st.button("Measure the leak", type="primary", key="leak_measure", on_click=_start, args=(experiment, spec))


@guarded
def _start(experiment: Experiment, spec: dict[str, object]) -> None:
    workspace().put(experiment)
    queue.submit(workspace(), "train", spec)


def show_meter(meter: LeakMeter) -> None:
    """What the mistake pretends, why, and in every metric."""
    sentence(escape(meter.sentence))
    st.markdown(escape(meter.why))
    figure(leak_chart(meter), alt=meter.sentence, key="leak_chart")
    shown = meter.table
    table(
        shown.assign(
            honest=[_value(*r) for r in shown[["honest", "honest_low", "honest_high"]].itertuples(index=False)],
            wrong=[_value(*r) for r in shown[["wrong", "wrong_low", "wrong_high"]].itertuples(index=False)],
            gain=[number(g) for g in shown["gain"]],
        )[["label", "honest", "wrong", "gain"]].rename(
            columns={"label": "Metric", "honest": "Right order", "wrong": "⚠ Wrong order", "gain": "Pretended gain"}
        ),
        key="leak_table",
        download="leak-meter.csv",
    )
    st.caption(
        "Means of the folds with 95 % intervals (corrected resampled t). The interval of the wrong order is as wrong "
        "as its value: the truth is not in it."
    )


def _value(value: float, low: float, high: float) -> str:
    return f"{number(value)} ({interval(low, high)})"
