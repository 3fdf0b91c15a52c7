"""The sample tables that come with Fulcrum, one line each. Where they come from: `sample_data/README.md`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlops_lib.data.datasets import keep_upload, read_and_keep
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import NotFoundError
from mlops_lib.objects.schema import Above, Classes, Question
from mlops_lib.workspace.folder import Workspace

FOLDER = Path(__file__).resolve().parents[2] / "sample_data"


@dataclass(frozen=True)
class Sample:
    """A sample: what it is in a sentence, and the question it was made for (asked only when the user says so).

    `after` are its columns that are known only after the event: they are no features of an honest model.
    """

    key: str
    title: str
    file: str
    sentence: str
    target: str
    question: Question
    asks: str
    after: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """How a dataset made from it names its source."""
        return f"sample {self.key}"


_SAMPLES = (
    Sample(
        "employees",
        "Employees",
        "employees.csv",
        "3,000 invented employees, of whom about 15 % left; what drives it is documented.",
        "left",
        Classes("Yes"),
        "Does an employee leave?",
    ),
    Sample(
        "employees_traps",
        "Employees with traps",
        "employees_traps.csv",
        "The same kind of table with a leaking column, duplicates, '?' for missing and slips of the pen.",
        "left",
        Classes("Yes"),
        "Does an employee leave?",
        after=("notice_period_days",),
    ),
    Sample(
        "flights",
        "Flights",
        "flights.csv",
        "5,000 real flights that left New York in 2013.",
        "arr_delay",
        Above(15.0),
        "Does a flight arrive more than 15 minutes late?",
        after=("dep_time", "dep_delay", "arr_time", "air_time"),
    ),
    Sample(
        "rare_event",
        "Pump failures",
        "rare_event.csv",
        "8,000 invented pumps, of which one in a hundred fails.",
        "failed",
        Classes("Yes"),
        "Does a pump fail within a week?",
    ),
    Sample(
        "employees_korean",
        "Korean employees",
        "employees_korean.csv",
        "1,200 invented employees with Korean names and labels, in the old cp949 encoding.",
        "퇴사",
        Classes("예"),
        "Does an employee leave?",
    ),
)

SAMPLES: dict[str, Sample] = {sample.key: sample for sample in _SAMPLES}


def load_sample(workspace: Workspace, key: str) -> Dataset:
    """Keep a sample in the workspace and return it. Raises NotFoundError for an unknown key."""
    if key not in SAMPLES:
        raise NotFoundError(f"There is no sample '{key}'.", f"There are: {', '.join(SAMPLES)}.")
    sample = SAMPLES[key]
    path = keep_upload(workspace, (FOLDER / sample.file).read_bytes())
    return read_and_keep(workspace, path, sample.file, source=sample.source)


def sample_of(dataset: Dataset) -> Sample | None:
    """The sample a dataset was made from, None where it was not."""
    return next((sample for sample in _SAMPLES if sample.source == dataset.source), None)
