"""What the exploring pages share: which rows they look at, and where their calls are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import streamlit as st

from mlops_lib.explore.work import JOB_ROWS, spec_of
from mlops_lib.objects.recipe import Selection
from pages.shared.calls import cached, job
from pages.shared.session import session

if TYPE_CHECKING:
    from mlops_lib.objects.dataset import Dataset
    from mlops_lib.objects.schema import Schema
    from mlops_lib.objects.split import SplitPlan

R = TypeVar("R")

Nouns: TypeAlias = "tuple[Dataset, Schema, SplitPlan]"


def ask_all_rows() -> bool:
    """The switch from training rows, which are the default, to all rows; the same on all exploring pages."""
    every = st.toggle(
        "All rows",
        key="all_rows",
        persist_state="session",
        help="These figures use the training rows alone, so that nothing you decide here has seen the hold-out. "
        "Switch to all rows to describe the table; what you force by hand is then recorded as seen on all rows.",
    )
    st.caption("All rows, the hold-out among them." if every else "Training rows; the hold-out stays unseen.")
    return every


def explored(
    kind: str,
    call: Callable[..., R],
    label: str,
    nouns: Nouns,
    all_rows: bool,
    *,
    mapped: bool = False,
) -> R | Any | None:
    """The result of a call on the nouns: at once for small tables, as the job of that kind for large ones.

    None while the job is under way; its progress is drawn in its place. `mapped` as in `job`: for long results.
    """
    if nouns[0].rows <= JOB_ROWS:
        return cached(call)(*nouns, all_rows)
    return job(kind, spec_of(*nouns, all_rows), label=label, mapped=mapped)


def kept_rule() -> Selection:
    """The selection rule that was stored last, so that a reload shows it again; else the default."""
    stored = session().draft("selection") or {}
    return Selection(**{name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()})


def keep_rule(rule: Selection) -> None:
    """Store the rule for the recipes, as plain JSON values by field."""
    fields = asdict(rule)
    session().set_draft("selection", {k: list(v) if isinstance(v, tuple) else v for k, v in fields.items()})
