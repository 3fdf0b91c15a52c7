"""The parts of the Sample & derive page below its form: the preview, the version made, and its check."""

from __future__ import annotations

import streamlit as st

from mlops_lib.charts.representative import representative_chart
from mlops_lib.data.catalogue import now, version_of
from mlops_lib.data.derive import derive_spec, is_quick, preview
from mlops_lib.data.representative import JOB_ROWS, Representativeness, check_sample, representative_spec
from mlops_lib.jobs.work import key
from mlops_lib.objects.dataset import Dataset, Operation
from mlops_lib.objects.words import count, counted, percent
from mlops_lib.workspace import codec
from pages.shared.boundary import guarded
from pages.shared.calls import cached, job, stored_result
from pages.shared.data_draft import carry_over
from pages.shared.escape import escape
from pages.shared.page import go_to
from pages.shared.session import session, workspace
from pages.shared.show import figure, sentence, table

_MAKING = "deriving"


def show_preview(dataset: Dataset, asked: Operation) -> None:
    """How many rows and columns the version would have; for what takes long, that it is counted when made."""
    if not is_quick(dataset, asked):
        st.caption(f"With {count(dataset.rows)} rows this takes a while; it is counted when the version is made.")
        return
    found = cached(preview)(workspace(), dataset, asked)
    left = f"{counted(found.rows, 'row')} ({percent(found.rows / dataset.rows)})"
    st.markdown(f"**{escape(found.said[0])}**: {left}, {counted(found.columns, 'column')}.")
    for said in found.said[1:]:
        st.caption(escape(said))


def start(dataset: Dataset, asked: Operation) -> None:
    """Ask for the version; once more where it was made before and removed since."""
    spec = derive_spec(dataset, asked)
    known = key("derive", spec)
    if workspace().has_result(known) and version_of(workspace(), stored_result(known).fingerprint) is None:
        spec = derive_spec(dataset, asked, attempt=now())
    session().set_draft(_MAKING, codec.to_json(spec))


def last_made() -> Dataset | None:
    """The version that was asked for last: None where there is none, it was removed, or its job is still drawn."""
    text = session().draft(_MAKING)
    if not text:
        return None
    made: Dataset | None = job("derive", codec.from_json(text), label="Making the version")
    if made is None or version_of(workspace(), made.fingerprint) is None:
        return None
    return made


def show_made(parent: Dataset, made: Dataset) -> None:
    """What was made, how well it represents the parent where it is a sample, and where to go on."""
    with st.container(border=True, key="derive_made"):
        said = made.operation.said if made.operation else ()
        place = version_of(workspace(), made.fingerprint)
        which = f"Version {place[1].number} of {escape(place[0].name)}" if place else "The version"
        sentence(f"{which} is made: {count(made.rows)} of {counted(parent.rows, 'row')}.")
        st.markdown("\n".join(f"- {escape(one)}" for one in said))
        if made.sampling is not None:
            _show_check(parent, made)
        with st.container(horizontal=True):
            if st.button("Use this version", type="primary", key="derive_use"):
                _use(made)
                go_to("data")
            st.button("Stay with the parent", key="derive_stay", on_click=_stay)


def _use(made: Dataset) -> None:
    """Choose the version; what was said about the parent's question and columns holds for it too."""
    said = session().draft("data")
    session().set(dataset=made.fingerprint)
    if said:
        session().set_draft("data", said)
    elif (place := version_of(workspace(), made.fingerprint)) is not None:
        carry_over(made, place[0])


@guarded
def _stay() -> None:
    session().set_draft(_MAKING, None)


def _show_check(parent: Dataset, made: Dataset) -> None:
    check = _checked(parent, made)
    if check is None:
        return
    st.markdown("**Does it look like its parent?**")
    st.markdown(escape(check.sentence))
    figure(representative_chart(check), alt="Distance of each column from the parent's", key="derive_check")
    with st.expander("The columns in numbers", icon="🔢"):
        table(check.table(), key="derive_check_table", download="representative.csv")
    for note in check.notes:
        st.caption(escape(note))


def _checked(parent: Dataset, made: Dataset) -> Representativeness | None:
    if parent.rows <= JOB_ROWS:
        return cached(check_sample)(made, parent)
    found: Representativeness | None = job("representative", representative_spec(made), label="Checking the sample")
    return found
