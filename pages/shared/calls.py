"""Calls into the library that need not be made twice: quick ones through `cached`, long ones through `job`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from mlops_lib.jobs import queue, work
from mlops_lib.jobs.start import ensure_worker
from mlops_lib.objects.fingerprint import fingerprint
from mlops_lib.objects.predictions import Predictions
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.words import duration
from mlops_lib.workspace.folder import Workspace
from pages.shared.boundary import fragment, guarded
from pages.shared.escape import escape
from pages.shared.session import workspace

P = ParamSpec("P")
R = TypeVar("R")

POLL_SECONDS, SOON_SECONDS, SOON = 1.0, 0.3, 6.0
"""Seconds between two looks at a job, and between those at one that was asked for less than `SOON` seconds ago."""

_ENTRIES = 400


def cached(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, whose results are kept by the fingerprints of its arguments.

    For calls of under half a second that depend on their arguments alone. Arguments are nouns, plain values and arrays
    (a frame raises TypeError: pass the noun it comes from). Callers share nothing: each gets its own copy.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        result: R = _stored(_key(function, args, kwargs), lambda: function(*args, **kwargs))
        return result

    return call


@st.cache_data(max_entries=_ENTRIES, show_spinner=False)
def _stored(key: str, _call: Callable[[], Any]) -> Any:
    del key  # Streamlit keeps the result under it; `_call` is left out of its own hashing
    return _call()


def _key(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    name = f"{function.__module__}.{function.__qualname__}"
    return fingerprint(name, [_determined(a) for a in args], {k: _determined(v) for k, v in kwargs.items()})


def _determined(argument: object) -> object:
    """What determines an argument, in the shortest form: a noun that knows its fingerprint need not be read again."""
    if isinstance(argument, Workspace):
        return str(argument.root)
    if isinstance(argument, Predictions) and argument.split != "live":
        return ["Predictions", argument.run, argument.split, argument.n]
    known = getattr(argument, "fingerprint", None)
    return [type(argument).__qualname__, known] if isinstance(known, str) else argument


def job(kind: str, spec: Mapping[str, Any], *, label: str = "", start: bool = True, mapped: bool = False) -> Any | None:
    """The result of a long piece of work, or None while it is not there; then its progress is drawn in its place.

    The same spec has the same key: a stored result is returned at once, a job under way is found again after a page
    switch or a reload. `label` says what is being made ("Reading ibm_hr.csv"); it is plain text. With `start=False`
    nothing is submitted: a job that exists is watched, and without one the answer is None and nothing is drawn.
    With `mapped` the result is opened where it lies at each call: for large arrays, which `cached` would copy.
    """
    key = work.key(kind, spec)
    if workspace().has_result(key):
        return workspace().result(key, mapped=True) if mapped else stored_result(key)
    found = queue.find(workspace(), kind, spec)
    if found is None and not start:
        return None
    _watch(found or _submit(kind, spec), label or kind)
    return None


def stored_result(key: str) -> Any:
    """A stored result by its key, read once and kept. Raises NotFoundError where there is none."""
    place = workspace()
    return _stored(fingerprint("result", str(place.root), key), lambda: place.result(key))


def ask_ahead(works: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Have work (kind and spec) done that a later page will ask for. What is there already is not done again."""
    for kind, spec in works:
        _submit(kind, spec)


def _submit(kind: str, spec: Mapping[str, Any]) -> queue.Job:
    ensure_worker(workspace())
    return queue.status(workspace(), queue.submit(workspace(), kind, spec))


def _watch(found: queue.Job, label: str) -> None:
    """Draw the job; poll while it waits or runs, and run the page once more when it has ended."""
    if not found.active:
        show_job(found, label)
        return

    young = _is_young(found)

    @fragment(run_every=SOON_SECONDS if young else POLL_SECONDS)
    def watch() -> None:
        now = queue.status(workspace(), found.id)
        if not now.active or young != _is_young(now):
            st.rerun()
        ensure_worker(workspace())  # the last one may have ended, or been killed while it did this job
        show_job(now, label)

    watch()


def _is_young(found: queue.Job) -> bool:
    return time.time() - found.created < SOON


def show_job(found: queue.Job, label: str) -> None:
    """A job as it stands: what it does, how far, how long it will take, and Cancel; or why it ended, and Try again."""
    with st.container(border=True, key=f"job_{found.id}"):
        if found.active:
            _show_active(found, label)
        elif found.state == "failed":
            _show_failed(found, label)
        elif found.state == "cancelled":
            st.markdown(f"**{escape(label)}** was cancelled after {duration(found.seconds)}. Nothing was changed.")
            _again(found, "Start again")
        else:
            st.markdown(f"**{escape(label)}** is done, but its result was removed from the workspace.")
            _again(found, "Make it again")


def _show_active(found: queue.Job, label: str) -> None:
    progress = found.progress
    st.markdown(f"**{escape(label)}**")
    if found.cancelling:
        st.caption("Cancelling…")
    elif progress is None:
        waiting = "Waiting for the worker…" if found.state == "queued" else "Starting…"
        st.progress(0.0, text=waiting)
    else:
        st.progress(progress.share, text=escape(progress_words(progress)))
    st.button("Cancel", key=f"cancel_{found.id}", on_click=_cancel, args=(found.id,), disabled=found.cancelling)


def progress_words(progress: Progress) -> str:
    """What is being done, how much of it where it has parts, and how long it will take where that is known."""
    part = f" · {progress.done:,} of {progress.total:,}" if progress.total > 1 else ""
    left = progress.remaining_seconds
    return progress.what + part + (f" · about {duration(left)} left" if left is not None else "")


def _show_failed(found: queue.Job, label: str) -> None:
    failure = found.error
    why = failure.message if failure else "The work ended without a word."
    hint = f"\n\n{escape(failure.hint)}" if failure and failure.hint else ""
    st.warning(f"**{escape(label)} failed.** {escape(why)}{hint}", icon="💡")
    _again(found, "Try again")


def _again(found: queue.Job, label: str) -> None:
    st.button(label, key=f"again_{found.id}", on_click=_resubmit, args=(found.kind, dict(found.spec)))


@guarded
def _cancel(job_id: str) -> None:
    queue.cancel(workspace(), job_id)


@guarded
def _resubmit(kind: str, spec: dict[str, Any]) -> None:
    _submit(kind, spec)
