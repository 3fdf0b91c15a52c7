"""The controls that choose a sampler with its settings, and what is known of it before it runs."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.objects.schema import Schema
from mlops_lib.resample.catalogue import SAMPLERS, applies, for_columns, fractions
from mlops_lib.resample.cost import estimate
from mlops_lib.resample.spec import FAMILIES, SamplerSpec, Setting, Value
from mlops_lib.train.columns_ahead import columns_ahead
from mlops_lib.train.drafts import sampler_of
from mlops_lib.train.question import TrainingQuestion
from mlops_lib.train.row_weights import against_weights
from pages.shared.calls import cached
from pages.shared.page import need
from pages.shared.session import session
from pages.shared.show import escape

WHOLE = ("smote", "smotenc", "smoten")
OPEN = "left open"


@dataclass(frozen=True)
class Ahead:
    """What is known of the rows before a sampler runs: rows of each class in a fold, columns of each kind, and about
    how many columns they are encoded into when nothing is treated or selected."""

    counts: tuple[int, ...]
    categories: int
    numbers: int
    columns: int


def ask_sampler(question: TrainingQuestion, schema: Schema, key: str, *, none: bool = False) -> Sampler:
    """The sampler that is asked for, with its settings; the one last taken over, where none was chosen here.

    `key` begins the keys of the widgets; `none` offers to leave the rows as they are. What the sampler would take is
    said, or why it cannot work (`refusal` gives the same reason).
    """
    drafted, ahead = sampler_of(session().draft("sampler")), rows_ahead(question, schema)
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        chosen = _ask_name(drafted, key, none=none)
    sampler = _ask_whole(chosen, drafted, ahead, key) if chosen.name in WHOLE else chosen
    with right:
        sampler = _ask_settings(sampler, drafted, key)
    _show_ahead(sampler, ahead, refusal(sampler, question, schema))
    return sampler


def rows_ahead(question: TrainingQuestion, schema: Schema) -> Ahead:
    """What is known of the rows a sampler will get."""
    kinds = [schema.column(name).kind for name in schema.features()]
    categories = kinds.count("categorical")
    numbers = len(kinds) - categories
    return Ahead(question.fold_counts, categories, numbers, cached(columns_ahead)(need("dataset"), schema))


def refusal(sampler: Sampler, question: TrainingQuestion, schema: Schema) -> str | None:
    """Why the sampler cannot work on this table, as far as that is known without running it."""
    recipe = Recipe(Model("logistic_regression"), sampler=sampler)
    weighed = None if sampler.name == "none" else against_weights(recipe, schema.weight)
    if weighed is not None:
        return str(weighed)
    ahead = rows_ahead(question, schema)
    return applies(sampler, ahead.counts, ahead.categories, ahead.numbers, ahead.columns)


def _ask_name(drafted: Sampler, key: str, *, none: bool) -> Sampler:
    names = [name for name in SAMPLERS if none or name != "none"]
    name = st.selectbox(
        "Sampler",
        names,
        index=names.index(drafted.name) if drafted.name in names else names.index("smoteenn"),
        format_func=lambda n: _labelled(SAMPLERS[n]),
        key=f"{key}_sampler_{drafted.name}",
        persist_state="session",
        help="Only training rows of a fold are ever resampled; the rows a model is judged on never are.  \n"
        + "  \n".join(FAMILIES[family] for family in ("over", "under", "clean", "combined")),
    )
    return drafted if name == drafted.name else Sampler(name)


def _labelled(spec: SamplerSpec) -> str:
    return spec.label if spec.family == "none" else f"{FAMILIES[spec.family].partition(':')[0]} · {spec.label}"


def _ask_whole(chosen: Sampler, drafted: Sampler, ahead: Ahead, key: str) -> Sampler:
    """SMOTE, or its relative that keeps categories whole, where there are some; the relative unless it is declined."""
    better, why = for_columns(Sampler("smote", chosen.settings), ahead.categories, ahead.numbers)
    if better.name == "smote" or chosen.name not in ("smote", better.name):
        return chosen
    whole = st.toggle(
        f"Keep categories whole ({SAMPLERS[better.name].label})",
        value=not chosen.name == drafted.name == "smote",
        key=f"{key}_whole_{drafted.name}_{chosen.name}",
        help=why,
    )
    return better if whole else Sampler("smote", chosen.settings)


def _ask_settings(sampler: Sampler, drafted: Sampler, key: str) -> Sampler:
    spec, own = SAMPLERS[sampler.name], dict(sampler.settings)
    if not spec.settings:
        return sampler
    begin = f"{key}_{sampler.name}_{'_'.join(f'{n}{v}' for n, v in drafted.settings)}"
    with st.popover("Settings", icon="⚙️", width="stretch"):
        asked = {s.name: _ask_setting(s, own.get(s.name, s.default), begin) for s in spec.settings}
    changed = {s.name: asked[s.name] for s in spec.settings if asked[s.name] != s.default}
    return Sampler(sampler.name, tuple(sorted(changed.items())))


def _ask_setting(setting: Setting, value: Value, begin: str) -> Value:
    key, text = f"{begin}_{setting.name}", setting.help or None
    if setting.choices:
        choices = list(setting.choices)
        chosen: Value = st.selectbox(
            setting.label, choices, choices.index(value), key=key, help=text, format_func=_choice_label
        )
        return chosen
    whole = setting.kind == "whole"
    low, high = (int(setting.low), int(setting.high)) if whole else (float(setting.low), float(setting.high))
    asked: Value = st.number_input(
        setting.label,
        low,
        high,
        value if value is None or whole else float(value),
        step=1 if whole else 0.05,
        placeholder=OPEN,
        key=key,
        help=text,
    )
    return asked


def _choice_label(value: Value) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _show_ahead(sampler: Sampler, ahead: Ahead, refused: str | None) -> None:
    """What the sampler does, also to categories, and what it will take, or why it cannot work."""
    if refused:
        st.warning(escape(refused), icon="💡")
        return
    said = [SAMPLERS[sampler.name].sentence]
    if SAMPLERS[sampler.name].steps:
        said.append(cached(estimate)(sampler, ahead.counts, ahead.columns).sentence)
    better, why = for_columns(Sampler(_asked_for(sampler)), ahead.categories, ahead.numbers)
    if why:
        said.append(why if better.name == sampler.name else fractions(sampler, ahead.categories))
    st.caption(" ".join(said))


def _asked_for(sampler: Sampler) -> str:
    """A relative of SMOTE is what a SMOTE becomes on these columns."""
    return "smote" if sampler.name in WHOLE else sampler.name
