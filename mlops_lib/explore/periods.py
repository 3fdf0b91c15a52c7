"""Periods of time: hours to years in sequence, and the hours of a day, days of a week and months of a year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MOST_PERIODS = 750
"""More periods than this in a figure nobody can tell apart."""

_AIM = 45
_ENOUGH = 20
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_MONDAY = 3
"""1970-01-01 was a Thursday: days since then plus 3 are whole weeks on Mondays."""


@dataclass(frozen=True)
class Period:
    """One way to cut time.

    `place` maps days since 1970 (float64, finite) to whole numbers that count periods; `start` maps those back to the
    day on which they begin. `days` is the usual length. A cycle has `names` instead, and its places point into them.
    """

    name: str
    days: float
    place: Callable[[np.ndarray], np.ndarray]
    start: Callable[[np.ndarray], np.ndarray] | None = None
    label: Callable[[float], str] = str
    names: tuple[str, ...] = ()

    @property
    def cyclic(self) -> bool:
        """Whether it comes round again."""
        return bool(self.names)


@dataclass(frozen=True, eq=False)
class Placed:
    """The period of each of n rows: `codes` int32 (n,), -1 where the date is missing. `starts` in days since 1970 and
    `labels` by period; a sequence has every period between its first and its last one, empty ones too.
    """

    codes: np.ndarray
    starts: np.ndarray
    labels: tuple[str, ...]


def put_in_periods(days: np.ndarray, period: Period) -> Placed:
    """Days since 1970, float64 of shape (n,) with NaN for missing, by period."""
    known = np.isfinite(days)
    found = period.place(days[known] if not known.all() else days)
    first = 0 if period.cyclic or len(found) == 0 else int(found.min())
    count = len(period.names) if period.cyclic else (int(found.max()) - first + 1 if len(found) else 0)
    codes = np.full(len(days), -1, np.int32)
    codes[known] = found - first
    places = np.arange(first, first + count)
    if period.start is None:
        return Placed(codes, places.astype(np.float64), period.names)
    starts = period.start(places)
    return Placed(codes, starts, tuple(period.label(float(s)) for s in starts))


def possible(days: np.ndarray) -> tuple[str, ...]:
    """Names of the periods that cut these dates into at least two and at most `MOST_PERIODS`, and of the cycles."""
    known = days[np.isfinite(days)]
    if len(known) == 0:
        return ()
    low, high = float(known.min()), float(known.max())
    hours = bool(np.any(known[: 1 << 16] % 1)) or bool(np.any(known % 1))
    return tuple(
        name for name, p in PERIODS.items()
        if (hours or name not in ("hour", "hour of day"))
        and (_cycle_fits(p, high - low) if p.cyclic else 2 <= _count(p, low, high) <= MOST_PERIODS)
    )  # fmt: skip


def sensible(days: np.ndarray) -> str:
    """The shortest period that gives at most about 45 periods of 20 rows on average, else the longest possible one.

    Empty where the dates allow no sequence of at least two periods.
    """
    known = days[np.isfinite(days)]
    names = [name for name in possible(days) if not PERIODS[name].cyclic]
    if not names:
        return ""
    low, high = float(known.min()), float(known.max())
    counts = {name: _count(PERIODS[name], low, high) for name in names}
    fitting = [n for n in names if counts[n] <= _AIM and counts[n] * _ENOUGH <= len(known)]
    return fitting[0] if fitting else names[-1]


def _count(period: Period, low: float, high: float) -> int:
    first, last = period.place(np.array([low, high]))
    return int(last - first) + 1


def _cycle_fits(period: Period, span: float) -> bool:
    return span * _PER_CYCLE[period.name] >= 1


_PER_CYCLE = {"hour of day": 1.0, "weekday": 1 / 7, "month of year": 1 / 365}


def _floor(days: np.ndarray) -> np.ndarray:
    return np.asarray(np.floor(days).astype(np.int64))


def _hours(days: np.ndarray) -> np.ndarray:
    # An hour is not a round number of days in binary: half a millisecond keeps 05:00 from falling to 04:00.
    return np.asarray(np.floor(days * 24 + 1.4e-7).astype(np.int64))


def _months(days: np.ndarray) -> np.ndarray:
    whole = _floor(days)
    if len(whole) == 0:
        return whole
    first, last = int(whole.min()), int(whole.max())
    if last - first > 4 * len(whole) + 1000:
        return np.asarray(whole.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))
    calendar = np.arange(first, last + 1).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(calendar[whole - first])


def _month_starts(months: np.ndarray) -> np.ndarray:
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]").astype(np.float64))


def _day(days: float) -> str:
    return str(np.datetime64(int(days), "D"))


def _hour(days: float) -> str:
    return str(np.datetime64(round(days * 24), "h")).replace("T", " ") + ":00"


def _quarter(days: float) -> str:
    day = _day(days)
    return f"{day[:-6]} Q{(int(day[-5:-3]) + 2) // 3}"


_ALL = (
    Period("hour", 1 / 24, _hours, lambda p: p / 24, _hour),
    Period("day", 1, _floor, lambda p: p.astype(np.float64), _day),
    Period("week", 7, lambda d: (_floor(d) + _MONDAY) // 7, lambda p: p * 7.0 - _MONDAY, _day),
    Period("month", 30.4, _months, _month_starts, lambda d: _day(d)[:-3]),
    Period("quarter", 91.3, lambda d: _months(d) // 3, lambda p: _month_starts(p * 3), _quarter),
    Period("year", 365.25, lambda d: _months(d) // 12, lambda p: _month_starts(p * 12), lambda d: _day(d)[:-6]),
    Period("hour of day", 1 / 24, lambda d: _hours(d) % 24, names=tuple(f"{h:02d}:00" for h in range(24))),
    Period("weekday", 1, lambda d: (_floor(d) + _MONDAY) % 7, names=_WEEKDAYS),
    Period("month of year", 30.4, lambda d: _months(d) % 12, names=_MONTHS),
)
PERIODS: dict[str, Period] = {p.name: p for p in _ALL}
"""Every way to cut time by name, the shortest first, then the cycles."""
