"""How a table that is to be scored is read: as the table was that the model learnt from."""

from __future__ import annotations

from contextlib import suppress

from mlops_lib.data.alike import options_alike
from mlops_lib.data.datasets import open_dataset
from mlops_lib.objects.dataset import Dataset, ReadingOptions
from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.version import Version
from mlops_lib.objects.words import counted, listed
from mlops_lib.train.runs import load_run
from mlops_lib.workspace.folder import Workspace


def options_for(workspace: Workspace, version: Version) -> ReadingOptions:
    """The options for a file to be scored; those of any file where run or table are not in this workspace any more."""
    with suppress(NotFoundError):
        trained_on = open_dataset(workspace, load_run(workspace, version.run).dataset)
        return options_alike(workspace, trained_on)
    return ReadingOptions()


def misread(dataset: Dataset) -> tuple[str, ...]:
    """A sentence for each column with cells that are not of the kind the model learnt from, and so became missing."""
    found = () if dataset.reading is None else dataset.reading.misfits
    return tuple(
        f"'{m.column}': {counted(m.cells, 'cell')} {'is' if m.cells == 1 else 'are'} not a {m.kind} "
        f"({listed([repr(text) for text, _ in m.examples[:3]])}) and treated as missing."
        for m in found
        if m.missing
    )
