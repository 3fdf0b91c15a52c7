"""The views of the Compare page for many classes and for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.curves import reliability_chart
from mlops_lib.charts.outcomes import class_confusion_chart, observed_chart, per_class_chart, residual_chart
from mlops_lib.evaluate.outcomes import metric_of
from mlops_lib.evaluate.outcomes_shown import hold_out_sentence, nothing_of, shown_outcome_hold_out, shown_per_class
from mlops_lib.train.ladder import recipe_title
from pages.shared.escape import escape
from pages.shared.session import session
from pages.shared.show import Card, as_csv, cards, counted, figure, interval, number, sentence, table

if TYPE_CHECKING:
    import pandas as pd

    from mlops_lib.evaluate.comparison import Comparison
    from mlops_lib.evaluate.hold_out import HoldOutResult
    from mlops_lib.objects.run import Run

KEY_METRICS = {
    "classes": ("average_precision_macro", "f1_macro", "balanced_accuracy", "accuracy"),
    "number": ("rmse", "mae", "r2", "median_absolute_error"),
}
_SHORT = {
    "average_precision_macro": "Macro AP",
    "balanced_accuracy": "Balanced acc.",
    "median_absolute_error": "Median error",
}
"""Names of metrics that fit on a card; the full one is in its help."""

PER_CLASS = {
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "roc_auc": "ROC-AUC against the rest",
    "average_precision": "Average precision",
}


def show_key_numbers(comparison: Comparison, run: str) -> None:
    """The chosen run's values in one row, each beside what doing nothing gets."""
    row, kind = comparison.table.loc[comparison.table["run"] == run].iloc[0], comparison.judgement.kind
    shown = [metric_of(kind, name) for name in KEY_METRICS[kind]]
    cards([
        Card(
            _SHORT.get(one.name, one.label), number(float(row[one.name])),
            f"{interval(float(row[one.name + '_low']), float(row[one.name + '_high']))} · "
            f"{nothing_of(comparison, one.name)}",
            f"{one.label}: {one.help}",
        )
        for one in shown
    ])  # fmt: skip


def show_runs(comparison: Comparison, shown: pd.DataFrame) -> None:
    """One table of all runs."""
    judgement = comparison.judgement
    pinned = {
        "Recipe": st.column_config.TextColumn(pinned=True),
        "Rank": st.column_config.TextColumn(help="Runs that these data cannot tell apart share a rank."),
    }
    table(shown, key="compare_table", column_config=pinned, alt="All runs with every metric, its interval and times")
    folds = judgement.folds["fold"].nunique()
    decided = "" if judgement.kind == "number" else " The class with the highest probability is decided for."
    st.caption(
        f"All on the same {counted(judgement.n, 'out-of-fold row')}; values are means of {folds} folds with "
        f"approximate 95 % intervals by the corrected resampled t (* by a bootstrap of rows).{decided}"
    )
    st.download_button(
        "Download all columns as CSV", data=lambda: as_csv(comparison.table), file_name="comparison.csv",
        mime="text/csv", key="compare_download", on_click="ignore", type="tertiary", icon="⬇️",
    )  # fmt: skip


def show_per_class(comparison: Comparison, run: Run, _: Run) -> None:
    """Every class of the chosen run for itself."""
    _per_class(_details(comparison, "per_class", run), "compare_class")
    st.caption(
        "Each class against all others; values are means of the folds with approximate 95 % intervals by the corrected "
        "resampled t (* by a bootstrap of rows). Few rows make wide intervals."
    )


def _per_class(lines: pd.DataFrame, key: str) -> None:
    metric = st.segmented_control(
        "Metric", list(PER_CLASS), default="f1", format_func=PER_CLASS.__getitem__, required=True, key=f"{key}_metric",
        persist_state="session",
    )  # fmt: skip
    label = PER_CLASS[metric]
    figure(per_class_chart(lines, metric, label), alt=f"{label} of each class with its interval", key=f"{key}_chart")
    table(shown_per_class(lines), key=f"{key}_table", download="classes.csv", alt="Every metric of each class")


def show_confusion(comparison: Comparison, run: Run, reference: Run) -> None:
    """Who is taken for whom, by the chosen run and by the reference."""
    for column, one in zip(st.columns(2), dict.fromkeys((run, reference)), strict=False):
        lines = _details(comparison, "confusion", one)
        with column:
            drawn = class_confusion_chart(lines, comparison.judgement.names, recipe_title(one.recipe))
            figure(drawn, alt="Confusion matrix", key=f"compare_confusion_{one.fingerprint}")
    st.caption(
        f"{comparison.judgement.n:,} out-of-fold rows. Depth is the share of the rows of that class; the diagonal is "
        "right."
    )


def show_calibration(comparison: Comparison, run: Run, reference: Run) -> None:
    """Whether the class decided for is right as often as its probability says, before and after calibration."""
    names = (run.fingerprint, reference.fingerprint)
    for column, raw in zip(st.columns(2), (True, False), strict=True):
        with column:
            drawn = reliability_chart(comparison.judgement, *names, raw=raw)
            figure(drawn, alt="Confidence against how often it was right", key=f"compare_reliability_{raw}")
    st.caption(
        "The highest probability of each row against how often that class was right: ten bins of equally many rows, "
        "95 % Wilson intervals."
    )


def show_observed(comparison: Comparison, run: Run, reference: Run) -> None:
    """Predictions against the truth, by the chosen run and by the reference."""
    for column, one in zip(st.columns(2), dict.fromkeys((run, reference)), strict=False):
        lines = _details(comparison, "grid", one)
        with column:
            drawn = observed_chart(lines, _target(), recipe_title(one.recipe))
            figure(drawn, alt="Predictions against observed values", key=f"compare_observed_{one.fingerprint}")
    st.caption(
        f"{comparison.judgement.n:,} out-of-fold rows, counted in cells. On the dashed line the prediction is right; "
        "above it the truth was more. Predictions beyond the range of the truth lie in the outermost cells."
    )


def show_residuals(comparison: Comparison, run: Run, reference: Run) -> None:
    """By how much the truth differs, by prediction."""
    for column, one in zip(st.columns(2), dict.fromkeys((run, reference)), strict=False):
        lines = _details(comparison, "residuals", one)
        with column:
            drawn = residual_chart(lines, _target(), recipe_title(one.recipe))
            figure(drawn, alt="Truth minus prediction, by prediction", key=f"compare_residuals_{one.fingerprint}")
    st.caption(
        "Groups of about equally many rows by prediction. A median far from 0 says that the model is off there; bands "
        "that widen say that it is less sure."
    )


def show_hold_out(result: HoldOutResult, run: Run, reference: Run | None, metric: str) -> None:
    """What the opened hold-out says, the deciding metric first."""
    name, other = recipe_title(run.recipe), "" if reference is None else recipe_title(reference.recipe)
    sentence(escape(hold_out_sentence(result, name, other, metric)))
    shown = shown_outcome_hold_out(result, name, other)
    table(shown, key="compare_hold_out", download="hold-out.csv", alt="Every metric on the hold-out")
    left, right = st.columns(2)
    if result.kind == "classes":
        with left:
            drawn = class_confusion_chart(result.details["confusion"], result.names, f"{name}, hold-out")
            figure(drawn, alt="Confusion matrix on the hold-out", key="compare_held_confusion")
        with right:
            shown = shown_per_class(result.details["per_class"])
            table(shown, key="compare_held_classes", download="hold-out-classes.csv", alt="Each class on the hold-out")
    else:
        with left:
            drawn = observed_chart(result.details["grid"], _target(), f"{name}, hold-out")
            figure(drawn, alt="Predictions against observed values of the hold-out", key="compare_held_observed")
        with right:
            drawn = residual_chart(result.details["residuals"], _target(), f"{name}, hold-out")
            figure(drawn, alt="Truth minus prediction on the hold-out", key="compare_held_residuals")
    st.caption(
        f"{counted(result.n, 'row')}; 95 % intervals by a bootstrap of rows"
        + (" that keeps the size of each class" if result.kind == "classes" else "")
        + "; the difference is drawn on the same rows for both."
    )


def _details(comparison: Comparison, name: str, run: Run) -> pd.DataFrame:
    lines = comparison.judgement.details[name]
    return lines[lines["run"] == run.fingerprint]


def _target() -> str:
    schema = session().schema()
    return "" if schema is None else schema.target
