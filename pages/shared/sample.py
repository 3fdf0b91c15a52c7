"""The samples of the product, one click away from every page that has nothing to show yet."""

from __future__ import annotations

from dataclasses import replace

from mlops_lib.data.profile import propose_columns
from mlops_lib.data.samples import SAMPLES, Sample, load_sample
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Schema
from pages.shared.boundary import guarded
from pages.shared.session import session, workspace


@guarded
def use_sample(key: str) -> None:
    """Choose a sample, ask the question it was made for, and lock the split: all that the button that does it names."""
    dataset = load_sample(workspace(), key)
    schema = _asked(dataset, SAMPLES[key])
    plan = plan_split(dataset, schema)
    session().set(dataset=dataset.fingerprint, schema=workspace().put(schema), split=workspace().put(plan))


def _asked(dataset: Dataset, sample: Sample) -> Schema:
    columns = (replace(c, role="target") if c.name == sample.target else c for c in propose_columns(dataset))
    return Schema(dataset.fingerprint, tuple(columns), sample.question)
