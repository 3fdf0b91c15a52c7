"""What the runs cost to use, beside how well they predict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.speed import trade_off_chart
from mlops_lib.evaluate.measures import measure_of
from mlops_lib.evaluate.trade_off import shown_trade_off, trade_off
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.target import outcome_of
from mlops_lib.train.processing import BULK_ROWS, CALLS, TURNS, processing_spec
from pages.shared.calls import job
from pages.shared.session import workspace
from pages.shared.show import count, counted, escape, figure, sentence, table

if TYPE_CHECKING:
    from mlops_lib.train.processing import Measured
    from pages.shared.compare_context import Compared


def show_speed(shown: Compared) -> None:
    """Latency, throughput and size of every run against the metric that decides."""
    spec = processing_spec(shown.runs)
    measured: Measured | None = job("processing", spec, label=f"Timing {counted(len(spec['runs']), 'run')}")
    if measured is None:
        return
    judgement = shown.comparison.judgement
    kind = outcome_of(workspace().get(Schema, shown.run.schema).question)
    one = measure_of(kind, shown.comparison.metric)
    metric = (one.name, one.label, one.higher_is_better)
    found = trade_off(shown.comparison.table, judgement.folds, judgement.ratio, metric, measured)
    sentence(escape(found.sentence))
    figure(trade_off_chart(found), alt=found.sentence, key="compare_speed_chart")
    table(shown_trade_off(found), key="compare_speed", download="speed.csv", alt="Every run with its times and sizes",
          column_config={"Recipe": st.column_config.TextColumn(pinned=True)})  # fmt: skip
    st.caption(
        f"Measured on a machine with {counted(measured.cores, 'core')} by one process, all runs in turn {TURNS} times: "
        f"up to {CALLS // TURNS} rows one by one, then {count(BULK_ROWS)} together, preparing and calibrating "
        "included; the quietest turn counts, and times within 10 % as equal. Fit is the mean of the folds. In memory: "
        "the arrays, trees and settings of the loaded model; the libraries come on top. "
        "Compare the runs with each other; another machine has other times."
    )
