"""The views of the Charter page: the project, its costs and criterion, and how its hypotheses stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from mlops_lib.data.charters import history, keep_charter, list_charters, new_project
from mlops_lib.evaluate.binary_judging import COMPARED
from mlops_lib.evaluate.metrics import metric
from mlops_lib.explore.hypotheses import Judged, judge_hypotheses
from mlops_lib.explore.work import JOB_ROWS, spec_of
from mlops_lib.objects.charter import Charter, Criterion, Expectation, Hypothesis
from mlops_lib.objects.words import counted, money, number
from pages.shared.boundary import guarded
from pages.shared.calls import cached, job
from pages.shared.escape import escape
from pages.shared.prior_shift import show_shares
from pages.shared.session import session, workspace
from pages.shared.show import Card, cards, sentence, table

if TYPE_CHECKING:
    from mlops_lib.objects.schema import Schema

_MARKS = {"confirmed": "✅ confirmed", "rejected": "❌ rejected", "open": "⏳ open"}
_EXPECTS: dict[Expectation, str] = {
    "related": "is related to the target",
    "higher": "is higher, or this label is commoner",
    "lower": "is lower, or this label is rarer",
}


def choose_project() -> None:
    """The projects that are there, and the form that begins another."""
    known = {c.project: c for c in list_charters(workspace())}
    sentence("Say what the project is for before a model is trained: what is success, and what do errors cost?")
    if known:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                f"Go on with one of {counted(len(known), 'project')}", list(known), index=None, key="charter_known",
                format_func=lambda project: known[project].name, placeholder="Choose a project",
            )  # fmt: skip
            st.button("Open", key="charter_open", disabled=chosen is None, on_click=_open, args=(known.get(chosen),))
    with st.container(border=True):
        st.markdown("**Begin a project**" if known else "**Begin the first project**")
        _ask(Charter(new_project(), "New project"), first=True)


def show_charter(charter: Charter) -> None:
    """What is written down: the question and the decision in words, costs and criterion as key numbers."""
    sentence(escape(charter.question or charter.name))
    decides = f"  ·  It decides: {escape(charter.decision)}" if charter.decision else ""
    st.markdown(f"Project **{escape(charter.name)}**{decides}")
    cards([
        Card("A miss costs", _cost(charter.miss, charter), "a positive row that is not found"),
        Card("A false alarm costs", _cost(charter.false_alarm, charter), "a negative row that is acted on"),
        Card(*_success_card(charter.criterion)),
        Card("One row within", _time(charter.criterion), "95 % of the calls"),
    ])  # fmt: skip


def show_hypotheses(charter: Charter) -> None:
    """Each hypothesis with its status and why; the tests use training rows, so a locked split is needed."""
    st.subheader("Hypotheses", anchor=False)
    if not charter.hypotheses:
        st.caption("None yet. Write down what you expect before you look: a test then counts for more.")
        return
    judged = _judged(charter)
    if judged is None and session().split() is not None:
        return
    if judged is None:
        st.caption("They stay open until a table is chosen and its split is locked on the Data page.")
        judged = tuple(Judged(h, "open", "No table with a locked split is chosen.") for h in charter.hypotheses)
    dataset, schema = session().dataset(), session().schema()
    if dataset is not None and schema is not None:
        show_shares(dataset, schema)
    for place, one in enumerate(judged):
        _show_one(charter, place, one)
    st.caption("Tested on training rows, p adjusted over these hypotheses (Holm). Open is an answer, too.")


def _show_one(charter: Charter, place: int, judged: Judged) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"charter_hypothesis_{place}"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"{_MARKS[judged.status]} · **{escape(judged.hypothesis.says)}**")
            bound = _bound(judged.hypothesis)
            st.caption(f"{escape(bound)}: {escape(judged.why)}" if bound else escape(judged.why))
        st.button(
            "Take it back", key=f"charter_back_{place}_{charter.fingerprint}", type="tertiary", on_click=_without,
            args=(charter, place),
        )  # fmt: skip


def add_hypothesis(charter: Charter, schema: Schema | None) -> None:
    """A form for one more hypothesis, bound to a column where a table is there."""
    with (
        st.expander("Add a hypothesis", icon="➕", expanded=not charter.hypotheses),
        st.form(f"charter_add_{charter.fingerprint}", border=False),
    ):
        says = st.text_input("In words", placeholder="People who work overtime leave more often.", key="charter_says")
        with st.grid(min_column_width=180, gap="small"):
            columns = [] if schema is None else list(schema.features())
            column = st.selectbox("Column", columns, index=None, placeholder="Not bound to a test", key="charter_col")
            expects = st.selectbox("In rows of the positive class it", list(_EXPECTS), format_func=_EXPECTS.__getitem__)
            level = st.text_input("Label, where the column has labels", placeholder="Yes")
            smallest = st.number_input(
                "Smallest effect worth acting on", 0.0, 0.9, 0.1, 0.05,
                help="On one scale from 0 to 1 (bias-corrected V, or root epsilon squared); 0.1 small, 0.3 medium.",
            )  # fmt: skip
        if st.form_submit_button("Add it"):
            added = Hypothesis(says.strip(), column or "", expects, level.strip(), smallest)
            _keep(replace(charter, hypotheses=(*charter.hypotheses, added)), "a hypothesis was added")


def change_charter(charter: Charter) -> None:
    """The form that changes everything but the hypotheses."""
    with st.expander("Change the charter", icon="✏️"):
        _ask(charter, first=False)


def show_history(charter: Charter) -> None:
    """Every state that was in force, so that a criterion that moved after training can be seen."""
    states = history(workspace(), charter.project)
    with st.expander(f"History: {counted(len(states), 'state')}", icon="🕰️"):
        kept = [workspace().get(Charter, s.charter) for s in states]
        lines = pd.DataFrame({
            "Since": [f"{datetime.fromtimestamp(s.at, UTC):%Y-%m-%d %H:%M} UTC" for s in states],
            "Success": [_success(c.criterion) for c in kept],
            "A miss costs": [_cost(c.miss, c) for c in kept],
            "A false alarm costs": [_cost(c.false_alarm, c) for c in kept],
            "Hypotheses": [len(c.hypotheses) for c in kept],
            "Why": [s.why for s in states],
        })  # fmt: skip
        table(lines, key=f"charter_history_{charter.fingerprint}")


def _judged(charter: Charter) -> tuple[Judged, ...] | None:
    dataset, schema, plan = session().dataset(), session().schema(), session().split()
    if dataset is None or schema is None or plan is None:
        return None
    if dataset.rows <= JOB_ROWS:
        return cached(judge_hypotheses)(dataset, schema, plan, charter.hypotheses)
    spec = {**spec_of(dataset, schema, plan, all_rows=False), "hypotheses": charter.hypotheses}
    found: tuple[Judged, ...] | None = job("hypotheses", spec, label="Testing the hypotheses")
    return found


def _ask(charter: Charter, first: bool) -> None:
    with st.form(f"charter_form_{'new' if first else charter.fingerprint}", border=False):
        name = st.text_input("Project", "" if first else charter.name, placeholder="Who will leave?")
        question = st.text_area(
            "The question", charter.question, height=70,
            placeholder="Which employees will hand in their notice within a year?",
        )  # fmt: skip
        decision = st.text_area(
            "The decision it serves", charter.decision, height=70, placeholder="Whom HR invites to a talk this month."
        )
        with st.grid(min_column_width=150, gap="small"):
            miss = st.number_input("A miss costs", 0.01, 1e9, charter.miss, placeholder="not said")
            alarm = st.number_input("A false alarm costs", 0.01, 1e9, charter.false_alarm, placeholder="not said")
            currency = st.text_input("Currency", charter.currency, placeholder="EUR", max_chars=8)
        criterion = _ask_criterion(charter.criterion)
        why = "" if first else st.text_input("Why it changes", placeholder="Finance named the cost of a replacement.")
        if st.form_submit_button("Write it down" if first else "Keep the change", type="primary"):
            asked = replace(
                charter, name=name.strip(), question=question.strip(), decision=decision.strip(), miss=miss,
                false_alarm=alarm, currency=currency.strip(), criterion=criterion,
            )  # fmt: skip
            _keep(asked, "written down" if first else why)


def _ask_criterion(before: Criterion | None) -> Criterion | None:
    names = [m.name for m in COMPARED]
    st.markdown("**Success, said before training**")
    with st.grid(min_column_width=150, gap="small"):
        chosen = st.selectbox(
            "Metric", names, index=None if before is None else names.index(before.metric),
            format_func=lambda name: metric(name).label, placeholder="not said",
        )  # fmt: skip
        limit = st.number_input(
            "Limit", 0.0, 10.0, None if before is None else before.limit, 0.01, placeholder="0.80",
            help="The least value; for the Brier score and log loss the largest.",
        )  # fmt: skip
        latency = st.number_input(
            "Milliseconds for one row", 0.1, 1e6, None if before is None else before.latency_ms,
            placeholder="any", help="The longest time that 95 % of the calls may take.",
        )  # fmt: skip
    return None if chosen is None or limit is None else Criterion(chosen, limit, latency)


@guarded
def _without(charter: Charter, place: int) -> None:
    rest = tuple(h for i, h in enumerate(charter.hypotheses) if i != place)
    kept = keep_charter(workspace(), replace(charter, hypotheses=rest), "a hypothesis was taken back")
    session().set(charter=kept)


@guarded
def _open(charter: Charter) -> None:
    session().set(charter=workspace().put(charter))


def _keep(charter: Charter, why: str) -> None:
    session().set(charter=keep_charter(workspace(), charter, why))
    st.rerun()


def _cost(amount: float | None, charter: Charter) -> str:
    return "not said" if amount is None else money(amount, charter.currency)


def _success(criterion: Criterion | None) -> str:
    if criterion is None:
        return "not said"
    chosen = metric(criterion.metric)
    return f"{chosen.label} {'≥' if chosen.higher_is_better else '≤'} {number(criterion.limit)}"


def _success_card(criterion: Criterion | None) -> tuple[str, str, str]:
    if criterion is None:
        return "Success", "not said", "a metric and its limit"
    chosen = metric(criterion.metric)
    note = "its whole 95 % interval, out-of-fold"
    return f"Success: {chosen.label}", f"{'≥' if chosen.higher_is_better else '≤'} {number(criterion.limit)}", note


def _time(criterion: Criterion | None) -> str:
    return "any" if criterion is None or criterion.latency_ms is None else f"{number(criterion.latency_ms)} ms"


def _bound(hypothesis: Hypothesis) -> str:
    return f"{hypothesis.column} = {hypothesis.level}" if hypothesis.level else hypothesis.column


@guarded
def leave() -> None:
    """Close the project; it stays in the workspace."""
    session().set(charter=None)
