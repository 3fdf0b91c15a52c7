"""What may be wrong with the table, what to do about it, and which columns are known only after the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from mlops_lib.checks.quality import findings, joined
from mlops_lib.checks.work import JOB_ROWS, findings_spec
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.finding import Finding, Findings
from mlops_lib.objects.recipe import Treatment
from mlops_lib.objects.schema import Column, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.objects.words import counted, listed
from pages.shared.calls import cached, job
from pages.shared.data_draft import is_confirmed
from pages.shared.data_words import AFTER
from pages.shared.escape import escape
from pages.shared.findings_views import say_recipe, show_finding, show_silent, treated
from pages.shared.form import Draft, seed

_SUSPECT = ("FUL010", "FUL013")
_SAID_ELSEWHERE = ("FUL001",)


def find(dataset: Dataset, schema: Schema, plan: SplitPlan) -> Findings | None:
    """What the quick checks find on training rows; None while a large table is still being checked."""
    if dataset.rows <= JOB_ROWS:
        return cached(findings)(dataset, schema, plan, part="quick")
    found: Findings | None = job("findings", findings_spec(dataset, schema, plan, "quick"), label=_checking(dataset))
    return found


def find_more(dataset: Dataset, schema: Schema, plan: SplitPlan, found: Findings, draft: Draft, mark: str) -> Findings:
    """The same with what the slow checks find; until they have, `found` is all there is.

    They fit models, so every cell that is edited above begins them anew; whoever edits many can switch them off.
    """
    closer = st.toggle(
        "Look closer with quick models",
        key=seed(f"data_closer_{mark}", bool(draft.get("closer", True))),
        persist_state="session",
        help="Answers that may be wrong, rows apart from all others, a hold-out unlike the training rows. "
        "Takes some seconds, in the background, after every change above.",
    )
    draft.keep(closer=closer)
    if not closer:
        return found
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


def ask_treatments(dataset: Dataset, found: Findings, schema: Schema, draft: Draft, mark: str) -> tuple[Treatment, ...]:
    """Show every finding and take the treatment chosen for it, for the columns that are still features."""
    st.subheader("What may be wrong with the table?", anchor=False)
    features = schema.features()
    told = [f for f in found.found if _still_matters(f, features)]
    if not told:
        st.markdown("Nothing that these checks look for.")
    else:
        st.caption(
            "Measured on training rows, the serious first. What you choose goes into every recipe and is learnt on "
            "training rows; the table stays as it is."
        )
    drafted = dict(draft.get("treat") or {})
    notes = [f for f in told if f.severity == "info"]
    chosen = [_shown(dataset, schema, f, drafted, mark) for f in told if f.severity != "info"]
    if notes:
        with st.expander(_notes(notes), expanded=len(notes) == len(told) and not is_confirmed(), key="data_notes"):
            chosen += [_shown(dataset, schema, f, drafted, mark) for f in notes]
    show_silent(found.silent)
    draft.keep(treat={k: v for k, v in drafted.items() if v is not None})
    treatments = tuple(t for some in chosen for t in some if t.column in features)
    if any(f.treatments for f in told):
        say_recipe(treatments)
    return treatments


def _shown(
    dataset: Dataset, schema: Schema, finding: Finding, drafted: dict[str, str | None], mark: str
) -> list[Treatment]:
    drafted[finding.code] = show_finding(dataset, schema, finding, mark, drafted.get(finding.code))
    return treated(finding, drafted[finding.code])


def _notes(notes: Sequence[Finding]) -> str:
    titles = listed([f.title.lower() for f in notes], most=4)
    return f"ℹ️ {counted(len(notes), 'note')}: {titles}"


def _still_matters(finding: Finding, features: Sequence[str]) -> bool:
    """Not where it was said already, or where all of its columns have been left out since."""
    if finding.code in _SAID_ELSEWHERE:
        return False
    return not finding.treatments or any(t.column in features for t in finding.treatments)
