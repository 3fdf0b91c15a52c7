"""What a sampler does to the training rows of each fold: one part of the Resampling lab."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.resampling import counts_chart, picture
from mlops_lib.objects.recipe import Recipe, Sampler
from mlops_lib.objects.split import SplitPlan
from mlops_lib.resample.catalogue import SAMPLERS, applies
from mlops_lib.train.drafts import sampler_draft, sampler_of, selection_of, treatments_of
from mlops_lib.train.ladder import Ladder
from mlops_lib.train.preview import POINTS, Preview
from mlops_lib.train.question import TrainingQuestion
from pages.shared.calls import job
from pages.shared.code import show_code
from pages.shared.exploring import Nouns
from pages.shared.page import go_to, need
from pages.shared.session import session, workspace
from pages.shared.show import Card, cards, count, escape, figure, percent, sentence, table

COUNTS, SHARES = ("before", "made", "removed", "after"), ("share before", "share after")
CODE = """
from mlops_lib.objects.recipe import Sampler
from mlops_lib.train.ladder import Ladder
from mlops_lib.train.preview import preview

(recipe,) = Ladder(models=("logistic_regression",), rungs=("sampling",), sampler=Sampler({name!r})).recipes()
shown = preview(dataset, schema, plan, recipe, fold={fold})
shown.table()
"""


def ask_sampler() -> Sampler:
    names = list(SAMPLERS)
    drafted = sampler_of(session().draft("sampler"))
    name = st.selectbox(
        "Sampler",
        names,
        index=names.index(drafted.name),
        format_func=lambda n: SAMPLERS[n].label,
        key="resampling_sampler",
        persist_state="session",
        help="Only training rows of a fold are ever resampled; the rows a model is judged on never are.",
    )
    st.caption(SAMPLERS[name].sentence)
    return drafted if drafted.name == name else Sampler(name)


def ask_fold(plan: SplitPlan) -> int:
    folds = [int(k) for k in sorted(set(plan.assignment[plan.assignment >= 0].tolist()))]
    fold: int = st.selectbox(
        "Training rows of",
        folds,
        format_func=lambda k: f"Fold {k + 1} of {len(folds)}",
        key=f"resampling_fold_{plan.fingerprint}",
        persist_state="session",
        help="The fold's own rows stay apart: the model is judged on them.",
    )
    st.caption("Each fold is resampled anew, from its own training rows.")
    return fold


def lab_recipe(sampler: Sampler) -> Recipe:
    """The recipe of the sampled rung, so that the lab shows the rows that training will make."""
    treatments, selection = treatments_of(session().draft("treatments")), selection_of(session().draft("selection"))
    return Ladder(treatments, selection, ("logistic_regression",), ("sampling",), sampler).recipes()[0]


def refusal(sampler: Sampler, question: TrainingQuestion) -> str | None:
    """Why the sampler cannot work on this table, as far as that is known without running it."""
    kinds = [need("schema").column(name).kind for name in need("schema").features()]
    categories = kinds.count("categorical")
    return applies(sampler, question.fold_counts, categories, len(kinds) - categories)


def show_preview(shown: Preview) -> None:
    sentence(escape(shown.sentence))
    for note in shown.notes:
        st.warning(escape(note), icon="💡")
    last = shown.table().iloc[1]
    cards(
        [
            Card("Rows before", count(sum(shown.before)), f"{percent(last['share before'])} {shown.names[1]}"),
            Card("Made", count(sum(shown.added)), "not in the table", "Rows that no one observed, or repeats of one."),
            Card("Removed", count(sum(shown.removed)), "left out of this fit"),
            Card("Rows after", count(sum(shown.after)), f"{percent(last['share after'])} {shown.names[1]}"),
        ]
    )
    figure(counts_chart(shown), alt=shown.sentence, key="resampling_counts")
    left, right = st.columns(2)
    with left:
        figure(picture(shown, after=False), alt="The rows before, on two axes", key="resampling_before")
    with right:
        figure(picture(shown, after=True), alt="The rows after, on the same two axes", key="resampling_after")
    st.caption(
        f"Both pictures use the two directions in which the {count(shown.rows)} rows before the sampler spread most, "
        f"out of {count(shown.columns)} encoded columns. At most {POINTS} rows of each kind are drawn."
    )
    table(
        shown.table(),
        key="resampling_table",
        download="resampling.csv",
        column_config={
            **{name: st.column_config.NumberColumn(format="localized") for name in COUNTS},
            **{name: st.column_config.NumberColumn(format="percent") for name in SHARES},
        },
    )


def show_xray(nouns: Nouns, question: TrainingQuestion) -> None:
    """A sampler and a fold, and what the one does to the other."""
    dataset, schema, plan = nouns
    left, right = st.columns(2)
    with left:
        sampler = ask_sampler()
    with right:
        fold = ask_fold(plan)
    refused = refusal(sampler, question)
    recipe = lab_recipe(sampler)
    spec = {
        "dataset": dataset.fingerprint,
        "schema": schema.fingerprint,
        "split": plan.fingerprint,
        "recipe": workspace().put(recipe),
        "fold": fold,
        "seed": session().draft("train_seed", 0),
    }
    label = SAMPLERS[sampler.name].label
    shown = None if refused else job("preview", spec, label=f"{label} on fold {fold + 1}")
    if refused or (shown is not None and shown.refused):
        st.warning(escape(refused or shown.refused), icon="💡")
    elif shown is not None:
        show_preview(shown)
        show_code(CODE.format(name=sampler.name, fold=fold))
        if st.button(f"Use {label} in the sampled rung", type="primary", key="resampling_use"):
            session().set_draft("sampler", sampler_draft(sampler))
            go_to("train")
