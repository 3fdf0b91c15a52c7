"""The mark of a chosen run that was made in the wrong order, on every page."""

from __future__ import annotations

import streamlit as st

from mlops_lib.objects.words import listed
from pages.shared.escape import escape
from pages.shared.session import session, workspace


def say_wrong_order() -> None:
    """Say of a chosen run, which a link can name, that it was made in the wrong order."""
    chosen = session().id("run")
    if chosen is None:
        return
    from mlops_lib.train.ladder import recipe_title
    from mlops_lib.train.runs import has_run, load_run

    recipe = load_run(workspace(), chosen).recipe if has_run(workspace(), chosen) else None
    if recipe is not None and recipe.leak:
        st.error(
            f"**{escape(recipe_title(recipe))}** is the chosen run. It shows what a mistake pretends "
            f"({listed(recipe.leak)} before the split): its figures are not those of new rows, and it gets no "
            "threshold and cannot be registered. Choose another run on Compare.",
            icon="⚠️",
        )
