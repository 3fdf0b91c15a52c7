"""The forms in which people write dates and times, as regular expressions with named parts."""

from __future__ import annotations

from dataclasses import dataclass

MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
"""English names of months, in small letters."""

ZONES: dict[str, int] = {
    **dict.fromkeys(("Z", "z", "UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("CET", "WEST", "WAT"), 60),
    **dict.fromkeys(("CEST", "EET", "SAST", "CAT"), 120),
    **dict.fromkeys(("EEST", "MSK", "EAT"), 180),
    **dict.fromkeys(("HKT", "SGT", "AWST"), 480),
    **dict.fromkeys(("KST", "JST"), 540),
    **dict.fromkeys(("AEST",), 600),
    **dict.fromkeys(("AEDT",), 660),
    **dict.fromkeys(("NZST",), 720),
    **dict.fromkeys(("NZDT",), 780),
    **dict.fromkeys(("EDT",), -240),
    **dict.fromkeys(("PDT",), -420),
}
"""Minutes ahead of UTC of the zone names that mean one offset only. CST, IST, BST and EST mean several."""

_SURE_NAMES = "|".join(sorted(ZONES, key=len, reverse=True))
_ZONE = rf"(?P<zone>{_SURE_NAMES}|(?:UTC|GMT)?[+-]\d{{1,2}}(?::?\d{{2}})?|[A-Z]{{2,5}})"
_CLOCK = (
    r"(?:(?:[T ]|, ) ?(?P<early>오전|오후|AM|PM)? ?(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    rf"(?: ?(?P<late>[AaPp]\.?[Mm]\.?))?(?: ?{_ZONE})?)?"
)
_WEEKDAY = r"(?i:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
_NAME = rf"(?P<name>(?i:{'|'.join(sorted(MONTHS, key=len, reverse=True))}))\.?"
_YEAR = r"(?P<year>\d{4})"
_YEARS = r"(?P<year>\d{4}|\d{2})"
_MONTH = r"(?P<month>\d{1,2})"
_DAY = r"(?P<day>\d{1,2})"


@dataclass(frozen=True)
class DateForm:
    """One way to write a date. `expression` has the named parts of which dates are made.

    `months` says what there is beside which no day is; `order` that day and month have to be told apart.
    """

    months: str
    expression: str
    order: bool = False


def _date_forms() -> tuple[DateForm, ...]:
    forms = [
        DateForm("year and month", r"^(?P<year>(?:19|20)\d{2})[-/.](?P<month>0[1-9]|1[0-2])$"),
        DateForm("year and month", rf"^{_YEAR}년 ?{_MONTH}월$"),
        DateForm("month and year", rf"^{_NAME}[ -]{_YEAR}$"),
        DateForm("", rf"^{_YEAR}년 ?{_MONTH}월 ?{_DAY}일(?: ?\(?[월화수목금토일](?:요일)?\)?)?{_CLOCK}$"),
        DateForm("", rf"^{_YEAR}\. {_MONTH}\. {_DAY}\.?{_CLOCK}$"),
        DateForm("", rf"^{_WEEKDAY}{_DAY}(?:st|nd|rd|th)?[ .-]+{_NAME}[ ,-]+{_YEARS}{_CLOCK}$"),
        DateForm("", rf"^{_WEEKDAY}{_NAME}[ -]+{_DAY}(?:st|nd|rd|th)?,?[ -]+{_YEARS}{_CLOCK}$"),
    ]
    for sign in ("-", "/", r"\."):
        forms.append(DateForm("", rf"^{_YEAR}{sign}{_MONTH}{sign}{_DAY}{_CLOCK}$"))
        pair = rf"(?P<first>\d{{1,2}}){sign}(?P<second_part>\d{{1,2}}){sign}(?P<last>\d{{4}}|\d{{2}})"
        forms.append(DateForm("", rf"^{pair}{_CLOCK}$", order=True))
    return tuple(forms)


FORMS: tuple[DateForm, ...] = _date_forms()

BASIC = DateForm("", r"^(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)$")
"""20210304: also a whole number, so a date only where that is sure."""

BASIC_TIME = DateForm(
    "",
    r"^(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)"
    r"T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})(?P<zone>Z|[+-]\d{2}:?\d{2})?$",
)
