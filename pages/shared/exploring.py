"""What the exploring pages share: which rows they look at, and where their calls are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from mlops_lib.explore.work import JOB_ROWS, spec_of
from pages.shared.calls import cached, job

if TYPE_CHECKING:
    from mlops_lib.objects.dataset import Dataset
    from mlops_lib.objects.schema import Schema
    from mlops_lib.objects.split import SplitPlan

R = TypeVar("R")


def ask_all_rows() -> bool:
    """The switch from training rows, which are the default, to all rows; the same on all exploring pages."""
    return st.toggle(
        "Show all rows",
        key="all_rows",
        persist_state="session",
        help="These figures use the training rows alone, so that nothing you decide here has seen the hold-out. "
        "Switch to all rows to describe the table; what you force by hand is then recorded as seen on all rows.",
    )


def explored(
    kind: str,
    call: Callable[..., R],
    label: str,
    nouns: tuple[Dataset, Schema, SplitPlan],
    all_rows: bool,
) -> R | Any | None:
    """The result of a call on the nouns: at once for small tables, as the job of that kind for large ones.

    None while the job is under way; its progress is drawn in its place.
    """
    if nouns[0].rows <= JOB_ROWS:
        return cached(call)(*nouns, all_rows)
    return job(kind, spec_of(*nouns, all_rows), label=label)
