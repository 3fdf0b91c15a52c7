"""The settings of the split, what they give, and the lock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mlops_lib.data.splits import MAX_FOLDS, MIN_FOLDS, split_kind
from mlops_lib.data.target import resolve_target
from mlops_lib.explore.work import ahead
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.recipe import Treatment
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import UNUSED, SplitPlan
from mlops_lib.objects.words import count, counted, percent
from mlops_lib.train.drafts import treatments_draft
from pages.shared.calls import ask_ahead, cached
from pages.shared.escape import escape
from pages.shared.form import Draft, seed
from pages.shared.page import go_to
from pages.shared.session import session, workspace

_HOW = {
    "stratified": "Classes have the same shares in the hold-out and in every fold.",
    "group": "No group is cut: all rows of one '{name}' lie on the same side.",
    "time": (
        "The split goes forward in '{name}': each fold is judged by what was known before it; the latest rows are "
        "held out."
    ),
}


@dataclass(frozen=True)
class SplitSettings:
    """What the user sets: the share held out, the number of folds, the seed."""

    hold_out: float = 0.25
    folds: int = 5
    seed: int = 0


@dataclass(frozen=True)
class Thinnest:
    """The class with the fewest rows and how many of it the thinnest fold judges."""

    name: str
    rows: int


def ask_settings(draft: Draft, mark: str) -> SplitSettings:
    """Hold-out, folds and seed, in one row."""
    before = SplitSettings(*draft.get("split", (0.25, 5, 0)))
    with st.grid(min_column_width=180, gap="small"):
        share = st.number_input(
            "Hold-out, % of rows", 5, 50, step=5, key=seed(f"data_hold_out_{mark}", round(100 * before.hold_out)),
            persist_state="session", help="Cut off now, opened only for the chosen candidate.",
        )  # fmt: skip
        folds = st.number_input(
            "Folds", MIN_FOLDS, MAX_FOLDS, step=1,
            key=seed(f"data_folds_{mark}", before.folds), persist_state="session",
            help="Every training row is judged once, by a model that did not see its fold.",
        )  # fmt: skip
        chance = st.number_input(
            "Seed", 0, 2**31 - 1, step=1, key=seed(f"data_seed_{mark}", before.seed), persist_state="session",
            help="The same seed gives the same split.",
        )  # fmt: skip
    draft.keep(split=[share / 100, int(folds), int(chance)])
    return SplitSettings(share / 100, int(folds), int(chance))


def describe_split(dataset: Dataset, schema: Schema, plan: SplitPlan) -> None:
    """What the settings give, in a sentence and the plan's own notes."""
    name = schema.group or schema.time or ""
    unused = int(np.count_nonzero(plan.assignment == UNUSED))
    rest = f"; {counted(unused, 'row')} unused" if unused else ""
    st.markdown(
        f"**{count(len(plan.training_rows()))} training rows** in {plan.folds} folds, "
        f"**{count(len(plan.hold_out_rows()))} held out**{rest}. {escape(_HOW[split_kind(schema)].format(name=name))}"
    )
    thin = cached(thinnest)(dataset, schema, plan)
    if thin is not None:
        st.caption(f"Each fold judges at least {counted(thin.rows, 'row')} of '{escape(thin.name)}'.")
    for note in plan.notes:
        st.caption(f"⚠️ {escape(note)}")


def thinnest(dataset: Dataset, schema: Schema, plan: SplitPlan) -> Thinnest | None:
    """The class that is rarest in a fold; None for a number."""
    target = resolve_target(dataset, schema)
    if target.kind == "number":
        return None
    rows = [plan.validation_rows(fold) for fold in range(plan.folds)]
    counts = np.array([np.bincount(target.codes(r), minlength=len(target.names)) for r in rows])
    fold, rarest = np.unravel_index(counts.argmin(), counts.shape)
    return Thinnest(target.names[int(rarest)], int(counts[fold, rarest]))


def describe_answers(dataset: Dataset, schema: Schema) -> None:
    """How many rows answer yes, what a do-nothing model scores, and what is missing."""
    target = resolve_target(dataset, schema)
    known = int(target.known.sum())
    missing = dataset.rows - known
    column = escape(target.column)
    if target.kind == "binary":
        positives = int(np.nansum(target.values))
        share = positives / known
        rarer = share <= 0.5
        dull = escape(target.negative if rarer else target.positive)
        finds = f"and finds none of the {count(positives)}" if rarer else "and raises an alarm every time"
        st.markdown(
            f"**{count(positives)} of {count(known)} rows ({percent(share)}) are '{escape(target.positive)}'.** "
            f"A model that always says '{dull}' is right {percent(max(share, 1 - share))} of the time {finds}."
        )
    elif target.kind == "classes":
        st.markdown(
            f"**{len(target.names)} classes** in {count(known)} rows. They can be explored and tested; training "
            "needs a yes/no question, which Train offers to make of them."
        )
    else:
        st.markdown(
            f"**{count(known)} numbers**, from {np.nanmin(target.values):,.6g} to {np.nanmax(target.values):,.6g}. "
            "They can be explored and tested; training needs a yes/no question, such as 'above a limit'."
        )
    if missing:
        st.markdown(
            f"{counted(missing, 'row')} ({percent(missing / dataset.rows)}) have no '{column}'. They may mean "
            "something of their own (a cancelled flight has no delay), so they never count as No: they stay in the "
            "table and are left out of split, training and evaluation."
        )


def offer_lock(dataset: Dataset, schema: Schema, plan: SplitPlan, treatments: tuple[Treatment, ...]) -> None:
    """The one button that makes the schema and the split; what is locked already is said."""
    locked = session().id("split")
    same = locked == plan.fingerprint and session().id("schema") == schema.fingerprint
    if locked and same:
        st.markdown("🔒 **This split is locked.** Every later page uses it.")
    elif locked:
        st.markdown(
            "🔓 **You changed something since the split was locked.** Confirm again to use it; runs of the other "
            "split stay in the workspace, but cannot be compared with new ones."
        )
    label = "Go on to Explore" if locked and same else "Confirm and lock the split"
    if st.button(label, key="data_confirm", type="primary"):
        _lock(dataset, schema, plan, treatments)


def _lock(dataset: Dataset, schema: Schema, plan: SplitPlan, treatments: tuple[Treatment, ...]) -> None:
    session().set(schema=workspace().put(schema), split=workspace().put(plan))
    ask_ahead(ahead(dataset, schema, plan))
    session().set_draft("treatments", treatments_draft(treatments) or None)
    go_to("explore")
