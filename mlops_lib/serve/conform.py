"""A table made to fit what a registered model expects, with everything that did not fit counted and said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import counted, listed
from mlops_lib.registry.contract import Contract, InputColumn, labels_of

EXAMPLES = 3


@dataclass(frozen=True)
class Notice:
    """Something about the table that changed or may have changed its scores. `column` "" means the whole table."""

    kind: Literal["extra", "target", "unseen", "not a number", "not a date", "missing"]
    column: str
    rows: int
    message: str


@dataclass(frozen=True, eq=False)
class Conformed:
    """The columns the model needs, in its order, with what there is to say about them."""

    frame: pd.DataFrame
    notices: tuple[Notice, ...]


def conform(frame: pd.DataFrame, contract: Contract) -> Conformed:
    """Pick and convert the columns of a contract; the frame itself stays as it is.

    Columns beyond the contract are ignored, labels never seen in training go to the model as they are, and cells that
    are no number or date count as missing; each of these is a notice. Raises InputError where columns are missing.
    """
    _refuse_missing(frame, contract)
    notices = list(_about_extra(frame, contract))
    columns: dict[str, pd.Series] = {}
    for column in contract.columns:
        columns[column.name], said = _fit(frame[column.name], column)
        notices += said
    return Conformed(pd.DataFrame(columns, index=frame.index), tuple(notices))


def _refuse_missing(frame: pd.DataFrame, contract: Contract) -> None:
    missing = [c.name for c in contract.columns if c.name not in frame.columns]
    if not missing:
        return
    alike = _alike(missing, [str(c) for c in frame.columns])
    meant = "; ".join(f"'{found}' may be '{name}'" for name, found in alike.items())
    lacking = listed([f"'{name}'" for name in missing], most=20)
    raise InputError(
        f"The table lacks {len(missing):,} of the {len(contract.columns):,} columns that the model needs: {lacking}.",
        f"Add them, spelled as in training: {meant}." if meant else "Add them, spelled as in training.",
    )


def _alike(missing: list[str], present: list[str]) -> dict[str, str]:
    """Present columns that differ from a missing one in case, blanks and signs only."""
    plain = {_letters(name): name for name in present}
    return {name: plain[_letters(name)] for name in missing if _letters(name) in plain}


def _letters(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _about_extra(frame: pd.DataFrame, contract: Contract) -> list[Notice]:
    wanted = {c.name for c in contract.columns}
    extra = [str(c) for c in frame.columns if c not in wanted and c != contract.target]
    notices = []
    if contract.target in frame.columns:
        text = f"The table holds the target '{contract.target}'. The model does not look at it."
        notices.append(Notice("target", contract.target, len(frame), text))
    if extra:
        verb = "is" if len(extra) == 1 else "are"
        text = f"{counted(len(extra), 'column')} {verb} not used by the model and stay as they are: {listed(extra)}."
        notices.append(Notice("extra", "", len(frame), text))
    return notices


def _fit(cells: pd.Series, column: InputColumn) -> tuple[pd.Series, list[Notice]]:
    if column.categorical:
        return cells, [*_unseen(cells, column), *_missing(cells, column)]
    fitted = _dates(cells) if column.type == "date" else _numbers(cells)
    lost = cells.notna() & fitted.isna()
    said = []
    if count := int(lost.sum()):
        what: Literal["not a date", "not a number"] = "not a date" if column.type == "date" else "not a number"
        shown = [f"'{v}'" for v in pd.unique(cells[lost])[:EXAMPLES]]
        some = "1 cell is" if count == 1 else f"{count:,} cells are"
        text = f"'{column.name}': {some} {what} ({listed(shown)}) and treated as missing."
        said.append(Notice(what, column.name, count, text))
    return fitted, [*said, *_missing(cells, column)]


def _numbers(cells: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return pd.Series(np.nan, index=cells.index)
    return pd.to_numeric(cells, errors="coerce").astype("float64")


def _dates(cells: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return cells
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return pd.Series(pd.NaT, index=cells.index)
    return pd.to_datetime(cells, errors="coerce", utc=True, format="ISO8601")


def _unseen(cells: pd.Series, column: InputColumn) -> list[Notice]:
    if column.levels is None:
        return []
    known = set(column.levels)
    strange = Counter(label for label in labels_of(cells).tolist() if label not in known)
    if not strange:
        return []
    shown = [f"'{label}'" for label, _ in strange.most_common(EXAMPLES)]
    more = f" and {len(strange) - EXAMPLES:,} more" if len(strange) > EXAMPLES else ""
    rows = sum(strange.values())
    text = (
        f"'{column.name}': {counted(rows, 'row has', 'rows have')} a label that was not in training "
        f"({', '.join(shown)}{more}). The model takes it for a rare one, or for none of its labels."
    )
    return [Notice("unseen", column.name, rows, text)]


def _missing(cells: pd.Series, column: InputColumn) -> list[Notice]:
    count = int(cells.isna().sum())
    if not count:
        return []
    text = f"'{column.name}': {counted(count, 'cell is', 'cells are')} empty and filled as in training."
    return [Notice("missing", column.name, count, text)]
