"""What a sampler did to the training rows of every fold, on the visitor's own table: one part of the Resampling lab."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.resampling import PRINCIPAL, counts_chart, distance_chart, picture
from mlops_lib.objects.recipe import Recipe, Sampler
from mlops_lib.objects.split import SplitPlan
from mlops_lib.resample.catalogue import SAMPLERS
from mlops_lib.train.drafts import sampler_draft, selection_of, treatments_of
from mlops_lib.train.ladder import Ladder
from mlops_lib.train.preview import FoldXray, XrayFolds
from mlops_lib.train.preview_points import POINTS
from mlops_lib.train.preview_words import advice, cards_of, fold_lines, headline, measured_words, where_they_fell
from mlops_lib.train.question import TrainingQuestion
from pages.shared.ask_sampler import ask_sampler, refusal
from pages.shared.calls import job
from pages.shared.code import show_code
from pages.shared.exploring import Nouns
from pages.shared.page import fragment, go_to
from pages.shared.session import session, workspace
from pages.shared.show import Card, cards, count, duration, escape, figure, number, percent, sentence, table

COMPONENTS = "All columns (principal components)"
FIRST = "The folds were dealt out {} times; the {} shown are those of the first time."
CODE = """
from mlops_lib.objects.recipe import Sampler
from mlops_lib.train.ladder import Ladder
from mlops_lib.train.preview import xray_folds
from mlops_lib.train.preview_words import headline

(recipe,) = Ladder(models=("logistic_regression",), rungs=("sampling",), sampler={sampler!r}).recipes()
shown = xray_folds(dataset, schema, plan, recipe)
print(headline(shown))
shown.table(), shown.impossible_table()
"""
COUNTS = ("before", "smallest class", "made", "removed", "after")
SHARES = ("copies", "half a category", "impossible", "amid another class")
DISTANCES = ("to its class", "to another")


def show_xray(nouns: Nouns, question: TrainingQuestion) -> None:
    """A sampler, and what it did in every fold."""
    dataset, schema, plan = nouns
    sampler = ask_sampler(question, schema, "resampling", none=True)
    if refusal(sampler, question, schema):
        return
    spec = {
        "dataset": dataset.fingerprint,
        "schema": schema.fingerprint,
        "split": plan.fingerprint,
        "recipe": workspace().put(lab_recipe(sampler)),
        "seed": session().draft("train_seed", 0),
    }
    label = SAMPLERS[sampler.name].label
    shown = job("xray", spec, label=f"{label} on every fold")
    if shown is None:
        return
    show_found(shown, plan)
    show_code(CODE.format(sampler=sampler))
    did = shown.idle < len(shown.worked)
    if did and st.button(f"Use {label} in the sampled rung", type="primary", key="resampling_use"):
        session().set_draft("sampler", sampler_draft(sampler))
        go_to("train")


def lab_recipe(sampler: Sampler) -> Recipe:
    """The recipe of the sampled rung, so that the lab shows the rows that training will make."""
    treatments, selection = treatments_of(session().draft("treatments")), selection_of(session().draft("selection"))
    return Ladder(treatments, selection, ("logistic_regression",), ("sampling",), sampler).recipes()[0]


def show_found(shown: XrayFolds, plan: SplitPlan) -> None:
    """What was found: the sentence first, then numbers, pictures, tables and what to do."""
    sentence(escape(headline(shown)))
    first = FIRST.format(plan.repeats, plan.folds) if plan.repeats > 1 and shown.worked else ""
    st.caption(escape(f"{where_they_fell(shown)} {first}".strip()))
    cards([Card(*card) for card in cards_of(shown)])
    if shown.worked:
        show_pictures(shown)
        show_folds(shown)
    show_advice(shown)


@fragment()
def show_pictures(shown: XrayFolds) -> None:
    """Where the rows of one fold fell, before and after, and how far they lie from real ones in all folds."""
    left, middle, right = st.columns(3)
    with left:
        fold = ask_fold(shown)
    with middle:
        across = ask_axis("Across", fold, shown)
    with right:
        up = ask_axis("Up", fold, shown) if across else PRINCIPAL
    axes = (across, up) if up else (PRINCIPAL, PRINCIPAL)
    left, right = st.columns(2)
    with left:
        figure(picture(fold, shown.names, False, axes), alt="The rows before, on two axes", key="resampling_before")
    with right:
        figure(picture(fold, shown.names, True, axes), alt="The rows after, on the same axes", key="resampling_after")
    st.caption(
        f"A sample of at most {POINTS} rows of each class, kept (dot), made (cross) and removed (ring), of the "
        f"{count(fold.rows)} training rows of the fold and their {count(fold.columns)} encoded columns."
    )
    if shown.idle == len(shown.worked):
        return
    left, right = st.columns(2)
    with left:
        figure(distance_chart(shown), alt=where_they_fell(shown) or "Distances", key="resampling_distances")
    with right:
        show_impossible(shown, fold)


def ask_fold(shown: XrayFolds) -> FoldXray:
    """The fold whose rows are drawn."""
    worked = [fold for fold in shown.folds if fold.found is not None]
    fold: FoldXray = st.selectbox(
        "Training rows of",
        worked,
        format_func=lambda f: f"Fold {f.fold + 1} of {len(shown.folds)}",
        key=f"resampling_fold_{len(worked)}",
        help="Each fold is resampled anew, from its own training rows; those it is judged on stay apart.",
    )
    return fold


def ask_axis(label: str, fold: FoldXray, shown: XrayFolds) -> str:
    """A column of numbers in its own unit; across, the principal components too."""
    axis: str = st.selectbox(
        label,
        fold.axes[1:] + fold.axes[:1] if label == "Up" else (PRINCIPAL, *fold.axes),
        format_func=lambda name: escape(name) if name else COMPONENTS,
        key=f"resampling_{label.lower()}_{shown.sampler.name}_{fold.fold}",
        help="Columns in their own unit, those that part the classes most first. A made row between two real ones "
        "shows where no row can be.",
    )
    return axis


def show_impossible(shown: XrayFolds, fold: FoldXray) -> None:
    """Values that no real row can have, by column, with an example; where there are none, the rows by class."""
    if not shown.values():
        figure(counts_chart(fold, shown.names), alt="Rows of each class before and after", key="resampling_counts")
        return
    st.markdown("**Values in made rows that no real row has**")
    table(
        shown.impossible_table(),
        key="resampling_impossible",
        download="impossible-values.csv",
        height=35 * 6,
        formats={"share": percent, "made rows": count},
    )


def show_folds(shown: XrayFolds) -> None:
    """One line a fold."""
    if len(shown.names) > 2 and shown.worked:
        st.markdown("**Rows of each class in a fold**")
        table(shown.class_table(), key="resampling_classes", formats=dict.fromkeys(COUNTS[:1] + COUNTS[2:], count))
    lines = fold_lines(shown)
    pair = f", rows of {' + '.join(map(escape, shown.names))}" if len(shown.names) == 2 and shown.worked else ""
    st.markdown(f"**Fold by fold{pair}**", help=escape(measured_words(shown)) or None)
    formats = {**dict.fromkeys(COUNTS, count), **dict.fromkeys(SHARES, percent), **dict.fromkeys(DISTANCES, number)}
    formats["seconds"] = duration
    written = {name: write for name, write in formats.items() if name in lines and lines[name].dtype.kind in "iuf"}
    table(lines, key="resampling_table", formats=written)


def show_advice(shown: XrayFolds) -> None:
    """What to do about it."""
    found = advice(shown)
    if found:
        st.markdown("**What to do about it**")
        with st.grid(min_column_width=400, gap="small"):
            for what, why in found:
                st.markdown(f"**{escape(what)}.** {escape(why)}")
