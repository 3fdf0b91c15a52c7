"""The other thing that the Train page can train: every remedy that applies beside the same model without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.recipe import Sampler
from mlops_lib.objects.schema import Schema
from mlops_lib.resample.catalogue import SAMPLERS
from mlops_lib.train.drafts import remedies_draft, remedies_of, treatments_of
from mlops_lib.train.ladder import LADDER_MODELS
from mlops_lib.train.models import MODELS
from mlops_lib.train.question import TrainingQuestion
from mlops_lib.train.remedy_ladder import GROUPS, REMEDIES, Group, RemedyLadder, for_table, remedies_tried
from mlops_lib.train.remedy_ladder import SAMPLERS as TRIED
from mlops_lib.train.rule_model import rule_refusal, rule_words
from mlops_lib.train.weights import check_weights
from pages.shared.ask_sampler import refusal, rows_ahead
from pages.shared.calls import cached
from pages.shared.escape import escape, unmarked
from pages.shared.page import need
from pages.shared.policy import kept_costs
from pages.shared.session import session
from pages.shared.train_calibration import ask_remedies_calibration
from pages.shared.train_rules import ask_seed, show_treatments

LADDER, REMEDY = "ladder", "remedies"
CHOICES = {LADDER: "The ladder", REMEDY: "Does any remedy beat moving the threshold?"}

NARROW: tuple[Group, ...] = ("weights", "losses", "training")
"""Groups that stand side by side."""


def ask_choice(*, remedies: bool) -> str:
    """Whether the ladder is trained, or remedies beside nothing but moving the threshold (where that can be asked)."""
    if not remedies:
        return LADDER
    if "train_choice" not in st.session_state:
        st.session_state["train_choice"] = session().draft("train_choice", LADDER)
    chosen: str = st.segmented_control(
        "What to train",
        CHOICES,
        format_func=CHOICES.__getitem__,
        required=True,
        key="train_choice",
        label_visibility="collapsed",
    )
    if chosen != session().draft("train_choice", LADDER):
        session().set_draft("train_choice", chosen)
    return chosen


def drafted_remedies(question: TrainingQuestion, schema: Schema) -> RemedyLadder:
    """What was asked last; else what fits this table: samplers that keep its categories whole, an anomaly score for
    very rare events, the costs that were named."""
    ahead = rows_ahead(question, schema)
    costs = kept_costs()
    usual = RemedyLadder(
        treatments=treatments_of(session().draft("treatments")),
        samplers=_working(for_table(TRIED, ahead.categories, ahead.numbers), question, schema)[0],
        remedies=remedies_tried(question.positives / max(question.rows, 1)),
        miss_cost=costs.miss / costs.false_alarm,
    )
    return remedies_of(session().draft("remedies"), usual)


def ask_remedies(before: RemedyLadder, dataset: Dataset, schema: Schema, question: TrainingQuestion) -> RemedyLadder:
    """The remedies that are tried, and on which models."""
    st.caption("Each model with and without every remedy, on the same columns and folds: only the remedy differs.")
    models = _pills("Models", LADDER_MODELS, before.models, {name: MODELS[name].label for name in LADDER_MODELS})
    samplers = ask_samplers(before.samplers, question, schema)
    with st.grid(min_column_width=300, gap="small"):
        asked = [ask_group(group, before.remedies, models) for group in NARROW]
    asked += [ask_group(group, before.remedies, models) for group in GROUPS if group not in NARROW]
    rule = ask_rule(before.rule, dataset, schema)
    with st.expander("Costs, calibration and seed", icon="⚙️"):
        changed = ask_numbers(before, question)
        show_treatments(before.treatments)
        ask_seed()
    chosen = tuple(name for group in asked for name in group)
    return replace(changed, models=models, samplers=samplers, remedies=chosen, rule=rule)


def ask_samplers(before: Sequence[Sampler], question: TrainingQuestion, schema: Schema) -> tuple[Sampler, ...]:
    """Several samplers at once; those that cannot work on this table are left out, with the reason."""
    settings = {sampler.name: sampler for sampler in before}
    ahead = rows_ahead(question, schema)
    usual = for_table([Sampler(name) for name in SAMPLERS if name != "none"], ahead.categories, ahead.numbers)
    working, reasons = _working(usual, question, schema)
    offered = tuple(sampler.name for sampler in working)
    chosen = st.multiselect(
        "Samplers",
        offered,
        [name for name in settings if name in offered],
        format_func=lambda name: SAMPLERS[name].label,
        key=f"train_remedy_samplers_{schema.fingerprint}",
        persist_state="session",
        help="Training rows of a fold only are resampled. The Resampling lab shows what each of them does.",
    )
    if reasons:
        st.caption(f"Not offered here: {escape(' '.join(dict.fromkeys(reasons)))}")
    return tuple(settings.get(name, Sampler(name)) for name in chosen)


def ask_group(group: Group, before: Sequence[str], models: Sequence[str]) -> tuple[str, ...]:
    """The remedies of one group."""
    names = tuple(name for name, remedy in REMEDIES.items() if remedy.group == group)
    needs_lightgbm = group in ("losses", "training") and "lightgbm" not in models
    labels = {name: REMEDIES[name].label for name in names}
    chosen = st.pills(
        GROUPS[group],
        names,
        selection_mode="multi",
        default=[name for name in names if name in before],
        format_func=labels.__getitem__,
        key=f"train_remedies_{group}",
        persist_state="session",
        disabled=needs_lightgbm,
        help="  \n".join(f"{REMEDIES[name].label}: {REMEDIES[name].sentence}" for name in names),
    )
    if needs_lightgbm:
        st.caption("These need LightGBM among the models.")
    return tuple(chosen)


def ask_rule(before: str, dataset: Dataset, schema: Schema) -> str:
    """A rule of the user's own as a baseline; empty where there is none or where it cannot be used, which is said."""
    text: str = st.text_input(
        "Your own rule, to be beaten",
        before,
        key=f"train_remedy_rule_{schema.fingerprint}",
        persist_state="session",
        placeholder="overtime == 'Yes' and tenure < 2",
        help="Compare feature columns with values, joined by and, or, not; names with blanks between backticks.",
    )
    text = unmarked(text).strip()
    refused = cached(rule_refusal)(text, dataset, schema)
    if refused:
        st.warning(escape(refused), icon="✏️")
    elif text:
        st.caption(escape(cached(rule_words)(text, dataset, schema, need("split"))))
    return "" if refused else text


def ask_numbers(before: RemedyLadder, question: TrainingQuestion) -> RemedyLadder:
    """The costs, beta and the calibration."""
    with st.grid(min_column_width=220, gap="small"):
        miss = st.number_input(
            "A miss costs as much as this many false alarms",
            0.01,
            1e6,
            float(before.miss_cost),
            key=f"train_remedy_miss_{before.miss_cost}",
            help="For class weights and the loss from costs.",
        )
        beta = st.number_input(
            "Beta of the effective number",
            0.0,
            0.999999,
            float(before.beta),
            step=0.001,
            format="%g",
            key=f"train_remedy_beta_{before.beta}",
            help="0 weighs all rows alike; the nearer to 1, the nearer to balanced weights.",
        )
        calibration = ask_remedies_calibration(before.calibration, question)
    check_weights("cost", miss, 2)
    return replace(before, miss_cost=miss, beta=beta, calibration=calibration)


def keep_remedies(ladder: RemedyLadder) -> None:
    """Save what is tried as it stands."""
    costs = kept_costs()
    usual = replace(ladder, miss_cost=costs.miss / costs.false_alarm)
    session().set_draft("remedies", remedies_draft(ladder, usual))
    session().set_draft("train_seed", int(st.session_state.get("train_seed", 0)))


def _working(
    samplers: Sequence[Sampler], question: TrainingQuestion, schema: Schema
) -> tuple[tuple[Sampler, ...], list[str]]:
    """The samplers that work on this table, and why the others do not."""
    reasons = {sampler: refusal(sampler, question, schema) for sampler in samplers}
    return tuple(s for s, why in reasons.items() if why is None), [why for why in reasons.values() if why]


def _pills(label: str, names: Sequence[str], before: Sequence[str], labels: dict[str, str]) -> tuple[str, ...]:
    chosen = st.pills(
        label,
        names,
        selection_mode="multi",
        default=[name for name in before if name in names],
        format_func=labels.__getitem__,
        key="train_remedy_models",
        persist_state="session",
        help="One or two say enough; each more is trained with every remedy.",
    )
    return tuple(chosen)
