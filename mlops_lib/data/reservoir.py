"""A simple random sample of a stream whose length is not known before its end, in one pass."""

from __future__ import annotations

import numpy as np

_BATCH = 4096
_FAR = 2.0**50


class Reservoir:
    """Says which rows of a stream enter a sample of `size` rows and whose place they take.

    Every row of the stream is in the sample with the same probability. The first `size` rows fill the reservoir; after
    that Algorithm L draws how many rows to pass over until the next one that enters, so that time goes with the rows
    that enter (K.-H. Li 1994, "Reservoir-sampling algorithms of time complexity O(n(1 + log(N/n)))", ACM Transactions
    on Mathematical Software 20(4), 481-493; Algorithm R before it: J. S. Vitter 1985, "Random sampling with a
    reservoir", ibid. 11(1), 37-57). The draws come in batches of a fixed length: the sample depends on the seed and the
    order of the rows, never on the size of the blocks in which they come.
    """

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.seen = 0
        self._random = np.random.default_rng(seed)
        self._log_w = 0.0
        self._last = size - 1
        self._positions = np.empty(0, np.int64)
        self._slots = np.empty(0, np.int64)

    def offer(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """The next `rows` rows of the stream come by: which of them enter (from 0, ascending) and at which places.

        Both int64 of the same length. Where a place is named twice, the later row stays there.
        """
        start, stop = self.seen, self.seen + rows
        self.seen = stop
        filling = np.arange(start, max(start, min(stop, self.size)))
        while self._last < stop:
            self._draw()
        count = int(np.searchsorted(self._positions, stop))
        entering, slots = self._positions[:count], self._slots[:count]
        self._positions, self._slots = self._positions[count:], self._slots[count:]
        return np.concatenate([filling, entering]) - start, np.concatenate([filling, slots])

    def _draw(self) -> None:
        """The positions of the next rows that enter, and their places."""
        u, v = 1.0 - self._random.random((2, _BATCH))
        log_w = self._log_w + np.cumsum(np.log(u) / self.size)
        with np.errstate(divide="ignore"):
            log_passed = np.minimum(np.log1p(-np.exp(log_w)), -1e-300)
        skips = np.minimum(np.floor(np.log(v) / log_passed), _FAR).astype(np.int64) + 1
        positions = self._last + np.cumsum(skips)
        self._log_w, self._last = float(log_w[-1]), int(positions[-1])
        self._positions = np.concatenate([self._positions, positions])
        self._slots = np.concatenate([self._slots, self._random.integers(self.size, size=_BATCH)])
