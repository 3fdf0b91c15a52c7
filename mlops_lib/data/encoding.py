"""Bytes of a text file to UTF-8: which encoding they are in, and what could not be kept."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass

from mlops_lib.data.encoding_guess import guess_encoding
from mlops_lib.data.formats import utf16_without_mark
from mlops_lib.data.limits import check_decoded
from mlops_lib.objects.errors import InputError

ENCODINGS: tuple[str, ...] = (
    "utf-8", "utf-16", "cp949", "cp932", "gb18030", "big5", "cp1252", "latin-1", "euc_jp", "cp1250", "cp1251", "cp1253",
    "cp1254",
)  # fmt: skip
"""Offered for correction; any other name that Python knows as a text encoding works too."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHUNK = 1 << 24
_SAMPLE = 1 << 20
_SIGN = "\ufffd".encode()
_WIDE = ("utf-16", "utf-32")


@dataclass(frozen=True)
class DecodedText:
    """The text as UTF-8 without a byte-order mark, its encoding, and sentences on what was guessed and replaced."""

    utf8: bytes
    encoding: str
    guessed: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


def decode(content: bytes, name: str, encoding: str | None = None) -> DecodedText:
    """The content as UTF-8, in the encoding asked for or found out.

    Raises InputError where most letters beyond ASCII are none in the encoding asked for, TooLargeError where the text
    becomes too long.
    """
    mark, marked = next(((m, e) for m, e in _MARKS if content.startswith(m)), (b"", None))
    body = content[len(mark) :]
    if encoding is not None:
        return _as_asked(body, marked, name, encoding)
    if marked:
        return _recoded(body, marked, name)
    order = utf16_without_mark(content)
    if order:
        return _recoded(body, order, name, guessed=(f"The encoding is {order}.",))
    return _utf8_or_older(body, name)


def _as_asked(body: bytes, marked: str | None, name: str, encoding: str) -> DecodedText:
    try:
        "a".encode(encoding)
    except (LookupError, UnicodeError):
        listed = ", ".join(ENCODINGS[:5])
        raise InputError(f"There is no text encoding called '{encoding}'.", f"Try {listed}.") from None
    wanted = codecs.lookup(encoding).name
    if wanted in _WIDE:
        wanted = marked if marked and marked.startswith(wanted) else (utf16_without_mark(body) or f"{wanted}-le")
    read = _recoded(body, wanted if wanted.startswith("utf") else encoding, name)
    broken = read.utf8.count(_SIGN) if read.repairs else 0
    if 2 * broken > (len(read.utf8) if wanted.startswith(_WIDE) else _beyond_ascii(read.utf8)):
        raise InputError(
            f"'{name}' is not {encoding} text ({_places(broken)} not fit, {_first_place(body, wanted)}).",
            "Choose another encoding, or let Fulcrum find it.",
        )
    return read


def _beyond_ascii(utf8: bytes) -> int:
    """How many letters beyond ASCII there are: as many as leading bytes."""
    return len(utf8.translate(None, bytes(range(0xC0))))


def _utf8_or_older(body: bytes, name: str) -> DecodedText:
    if body.isascii():
        return DecodedText(body, "utf-8")
    if _is_utf8(body) or _mostly_utf8(body):
        return _recoded(body, "utf-8", name, guessed=("The encoding is utf-8.",))
    found = guess_encoding(body)
    encoding = found.best.encoding
    if encoding == "cp1252" and _first_broken(body, encoding) is not None:
        encoding = "latin-1"
    says = f"The encoding is {encoding} ({found.best.script})."
    if found.second is not None:
        says += f" It may also be {found.second.encoding} ({found.second.script})."
    return _recoded(body, encoding, name, guessed=(says,))


def _is_utf8(body: bytes) -> bool:
    import numpy as np
    import pyarrow as pa

    # Arrow checks without making a text of it, in a fraction of the time and none of the memory.
    whole = pa.LargeStringArray.from_buffers(1, pa.py_buffer(np.array([0, len(body)], np.int64)), pa.py_buffer(body))
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


def _mostly_utf8(body: bytes) -> bool:
    """Whether lone surrogates are all that is wrong, or well-formed letters are twice as many as broken places.

    Text in an older encoding hardly ever looks like UTF-8 by chance.
    """
    if _SURROGATE.search(body) and _is_utf8(_SURROGATE.sub(b"", body)):
        return True
    sample = body[:_SAMPLE].decode("utf-8", "replace")
    good = len(re.findall(r"[^\x00-\x7f\ufffd]", sample))
    return good > 2 * sample.count("\ufffd")


def _recoded(body: bytes, encoding: str, name: str, guessed: tuple[str, ...] = ()) -> DecodedText:
    """The body as UTF-8; what does not fit becomes a sign that says so, and is named."""
    if encoding == "utf-8" and _is_utf8(body):
        return DecodedText(body, encoding, guessed)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    made = io.BytesIO()
    try:
        for start in range(0, len(body), _CHUNK):
            made.write(decoder.decode(body[start : start + _CHUNK]).encode("utf-8", "replace"))
            check_decoded(made.tell(), name)
        made.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
    except UnicodeError:
        raise InputError(f"'{name}' is not {encoding} text.", "Choose another encoding.") from None
    utf8 = made.getvalue()
    if _SIGN not in utf8 or _first_broken(body, encoding) is None:
        return DecodedText(utf8, encoding, guessed)
    broken = utf8.count(_SIGN) - (body.count(_SIGN) if encoding == "utf-8" else 0)
    called = encoding.upper() if encoding.startswith("utf") else encoding
    says = f"Not valid {called}: {_places(broken)} not fit, {_first_place(body, encoding)}; each is now \ufffd."
    return DecodedText(utf8, encoding, guessed, (says,))


def _places(count: int) -> str:
    return "1 place does" if count == 1 else f"{count:,} places do"


def _first_place(body: bytes, encoding: str) -> str:
    found = _first_broken(body, encoding)
    assert found is not None
    before = body[: found[0]].decode(encoding, "replace")
    line = 1 + (before.count("\n") or before.count("\r"))
    return f"the first on line {line:,} ({found[1]})"


def _first_broken(body: bytes, encoding: str) -> tuple[int, str] | None:
    """Where the first byte that does not fit stands, and which it is; None where all fit."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(body) + 1, _CHUNK):
        waiting = len(decoder.getstate()[0])
        chunk = body[start : start + _CHUNK]
        try:
            decoder.decode(chunk, final=start + len(chunk) == len(body))
        except UnicodeDecodeError as error:
            return start - waiting + error.start, f"byte 0x{error.object[error.start]:02X}"
    return None
