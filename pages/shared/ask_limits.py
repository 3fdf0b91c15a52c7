"""The limits of the selection rule, asked on Feature tests, where they are tried, and on Train, where they are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mlops_lib.objects.recipe import ADJUSTMENTS, Selection

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

LIMITS_P = (0.001, 0.01, 0.05, 0.1, 0.2, 1.0)


def ask_limits(places: Sequence[DeltaGenerator], before: Selection, page: str, key: str) -> Selection:
    """The rule with the limits that are asked in five places: p, its adjustment, effect, correlation and VIF."""
    limit, adjustment, effect, correlation, vif = places
    return replace(
        before,
        max_p=limit.select_slider(
            "Largest adjusted p",
            sorted({*LIMITS_P, before.max_p}),
            value=before.max_p,
            key=f"{page}_p_{key}",
            persist_state="session",
        ),
        adjust=adjustment.selectbox(
            "Adjusted by",
            tuple(ADJUSTMENTS),
            index=tuple(ADJUSTMENTS).index(before.adjust),
            format_func=ADJUSTMENTS.__getitem__,
            key=f"{page}_adjust_{key}",
            persist_state="session",
            help="Benjamini-Hochberg bounds the expected share of chance finds; Holm the chance of a single one.",
        ),
        min_effect=effect.slider(
            "Smallest effect",
            0.0,
            0.5,
            before.min_effect,
            0.01,
            key=f"{page}_effect_{key}",
            persist_state="session",
            help="On one scale from 0 to 1: bias-corrected Cramér's V (chi-square), the root of bias-corrected epsilon "
            "squared (Kruskal-Wallis), or |ρ|.",
        ),
        max_correlation=correlation.number_input(
            "Largest correlation (empty: any)",
            0.05,
            0.99,
            before.max_correlation,
            0.05,
            key=f"{page}_correlation_{key}",
            persist_state="session",
            help="Of two features that go together more closely than this, the one with the smaller effect is dropped. "
            "Pearson for two numbers, bias-corrected Cramér's V or correlation ratio where one is a category.",
        ),
        max_vif=vif.number_input(
            "Largest VIF (empty: any)",
            min_value=1.0,
            value=before.max_vif,
            key=f"{page}_vif_{key}",
            persist_state="session",
            help="Numeric features that others predict are dropped one by one until none is above this.",
        ),
    )
