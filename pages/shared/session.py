"""What one visitor has chosen: fingerprints and plain values, kept under an id that the address shows.

`session()` is a function on purpose: an object made at import would be shared by all visitors. Every change makes a
new, immutable snapshot in the workspace and puts its id into the address as `?view=`; a reload or a colleague who opens
that address gets the same state.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from mlops_lib.objects.errors import InputError, NotFoundError
from mlops_lib.workspace.folder import Workspace, open_workspace
from mlops_lib.workspace.views import find_view, keep_view

if TYPE_CHECKING:
    from mlops_lib.objects.charter import Charter
    from mlops_lib.objects.dataset import Dataset
    from mlops_lib.objects.decision import Decision
    from mlops_lib.objects.experiment import Experiment
    from mlops_lib.objects.run import Run
    from mlops_lib.objects.schema import Schema
    from mlops_lib.objects.split import SplitPlan

DOWNSTREAM: Final[dict[str, tuple[str, ...]]] = {
    "dataset": ("schema", "split", "experiment", "run", "reference", "decision"),
    "schema": ("split", "experiment", "run", "reference", "decision"),
    "split": ("experiment", "run", "reference", "decision"),
    "experiment": ("run", "reference", "decision"),
    "run": ("decision",),
    "reference": (),
    "decision": (),
    "model": ("version",),
    "version": (),
    "charter": (),
}
"""Each noun a visitor can have chosen, and those that lose their meaning when it changes."""

_STATE, _VIEW, _LOST = "fulcrum_state", "fulcrum_view", "fulcrum_lost_view"


def workspace() -> Workspace:
    """The workspace of this installation (FULCRUM_HOME, else `.fulcrum/` beside the app)."""
    return open_workspace()


class Session:
    """The typed face of one visitor's state; it holds nothing itself and costs nothing to make."""

    def id(self, noun: str) -> str | None:
        """The fingerprint (for `model` the name, for `version` the number) chosen for a noun of DOWNSTREAM, or None."""
        if noun not in DOWNSTREAM:
            raise KeyError(noun)
        found: str | None = _state()["nouns"].get(noun)
        return found

    def set(self, **nouns: str | None) -> None:
        """Choose nouns by fingerprint; what hangs on a changed one and is not given with it is forgotten."""
        unknown = set(nouns) - set(DOWNSTREAM)
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        before = _state()
        chosen = dict(before["nouns"])
        changed = [n for n in DOWNSTREAM if n in nouns and nouns[n] != chosen.get(n)]
        for noun in changed:
            for below in DOWNSTREAM[noun]:
                chosen.pop(below, None)
        chosen.update({n: v for n, v in nouns.items() if v is not None})
        for noun in (n for n, v in nouns.items() if v is None):
            chosen.pop(noun, None)
        fresh = {"drafts": {}, "jobs": {}} if "dataset" in changed else {}
        _replace({**before, "nouns": chosen, **fresh})

    def draft(self, name: str, default: Any = None) -> Any:
        """A copy of an unconfirmed edit (plain JSON values) saved under this name, else `default`."""
        return copy.deepcopy(_state()["drafts"].get(name, default))

    def set_draft(self, name: str, value: Any) -> None:
        """Save an unconfirmed edit; None forgets it. It is kept until another dataset is chosen."""
        _replace(_with_entry("drafts", name, copy.deepcopy(value)))

    def job(self, purpose: str) -> str | None:
        """The id of the job last started for this purpose, or None."""
        found: str | None = _state()["jobs"].get(purpose)
        return found

    def set_job(self, purpose: str, job: str | None) -> None:
        """Remember (or with None forget) the job started for this purpose."""
        _replace(_with_entry("jobs", purpose, job))

    def open_view(self, identity: str) -> None:
        """Take up a stored state by its id. Raises NotFoundError where this workspace does not have it."""
        found = find_view(workspace(), identity)
        if found is None:
            raise NotFoundError(f"This workspace has no view '{identity}'.", "Choose a table.")
        _replace({**_empty(), **found})

    @property
    def view(self) -> str:
        """The id of this state, as the address shows it; empty as long as nothing was chosen."""
        found: str = st.session_state.get(_VIEW, "")
        return found

    def dataset(self) -> Dataset | None:
        """The chosen dataset, opened."""
        chosen = self.id("dataset")
        if chosen is None:
            return None
        from mlops_lib.data.datasets import open_dataset

        return open_dataset(workspace(), chosen)

    def schema(self) -> Schema | None:
        """The confirmed schema."""
        from mlops_lib.objects.schema import Schema

        return self._stored(Schema, "schema")

    def split(self) -> SplitPlan | None:
        """The locked split."""
        from mlops_lib.objects.split import SplitPlan

        return self._stored(SplitPlan, "split")

    def experiment(self) -> Experiment | None:
        """The experiment that was trained."""
        from mlops_lib.objects.experiment import Experiment

        return self._stored(Experiment, "experiment")

    def run(self) -> Run | None:
        """The chosen run."""
        return self._run("run")

    def reference(self) -> Run | None:
        """The run that the chosen one is compared with."""
        return self._run("reference")

    def decision(self) -> Decision | None:
        """The chosen threshold with its policy."""
        from mlops_lib.objects.decision import Decision

        return self._stored(Decision, "decision")

    def charter(self) -> Charter | None:
        """The charter of the project, in the state that was chosen or kept last."""
        from mlops_lib.objects.charter import Charter

        return self._stored(Charter, "charter")

    def _run(self, noun: str) -> Run | None:
        chosen = self.id(noun)
        if chosen is None:
            return None
        from mlops_lib.train.runs import load_run

        return load_run(workspace(), chosen)

    def _stored(self, kind: type[Any], noun: str) -> Any:
        chosen = self.id(noun)
        return None if chosen is None else workspace().get(kind, chosen)


def session() -> Session:
    """The state of the visitor whose page is being drawn."""
    return Session()


def restore_session() -> None:
    """Take the state from the address when a browser first opens it, and write the state's id into the address again.

    Called by `app.py` on every run before the navigation, because a click there clears the address. The address is
    read only once a session: later it may lag behind what was chosen meanwhile.
    """
    if _STATE not in st.session_state:
        wanted = st.query_params.get("view", "")
        found = find_view(workspace(), wanted) if wanted else None
        st.session_state[_STATE] = {**_empty(), **(found or {})}
        st.session_state[_VIEW] = wanted if found is not None else ""
        st.session_state[_LOST] = wanted if wanted and found is None else ""
    _show_in_address()


def lost_view() -> str:
    """The id that the address asked for and this workspace does not have; empty where all is well."""
    lost: str = st.session_state.get(_LOST, "")
    return lost


def _empty() -> dict[str, Any]:
    return {"nouns": {}, "drafts": {}, "jobs": {}}


def _state() -> dict[str, Any]:
    if _STATE not in st.session_state:
        restore_session()
    state: dict[str, Any] = st.session_state[_STATE]
    return state


def _with_entry(part: str, name: str, value: Any) -> dict[str, Any]:
    state = _state()
    entries = {k: v for k, v in state[part].items() if k != name}
    return {**state, part: entries if value is None else {**entries, name: value}}


def _replace(state: dict[str, Any]) -> None:
    if state == _state():
        return
    try:
        identity = keep_view(workspace(), state)
    except (TypeError, ValueError) as error:
        raise InputError(
            "The draft holds something that is not plain JSON.", "Save numbers, texts, lists and mappings only."
        ) from error
    st.session_state.update({_STATE: state, _VIEW: identity, _LOST: ""})
    _show_in_address()


def _show_in_address() -> None:
    view = st.session_state[_VIEW]
    if not view:
        st.query_params.pop("view", None)
    elif st.query_params.get("view") != view:
        st.query_params["view"] = view
