"""Train the ladder of recipes on the same folds."""

import streamlit as st

from mlops_lib.objects.words import counted
from mlops_lib.train.changes import changed_sentence, what_changed
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.outcomes import recipes_for
from mlops_lib.train.prior_shift import shift_ahead
from mlops_lib.train.question import training_question
from mlops_lib.train.row_weights import weighable
from pages.shared import train_remedies as remedies
from pages.shared import train_views as views
from pages.shared.calls import cached
from pages.shared.judged_how import say_how_judged
from pages.shared.page import need, page
from pages.shared.prior_shift import show_shift
from pages.shared.session import session, workspace
from pages.shared.show import escape, sentence

with page("train", "Each strategy with each model, on the same folds."):
    dataset, schema, plan = need("dataset"), need("schema"), need("split")
    question = cached(training_question)(dataset, schema, plan)
    sentence(escape(question.sentence))
    shift = shift_ahead(workspace(), dataset, schema)
    show_shift(shift)
    trained, last = session().experiment(), views.last_trained()
    choice = remedies.ask_choice(remedies=question.kind == "binary")
    with st.container(border=True, key="ladder"):
        if choice == remedies.REMEDY:
            ladder = remedies.ask_remedies(remedies.drafted_remedies(question, schema), dataset, schema, question)
        else:
            ladder = views.ask_ladder(views.drafted_ladder(), question, schema)
    views.keep_ladder(ladder)
    recipes, left_out = weighable(recipes_for(ladder, question.kind), schema.weight)
    if left_out:
        st.info(escape(left_out), icon="⚖️")
    if recipes:
        st.caption(views.planned(recipes, plan))
    else:
        st.info(
            f"Switch on at least one {'remedy' if choice == remedies.REMEDY else 'rung'}, and one model.", icon="💡"
        )
        st.stop()
    seed, true = int(st.session_state["train_seed"]), shift.true if shift is not None else None
    experiment = new_experiment(plan, recipes, seed, dataset.name, prevalence=true)
    changed = what_changed(last, experiment) if last is not None else ()
    kind = "secondary" if trained is not None and not changed else "primary"
    if st.button(f"Train {counted(len(recipes), 'recipe')}", type=kind, key="train_start"):
        views.start(experiment)
        st.rerun()
    if changed:
        st.info(f"{changed_sentence(changed)} Train again to see what that does.", icon="💡")
    if trained is not None:
        say_how_judged()
        views.show_training(trained)
    views.show_file(experiment, ladder)
