"""Columns kept as text whose cells are mostly something else."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_lib.checks.check import Seen, Silent
from mlops_lib.checks.table import CheckedTable
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.words import counted, listed


def hidden_numbers(table: CheckedTable) -> Seen | Silent:
    """Columns that would be numbers if a token or two counted as missing."""
    reading = table.dataset.reading
    if reading is None:
        return Silent("The table was not read from a file.", applies=False)
    if not reading.suggested_missing:
        return Silent("No column of text is numeric but for a token or two.")
    tokens = listed([f"'{t}'" for t in reading.suggested_missing])
    columns = _kept_as_text(table.dataset, reading.suggested_missing)
    return Seen(
        "serious",
        columns,
        0,
        f"{counted(len(columns), 'column')} would be numeric if {tokens} counted as missing.",
        "Columns in which every cell but a token or two reads as a number.",
        "As text, every number is a label of its own: order and distance are lost.",
        f"Read the table again with {tokens} as missing (above, under 'How it was read').",
    )


def _kept_as_text(dataset: Dataset, tokens: Sequence[str]) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.compute as pc

    table = dataset.table()
    texts = [name for name in dataset.columns if pa.types.is_string(table[name].type)]
    wanted = pa.array(tokens, pa.string())
    return tuple(
        name
        for name in texts
        if pc.any(pc.is_in(table[name], wanted)).as_py() and _else_numbers(table[name].unique(), wanted)
    )


def _else_numbers(values: object, tokens: object) -> bool:
    import pyarrow.compute as pc

    from mlops_lib.data.numbers import NUMBER

    rest = pc.filter(values, pc.invert(pc.is_in(values, tokens))).drop_null()
    return bool(pc.all(pc.match_substring_regex(rest, NUMBER)).as_py())
