"""The parts of the Predict page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mlops_lib.charts.scored import probability_chart
from mlops_lib.data.datasets import TO_SCORE, keep_upload
from mlops_lib.jobs.reading import read_spec
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.version import Version
from mlops_lib.registry.settings import shown, tracking_uri
from mlops_lib.registry.versions import CHAMPION, list_models, list_versions
from mlops_lib.serve.reading import misread, options_for
from mlops_lib.serve.scoring import PREVIEW_ROWS, ScoredFiles
from mlops_lib.threshold.policies import said
from pages.shared.calls import job
from pages.shared.page import go_to
from pages.shared.registry_views import version_label
from pages.shared.session import session, workspace
from pages.shared.show import Card, cards, count, counted, escape, figure, number, percent, sentence, size

_SERIOUS = ("unseen", "not a number", "not a date")


def ask_version() -> Version | None:
    """The version to score with: the champion where there is one, else the newest."""
    names = list_models(workspace())
    if not names:
        _show_none()
        return None
    left, right = st.columns(2)
    wanted = session().id("model")
    with left:
        at = names.index(wanted) if wanted in names else (0 if len(names) == 1 else None)
        name = st.selectbox("Registered model", names, index=at, key=f"predict_model_{len(names)}")
    if name is None:
        st.info("Choose a registered model.", icon="👆")
        return None
    versions = list_versions(workspace(), name).versions
    if not versions:
        st.info("This model has no version that Fulcrum made.", icon="🗄️")
        return None
    by_number = {v.number: v for v in versions}
    champion = next((v.number for v in versions if CHAMPION in v.aliases), None)
    numbers = list(by_number)
    with right:
        chosen = st.selectbox(
            "Version", numbers, index=numbers.index(champion) if champion in by_number else 0,
            format_func=lambda n: _version_words(by_number[n]), key=f"predict_version_{name}_{numbers[0]}",
        )  # fmt: skip
    return by_number[chosen]


def show_version(version: Version) -> None:
    """What the version is, in a line."""
    st.caption(
        f"{escape(version_label(version))}, threshold "
        f"{escape(number(version.decision.threshold))} by {escape(said(version.decision.policy))}. Only models that "
        "this workspace registered are loaded: the files are checked against the digest in the ledger first."
    )


def ask_table(version: Version) -> Dataset | None:
    """The uploaded table, read as the one was that the model learnt from; the target may be left out."""
    uploaded = st.file_uploader(
        "Table to score (CSV, Excel, Parquet, JSON …; the target is not needed)",
        key="predict_upload",
        help="Read as the table was that the model learnt from: the same kinds, dates and missing values.",
    )
    if uploaded is None:
        st.caption("The table is kept in the workspace, which all who can open this app share.")
        return None
    path = keep_upload(workspace(), uploaded.getvalue())
    spec = read_spec(path, uploaded.name, options_for(workspace(), version), source=TO_SCORE)
    found: Dataset | None = job("read", spec, label=f"Reading {uploaded.name}")
    if found is not None and found.reading is not None:
        read = found.reading
        st.caption(
            f"Read {counted(found.rows, 'row')} and {counted(len(found.columns), 'column')} from "
            f"{size(read.file_bytes)} of {escape(read.format)}; {counted(read.skipped_in_all, 'row')} skipped."
        )
        for repair in read.repairs[:5]:
            st.caption(escape(repair))
        for odd in misread(found):
            st.warning(escape(odd), icon="💡")
    return found


def show_scored(scored: ScoredFiles, dataset: Dataset) -> None:
    """How many alarms, what did not fit, the first rows, and the files."""
    share = scored.alarms / scored.rows if scored.rows else float("nan")
    sentence(
        f"**{counted(scored.alarms, 'row')} of {count(scored.rows)}** ({percent(share)}) "
        f"{'is' if scored.alarms == 1 else 'are'} flagged as '{escape(scored.names[1])}'."
    )
    _show_notices(scored)
    cards(
        [
            Card("Rows scored", count(scored.rows), dataset.name),
            Card("Flagged", count(scored.alarms), f"decision '{scored.names[1]}'"),
            Card("Threshold", number(scored.threshold), "probability at or above it"),
        ]
    )
    figure(
        probability_chart(scored.bins, scored.threshold, scored.names), alt="Rows by probability", key="predict_bins"
    )
    st.dataframe(scored.preview, width="stretch", height=380, hide_index=True, key="predict_preview",
                 alt="The first scored rows, answers first")  # fmt: skip
    if scored.rows > PREVIEW_ROWS:
        st.caption(f"The first {PREVIEW_ROWS:,} of {count(scored.rows)} rows; the files hold all.")
    name = Path(dataset.name).stem
    csv, parquet = scored.csv(workspace()), scored.parquet(workspace())
    with st.container(horizontal=True):
        st.download_button(
            f"Download {counted(scored.rows, 'row')} as CSV", data=csv.read_bytes, file_name=f"{name}-scored.csv",
            mime="text/csv", key="predict_csv", on_click="ignore", type="primary", icon="⬇️",
        )  # fmt: skip
        st.download_button(
            "As Parquet", data=parquet.read_bytes, file_name=f"{name}-scored.parquet",
            mime="application/vnd.apache.parquet", key="predict_parquet", on_click="ignore", icon="⬇️",
        )  # fmt: skip
    st.caption("In the CSV, text that a spreadsheet would run as a formula has an apostrophe before it.")


def _show_notices(scored: ScoredFiles) -> None:
    serious = [n for n in scored.notices if n.kind in _SERIOUS]
    calm = [n for n in scored.notices if n.kind not in _SERIOUS]
    if serious:
        lines = "\n".join(f"- {escape(n.message)}" for n in serious)
        st.warning(f"**Some cells are not what the model knows.**\n\n{lines}", icon="💡")
    for notice in calm[:8]:
        st.caption(escape(notice.message))
    if len(calm) > 8:
        st.caption(f"{len(calm) - 8} more columns have empty cells, filled as in training.")


def _show_none() -> None:
    st.info(
        f"Nothing is registered yet in MLflow at {escape(shown(tracking_uri(workspace())))}. A registered version "
        "scores a new table here.",
        icon="🔮",
    )
    if st.button("Go to the Registry", key="predict_go"):
        go_to("registry")


def _version_words(version: Version) -> str:
    aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
    return f"Version {version.number}{aliases}, {version.created[:10]}"
