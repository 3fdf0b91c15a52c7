"""The parts of the Train page: the ladder to be edited, the runs as they arrive, and the file of the experiment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from mlops_lib.charts.training import arrived_chart
from mlops_lib.evaluate.outcomes import metric_of
from mlops_lib.evaluate.partial import SoFar, so_far
from mlops_lib.jobs import queue
from mlops_lib.objects.experiment import Experiment
from mlops_lib.objects.recipe import Recipe
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.target import Outcome
from mlops_lib.objects.words import counted, number
from mlops_lib.train.drafts import ladder_draft, ladder_of, sampler_draft, sampler_of, selection_of, treatments_of
from mlops_lib.train.experiment_opening import describe_experiment
from mlops_lib.train.experiment_writing import write_experiment_file
from mlops_lib.train.ladder import RUNGS, Ladder, Rung
from mlops_lib.train.models import MODELS
from mlops_lib.train.outcomes import applied, models_for, rung_sentence, rungs_for
from mlops_lib.train.progress import fit_states
from mlops_lib.train.question import TrainingQuestion
from mlops_lib.train.remedy_ladder import RemedyLadder
from pages.shared.ask_sampler import ask_sampler
from pages.shared.calls import job
from pages.shared.code import show_code
from pages.shared.page import fragment, go_to
from pages.shared.session import session, workspace
from pages.shared.show import count, escape, figure, sentence, table
from pages.shared.train_calibration import ask_calibration
from pages.shared.train_remedies import keep_remedies
from pages.shared.train_rules import ask_seed, ask_selection, show_links, show_treatments

POLL_SECONDS = 1.5
COLUMNS = {
    "recipe": st.column_config.TextColumn("Recipe", width=330),
    "state": st.column_config.TextColumn("State"),
    "fits": st.column_config.TextColumn(
        "Fits", help="✓ done, ▶ running, · waiting, ✗ failed: the folds, then all rows"
    ),
    "roc_auc": st.column_config.NumberColumn("ROC-AUC", format="%.3f", help="Mean of the folds; 0.5 knows nothing"),
    "average_precision": st.column_config.NumberColumn("Average precision", format="%.3f"),
    "roc_auc_macro": st.column_config.NumberColumn(
        "Macro ROC-AUC", format="%.3f", help="Each class against the rest, the mean of the classes and folds"
    ),
    "average_precision_macro": st.column_config.NumberColumn("Macro average precision", format="%.3f"),
    "r2": st.column_config.NumberColumn("R²", format="%.3f", help="Mean of the folds; 0 is the mean for every row"),
    "rmse": st.column_config.NumberColumn("RMSE", format="%.4g", help="Typical miss, in the target's own unit"),
    "fit_seconds": st.column_config.NumberColumn("Fit, s", format="%.2f", help="Mean of the folds"),
    "predict_seconds_per_1000": st.column_config.NumberColumn("1,000 rows, s", format="%.3f"),
    "reason": st.column_config.TextColumn("Why it failed"),
}


def ask_ladder(before: Ladder, question: TrainingQuestion, schema: Schema) -> Ladder:
    """The rungs and models that are switched on, with their options; what does not apply to this kind of target stays
    as it was."""
    kind = question.kind
    fitting, own = applied(before, kind), rungs_for(kind)
    chosen = [
        name for name, rung in RUNGS.items() if (ask_rung(rung, before, kind) if name in own else name in before.rungs)
    ]
    if fitting.left_out:
        st.caption(fitting.left_out)
    models = st.pills(
        "Models",
        models_for(kind),
        selection_mode="multi",
        default=fitting.ladder.models,
        format_func=lambda name: MODELS[name].label,
        key="train_models" if kind == "binary" else f"train_models_{kind}",
        persist_state="session",
        help="Each model is trained on each rung that is switched on.",
    )
    if kind == "number":
        with st.expander("Selection and seed", icon="⚙️"):
            show_rules(before)
        return replace(before, models=tuple(models), rungs=tuple(chosen))
    with st.expander("Sampler, calibration, selection and seed", icon="⚙️"):
        sampler = ask_sampler(question, schema, "train")
        with st.grid(min_column_width=260, gap="small"):
            now = replace(before, sampler=sampler)
            asked = tuple((name, ask_calibration(RUNGS[name], now, question)) for name in chosen if name != "nothing")
        show_rules(before)
    calibrations = tuple((rung, how) for rung, how in asked if how != RUNGS[rung].calibration)
    return Ladder(
        before.treatments, before.selection, tuple(models), tuple(chosen), sampler, tuple(sorted(calibrations))
    )


def show_rules(before: Ladder) -> None:
    """What all recipes take over from earlier pages, and the seed."""
    ask_selection(before.selection)
    show_treatments(before.treatments)
    show_links()
    ask_seed()


def ask_rung(rung: Rung, before: Ladder, kind: Outcome) -> bool:
    """Whether a rung is switched on."""
    left, right = st.columns([2, 3], vertical_alignment="center")
    with left:
        label = before.label(rung.name)
        on = st.toggle(
            f"{label[0].upper()}{label[1:]}",
            value=rung.name in before.rungs,
            key=f"train_rung_{rung.name}",
            persist_state="session",
        )
    right.caption(rung_sentence(rung, kind))
    return on


def drafted_ladder() -> Ladder:
    """The ladder as it was left, with what the earlier pages decided."""
    return ladder_of(
        session().draft("ladder"),
        treatments_of(session().draft("treatments")),
        selection_of(session().draft("selection")),
        sampler_of(session().draft("sampler")),
    )


def keep_ladder(ladder: Ladder | RemedyLadder) -> None:
    """Save what is to be trained as it stands."""
    if isinstance(ladder, RemedyLadder):
        keep_remedies(ladder)
    else:
        keep_drafts(ladder)


def keep_drafts(ladder: Ladder) -> None:
    """Save the ladder as it stands."""
    session().set_draft("ladder", ladder_draft(ladder))
    session().set_draft("train_seed", int(st.session_state.get("train_seed", 0)))
    if ladder.sampler != sampler_of(session().draft("sampler")):
        session().set_draft("sampler", sampler_draft(ladder.sampler))
        st.rerun()


def planned(recipes: tuple[Recipe, ...], plan: SplitPlan) -> str:
    """How much work these recipes are, in words."""
    fits = counted(len(recipes) * len(plan.all_folds), "fold fit")
    return f"{counted(len(recipes), 'recipe')}: {fits}, and {counted(len(recipes), 'refit')} on all training rows."


def training_spec(experiment: Experiment) -> dict[str, Any]:
    """The spec of the job that trains an experiment."""
    attempt = session().draft("train_attempts", {}).get(experiment.fingerprint, 0)
    return {"experiment": experiment.fingerprint, "attempt": attempt}


def try_again(experiment: Experiment) -> None:
    """Train the failed runs of an experiment once more."""
    attempts = session().draft("train_attempts", {})
    attempts[experiment.fingerprint] = attempts.get(experiment.fingerprint, 0) + 1
    session().set_draft("train_attempts", attempts)
    start(experiment)


def start(experiment: Experiment) -> None:
    """Store the experiment, choose it and start its training."""
    workspace().put(experiment)
    session().set(experiment=experiment.fingerprint)
    session().set_draft("trained", experiment.fingerprint)
    queue.submit(workspace(), "train", training_spec(experiment))


def last_trained() -> Experiment | None:
    """The experiment that was last trained on this table, also where the columns or the split changed since."""
    last = session().draft("trained")
    return workspace().get(Experiment, last) if last else session().experiment()


def show_training(experiment: Experiment) -> None:
    """The training of an experiment: its progress, and the runs that are there."""
    spec = training_spec(experiment)
    job("train", spec, label=f"Training {counted(len(experiment.recipes), 'recipe')}", start=False)
    found = queue.find(workspace(), "train", spec)
    active = found is not None and found.active

    @fragment(run_every=POLL_SECONDS if active else None, key="train_arrived")
    def arrived() -> None:
        told = fit_states(e for _, e in queue.events(workspace(), found.id)) if found and active else {}
        show_so_far(so_far(workspace(), experiment, told))

    arrived()
    if not active:
        show_next(experiment, so_far(workspace(), experiment))


def show_so_far(known: SoFar) -> None:
    """The runs that are there, in a sentence, a figure and a table; failures with their reasons."""
    done, total = len(known.complete), len(known.table)
    lead = metric_of(known.kind, known.metrics[0])
    best, ahead = known.best, ""
    if best is not None:
        highest = f"Highest {lead.label}{'' if known.whole else ' so far'}"
        ahead = f" {highest}: {number(best[lead.name])}, {escape(best['recipe'])}."
    sentence(f"{count(done)} of {counted(total, 'recipe')} {'is' if done == 1 else 'are'} trained.{ahead}")
    if done:
        alt = f"Out-of-fold {lead.label} of the runs that have arrived"
        figure(arrived_chart(known), alt=alt, key="train_chart")
        st.caption("Small dots are folds. The highest value may be chance: Compare says whether it is a real lead.")
    shown = [name for name in COLUMNS if name in known.table and (name != "reason" or known.failed)]
    table(known.table[shown], key="train_table", download="runs.csv", column_config=COLUMNS, placeholder="–")
    for reason in dict.fromkeys(known.table.loc[known.table["state"] == "failed", "reason"]):
        st.warning(escape(reason), icon="💡")
    if known.notes:
        with st.expander(f"Notes on {counted(len(dict(known.notes)), 'recipe')}", icon="📝"):
            st.markdown("\n".join(f"- {escape(recipe)}: {escape(note)}" for recipe, note in known.notes))


def show_next(experiment: Experiment, known: SoFar) -> None:
    """Where to go with complete runs, and another try for failed ones."""
    with st.container(horizontal=True):
        if known.complete and st.button(
            f"Compare {counted(len(known.complete), 'run')}", type="primary", key="train_compare"
        ):
            go_to("compare")
        if known.failed:
            again = f"Try {counted(len(known.failed), 'failed run')} again"
            st.button(again, key="train_again", on_click=try_again, args=(experiment,))


def show_file(experiment: Experiment, ladder: Ladder | RemedyLadder) -> None:
    """The code and the YAML file that make this experiment elsewhere."""
    true = "" if experiment.prevalence is None else f", prevalence={experiment.prevalence!r}"
    text = write_experiment_file(describe_experiment(workspace(), experiment, ladder))
    show_code(
        f"from {type(ladder).__module__} import {type(ladder).__name__}\n"
        "from mlops_lib.train.experiment_opening import new_experiment\n"
        "from mlops_lib.train.training import train\n\n"
        f"ladder = {ladder!r}\n"
        f"experiment = new_experiment(plan, ladder.recipes(), seed={experiment.seed}{true})\n"
        "runs = list(train(workspace, experiment))\n\n"
        "# or without a browser, with the file below:\n"
        "# python -m mlops_lib run experiment.yaml"
    )
    st.download_button(
        "Download this experiment as YAML",
        data=text,
        file_name="experiment.yaml",
        mime="application/yaml",
        key="train_yaml",
        on_click="ignore",
        icon="⬇️",
    )
