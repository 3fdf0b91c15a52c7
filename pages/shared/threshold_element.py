"""The threshold under the pointer: an own element, drawn in the browser from counts that were computed once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from mlops_lib.objects.decision import Cost
    from mlops_lib.threshold.outcome import Outcome
    from mlops_lib.threshold.sweep_payload import Payload

_HERE = Path(__file__).parent


def _text(suffix: str) -> str:
    return (_HERE / f"threshold_element.{suffix}").read_text(encoding="utf-8")


_ELEMENT = st.components.v2.component("fulcrum_threshold", html=_text("html"), css=_text("css"), js=_text("js"))


def threshold_element(
    payload: Payload,
    at: Outcome,
    *,
    key: str,
    cost: Cost | None = None,
    stability: tuple[float, float] | None = None,
    on_release: Callable[[float], None],
) -> None:
    """Draw the element at the exactly evaluated threshold `at`.

    Dragging and arrow keys move everything in the browser. On release (or 0.4 s after the last key) `on_release` is
    called with the threshold, before the script runs again.
    """

    def released() -> None:
        moved = st.session_state[key].get("threshold")
        if moved is not None:
            on_release(float(moved))

    _ELEMENT(
        key=key,
        data={
            **payload,
            "at": {"threshold": at.threshold, "tp": at.tp, "fp": at.fp},
            "cost": None if cost is None else {
                "miss": cost.miss, "false_alarm": cost.false_alarm, "currency": cost.currency,
            },
            "stability": None if stability is None else list(stability),
        },
        on_threshold_change=released,
    )  # fmt: skip
