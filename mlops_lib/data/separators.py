"""The signs that separate cells, what they are called, and how one of several bytes becomes one of a single byte."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mlops_lib.objects.errors import InputError

Trust = Literal["usual", "rare", "clock", "blank"]


@dataclass(frozen=True)
class Separator:
    """A delimiter as it stands in `ReadingOptions`, its name, the sentence about it, and how readily it is believed.

    A "usual" one needs most rows to agree; a "rare" one all of them. A "clock" sign also separates hours and minutes, a
    "blank" one words; both need a reason besides.
    """

    sign: str
    name: str
    says: str
    trust: Trust = "usual"


SEPARATORS: tuple[Separator, ...] = (
    Separator(",", "comma", "The delimiter is a comma."),
    Separator(";", "semicolon", "The delimiter is a semicolon."),
    Separator("\t", "tab", "The delimiter is a tab."),
    Separator("|", "vertical bar", "The delimiter is a vertical bar."),
    Separator("^", "caret ^", "The delimiter is a caret (^).", "rare"),
    Separator("~", "tilde ~", "The delimiter is a tilde (~).", "rare"),
    Separator("¦", "broken bar ¦", "The delimiter is a broken bar (¦).", "rare"),
    Separator("\x01", "control sign 1", "The delimiter is the control sign 1.", "rare"),
    Separator("||", "two bars ||", "The delimiter is two vertical bars.", "rare"),
    Separator("::", "two colons ::", "The delimiter is two colons.", "rare"),
    Separator(":", "colon", "The delimiter is a colon.", "clock"),
    Separator(" ", "blank", "The delimiter is a blank.", "blank"),
    Separator("\\s+", "blanks, any number", "Cells are separated by one or more blanks.", "blank"),
    Separator("  ", "blanks, two or more", "Cells are separated by two or more blanks.", "blank"),
)
DELIMITERS: tuple[str, ...] = tuple(separator.sign for separator in SEPARATORS)
DELIMITER_NAMES = {separator.sign: separator.name for separator in SEPARATORS}

_RUNS = {"\\s+": rb"[ \t]+", "  ": rb"[ \t]{2,}"}
_EDGES = re.compile(rb"(?m)^[ \t]+|[ \t]+(?=\r?$)")
_STAND_INS = tuple(bytes([code]) for code in (0x1F, 0x1E, 0x1D, 0x1C, 0x02, 0x03))
_MOST_SIGNS = 10


def check_delimiter(delimiter: str) -> None:
    """Raises InputError for what cannot separate cells."""
    if not 0 < len(delimiter) <= _MOST_SIGNS or any(sign in '"\r\n' for sign in delimiter):
        raise InputError(f"'{delimiter}' cannot be a delimiter.", "Give a sign such as a comma, semicolon or tab.")


def one_byte(text: bytes, delimiter: str) -> tuple[bytes, str]:
    """The text with a delimiter of one byte, and that delimiter; most texts are returned as they are.

    Raises InputError for a delimiter that cannot be one.
    """
    check_delimiter(delimiter)
    if len(delimiter.encode()) == 1:
        return text, delimiter
    stand_in = next((sign for sign in _STAND_INS if sign not in text), None)
    if stand_in is None:
        raise InputError("This text holds too many control signs.", "Save it with a comma, semicolon or tab.")
    if delimiter not in _RUNS:
        return text.replace(delimiter.encode(), stand_in), stand_in.decode()
    bare = _EDGES.sub(b"", text)
    run = _RUNS[delimiter]
    if b'"' not in bare:
        return re.sub(run, stand_in, bare), stand_in.decode()
    quoted = rb'(?<![^ \t\r\n])"(?:[^"\r\n]|"")*"(?![^ \t\r\n])'
    made = re.sub(rb"(" + quoted + rb")|" + run, lambda found: found[1] or stand_in, bare)
    return made, stand_in.decode()


def says_of(delimiter: str) -> str:
    """The sentence on a delimiter that was found out."""
    return next(separator.says for separator in SEPARATORS if separator.sign == delimiter)
