"""The one place where errors become words: a calm box for the visitor, the traceback with an id in the log."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st
from streamlit.errors import FragmentHandledException

from mlops_lib.objects.errors import FulcrumError
from pages.shared.escape import escape
from pages.shared.leaving import note_asking

P = ParamSpec("P")

_log = logging.getLogger("fulcrum")


@contextmanager
def boundary() -> Iterator[None]:
    """Show what goes wrong inside instead of letting it through; a rerun or stop of the script passes."""
    try:
        yield
    except FragmentHandledException:
        raise
    except Exception as error:  # noqa: BLE001  the boundary exists to catch what nobody expected
        show_error(error)


def show_error(error: Exception) -> bool:
    """Draw an error where the page stands. Returns True: the error has been dealt with (as `st.App` wants to know)."""
    if isinstance(error, FulcrumError):
        _log.info("Shown to the user: %s", error)
        hint = f"\n\n{escape(error.hint)}" if error.hint else ""
        st.warning(f"**{escape(error.message)}**{hint}", icon="💡")
        return True
    identity = secrets.token_hex(3).upper()
    _log.error("Error %s", identity, exc_info=error)
    st.error(
        f"**Something went wrong, id {identity}.** What you chose is kept. "
        f"Try again; if it stays, look for {identity} in the log of the server.",
        icon="⚠️",
    )
    return True


def guarded(function: Callable[P, None]) -> Callable[P, None]:
    """The function inside the error boundary: for callbacks of widgets, which run before the page."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        with boundary():
            function(*args, **kwargs)

    return call


def fragment(
    *, run_every: float | None = None, key: str | None = None
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """`st.fragment` with the error boundary inside, because a fragment that runs alone is outside the page's own."""

    def decorate(function: Callable[P, None]) -> Callable[P, None]:
        if run_every is not None:
            note_asking()
        return st.fragment(guarded(function), run_every=run_every, key=key)

    return decorate
