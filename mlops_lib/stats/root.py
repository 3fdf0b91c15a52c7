"""Where a function of one number crosses zero."""

from __future__ import annotations

from collections.abc import Callable

_HALVINGS = 200


def falling_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Point between low and high where `function`, positive at low and negative at high, is 0; by bisection.

    Goes on until no float lies between the bounds. `low` where it is nowhere positive, `high` where nowhere negative.
    """
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2
