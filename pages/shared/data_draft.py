"""The draft of the Data page; where only its confirmed result is known (a link, a sample), it is made from that."""

from __future__ import annotations

from typing import Any

from mlops_lib.data.profile import propose_columns
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.schema import Above, Classes, Schema
from pages.shared.calls import cached
from pages.shared.data_words import ABOVE, AFTER, AS_THEY_ARE, CLASS, NUMBER
from pages.shared.form import Draft
from pages.shared.session import session


def open_draft(dataset: Dataset) -> Draft:
    """What was edited last; else what was confirmed; else nothing."""
    draft = Draft("data")
    schema = session().schema()
    if not draft.values and schema is not None and schema.dataset == dataset.fingerprint:
        draft.keep(**_question(schema), **_columns(dataset, schema), **_split())
    return draft


def _question(schema: Schema) -> dict[str, Any]:
    question = schema.question
    if isinstance(question, Above):
        return {"target": schema.target, "mode": ABOVE, "limit": question.limit}
    if isinstance(question, Classes):
        return {"target": schema.target, "mode": CLASS, "positive": question.positive or AS_THEY_ARE}
    return {"target": schema.target, "mode": NUMBER}


def _columns(dataset: Dataset, schema: Schema) -> dict[str, Any]:
    after = [c.name for c in schema.columns if c.reason == AFTER]
    proposed = {c.name: c for c in cached(propose_columns)(dataset)}
    changed = {
        c.name: [c.kind, c.role]
        for c in schema.columns
        if c.role != "target"
        and c.name not in after
        and (c.kind, c.role) != (proposed[c.name].kind, proposed[c.name].role)
    }
    return {"after": after, "columns": changed or None}


def _split() -> dict[str, Any]:
    plan = session().split()
    return {} if plan is None else {"split": [plan.hold_out, plan.folds, plan.seed]}
