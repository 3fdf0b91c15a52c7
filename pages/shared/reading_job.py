"""The reading that was asked for last: asked once, watched until it has ended, and then the chosen table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from mlops_lib.data.datasets import describe
from mlops_lib.jobs import queue
from mlops_lib.jobs.reading import read_spec
from mlops_lib.jobs.sources import query_spec
from mlops_lib.objects.dataset import Dataset, ReadingOptions
from mlops_lib.workspace import codec
from pages.shared.boundary import guarded
from pages.shared.calls import job
from pages.shared.escape import escape
from pages.shared.session import session, workspace

_DRAFT = "reading"
ARRIVED = "arrived"
"""The draft that says that the dataset has just been read: whether it continues a table is still to be found out."""


def ask_for(kind: str, spec: Mapping[str, Any], label: str) -> None:
    """Ask for a table by a job of that kind. It goes with the dataset: it is forgotten when another one is chosen."""
    session().set_draft(_DRAFT, codec.to_json({"kind": kind, "spec": dict(spec), "label": label}))


def ask_to_read(spec: Mapping[str, Any]) -> None:
    """Ask for an upload to be read."""
    ask_for("read", spec, f"Reading {spec['name']}")


def read_again(dataset: Dataset, options: ReadingOptions) -> None:
    """Ask for the same file to be read in another way."""
    reading = dataset.reading
    assert reading is not None
    ask_to_read(read_spec(workspace().uploads / reading.file, dataset.name, options, dataset.source))


def ask_again(dataset: Dataset) -> None:
    """Ask the database the same query once more; its answer may be another one by now."""
    reading = dataset.reading
    assert reading is not None
    drawn = dataset.operation if dataset.sampling is not None else None
    rows, seed = (dataset.rows, drawn.seed or 0) if drawn is not None else (None, 0)
    ask_for("query", query_spec(reading.source, reading.query, dataset.name, rows, seed), f"Asking {reading.source}")


def show_reading_job(kinds: tuple[str, ...] = ()) -> bool:
    """Show what was asked for, where it is of one of the kinds (none named: of any); choose its table when it is there.

    True as long as it is under way. What was loaded before stays until then, and where the reading fails.
    """
    asked = _asked()
    if asked is None or (kinds and asked["kind"] not in kinds):
        return False
    dataset = job(asked["kind"], asked["spec"], label=asked["label"])
    if dataset is None:
        return _under_way(asked)
    _choose(dataset, asked)
    st.rerun()
    return True


def _asked() -> dict[str, Any] | None:
    text = session().draft(_DRAFT)
    if not text:
        return None
    asked: dict[str, Any] = codec.from_json(text)
    return asked if "spec" in asked else {"kind": "read", "spec": asked, "label": f"Reading {asked['name']}"}


def _under_way(asked: Mapping[str, Any]) -> bool:
    found = queue.find(workspace(), asked["kind"], asked["spec"])
    if found is None or found.active:
        return True
    now = session().dataset()
    label = "Close" if now is None else f"Go on with {escape(now.name)} as it is"
    st.button(label, key="data_reading_close", type="tertiary", on_click=_forget)
    return False


def _choose(dataset: Dataset, asked: Mapping[str, Any]) -> None:
    spec, before = asked["spec"], session().id("dataset")
    if asked["kind"] == "read":
        # The result may be that of a file uploaded before under another name, or only to be scored.
        dataset = replace(dataset, name=spec["name"], source=spec["source"])
    describe(workspace(), dataset)
    session().set_draft(_DRAFT, None)
    if before == dataset.fingerprint:
        st.toast(f"{escape(asked['label'])}: every cell is as it was.", icon="✅")
        return
    again = session().draft("data") if before else None
    session().set(dataset=dataset.fingerprint)
    session().set_draft(ARRIVED, True)
    if again:
        # The same table, read in another way or once more: what was said about its columns still holds.
        session().set_draft("data", again)


@guarded
def _forget() -> None:
    session().set_draft(_DRAFT, None)
