"""A last row that adds up the others, as spreadsheets have it: no case of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlops_lib.objects.dataset import Dataset, ReadingOptions

WORDS = frozenset(
    (
        "total", "totals", "grand total", "sum", "gesamt", "gesamtsumme", "summe", "insgesamt", "totaal", "totale",
        "suma", "soma", "razem", "ukupno", "celkem", "yhteensä", "totalt", "toplam", "итого", "всего",
        "합계", "총계", "총합계", "계", "合計", "総計", "合计", "总计",
    )
)  # fmt: skip
"""What such a row is called, in lower case, without blanks around it or a colon behind it."""


@dataclass(frozen=True)
class TotalRow:
    """The word that names the last row a total, as it stands in a column; `place` is that column's place, from 0."""

    column: str
    place: int
    word: str


def total_row(dataset: Dataset) -> TotalRow | None:
    """The last row where its first filled cell is a word for a total that no other row of that column holds."""
    if dataset.rows < 2:
        return None
    place, cell = _first_filled(dataset)
    if not isinstance(cell, str) or _bare(cell) not in WORDS:
        return None
    name = dataset.columns[place]
    return TotalRow(name, place, cell) if _times(dataset, name, cell) == 1 else None


def _first_filled(dataset: Dataset) -> tuple[int, object]:
    """Place and value of the first filled cell of the last row; column by column, for a row group may be large."""
    with pq.ParquetFile(dataset.path) as file:
        group = file.metadata.num_row_groups - 1
        rows = file.metadata.row_group(group).num_rows
        for place, name in enumerate(dataset.columns):
            cell = file.read_row_group(group, columns=[name])[name][rows - 1].as_py()
            if cell is not None:
                return place, cell
    return 0, None


def without_total(options: ReadingOptions, total: TotalRow) -> ReadingOptions | None:
    """The options under which a text file is read without that line; None where they cannot say it."""
    if not options.delimiter or options.comment or total.place:
        return None
    return replace(options, comment=total.word + options.delimiter)


def _bare(cell: str) -> str:
    return cell.strip().rstrip(":").strip().casefold()


def _times(dataset: Dataset, name: str, word: str) -> int:
    cells = pq.read_table(dataset.path, columns=[name])[name]
    return int(pc.sum(pc.equal(cells.cast(pa.string()), word)).as_py() or 0)
