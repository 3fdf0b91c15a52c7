"""The views of the Compare page: each draws one aspect of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlops_lib.charts.comparison import Matrix, confusion_chart, difference_chart, value_chart
from mlops_lib.charts.curves import precision_recall_chart, reliability_chart, roc_chart
from mlops_lib.charts.folds import fold_chart
from mlops_lib.evaluate.binary_judging import COUNTS, HALF
from mlops_lib.evaluate.calibrated import calibrated, calibration_sentence, shown_calibrated
from mlops_lib.evaluate.differences import recipe_differences
from mlops_lib.evaluate.shown import GROUPS, RANKING, how_tested, shown_hold_out, shown_planned, shown_table, under
from mlops_lib.train.ladder import recipe_title
from pages.shared.escape import escape
from pages.shared.show import Card, as_csv, cards, counted, figure, interval, number, p_value, sentence, table

if TYPE_CHECKING:
    from pandas import Series

    from mlops_lib.evaluate.comparison import Comparison
    from mlops_lib.evaluate.hold_out import HoldOutResult
    from mlops_lib.objects.run import Run

FEW_TESTS = 12
"""Planned comparisons that are shown at once; more stand in a box that opens."""


def show_verdict(comparison: Comparison) -> None:
    """The conclusion first, then what it rests on."""
    sentence(escape(comparison.verdict.sentence))
    st.markdown(escape(comparison.verdict.why))


def show_key_numbers(comparison: Comparison, run: str) -> None:
    """The chosen run's values in one row."""
    row = comparison.table.loc[comparison.table["run"] == run].iloc[0]
    rule = comparison.judgement.threshold_rule
    shown = (
        ("roc_auc", "ROC-AUC", "a coin gets 0.5"),
        ("average_precision", "Average precision", f"guessing gets {number(comparison.judgement.rate)}"),
        ("brier", "Brier score", "lower is better"),
        ("f1", "F1", f"{under(rule)}; {number(float(row['f1' + HALF]))} at 0.5"),
    )
    cards([Card(label, number(float(row[name])), f"{_spread(row, name)} · {note}") for name, label, note in shown])


def _spread(row: Series, name: str) -> str:
    return interval(float(row[f"{name}_low"]), float(row[f"{name}_high"]))


def show_runs(comparison: Comparison) -> None:
    """One table of all runs, a group of columns at a time."""
    group = st.segmented_control(
        "Columns", GROUPS, default=RANKING, required=True, key="compare_columns", persist_state="session"
    )
    shown = shown_table(comparison, group)
    pinned = {
        "Recipe": st.column_config.TextColumn(pinned=True),
        "Rank": st.column_config.TextColumn(
            help="What the data cannot order shares a rank: it steps down only where a run and all below it are worse "
            "than another by more than the margin, with p below 0.05 on the same folds, adjusted for many comparisons."
        ),
    }
    table(shown, key="compare_table", column_config=pinned, alt="All runs with every metric, its interval and times")
    judgement = comparison.judgement
    folds = judgement.folds["fold"].nunique()
    st.caption(
        f"All on the same {counted(judgement.n, 'out-of-fold row')} ({counted(judgement.positives, 'positive')}); "
        f"values are means of {folds} folds, approximate 95 % intervals by the corrected resampled t (* on all rows "
        "together, by a stratified bootstrap, approximate too). Each fold's threshold was chosen on other folds."
    )
    st.download_button(
        "Download all columns as CSV", data=lambda: as_csv(comparison.table), file_name="comparison.csv",
        mime="text/csv", key="compare_download", on_click="ignore", type="tertiary", icon="⬇️",
    )  # fmt: skip


def show_values(comparison: Comparison, run: Run) -> None:
    """The deciding metric of all runs."""
    drawn = value_chart(comparison, run.fingerprint)
    figure(drawn, alt="The deciding metric of every run with its interval", key="compare_values")


def show_folds(comparison: Comparison, run: Run, reference: Run) -> None:
    """The deciding metric in each fold, the chosen run beside the reference."""
    drawn = fold_chart(comparison, run.fingerprint, reference.fingerprint)
    figure(drawn, alt="The deciding metric of both runs in every fold, joined fold by fold", key="compare_folds")
    if run.fingerprint == reference.fingerprint:
        st.caption("A dot is one fold, the bar their mean. Choose another run above to see both fold by fold.")
        return
    st.caption(
        "A line joins the values of one fold; the bars are the means. Folds differ for all runs alike, so what counts "
        "is whether the lines go the same way, and that is what the paired test weighs."
    )


def show_curves(comparison: Comparison, run: Run, reference: Run) -> None:
    """ROC and precision-recall curves, side by side."""
    left, right = st.columns(2)
    names = (run.fingerprint, reference.fingerprint)
    with left:
        figure(roc_chart(comparison.judgement, *names), alt="ROC curves of all runs", key="compare_roc")
    with right:
        drawn = precision_recall_chart(comparison.judgement, *names)
        figure(drawn, alt="Precision-recall curves of all runs", key="compare_pr")
    st.caption(
        "All out-of-fold rows together; the scores come from one model a fold. Other runs are grey: hover for names."
    )


def show_calibration(comparison: Comparison, run: Run, reference: Run) -> None:
    """What calibration did in a sentence, then reliability before and after, then the numbers."""
    judgement = comparison.judgement
    both = [calibrated(judgement, f) for f in dict.fromkeys((run.fingerprint, reference.fingerprint))]
    for one in both:
        st.markdown(escape(calibration_sentence(one, judgement.names[1])))
    names = (run.fingerprint, reference.fingerprint)
    for column, raw in zip(st.columns(2), (True, False), strict=True):
        with column:
            drawn = reliability_chart(comparison.judgement, *names, raw=raw)
            figure(drawn, alt="Predicted against observed", key=f"compare_reliability_{raw}")
    st.caption(
        "Ten bins of equally many rows, 95 % Wilson intervals; n is in the hover. Sampling and class weights push "
        "probabilities up, calibration brings them back; a run without calibration is the same in both."
    )
    for column, one in zip(st.columns(2), both, strict=False):
        with column:
            st.markdown(f"**{escape(one.title)}**")
            table(shown_calibrated(one), key=f"compare_calibrated_{one.run}", alt="Probabilities before and after")


def show_confusion(comparison: Comparison, run: Run, reference: Run) -> None:
    """Who is found and who is missed, at the runs' own thresholds and at 0.5."""
    judgement = comparison.judgement
    rules = {"": under(judgement.threshold_rule), HALF: "at 0.5"}
    one = run.fingerprint == reference.fingerprint
    rows = [[(run, suffix) for suffix in rules]] if one else [[(r, s) for r in (run, reference)] for s in rules]
    for place, row in enumerate(rows):
        for side, (of, suffix) in zip(st.columns(2), row, strict=True):
            drawn = confusion_chart(_matrix(comparison, of, suffix, rules[suffix]), judgement.names)
            with side:
                figure(drawn, alt="Confusion matrix", key=f"compare_matrix_{place}_{of.fingerprint}{suffix}")
    st.caption(
        f"{judgement.n:,} out-of-fold rows; at '{judgement.threshold_rule}' each fold is judged at the threshold "
        "chosen on the others. Lines are the truth, columns the decision; shares are of the rows of a line."
    )


def _matrix(comparison: Comparison, run: Run, suffix: str, rule: str) -> Matrix:
    folds = comparison.judgement.folds
    counts = folds.loc[folds["run"] == run.fingerprint, [name + suffix for name in COUNTS]].sum()
    return Matrix(f"{recipe_title(run.recipe)}, {rule}", *(int(counts[name + suffix]) for name in COUNTS))


def show_planned(comparison: Comparison) -> None:
    """Every planned comparison with its test."""
    figure(difference_chart(comparison), alt="Differences to the reference with intervals", key="compare_differences")
    tests = counted(len(comparison.planned), "planned comparison")
    with st.expander(f"{tests} in numbers", icon="🔢", expanded=len(comparison.planned) <= FEW_TESTS):
        table(shown_planned(comparison), key="compare_planned", download="planned-comparisons.csv")
    st.caption(
        f"Planned: every recipe against the reference, and the recipes of one model against each other; "
        f"{counted(len(comparison.planned), 'comparison')}. {how_tested(comparison)}; p adjusted by Holm over all of "
        "them, intervals not, so one may miss 0 and have an open dot. A filled dot has an adjusted p below 0.05. "
        f"Differences within ± {number(comparison.margin)} do not matter."
    )


def show_recipes(run: Run, reference: Run) -> None:
    """What differs between the chosen run's recipe and the reference's, field by field."""
    if run.fingerprint == reference.fingerprint:
        st.info("The chosen run is the reference itself. Choose another run above to compare their recipes.", icon="👆")
        return
    differences = recipe_differences(run.recipe, reference.recipe)
    first, second = (recipe_title(r.recipe) for r in (run, reference))
    same = "" if first != second else " (reference)"
    changed = int(differences["differs"].sum())
    st.markdown(f"{changed} of {counted(len(differences), 'setting')} {'differs' if changed == 1 else 'differ'}.")
    shown = differences.assign(differs=differences["differs"].map({True: "✓", False: ""})).rename(
        columns={"field": "Setting", "first": first, "second": second + same, "differs": "Differs"}
    )
    table(shown, key="compare_recipes", download="recipes.csv")


def show_hold_out(result: HoldOutResult, run: Run, reference: Run | None) -> None:
    """What the opened hold-out says, the DeLong test first."""
    name = recipe_title(run.recipe)
    if result.delong is not None and reference is not None:
        test, other = result.delong, recipe_title(reference.recipe)
        finding = "a difference" if test.p < 0.05 else "no detectable difference"
        sentence(
            f"On the hold-out, {finding}: ROC-AUC {number(test.auc)} against {number(test.other)}, difference "
            f"{number(test.difference)} ({interval(test.low, test.high)}), DeLong p {p_value(test.p)}."
        )
        table(shown_hold_out(result, name, other), key="compare_hold_out", download="hold-out.csv")
        return
    table(shown_hold_out(result, name), key="compare_hold_out", download="hold-out.csv")
