"""The parts of the Threshold page: where the handle is, what that gives, and keeping it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.objects.decision import Fixed
from mlops_lib.threshold.choosing import choose
from mlops_lib.threshold.compared import is_quick
from mlops_lib.threshold.of_run import choice_spec, choice_work
from mlops_lib.threshold.outcome import hold_out_outcome, priced
from mlops_lib.threshold.shown import decision_sentence, outcome_sentence, shown_outcomes, unseen_sentence
from mlops_lib.train.runs import out_of_fold
from mlops_lib.workspace import codec
from pages.shared.calls import cached, job
from pages.shared.escape import escape
from pages.shared.page import go_to
from pages.shared.session import session, workspace
from pages.shared.show import number, sentence, table

if TYPE_CHECKING:
    from mlops_lib.evaluate.hold_out import HoldOutResult
    from mlops_lib.objects.decision import Cost, Decision, Policy
    from mlops_lib.objects.run import Run
    from mlops_lib.objects.split import SplitPlan
    from mlops_lib.threshold.of_run import Choice
    from mlops_lib.threshold.outcome import Outcome

_DRAFT = "threshold"
_SWEEPS = 7
"""How often the rows are swept for a choice: once, once without each fold, and once for the browser."""


def chosen(plan: SplitPlan, run: Run, policy: Policy, cost: Cost) -> Choice | None:
    """What the policy chooses, with prices; None while a job works on it."""
    spec = choice_spec(run.fingerprint, policy)
    if is_quick(plan, _SWEEPS):
        found = cached(choice_work)(workspace(), spec)
    else:
        found = job("threshold", spec, label="Choosing the threshold")
    if found is None:
        return None
    best, half, unseen = (priced(one, cost) for one in (found.best, found.half, found.unseen))
    decision = replace(found.decision, policy=policy)  # with its currency, which changes no number
    return replace(found, decision=decision, best=best, half=half, unseen=unseen)


def handle(decision: Decision) -> float:
    """Where the handle is: where it was put under this very run and policy, else at the policy's threshold."""
    put = session().draft(_DRAFT, {})
    return float(put["at"]) if put.get("under") == _under(decision) else decision.threshold


def put_handle(decision: Decision, at: float) -> None:
    """Remember where the handle was put."""
    session().set_draft(_DRAFT, {"under": _under(decision), "at": at})


def _under(decision: Decision) -> str:
    return f"{decision.run} {codec.to_json(decision.policy)}"


def ask_typed(decision: Decision, at: float) -> None:
    """A field to type a threshold, and the way back to the policy's."""
    key = f"threshold_typed_{decision.run}"
    st.session_state[key] = at

    def typed() -> None:
        put_handle(decision, st.session_state[key])

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input("Type a threshold", 0.0, 1.0, step=0.01, format="%.4f", key=key, on_change=typed)
        st.button(
            f"Back to {number(decision.threshold)}", key="threshold_back", disabled=at == decision.threshold,
            on_click=put_handle, args=(decision, decision.threshold), help="The threshold that the policy chooses.",
        )  # fmt: skip


def show_decision(choice: Choice, cost: Cost) -> None:
    """The decision in words, then what it gives on rows it was not chosen on."""
    decision = choice.decision
    sentence(escape(decision_sentence(decision)))
    st.markdown(escape(unseen_sentence(choice.unseen, cost.currency)))
    for note in decision.notes if decision.promised else ():
        st.caption(escape(note))


def show_outcomes(choice: Choice, now: Outcome, cost: Cost) -> None:
    """The handle, the policy's threshold, the same on rows it was not chosen on, and 0.5, one line each."""
    moved = {"The handle": now} if now.threshold != choice.decision.threshold else {}
    lines = {
        **moved, "The policy's threshold": choice.best, "The same, each fold by the others": choice.unseen,
        "0.5": choice.half,
    }  # fmt: skip
    table(shown_outcomes(lines, cost.currency), key="threshold_outcomes", download="thresholds.csv")
    st.caption(
        f"{now.many:,} out-of-fold rows, calibrated scores, counted exactly; 95 % intervals (Wilson for precision and "
        "recall, else a stratified bootstrap). A threshold looks a little better on the rows it was chosen on; "
        "the line below it corrects for that."
    )


def show_hold_out(result: HoldOutResult, cost: Cost) -> None:
    """What the handle's threshold gives on the hold-out."""
    found = hold_out_outcome(result, cost)
    sentence(escape(f"On the hold-out: {outcome_sentence(found, cost)}"))
    table(shown_outcomes({"Hold-out": found}, cost.currency), key="threshold_hold_out_table")


def keep(run: Run, decision: Decision, at: float) -> None:
    """Store the decision and choose it: the policy's own, or a typed one where the handle was moved away."""
    moved = at != decision.threshold
    kept = choose(out_of_fold(workspace(), run), Fixed(at)) if moved else decision
    session().set(decision=workspace().put(kept))


def show_kept(at: float) -> None:
    """What was kept, and where to go from here."""
    kept = session().decision()
    if kept is None:
        return
    moved = "" if kept.threshold == at else " The handle has moved since; keep it again to change that."
    st.success(f"Kept: flag from a score of {number(kept.threshold)} on.{moved}", icon="✅")
    with st.container(horizontal=True):
        for name, label in (("explain", "Explain this model"), ("registry", "Register it")):
            if st.button(label, key=f"threshold_to_{name}"):
                go_to(name)
