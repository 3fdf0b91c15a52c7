"""Text from a table is data, never markup."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&\"'=@/^])")
_SPACE = re.compile(r"[\r\n\t\v\f\u0085\u2028\u2029]+")
_REWRITTEN = re.compile(
    r"(?<=[<>\-=])(?=[<>\-=])|(?<=:)(?=streamlit:)|(?<=http)(?=s?:)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE
)
_JOINER = "\N{WORD JOINER}"


def escape(text: object) -> str:
    """A value as Markdown that shows exactly its characters: no picture, link, emoji, colour or formula comes of it.

    Line breaks become blanks, so that no text can start a block of its own. Streamlit turns bare addresses, arrows and
    its own logo's name into something else after reading the Markdown; an invisible joiner inside prevents that.
    """
    return _MARKS.sub(r"\\\1", _REWRITTEN.sub(_JOINER, _SPACE.sub(" ", str(text))))


def unmarked(text: str) -> str:
    """Text that may have been copied from a page, without the joiners that `escape` put into it."""
    return text.replace(_JOINER, "")
