"""The settings of the split, what they give, and the lock."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
import streamlit as st

from mlops_lib.data.parts import describe_parts, read_parts
from mlops_lib.data.split_words import parts_table, weight_words
from mlops_lib.data.splits import MAX_FOLDS, MAX_REPEATS, MIN_FOLDS, split_kind
from mlops_lib.data.target import resolve_target
from mlops_lib.explore.work import ahead
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.recipe import Treatment
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.split import UNUSED, SplitPlan
from mlops_lib.objects.words import count, counted, percent
from mlops_lib.train.drafts import treatments_draft
from pages.shared.calls import ask_ahead, cached
from pages.shared.data_basis import ask_basis
from pages.shared.escape import escape
from pages.shared.form import Draft, seed
from pages.shared.page import go_to
from pages.shared.session import session, workspace
from pages.shared.show import table

_HOW = {
    "stratified": (
        "Rows are dealt by chance, classes in the same shares in every part, so that no model is judged on rows it has "
        "seen."
    ),
    "group": (
        "No group is cut: all rows of one '{name}' lie on the same side, so that no model is judged on groups it knows."
    ),
    "time": (
        "The split goes forward in '{name}': each fold is judged by what was known before it, and the latest rows are "
        "held out, so that no model learns from the future."
    ),
    "predefined": (
        "'{name}' says which part a row belongs to; '{held}' is held out. Figures are comparable with others that were "
        "made on the same parts."
    ),
}


@dataclass(frozen=True)
class SplitSettings:
    """What the user sets: the share held out, the number of folds, the seed; repeats of folds by chance, the gap of a
    split in time, and the value that a split column gives to the hold-out."""

    hold_out: float = 0.25
    folds: int = 5
    seed: int = 0
    repeats: int = 1
    gap: float = 0.0
    held: str = ""


@dataclass(frozen=True)
class Thinnest:
    """The class with the fewest rows and how many of it the thinnest fold judges."""

    name: str
    rows: int


def ask_settings(dataset: Dataset, schema: Schema, draft: Draft) -> SplitSettings | None:
    """How rows are dealt and what that needs; None as long as a column, or the hold-out of it, is to be chosen."""
    if not ask_basis(dataset, schema):
        return None
    before, kind, mark = SplitSettings(*draft.get("split", ())), split_kind(schema), dataset.fingerprint
    with st.grid(min_column_width=180, gap="small"):
        held = _ask_held(dataset, schema, before, mark) if kind == "predefined" else ""
        if held is None:
            return None
        dealt = kind == "stratified" or (
            kind == "predefined" and cached(read_parts)(dataset, str(schema.split), held).folds == 0
        )
        settings = SplitSettings(
            hold_out=before.hold_out if kind == "predefined" else _ask_share(before, mark),
            folds=_ask_folds(before, mark) if kind != "predefined" or dealt else before.folds,
            seed=_ask_seed(before, mark) if kind != "time" and (kind != "predefined" or dealt) else before.seed,
            repeats=_ask_repeats(before, mark) if dealt else 1,
            gap=_ask_gap(schema, before, mark) if kind == "time" else 0.0,
            held=held,
        )
    draft.keep(split=list(astuple(settings)))
    return settings


def _ask_share(before: SplitSettings, mark: str) -> float:
    share = st.number_input(
        "Hold-out, % of rows", 5, 50, step=5,
        key=seed(f"data_hold_out_{mark}", min(max(round(100 * before.hold_out), 5), 50)),
        persist_state="session", help="Cut off now, opened only for the chosen candidate.",
    )  # fmt: skip
    return share / 100


def _ask_folds(before: SplitSettings, mark: str) -> int:
    return int(
        st.number_input(
            "Folds", MIN_FOLDS, MAX_FOLDS, step=1,
            key=seed(f"data_folds_{mark}", min(max(before.folds, MIN_FOLDS), MAX_FOLDS)), persist_state="session",
            help="Every training row is judged once, by a model that did not see its fold.",
        )
    )  # fmt: skip


def _ask_repeats(before: SplitSettings, mark: str) -> int:
    return int(
        st.number_input(
            "Repeats", 1, MAX_REPEATS, step=1, key=seed(f"data_repeats_{mark}", before.repeats),
            persist_state="session",
            help="Deals the folds out so many times. Intervals become narrower and depend less on one draw; training "
            "takes so many times as long. The hold-out stays the same.",
        )
    )  # fmt: skip


def _ask_gap(schema: Schema, before: SplitSettings, mark: str) -> float:
    dated = schema.column(str(schema.time)).kind == "date"
    label = "Gap, days" if dated else f"Gap, in units of '{escape(str(schema.time))}'"
    return float(
        st.number_input(
            label, 0.0, step=1.0, format="%g", key=seed(f"data_gap_{mark}", before.gap), persist_state="session",
            help="Rows closer than this before a fold do not train it, because their answers were not known yet when "
            "it began. 0: there is no gap.",
        )
    )  # fmt: skip


def _ask_seed(before: SplitSettings, mark: str) -> int:
    return int(
        st.number_input(
            "Seed", 0, 2**31 - 1, step=1, key=seed(f"data_seed_{mark}", before.seed), persist_state="session",
            help="The same seed gives the same split.",
        )
    )  # fmt: skip


def _ask_held(dataset: Dataset, schema: Schema, before: SplitSettings, mark: str) -> str | None:
    column = str(schema.split)
    named = cached(describe_parts)(dataset, column)
    rows = {part.value: part.rows for part in named.parts}
    first = before.held if before.held in rows else named.proposed
    held: str | None = st.selectbox(
        "Held-out value", list(rows), index=None, placeholder="Choose a value",
        format_func=lambda value: f"{value} ({counted(rows[value], 'row')})",
        key=seed(f"data_held_{mark}_{column}", first or None), persist_state="session",
        help=f"The rows with this value of '{escape(column)}' are cut off now and opened only for the chosen "
        "candidate.",
    )  # fmt: skip
    return held


def describe_split(dataset: Dataset, schema: Schema, plan: SplitPlan) -> None:
    """What the settings give, in a sentence and the plan's own notes."""
    name = schema.group or schema.time or schema.split or ""
    unused = int(np.count_nonzero(plan.assignment == UNUSED))
    rest = f"; {counted(unused, 'row')} unused" if unused else ""
    times = f", dealt out {plan.repeats} times ({plan.folds * plan.repeats} fits a recipe)" if plan.repeats > 1 else ""
    st.markdown(
        f"**{count(len(plan.training_rows()))} training rows** in {plan.folds} folds{times}, "
        f"**{count(len(plan.hold_out_rows()))} held out**{rest}. "
        f"{escape(_HOW[plan.kind].format(name=name, held=plan.held))}"
    )
    thin = cached(thinnest)(dataset, schema, plan)
    if thin is not None:
        st.caption(f"Each fold judges at least {counted(thin.rows, 'row')} of '{escape(thin.name)}'.")
    for note in plan.notes:
        st.caption(f"⚠️ {escape(note)}")
    if schema.weight:
        st.caption(f"⚖️ {escape(cached(weight_words)(dataset, schema))}")
    with st.expander("What each part trains on and is judged on", icon="🧩", key="data_parts"):
        table(cached(parts_table)(dataset, schema, plan), key="data_parts_table", download="split.csv")


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
            f"**{len(target.names)} classes** in {count(known)} rows. Models are trained on them and compared; moving "
            "a threshold needs two answers, one class against the rest."
        )
    else:
        st.markdown(
            f"**{count(known)} numbers**, from {np.nanmin(target.values):,.6g} to {np.nanmax(target.values):,.6g}. "
            "Models are trained on them and compared; samplers and a threshold need a question such as 'above a limit'."
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
