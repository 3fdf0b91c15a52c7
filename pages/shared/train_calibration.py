"""How probabilities are repaired, asked on the Train page: only what the recipe and the table allow is offered."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mlops_lib.objects.recipe import Calibration
from mlops_lib.train.ladder import Ladder, Rung
from mlops_lib.train.question import TrainingQuestion
from mlops_lib.train.repair import CALIBRATIONS, LABELS, calibrations_offered, calibrations_tried, is_repaired
from pages.shared.show import escape

NOT_REPAIRED = "Not repaired: these probabilities are too high for the rare class."


def ask_calibration(rung: Rung, ladder: Ladder, question: TrainingQuestion) -> Calibration:
    """How the scores of a rung are calibrated."""
    example = ladder.example(rung.name)
    kinds, usual = calibrations_offered(example, question.kind, question.positives), ladder.calibration(rung.name)
    approximate = example.class_weight is not None
    labels = {kind: f"{LABELS[kind]}{' (approximate)' if approximate and kind == 'prior' else ''}" for kind in kinds}
    chosen = _select(f"Calibration of the rung '{escape(ladder.label(rung.name))}'", kinds, usual, labels, rung.name)
    if not is_repaired(example, chosen):
        st.caption(NOT_REPAIRED)
    return chosen


def ask_remedies_calibration(before: Calibration, question: TrainingQuestion) -> Calibration:
    """How the scores of every recipe with a remedy are calibrated."""
    kinds = calibrations_tried(question.positives)
    labels = {**LABELS, "prior": f"{LABELS['prior']} where it can be, else sigmoid"}
    chosen = _select("Calibration of every recipe with a remedy", kinds, before, labels, "remedies")
    if chosen == "none":
        st.caption(NOT_REPAIRED)
    return chosen


def _select(
    label: str, kinds: Sequence[Calibration], usual: Calibration, labels: dict[Calibration, str], of: str
) -> Calibration:
    """One of the calibrations on offer; where the usual one is not among them, sigmoid rather than nothing.

    The key ends with what is on offer, because a choice that is gone must not fall to the first one.
    """
    chosen: Calibration = st.selectbox(
        label,
        kinds,
        index=kinds.index(usual if usual in kinds else "sigmoid"),
        format_func=labels.__getitem__,
        key=f"train_calibration_{of}_{'_'.join(kinds)}",
        persist_state="session",
        help="  \n".join(f"{labels[kind]}: {CALIBRATIONS[kind]}" for kind in kinds),
    )
    return chosen
