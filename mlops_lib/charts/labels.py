"""Long names cut to fit, and lighter shades of a colour."""

from __future__ import annotations


def shortened(text: str, longest: int = 22) -> str:
    """The text, cut with an ellipsis where it is longer than `longest` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def faded(colour: str, opacity: float = 0.45) -> str:
    """A colour "#RRGGBB" with an opacity from 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"
