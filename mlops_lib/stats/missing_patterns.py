"""Which rows each column has: columns with the same gaps share one pattern, so that pairs are counted once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Gaps:
    """Distinct patterns of known rows, k boolean arrays of shape (n,), and the pattern of each of p columns (p,)."""

    patterns: tuple[np.ndarray, ...]
    of: np.ndarray

    @classmethod
    def among(cls, known: Sequence[np.ndarray]) -> Gaps:
        """From one boolean array of shape (n,) for each column."""
        places: dict[bytes, int] = {}
        patterns: list[np.ndarray] = []
        of = np.zeros(len(known), dtype=np.int64)
        for i, rows in enumerate(known):
            key = b"" if rows.all() else np.packbits(rows).tobytes()
            if key not in places:
                places[key] = len(patterns)
                patterns.append(rows)
            of[i] = places[key]
        return cls(tuple(patterns), of)

    def of_first(self, columns: int) -> Gaps:
        """The same for the first columns alone."""
        used, of = np.unique(self.of[:columns], return_inverse=True)
        return Gaps(tuple(self.patterns[i] for i in used), of)

    def columns(self, pattern: int) -> np.ndarray:
        """Places of the columns that have this pattern."""
        return np.flatnonzero(self.of == pattern)

    def shared(self) -> Iterator[tuple[np.ndarray, list[tuple[int, int]]]]:
        """The rows that two different patterns share, once for all pairs of patterns that share the same ones."""
        found: dict[bytes, list[tuple[int, int]]] = {}
        for b in range(len(self.patterns)):
            for a in range(b):
                key = np.packbits(self.patterns[a] & self.patterns[b]).tobytes()
                found.setdefault(key, []).append((a, b))
        for pairs in found.values():
            a, b = pairs[0]
            yield self.patterns[a] & self.patterns[b], pairs
