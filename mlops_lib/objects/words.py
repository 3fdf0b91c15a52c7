"""Numbers as people read them: three significant digits, percentages with one decimal, sizes and times in human units.

Figures, pages and reports use these, so that the same number looks the same everywhere.
"""

from __future__ import annotations

import math

MISSING = "–"
"""What stands where a number is not defined."""

MINUS = "\N{MINUS SIGN}"

_UNITS = ("B", "KB", "MB", "GB", "TB")


def number(value: float | None, digits: int = 3) -> str:
    """`digits` significant digits, thousands separated: 0.0123, 3.14, 1,470. Whole numbers keep all their digits."""
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value == int(value) and abs(value) < 1e15:
        return _signed(f"{int(value):,}")
    places = digits - 1 - math.floor(math.log10(abs(value)))
    if places > digits + 3:
        return _signed(f"{value:.{digits - 1}e}")
    return _signed(f"{value:,.{max(places, 0)}f}")


def count(value: float | None) -> str:
    """A count with separators: 1,470."""
    return MISSING if value is None or math.isnan(value) else _signed(f"{round(value):,}")


def counted(value: float, one: str, many: str = "") -> str:
    """A count with its noun: "1 row", "1,470 rows". A sum of weights is rounded."""
    return f"{count(value)} {one if round(value) == 1 else many or one + 's'}"


def exact(value: float) -> str:
    """A number with all its digits, for limits that rounding would change: 1,234.5678."""
    return _signed(f"{value:,}" if isinstance(value, int) else f"{value:,.15g}")


def percent(share: float | None) -> str:
    """A share between 0 and 1 as a percentage with one decimal: 16.1 %."""
    if share is None or math.isnan(share):
        return MISSING
    return _signed(f"{100 * share:.1f} %")


def p_value(p: float | None) -> str:
    """A p-value: "< 0.001", else three decimals."""
    if p is None or math.isnan(p):
        return MISSING
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def p_is(p: float | None) -> str:
    """A p-value to stand behind "p": "= 0.032", "< 0.001"."""
    said = p_value(p)
    return said if said.startswith("<") else f"= {said}"


def quoted(name: str) -> str:
    """A name or label inside a sentence: in quotes where it has several words or none."""
    return f"'{name}'" if " " in name or not name else name


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """An interval: "0.79 to 0.86"."""
    return f"{number(low, digits)} to {number(high, digits)}"


def duration(seconds: float | None) -> str:
    """A time in the unit that suits it: 3 ms, 4.2 s, 2 min 5 s, 1 h 10 min."""
    if seconds is None or math.isnan(seconds):
        return MISSING
    if seconds < 1:
        return f"{number(1000 * seconds, 2) if seconds < 0.01 else round(1000 * seconds)} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"


def size(octets: float | None) -> str:
    """A number of bytes: 12 KB, 3.4 MB (1 KB = 1,000 bytes)."""
    if octets is None or math.isnan(octets):
        return MISSING
    value = float(octets)
    for unit in _UNITS[:-1]:
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 9.95 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} {_UNITS[-1]}"


def money(amount: float | None, currency: str = "") -> str:
    """An amount with separators and the user's currency: 12,500 EUR; cents only below 100."""
    if amount is None or math.isnan(amount):
        return MISSING
    whole = abs(amount) >= 100 or amount == int(amount)
    return f"{_signed(f'{amount:,.0f}' if whole else f'{amount:,.2f}')} {currency}".strip()


def listed(names: list[str] | tuple[str, ...], most: int = 5) -> str:
    """Names as a phrase: "a, b and c"; what exceeds `most` is counted."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def short(fingerprint: str | None) -> str:
    """The first digits of a fingerprint, enough to tell two apart by eye."""
    return (fingerprint or "")[:7]


def _signed(text: str) -> str:
    return MINUS + text[1:] if text.startswith("-") else text
