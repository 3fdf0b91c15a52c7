"""Whether the chosen run meets what the project's charter calls success."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.evaluate.criterion import Met, latency_met, metric_met, set_before
from mlops_lib.serve.latency import latency_spec
from pages.shared.calls import job
from pages.shared.escape import escape
from pages.shared.session import session, workspace

if TYPE_CHECKING:
    from mlops_lib.evaluate.comparison import Comparison
    from mlops_lib.objects.charter import Charter, Criterion
    from mlops_lib.objects.run import Run
    from mlops_lib.train.prior_shift import PriorShift

_MARKS = {"met": "✅", "missed": "❌", "open": "⏳"}


def show_success(comparison: Comparison, run: Run, runs: Sequence[Run], shift: PriorShift | None) -> None:
    """The charter's criterion against the chosen run; nothing where no project is open or it names none."""
    charter = session().charter()
    if charter is None or charter.criterion is None:
        return
    with st.container(border=True, key="compare_charter"):
        line = comparison.table.loc[comparison.table["run"] == run.fingerprint].iloc[0]
        st.markdown(f"**📜 What the charter of '{escape(charter.name)}' calls success**")
        _show(metric_met(line, charter.criterion, shift))
        if charter.criterion.latency_ms is not None:
            _show_latency(run, charter.criterion)
        _say_when(charter, runs)


def _show_latency(run: Run, criterion: Criterion) -> None:
    measured = job("latency", latency_spec(run.fingerprint), label="Scoring rows one by one")
    if measured is not None:
        _show(latency_met(measured.p95_ms, criterion))


def _show(met: Met) -> None:
    st.markdown(f"{_MARKS[met.status]} {escape(met.says)}")


def _say_when(charter: Charter, runs: Sequence[Run]) -> None:
    if set_before(workspace(), charter, runs):
        st.caption("It was written down before these runs were trained.")
    else:
        st.caption("⚠️ It was written down or changed after these runs were trained, so it may follow their results.")
