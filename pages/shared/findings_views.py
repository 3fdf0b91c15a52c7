"""One finding in a row: what was seen, the rows to look at, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mlops_lib.checks.examples import example_rows
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.finding import Finding, NotFound
from mlops_lib.objects.recipe import Action, Treatment
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.words import counted, listed
from pages.shared.boundary import guarded
from pages.shared.calls import cached
from pages.shared.data_columns import give_role
from pages.shared.escape import escape
from pages.shared.form import seed
from pages.shared.page import go_to
from pages.shared.session import session
from pages.shared.steps import STEPS

_ICONS = {"serious": "🔴", "warning": "🟠", "info": "🔵"}
_LEAVE = "leave"
_WIDE = 860
"""Pixels of a table in a popover, which is as wide as what it holds; a narrow screen scrolls."""
_BY_DEFAULT_LEFT = ("FUL009", "FUL016", "FUL017", "FUL018", "FUL020")
_COPIES = ("FUL006",)
_DOUBTFUL_ROWS = ("FUL030", "FUL031", "FUL032", "FUL035", "FUL036")
_ACTIONS: dict[Action | str, str] = {
    "median": "Fill in the median",
    "mean": "Fill in the mean",
    "most_frequent": "Fill in the most frequent value",
    "zero": "Fill in 0",
    "indicator": "Fill in, and mark what was missing",
    "own_level": "A level of its own: missing",
    "clip": "Clip to the middle 98 %",
    "log": "Take logarithms",
    "as_missing": "Treat as missing",
    "merge": "Merge into the commonest",
    "lump": "Take those below 5 % together",
    "frequency": "Write how common each label is",
    "drop": "Leave out of the recipes",
    _LEAVE: "Leave as it is",
}


def show_finding(dataset: Dataset, schema: Schema, finding: Finding, mark: str, before: str | None) -> str | None:
    """One finding with its ways out; the treatment chosen for it, None where none is offered."""
    with st.container(border=True, key=f"data_finding_{finding.code}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            _say(finding)
            chosen = _ask_treatment(finding, mark, before) if finding.treatments else None
        with st.container(horizontal=True, gap="small"):
            _offer_rows(dataset, schema, finding)
            _offer_roles(dataset, finding)
            _offer_version(schema, finding)
    return chosen


def show_silent(silent: Sequence[NotFound]) -> None:
    """The checks that found nothing and those that do not apply, with why; folded away."""
    quiet = sum(check.applies for check in silent)
    apart = len(silent) - quiet
    told = f"{counted(quiet, 'check')} found nothing"
    told += f", {apart} {'does' if apart == 1 else 'do'} not apply" if apart else ""
    with st.expander(told, key="data_silent"):
        st.markdown("\n".join(map(_reason, sorted(silent, key=lambda check: not check.applies))))


def _reason(check: NotFound) -> str:
    apart = "" if check.applies else "Does not apply: "
    return f"- **{check.title}** ({check.code}): {apart}{escape(check.reason)}"


def treated(finding: Finding, chosen: str | None) -> list[Treatment]:
    """The treatments of a finding that were chosen."""
    return [t for t in finding.treatments if t.action == chosen]


def say_recipe(treatments: Sequence[Treatment]) -> None:
    """What goes into every recipe: each way of treating with its columns, in the order in which it is done."""
    if not treatments:
        st.caption("Nothing of this goes into the recipes.")
        return
    ways: dict[str, list[str]] = {}
    for name in dict.fromkeys(t.column for t in treatments):
        ways.setdefault(", then ".join(_words(t) for t in treatments if t.column == name), []).append(name)
    lines = "\n".join(f"- {escape(way)}: {escape(listed(names, most=8))}" for way, names in ways.items())
    st.markdown(f"**Into every recipe go**\n\n{lines}")


def _words(treatment: Treatment) -> str:
    words = _ACTIONS[treatment.action]
    cells = listed([f"'{value}'" for value in treatment.values], most=4)
    into = f" into '{treatment.into}'" if treatment.into else ""
    return f"{words[0].lower()}{words[1:]}" if not cells else f"{treatment.action.replace('_', ' ')} {cells}{into}"


def _say(finding: Finding) -> None:
    why = f"{finding.detected} {finding.why} {finding.do} ({finding.code})"
    with st.container(gap=None, width="stretch"):
        st.markdown(f"{_ICONS[finding.severity]} **{finding.title}** ({finding.severity})", help=escape(why))
        st.markdown(escape(finding.what))
        if any(name not in finding.what for name in finding.columns):
            st.caption(escape(listed(finding.columns, most=8)))
        if finding.severity != "info" and not finding.treatments:
            st.caption(escape(finding.do))


def _ask_treatment(finding: Finding, mark: str, before: str | None) -> str:
    actions = list(dict.fromkeys(t.action for t in finding.treatments))
    options = [_LEAVE, *actions] if finding.code in _BY_DEFAULT_LEFT else [*actions, _LEAVE]
    chosen: str = st.selectbox(
        "In every recipe",
        options,
        format_func=lambda action: _ACTIONS[action],
        key=seed(f"data_treat_{finding.code}_{mark}", before if before in options else options[0]),
        persist_state="session",
        width=280,
    )
    return chosen


def _offer_rows(dataset: Dataset, schema: Schema, finding: Finding) -> None:
    if not finding.examples:
        return
    label = f"Look at {counted(len(finding.examples), 'row')}"
    with st.popover(label, key=f"data_rows_{finding.code}", on_change="rerun", width="content") as box:
        if box.open:
            frame = cached(example_rows)(dataset, finding.examples, (*finding.columns, schema.target))
            st.dataframe(frame, width=_WIDE, hide_index=True, key=f"data_rows_table_{finding.code}")


def _offer_roles(dataset: Dataset, finding: Finding) -> None:
    for name, role in finding.suggest_roles:
        st.button(
            f"Give {escape(name)} the role '{role}'",
            key=f"data_role_{finding.code}_{name}",
            on_click=guarded(give_role),
            args=(dataset, name, role),
        )


def _offer_version(schema: Schema, finding: Finding) -> None:
    """Rows are removed by a new version of the table, never by a recipe."""
    if finding.code not in (*_COPIES, *_DOUBTFUL_ROWS) or (finding.code not in _COPIES and not finding.examples):
        return
    label = "Remove repeated rows" if finding.code in _COPIES else "Leave some of them out"
    if st.button(f"{label} on '{STEPS['derive'].title}'", key=f"data_derive_{finding.code}", icon=STEPS["derive"].icon):
        session().set_draft("derive", _without_copies(schema) if finding.code in _COPIES else _without(finding))
        go_to("derive")


def _without_copies(schema: Schema) -> dict[str, Any]:
    """As the check compares rows: in all columns but identifiers."""
    told = [c.name for c in schema.columns if c.kind != "identifier"]
    return {"operation": "drop_duplicates", "columns": [] if len(told) == len(schema.columns) else told}


def _without(finding: Finding) -> dict[str, Any]:
    return {"operation": "leave_out", "rows": [str(row) for row in finding.examples]}
