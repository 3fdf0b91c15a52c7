"""Bytes of a text file to UTF-8: which encoding they are in, and what could not be kept."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from mlops_lib.data.formats import utf16_without_mark
from mlops_lib.objects.errors import InputError

ENCODINGS: tuple[str, ...] = (
    "utf-8", "utf-16", "cp949", "cp1252", "latin-1", "cp932", "gb18030", "big5", "cp1250", "cp1251", "cp1253", "cp1254",
)  # fmt: skip
"""Offered for correction; any other name that Python knows as a text encoding works too."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHUNK = 1 << 24
_SAMPLE = 1 << 20


@dataclass(frozen=True)
class DecodedText:
    """The text as UTF-8 without a byte-order mark, its encoding, whether that was guessed, and repairs as sentences."""

    utf8: bytes
    encoding: str
    guessed: bool
    repairs: tuple[str, ...] = ()


def decode(content: bytes, name: str, encoding: str | None = None) -> DecodedText:
    """The content as UTF-8. Raises InputError where it cannot be read in the encoding asked for."""
    mark, found = next(((m, e) for m, e in _MARKS if content.startswith(m)), (b"", None))
    if encoding is not None:
        return _as_asked(content, mark, name, encoding)
    chosen = found or utf16_without_mark(content) or "utf-8"
    if chosen == "utf-8":
        return _utf8_or_older(content[len(mark) :], marked=bool(mark))
    return _transcode(content[len(mark) :], chosen, name, guessed=found is None)


def _as_asked(content: bytes, mark: bytes, name: str, encoding: str) -> DecodedText:
    try:
        known = codecs.lookup(encoding)
    except LookupError:
        raise InputError(
            f"There is no text encoding called '{encoding}'.", f"Try {', '.join(ENCODINGS[:5])}."
        ) from None
    body = content[len(mark) :]
    if known.name == "utf-8":
        return _utf8(body, guessed=False) or _replaced(body, guessed=False)
    if known.name == "utf-16" and mark:
        return _transcode(body, "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be", name, guessed=False)
    return _transcode(content if mark == codecs.BOM_UTF8 else body, known.name, name, guessed=False)


def _utf8_or_older(body: bytes, marked: bool) -> DecodedText:
    found = _utf8(body, guessed=not marked and not body.isascii())
    if found is not None:
        return found
    if marked or _mostly_utf8(body):
        return _replaced(body, guessed=not marked)
    if _is_korean(body):
        return _transcode(body, "cp949", "", guessed=True)
    try:
        return _transcode(body, "cp1252", "", guessed=True)
    except InputError:
        return _transcode(body, "latin-1", "", guessed=True)


def _utf8(body: bytes, guessed: bool) -> DecodedText | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), _CHUNK):
            decoder.decode(body[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return DecodedText(body, "utf-8", guessed)


_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


def _mostly_utf8(body: bytes) -> bool:
    """Whether lone surrogates are all that is wrong, or well-formed letters outnumber broken bytes ten to one."""
    if _SURROGATE.search(body) and _utf8(_SURROGATE.sub(b"", body), guessed=False):
        return True
    sample = body[:_SAMPLE].decode("utf-8", "replace")
    good = len(re.findall(r"[^\x00-\x7f\ufffd]", sample))
    return good > 10 * sample.count("\ufffd")


def _replaced(body: bytes, guessed: bool) -> DecodedText:
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd") - body.count("\ufffd".encode())
    note = f"{broken:,} bytes are not valid UTF-8 text; each is now the sign \ufffd."
    return DecodedText(text.encode("utf-8"), "utf-8", guessed, (note,))


def _is_korean(body: bytes) -> bool:
    """Whether the text is valid cp949 and nearly all of its letters beyond ASCII are Hangul."""
    try:
        sample = codecs.getincrementaldecoder("cp949")().decode(body[:_SAMPLE])
    except UnicodeDecodeError:
        return False
    letters = re.findall(r"[^\x00-\x7f]", sample)
    hangul = sum("\uac00" <= letter <= "\ud7a3" for letter in letters)
    return bool(letters) and bool(hangul >= 0.7 * len(letters))


def _transcode(body: bytes, encoding: str, name: str, guessed: bool) -> DecodedText:
    decoder = codecs.getincrementaldecoder(encoding)()
    chunks = (body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK))
    try:
        pieces = [decoder.decode(chunk).encode("utf-8", "replace") for chunk in chunks]
        pieces.append(decoder.decode(b"", final=True).encode("utf-8", "replace"))
    except UnicodeDecodeError as error:
        start = error.start
        raise InputError(
            f"'{name}' is not {encoding} text (byte {error.object[start : start + 1]!r} does not fit).",
            "Choose another encoding, or let Fulcrum find it.",
        ) from None
    return DecodedText(b"".join(pieces), encoding, guessed)
