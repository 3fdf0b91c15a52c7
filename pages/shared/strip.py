"""The strip on top of every page: what is being worked on, and where in the flow that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from mlops_lib.objects.errors import FulcrumError
from mlops_lib.objects.words import count, counted, percent, short
from pages.shared.calls import cached
from pages.shared.escape import escape
from pages.shared.session import session, workspace
from pages.shared.steps import FLOW, Step

if TYPE_CHECKING:
    from mlops_lib.objects.dataset import Dataset
    from mlops_lib.objects.schema import Schema


@dataclass(frozen=True)
class TargetFacts:
    """What the strip says about a target: the question, its rows and, for two classes, the positives."""

    question: str
    answered: int
    positives: int | None
    classes: int


def target_facts(dataset: Dataset, schema: Schema) -> TargetFacts:
    """Count the answers of the target under the schema's question."""
    from mlops_lib.data.target import resolve_target

    target = resolve_target(dataset, schema)
    answered = int(np.count_nonzero(target.known))
    if target.kind != "binary":
        return TargetFacts(target.column, answered, None, len(target.names))
    positives = int(np.count_nonzero(target.values == 1))
    return TargetFacts(f"{target.column} = {target.positive}", answered, positives, 2)


def show_strip(current: Step) -> None:
    """Draw the strip for the page of this step."""
    with st.container(key="strip", gap="xsmall"):
        _show_steps(current)
        _show_subject()


def _show_steps(current: Step) -> None:
    chosen = session()
    query = {"view": chosen.view} if chosen.view else None
    with st.container(horizontal=True, gap="xsmall", wrap=True):
        for place, step in enumerate(FLOW, start=1):
            done = " ✓" if _made(step) else ""
            label = f"**{place} {step.title}{done}**" if step is current else f"{place} {step.title}{done}"
            st.page_link(step.path, label=label, icon=None, help=step.help, query_params=query)


def _made(step: Step) -> bool:
    """Whether the noun of a step is there; an experiment counts from its first complete run on."""
    if not step.makes or session().id(step.makes) is None:
        return False
    return step.makes != "experiment" or _any_run()


def _any_run() -> bool:
    from mlops_lib.train.runs import has_run, run_fingerprint

    experiment = session().experiment()
    return experiment is not None and any(
        has_run(workspace(), run_fingerprint(experiment, recipe)) for recipe in experiment.recipes
    )


def _show_subject() -> None:
    try:
        facts = _subject()
    except FulcrumError as error:
        st.caption(escape(error.message))
        return
    st.caption("  ·  ".join(facts) if facts else "No table chosen yet.")


def _name_and_version(dataset: Dataset) -> list[str]:
    from mlops_lib.data.catalogue import versions_of

    places = versions_of(workspace(), dataset.fingerprint)
    if not places:
        return [f"**{escape(dataset.name)}**", f"version {short(dataset.fingerprint)}"]
    table, version = next((place for place in places if place[1].removed is None), places[0])
    removed = "" if version.removed is None else ", removed"
    return [f"**{escape(table.name)}**", f"version {version.number}{removed}"]


def _subject() -> list[str]:
    dataset = session().dataset()
    if dataset is None:
        return []
    facts = [*_name_and_version(dataset), counted(dataset.rows, "row")]
    schema = session().schema()
    if schema is None:
        return [*facts, "no target confirmed yet"]
    target = cached(target_facts)(dataset, schema)
    facts.insert(2, f"target **{escape(target.question)}**")
    if target.positives is not None:
        facts.append(f"{counted(target.positives, 'positive')} ({percent(target.positives / max(target.answered, 1))})")
    elif target.classes:
        facts.append(f"{target.classes} classes")
    if target.answered < dataset.rows:
        facts.append(f"{count(dataset.rows - target.answered)} without an answer")
    return facts
