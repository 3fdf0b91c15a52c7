"""Rows that repeat an earlier row in every cell."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mlops_lib.checks.check import Seen, Silent
from mlops_lib.checks.digest import digest_rows
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.words import counted, percent


def repeated_rows(table: CheckedTable) -> Seen | Silent:
    """Rows that repeat an earlier one, in all rows: copies on both sides of a split are what makes them harmful."""
    skip = {c.name for c in table.schema.columns if c.kind == "identifier"}
    skip |= set(table.schema.features())
    rest = table.dataset.table([name for name in table.dataset.columns if name not in skip])
    copies = count_copies(rest, table.digests)
    if not copies:
        return Silent("No row repeats an earlier one in every cell.")
    return Seen(
        "warning",
        (),
        copies,
        f"{counted(copies, 'row')} ({percent(copies / table.dataset.rows)}) repeat an earlier row in every cell.",
        "Equal cells in all columns but identifiers, in all rows.",
        "A copy in the hold-out of a row in training is no new row: it makes a model look better than it is.",
        "Remove what was entered twice on 'Sample & derive'; where one person has several rows, give "
        "the column that names the person the role 'group', and no group is cut by the split.",
    )


def count_copies(table: pa.Table, before: np.ndarray | None = None) -> int:
    """How many rows equal an earlier one by their digests (see `digest_rows`); missing cells equal each other."""
    return int(table.num_rows - len(np.unique(digest_rows(table, before))))
