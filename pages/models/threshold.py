"""From which score on to say yes, and what that costs."""

import streamlit as st

from mlops_lib.charts.threshold import decision_chart
from mlops_lib.objects.decision import Fixed
from mlops_lib.threshold.of_run import outcome_of_run
from mlops_lib.threshold.outcome import priced
from mlops_lib.train.ladder import recipe_title
from mlops_lib.train.prior_shift import shift_of_run
from pages.shared import threshold_views as views
from pages.shared.calls import cached
from pages.shared.code import show_code
from pages.shared.hold_out import ask_hold_out
from pages.shared.judged_how import say_how_judged
from pages.shared.page import need, page
from pages.shared.policy import ask_costs, ask_policy
from pages.shared.prior_shift import show_shift
from pages.shared.question import stop_unless_two_answers
from pages.shared.session import workspace
from pages.shared.show import escape, figure, number
from pages.shared.threshold_element import threshold_element

with page("threshold", "From which score on to say yes: drag it, or say what matters and take the best."):
    schema, plan, run = need("schema"), need("split"), need("run")
    stop_unless_two_answers(schema, "A threshold turns one probability into yes or no.")
    top = st.container()
    left, right = st.columns(2)
    with left:
        costs = ask_costs("threshold")
    with right:
        policy = ask_policy("threshold", costs_are_asked=True)
    choice = views.chosen(plan, run, policy, costs)
    if choice is None:
        st.stop()
    decision, payload = choice.decision, choice.payload
    at = views.handle(decision)
    now = priced(cached(outcome_of_run)(workspace(), run, at), costs)
    with top:
        views.show_decision(choice, costs)
        say_how_judged()
        show_shift(shift_of_run(workspace(), run))
        threshold_element(
            payload, now, key=f"threshold_element_{run.fingerprint}", cost=costs, stability=decision.stability,
            on_release=lambda moved: views.put_handle(decision, moved),
        )  # fmt: skip
    views.ask_typed(decision, at)
    views.show_outcomes(choice, now, costs)
    with st.expander("What the policy weighs at every threshold", icon="📈"):
        drawn = decision_chart(payload, decision)
        figure(drawn, alt="What the policy weighs over all thresholds", key="threshold_chart")
        st.caption(
            "Line: the chosen threshold; dashed: 0.5. Grey: where the best falls when the rows are drawn again. Bar at "
            "the bottom: from the lowest to the highest threshold that can hardly be told from the best."
        )
    with st.container(border=True, key="threshold_hold_out"):
        opened = ask_hold_out("threshold", plan, run, None, Fixed(at))
        if opened is not None:
            views.show_hold_out(opened, costs)
    show_code(
        f"predictions = out_of_fold(workspace, load_run(workspace, '{run.fingerprint}'))\n"
        f"decision = choose(predictions, {policy!r})\n"
        f"outcome(predictions, {at!r}, {costs!r})"
    )
    st.button(
        f"Keep {number(at)} for {escape(recipe_title(run.recipe))}", type="primary", key="threshold_keep",
        on_click=views.keep, args=(run, decision, at),
    )  # fmt: skip
    views.show_kept(at)
