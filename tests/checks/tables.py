"""Tables with one thing planted in them, and what a check says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mlops_lib.checks.quality import findings
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.finding import Finding, NotFound
from mlops_lib.objects.schema import Classes, Question, Schema

Make = Callable[..., Dataset]
"""Columns (and how the table was read) to a dataset."""

N = 1000
YES = Classes("Yes")


def left(draw: np.random.Generator, share: float = 0.3) -> np.ndarray:
    """Yes or no for `N` rows."""
    return np.where(draw.random(N) < share, "Yes", "No")


def plain(seed: int = 0, **more: Any) -> dict[str, Any]:
    """A table of `N` rows in which nothing is wrong, with `more` columns."""
    draw = np.random.default_rng(seed)
    columns = {"x": draw.normal(size=N), "dept": draw.choice(["a", "b", "c"], N), "left": left(draw)}
    return {**columns, **more}


def confirmed(
    dataset: Dataset, target: str = "left", question: Question = YES, kinds: Mapping[str, str] | None = None
) -> Schema:
    """The proposed columns with a target, some of them of another kind, which makes them features."""
    kinds = kinds or {}
    columns = [replace(c, role="target") if c.name == target else c for c in propose_columns(dataset)]
    columns = [replace(c, kind=kinds[c.name], role="feature") if c.name in kinds else c for c in columns]  # type: ignore[arg-type]
    return Schema(dataset.fingerprint, tuple(columns), question)


def seen(dataset: Dataset, **how: Any) -> dict[str, Finding]:
    """The findings on training rows, by code."""
    schema = confirmed(dataset, **how)
    return {f.code: f for f in findings(dataset, schema, plan_split(dataset, schema)).found}


def silent(dataset: Dataset, **how: Any) -> dict[str, NotFound]:
    """The checks that have nothing to report, by code."""
    schema = confirmed(dataset, **how)
    return {f.code: f for f in findings(dataset, schema, plan_split(dataset, schema)).silent}


def training(dataset: Dataset, **how: Any) -> np.ndarray:
    """Ids of the rows that the findings are taken on."""
    schema = confirmed(dataset, **how)
    return plan_split(dataset, schema).training_rows()
