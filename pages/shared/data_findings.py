"""What may be wrong with the table, what to do about it, and which columns are known only after the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from mlops_lib.checks.quality import findings, joined
from mlops_lib.checks.work import JOB_ROWS, findings_spec
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.finding import Finding, Findings
from mlops_lib.objects.recipe import Action, Treatment
from mlops_lib.objects.schema import Column, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import counted, listed
from pages.shared.calls import cached, job
from pages.shared.data_words import AFTER
from pages.shared.escape import escape
from pages.shared.form import Draft, seed

_SUSPECT = ("FUL010", "FUL013")
_ICONS = {"serious": "🔴", "warning": "🟠", "info": "🔵"}
_LEAVE = "leave"
_SAID_ELSEWHERE = ("FUL001",)
_BY_DEFAULT_LEFT = ("FUL009",)
_ACTIONS: dict[Action | str, str] = {
    "median": "Fill in the median",
    "mean": "Fill in the mean",
    "most_frequent": "Fill in the most frequent value",
    "zero": "Fill in 0",
    "indicator": "Fill in, and mark what was missing",
    "own_level": "A level of its own: missing",
    "clip": "Clip to the middle 98 %",
    "log": "Take logarithms",
    "drop": "Leave out of the recipes",
    _LEAVE: "Leave as it is",
}


def find(dataset: Dataset, schema: Schema, plan: SplitPlan) -> Findings | None:
    """What the quick checks find on training rows; None while a large table is still being checked."""
    if dataset.rows <= JOB_ROWS:
        return cached(findings)(dataset, schema, plan, part="quick")
    found: Findings | None = job("findings", findings_spec(dataset, schema, plan, "quick"), label=_checking(dataset))
    return found


def find_more(dataset: Dataset, schema: Schema, plan: SplitPlan, found: Findings) -> Findings:
    """The same with what the slow checks find; until they have, their progress is drawn and `found` is all there is."""
    late: Findings | None = job("findings", findings_spec(dataset, schema, plan, "slow"), label=_looking(dataset))
    return found if late is None else joined(found, late)


def _checking(dataset: Dataset) -> str:
    return f"Checking {dataset.name}"


def _looking(dataset: Dataset) -> str:
    return f"Looking at the rows of {dataset.name} with quick models"


def ask_known_after(
    columns: tuple[Column, ...], found: Sequence[Finding], draft: Draft, mark: str
) -> tuple[Column, ...]:
    """The columns, with those that are known only after the event left out. Suspects are named; the user decides."""
    features = [c.name for c in columns if c.role == "feature"]
    suspects = [n for f in found if f.code in _SUSPECT for n in f.columns if n in features]
    suspects = list(dict.fromkeys(suspects))
    st.subheader("Which columns are known only after the event?", anchor=False)
    if suspects:
        verb = "is" if len(suspects) == 1 else "are"
        st.markdown(f"**{escape(listed(suspects))}** {verb} suspected. Keep what is right, add what is missing.")
    else:
        st.caption("None is suspected. A column that is filled in only after the event does not belong in a model.")
    before = [n for n in draft.get("after", suspects) if n in features]
    chosen = st.multiselect(
        "Known only after the event, so left out",
        features,
        key=seed(f"data_after_{mark}", before),
        placeholder="None",
        persist_state="session",
    )
    draft.keep(after=list(chosen))
    return tuple(replace(c, role="ignored", reason=AFTER) if c.name in chosen else c for c in columns)


def ask_treatments(found: Sequence[Finding], schema: Schema, draft: Draft, mark: str) -> tuple[Treatment, ...]:
    """Show every finding and take the treatment chosen for it, for the columns that are still features."""
    st.subheader("What may be wrong with the table?", anchor=False)
    if not found:
        st.markdown("Nothing: no missing cells, no copies, no constants, no column that knows the answer.")
        return ()
    st.caption(
        "Measured on training rows. A treatment becomes part of every recipe and is learnt on training rows; "
        "the table stays as it is."
    )
    features = schema.features()
    chosen: list[Treatment] = []
    drafted = dict(draft.get("treat") or {})
    for finding in (f for f in found if _still_matters(f, features)):
        drafted[finding.code] = _show(finding, drafted.get(finding.code), mark)
        chosen += [t for t in finding.treatments if t.action == drafted[finding.code]]
    draft.keep(treat={k: v for k, v in drafted.items() if v is not None})
    return tuple(t for t in chosen if t.column in features)


def _still_matters(finding: Finding, features: Sequence[str]) -> bool:
    """Not where it was said already, or where all of its columns have been left out since."""
    if finding.code in _SAID_ELSEWHERE:
        return False
    return not finding.treatments or any(t.column in features for t in finding.treatments)


def _show(finding: Finding, before: str | None, mark: str) -> str | None:
    """One finding in a row; the action chosen, None where none is offered."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"data_finding_{finding.code}"):
        why = f"{finding.detected} {finding.why} {finding.do} ({finding.code})"
        with st.container(gap=None, width="stretch"):
            st.markdown(f"{_ICONS[finding.severity]} **{finding.title}** ({finding.severity})", help=escape(why))
            st.markdown(escape(finding.what))
            if any(name not in finding.what for name in finding.columns):
                st.caption(escape(listed(finding.columns, most=8)))
        if not finding.treatments:
            return None
        actions = list(dict.fromkeys(t.action for t in finding.treatments))
        options = [_LEAVE, *actions] if finding.code in _BY_DEFAULT_LEFT else actions
        return st.selectbox(
            f"Treatment of {finding.title.lower()} in {counted(len(finding.columns), 'column')}",
            options,
            format_func=lambda a: _ACTIONS[a],
            key=seed(f"data_treat_{finding.code}_{mark}", before if before in options else options[0]),
            persist_state="session",
            label_visibility="collapsed",
            width=280,
        )
