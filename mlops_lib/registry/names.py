"""What experiments and registered models are called in MLflow: one of each per question."""

from __future__ import annotations

import re

from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Above, Classes, Schema
from mlops_lib.stats.features import level_label

LONGEST = 120
"""MLflow takes 250 characters; more than this fits no table."""

_FORBIDDEN = re.compile(r"[/:%\"\\\x00-\x1f]+")
"""What MLflow does not take in a name, and what its filters cannot ask for."""


def question_words(schema: Schema) -> str:
    """The question as a phrase: "Attrition is Yes", "arr_delay above 15", "rings"."""
    if isinstance(schema.question, Above):
        return f"{schema.target} above {level_label(float(schema.question.limit))}"
    if isinstance(schema.question, Classes) and schema.question.positive is not None:
        return f"{schema.target} is {schema.question.positive}"
    return schema.target


def suggested_name(dataset: Dataset, schema: Schema) -> str:
    """A name for the question's experiment and model: table and question, without what MLflow forbids."""
    table = re.sub(r"\.[A-Za-z]{2,7}$", "", dataset.name)
    words = _FORBIDDEN.sub(" ", f"{table} - {question_words(schema)}")
    return re.sub(r"\s+", " ", words).strip(" .")[:LONGEST].strip() or "model"


def checked_name(name: str) -> str:
    """The name without blanks at its ends. Raises InputError where MLflow would refuse it."""
    trimmed = name.strip()
    if not trimmed:
        raise InputError("The model has no name.", "Give it one.")
    if len(trimmed) > LONGEST:
        raise InputError(f"The name has {len(trimmed):,} characters; the limit is {LONGEST}.", "Shorten it.")
    if (found := _FORBIDDEN.search(trimmed)) or trimmed.strip(".") == "":
        sign = found.group()[0] if found else "."
        raise InputError(f"The name '{trimmed}' holds '{sign}', which MLflow does not take.", "Leave it out.")
    return trimmed
