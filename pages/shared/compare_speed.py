"""What the runs cost to use, beside how well they predict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.speed import trade_off_chart
from mlops_lib.evaluate.measures import measure_of
from mlops_lib.evaluate.trade_off import best_of_each_model, shown_trade_off, trade_off
from mlops_lib.jobs import work
from mlops_lib.objects.schema import Schema
from mlops_lib.objects.target import outcome_of
from mlops_lib.train.processing import BULK_ROWS, CALLS, TURNS, expected_seconds, processing_spec
from pages.shared.calls import job
from pages.shared.session import workspace
from pages.shared.show import count, counted, duration, escape, figure, sentence, table

if TYPE_CHECKING:
    from mlops_lib.evaluate.measures import Measure
    from mlops_lib.objects.run import Run
    from mlops_lib.train.processing import Measured
    from pages.shared.compare_context import Compared


FEW_RUNS = 12
"""So many runs are timed without asking which."""


def show_speed(shown: Compared) -> None:
    """Latency, throughput and size of the runs against the metric that decides."""
    kind = outcome_of(workspace().get(Schema, shown.run.schema).question)
    one = measure_of(kind, shown.comparison.metric)
    spec = processing_spec(_ask_runs(shown, one))
    measured: Measured | None = job("processing", spec, label=f"Timing {counted(len(spec['runs']), 'run')}")
    if measured is None:
        return
    judgement = shown.comparison.judgement
    metric = (one.name, one.label, one.higher_is_better)
    found = trade_off(shown.comparison.table, judgement.folds, judgement.ratio, metric, measured)
    sentence(escape(found.sentence))
    figure(trade_off_chart(found), alt=found.sentence, key="compare_speed_chart")
    table(shown_trade_off(found), key="compare_speed", download="speed.csv", alt="Every run with its times and sizes",
          column_config={"Recipe": st.column_config.TextColumn(pinned=True)})  # fmt: skip
    st.caption(
        f"Measured on a machine with {counted(measured.cores, 'core')} by one process, all runs in turn {TURNS} times: "
        f"up to {CALLS // TURNS} rows one by one, then {count(BULK_ROWS)} together, preparing and calibrating "
        "included; the quietest turn counts, and times within 10 % count as equal. Fit is the mean of the folds. "
        "In memory: the arrays, trees and settings of the loaded model; the libraries come on top. "
        "Compare the runs with each other; another machine has other times."
    )


def _ask_runs(shown: Compared, metric: Measure) -> tuple[Run, ...]:
    """The runs to time: all of a few; of many first the best of each model, because all of them take minutes."""
    complete = tuple(run for run in shown.runs if run.state == "complete")
    runs = complete if len(complete) <= FEW_RUNS else _ask_few(shown, complete, metric)
    if not workspace().has_result(work.key("processing", processing_spec(runs))):
        st.caption(f"Timing {counted(len(runs), 'run')} takes about {duration(expected_seconds(runs))}.")
    return runs


def _ask_few(shown: Compared, complete: tuple[Run, ...], metric: Measure) -> tuple[Run, ...]:
    """All runs, or the best of each model with the chosen run and the reference."""
    pair = (shown.run.fingerprint, shown.reference.fingerprint)
    first = best_of_each_model(shown.comparison.table, metric.name, metric.higher_is_better, pair)
    few = tuple(run for run in complete if run.fingerprint in first)
    known = workspace().has_result(work.key("processing", processing_spec(complete)))
    every = st.segmented_control(
        "Runs to time", (False, True), default=known, required=True, key="compare_speed_all", persist_state="session",
        format_func=lambda every: f"All {len(complete)}" if every else f"The best of each model ({len(few)})",
    )  # fmt: skip
    return complete if every else few
