"""Which legacy encoding a text is in: the one under which its letters are most likely.

Every candidate explains the same bytes, so the log-likelihoods of what they make of them can be compared.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from mlops_lib.data.letters import scripts


@dataclass(frozen=True)
class Candidate:
    """An encoding, the script for which people use it, how usual that is, and what is unusual in that script."""

    encoding: str
    script: str
    prior: float = 1.0
    unusual: re.Pattern[str] | None = None


_CROWD = re.compile(r"[^\x00-\x7f]{3,}|(?<=[A-Za-z])[\xa1-\xbf]+(?=[A-Za-z])")
"""In words of Latin letters, three beyond ASCII hardly ever follow each other, and signs hardly ever stand inside."""
_MIXED = re.compile(r"[A-Za-z][^\x00-\x7f]+|[^\x00-\x7f]+[A-Za-z]")
"""Words of Cyrillic or Greek letters hardly ever have Latin ones in them."""

CANDIDATES: tuple[Candidate, ...] = (
    Candidate("cp1252", "western European", unusual=_CROWD),
    Candidate("cp949", "Korean"),
    Candidate("cp932", "Japanese"),
    Candidate("euc_jp", "Japanese", prior=0.1),
    Candidate("gb18030", "Chinese (simplified)"),
    Candidate("big5", "Chinese (traditional)"),
    Candidate("cp1251", "Cyrillic", prior=0.1, unusual=_MIXED),
    Candidate("cp1253", "Greek", prior=0.01, unusual=_MIXED),
    Candidate("cp1250", "central European", prior=0.01, unusual=_CROWD),
)

_SAMPLE = 1 << 15
_BROKEN, _FOREIGN, _ASCII, _UNUSUAL = 1e-9, 1e-7, 1 / 40, 0.05
_SURE = math.log(20)
"""A second encoding that is less than twenty times less likely is worth naming."""


@dataclass(frozen=True)
class Guess:
    """The most likely candidate, and the next one where that is nearly as likely."""

    best: Candidate
    second: Candidate | None


def guess_encoding(content: bytes) -> Guess:
    """The legacy encoding of a text that holds bytes beyond ASCII and is not UTF-8."""
    sample = _telling(content)
    scored = sorted(((likelihood(sample, c), -rank) for rank, c in enumerate(CANDIDATES)), reverse=True)
    first, second = (CANDIDATES[-rank] for _, rank in scored[:2])
    return Guess(first, second if scored[0][0] - scored[1][0] < _SURE else None)


def likelihood(sample: bytes, candidate: Candidate) -> float:
    """Logarithm of how likely the sample is as text of the candidate's script in its encoding."""
    text = sample.decode(candidate.encoding, "replace")
    letters = scripts()[candidate.script]
    unusual = Counter("".join(candidate.unusual.findall(text))) if candidate.unusual else Counter[str]()
    total = math.log(candidate.prior)
    for letter, count in Counter(text).items():
        if letter < "\x80":
            total += count * math.log(_ASCII)
            continue
        chance = _BROKEN if letter == "\ufffd" else letters.get(letter, _FOREIGN)
        total += count * math.log(chance) + unusual[letter] * math.log(_UNUSUAL)
    return total


def _telling(content: bytes) -> bytes:
    """The first lines with bytes beyond ASCII, cut at the end of a line: the others tell nothing."""
    lines: list[bytes] = []
    taken = 0
    for line in re.split(rb"[\r\n]+", content[: 64 * _SAMPLE]):
        if not line.isascii():
            lines.append(line)
            taken += len(line)
        if taken > _SAMPLE:
            break
    return b"\n".join(lines)
