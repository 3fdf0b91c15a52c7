"""How well a sample represents the table it was drawn from, column by column, against what chance alone would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mlops_lib.data.column_distances import ColumnCells, Distance, column_cells, distance_of
from mlops_lib.data.datasets import open_dataset
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.progress import Progress
from mlops_lib.objects.words import counted, listed, p_value
from mlops_lib.stats.multiple import holm
from mlops_lib.workspace.folder import Workspace

if TYPE_CHECKING:
    import pandas as pd

JOB_ROWS = 100_000
"""Parents with more rows are compared in a job."""

ALPHA = 0.05

Verdict = Literal["alike", "shifted", "on purpose", "goes with it", "not compared"]


@dataclass(frozen=True)
class ColumnCheck:
    """A column of the sample against the parent's.

    `distance` (0 to 1) is the Kolmogorov-Smirnov statistic of a number or date, the total variation of labels, or the
    difference in the share of missing cells where that is clearer; `limit` is the distance that chance alone exceeds in
    5 % of samples of this size. `p` is adjusted over the columns (Holm). `shift` says the difference in words.
    """

    column: str
    kind: Literal["number", "date", "text"]
    distance: float
    limit: float
    p: float
    verdict: Verdict
    shift: str


@dataclass(frozen=True)
class Representativeness:
    """The columns, the one furthest beyond chance first; `weighted` are the same with the rows' weights, empty where
    there are none. `notes` are finished sentences."""

    sample: str
    parent: str
    columns: tuple[ColumnCheck, ...]
    weighted: tuple[ColumnCheck, ...]
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What the check found, in one or two sentences."""
        counted_on = [c for c in self.columns if c.verdict != "on purpose"]
        purpose = [f"'{c.column}' is changed on purpose: {c.shift}." for c in self.columns if c.verdict == "on purpose"]
        said = [*purpose, _found(counted_on, "")]
        if self.weighted:
            said.append(_found(list(self.weighted), "With its weights, "))
        return " ".join(said)

    def table(self) -> pd.DataFrame:
        """One row a column: column, verdict, what differs, distance, by_chance, p; with weights, the same again."""
        import pandas as pd

        frame = pd.DataFrame([_row(c) for c in self.columns])
        if not self.weighted:
            return frame
        more = pd.DataFrame([_row(c) for c in self.weighted]).set_index("column")[["verdict", "distance", "by_chance"]]
        return frame.join(more.add_suffix(", weighted"), on="column")


def check_sample(sample: Dataset, parent: Dataset, emit: Callable[[object], None] | None = None) -> Representativeness:
    """Compare a sample with its parent.

    Chance is that of a simple random sample of this size without replacement from this parent; for weighted rows, of
    as many rows as the weights are worth (Kish 1965). Raises InputError where the dataset is no sample of that parent.
    """
    sampling = sample.sampling
    if sampling is None or sample.parent != parent.fingerprint:
        raise InputError(f"'{sample.name}' is no sample of '{parent.name}'.", "Choose a sample and its parent.")
    back = sample.operation is not None and bool(dict(sample.operation.settings).get("replace"))
    drawn = 0.0 if back else sample.rows / parent.rows
    weights = _weights_of_draw(sample, parent)
    plain, weighed = [], []
    for column, cells in _columns(sample, parent, emit):
        plain.append((column, cells.kind, distance_of(cells, None, drawn)))
        if weights is not None:
            weighed.append((column, cells.kind, distance_of(cells, weights, 0.0)))
    weighted = _judged(weighed)
    purpose = sampling.column if sampling.weighted else None
    return Representativeness(
        sample.fingerprint,
        parent.fingerprint,
        _explained(_judged(plain), weighted, purpose),
        weighted,
        _notes(sample),
    )


def representative_spec(sample: Dataset) -> dict[str, Any]:
    """The spec of the job kind "representative"."""
    return {"sample": sample.fingerprint, "parent": sample.parent}


def representative_job(
    workspace: Workspace, spec: Mapping[str, Any], emit: Callable[[object], None]
) -> Representativeness:
    """The job kind "representative"; raises what `check_sample` raises."""
    sample, parent = (open_dataset(workspace, str(spec[name])) for name in ("sample", "parent"))
    return check_sample(sample, parent, emit)


def _columns(
    sample: Dataset, parent: Dataset, emit: Callable[[object], None] | None
) -> Iterator[tuple[str, ColumnCells]]:
    for place, column in enumerate(sample.columns):
        if emit is not None:
            emit(Progress(place, len(sample.columns), f"Comparing {column}"))
        yield column, column_cells(sample, parent, column)


def _weights_of_draw(sample: Dataset, parent: Dataset) -> np.ndarray | None:
    """How many rows of the parent each row stands for: its weight counts rows of the root, as the parent's does."""
    weights, before = sample.weights(), parent.weights()
    if weights is None or sample.sampling is None or not sample.sampling.weighted:
        return None
    if before is None:
        return np.asarray(weights)
    ids, first = np.unique(parent.row_ids(), return_index=True)
    return np.asarray(weights / before[first[np.searchsorted(ids, sample.row_ids())]])


def _judged(found: Sequence[tuple[str, Any, Distance]]) -> tuple[ColumnCheck, ...]:
    """With p adjusted over the columns, the furthest beyond chance first."""
    if not found:
        return ()
    adjusted = holm(np.array([d.p for _, _, d in found]))
    checks = [
        ColumnCheck(column, kind, d.value, d.limit, float(p), _verdict(float(p)), d.shift)
        for (column, kind, d), p in zip(found, adjusted, strict=True)
    ]
    return tuple(sorted(checks, key=lambda c: -(c.distance / c.limit if c.limit > 0 else 0.0)))


def _verdict(p: float) -> Verdict:
    if np.isnan(p):
        return "not compared"
    return "shifted" if p < ALPHA else "alike"


def _explained(
    plain: tuple[ColumnCheck, ...], weighted: tuple[ColumnCheck, ...], purpose: str | None
) -> tuple[ColumnCheck, ...]:
    """Shifts that were wanted, and those that follow from them: without weights there, with them gone."""
    undone = {c.column for c in weighted if c.verdict == "alike"}

    def explained(check: ColumnCheck) -> ColumnCheck:
        if check.column == purpose:
            return replace(check, verdict="on purpose")
        goes_with = check.verdict == "shifted" and check.column in undone
        return replace(check, verdict="goes with it") if goes_with else check

    return tuple(explained(check) for check in plain)


def _found(checks: Sequence[ColumnCheck], before: str) -> str:
    made = [c for c in checks if c.verdict != "not compared"]
    alike = sum(c.verdict == "alike" for c in made)
    off = [f"'{c.column}' is shifted: {c.shift}" for c in made if c.verdict == "shifted"]
    along = [f"'{c.column}'" for c in made if c.verdict == "goes with it"]
    said = f"{alike} of {counted(len(made), 'column')} {'looks' if alike == 1 else 'look'} like the parent"
    said += f"; {listed(along, most=3)} {'goes' if len(along) == 1 else 'go'} with that" if along else ""
    said += f"; {'; '.join(off[:2])}" + (f"; and {len(off) - 2} more" if len(off) > 2 else "") if off else ""
    return f"{before}{said}."


def _notes(sample: Dataset) -> tuple[str, ...]:
    limit = "The limit is what chance alone exceeds in 5 % of simple random samples of this size"
    notes = [f"{limit}; p is adjusted over the columns (Holm)."]
    if sample.sampling is not None and sample.sampling.method == "cluster":
        notes.append("Whole groups were drawn, so columns that are alike within a group may differ by more than that.")
    if sample.sampling is not None and sample.sampling.weighted:
        notes.append("With weights, p is approximate: it counts as many rows as the weights are worth (Kish).")
    return tuple(notes)


def _row(check: ColumnCheck) -> dict[str, object]:
    return {
        "column": check.column,
        "verdict": check.verdict,
        "difference": check.shift,
        "distance": check.distance,
        "by_chance": check.limit,
        "p": p_value(check.p),
    }
