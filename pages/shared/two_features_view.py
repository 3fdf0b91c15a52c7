"""Two features together: a map of the target over both, whose margins filter each other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlops_lib.charts.two_features import clicked, two_features_chart
from mlops_lib.explore.binned import bin_columns
from mlops_lib.explore.two_features import joint, together
from mlops_lib.explore.two_features_words import chosen_sentence, method_words, together_sentence
from pages.shared.boundary import guarded
from pages.shared.calls import cached
from pages.shared.exploring import Nouns, explored
from pages.shared.page import fragment
from pages.shared.session import session
from pages.shared.show import escape, figure

if TYPE_CHECKING:
    from mlops_lib.explore.binned import Binned
    from mlops_lib.explore.two_features import Joint

_DRAFT = "two_features"

Bins = tuple[int, ...]


def binned_columns(nouns: Nouns, all_rows: bool) -> Binned | None:
    """Every column in bins, opened where it lies; None while the job that makes it is under way."""
    label = "Putting every column into bins"
    found: Binned | None = explored("linked", bin_columns, label, nouns, all_rows, mapped=True)
    return found


def show_two_features(nouns: Nouns, all_rows: bool, first: str, second: str, of: int | None = None) -> None:
    """The map of two features, redrawn alone on a click; `of` is the class asked about where there are many."""
    binned = binned_columns(nouns, all_rows)
    if binned is not None:
        _map_alone(binned, first, second, of)


def two_features_map(binned: Binned, first: str, second: str, of: int | None = None) -> None:
    """The same inside a fragment of the caller."""
    found = cached(joint)(binned, first, second, of)
    mark = [binned.fingerprint, first, second]
    chosen = _chosen(mark)
    both = cached(together)(found)
    st.markdown(f"**{escape(together_sentence(found, both))}**", help=escape(method_words(both)) if both else None)
    st.markdown(escape(chosen_sentence(found, *chosen)))
    key = f"two_features_{binned.place(first)}_{binned.place(second)}_{binned.fingerprint}"
    figure(
        two_features_chart(found, *chosen),
        alt=f"{binned.target} over {first} and {second}, with each alone above and on the right",
        key=key,
        small=True,
        on_select=partial(_selected, key, found, mark),
        selection_mode="points",
    )
    words = "Colour: the target in the cell; grey: under 20 rows, too few to be sure; open: no rows."
    st.caption(f"{words} Above and right: each feature alone, in grey over all rows. Click a cell or a bar.")
    if any(chosen):
        st.button("Clear the choice", key=f"{key}_clear", on_click=_keep, args=(mark, ((), ())), type="tertiary")


@fragment()
def _map_alone(binned: Binned, first: str, second: str, of: int | None) -> None:
    two_features_map(binned, first, second, of)


@guarded
def _selected(key: str, found: Joint, mark: list[str]) -> None:
    before = _chosen(mark)
    _keep(mark, clicked(found, st.session_state[key].selection, *before))


def _chosen(mark: list[str]) -> tuple[Bins, Bins]:
    """The bins that were chosen last in this very map."""
    kept: dict[str, Any] = session().draft(_DRAFT) or {}
    if kept.get("of") != mark:
        return (), ()
    return tuple(kept["first"]), tuple(kept["second"])


def _keep(mark: list[str], chosen: tuple[Bins, Bins]) -> None:
    first, second = (list(bins) for bins in chosen)
    session().set_draft(_DRAFT, {"of": mark, "first": first, "second": second} if first or second else None)
