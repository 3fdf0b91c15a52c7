"""The draft of the Data page; where only its confirmed result is known (a link, a sample), it is made from that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlops_lib.data.continuing import columns_that_still_fit, last_schema
from mlops_lib.data.datasets import open_dataset
from mlops_lib.data.profile import propose_columns
from mlops_lib.objects.catalogue import CataloguedTable
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Above, Classes, Column, Schema
from pages.shared.calls import cached
from pages.shared.data_words import ABOVE, AFTER, AS_THEY_ARE, CLASS, NUMBER
from pages.shared.form import Draft
from pages.shared.session import session, workspace


def open_draft(dataset: Dataset) -> Draft:
    """What was edited last; else what was confirmed; else nothing."""
    draft = Draft("data")
    schema = session().schema()
    if not draft.values and schema is not None and schema.dataset == dataset.fingerprint:
        draft.keep(**_question(schema), **_columns(dataset, schema.columns), **_split())
    return draft


def is_confirmed() -> bool:
    """Whether the split of the chosen table is locked: what was looked at for that may then be folded away."""
    return session().id("split") is not None


def carry_over(dataset: Dataset, known: CataloguedTable) -> None:
    """Draft what was confirmed last for another version of the table, for the columns that are still there."""
    draft, schema = Draft("data"), last_schema(workspace(), known)
    if draft.values or schema is None or schema.dataset == dataset.fingerprint:
        return
    columns = columns_that_still_fit(schema, open_dataset(workspace(), schema.dataset), dataset)
    question = _question(schema) if any(c.name == schema.target for c in columns) else {}
    draft.keep(**question, **_columns(dataset, columns))


def _question(schema: Schema) -> dict[str, Any]:
    question = schema.question
    if isinstance(question, Above):
        return {"target": schema.target, "mode": ABOVE, "limit": question.limit}
    if isinstance(question, Classes):
        return {"target": schema.target, "mode": CLASS, "positive": question.positive or AS_THEY_ARE}
    return {"target": schema.target, "mode": NUMBER}


def _columns(dataset: Dataset, columns: Sequence[Column]) -> dict[str, Any]:
    after = [c.name for c in columns if c.reason == AFTER]
    proposed = {c.name: c for c in cached(propose_columns)(dataset)}
    changed = {
        c.name: [c.kind, c.role]
        for c in columns
        if c.role != "target"
        and c.name not in after
        and (c.kind, c.role) != (proposed[c.name].kind, proposed[c.name].role)
    }
    return {"after": after, "columns": changed or None}


def _split() -> dict[str, Any]:
    plan = session().split()
    if plan is None:
        return {}
    return {"split": [plan.hold_out, plan.folds, plan.seed, plan.repeats, plan.gap, plan.held]}
