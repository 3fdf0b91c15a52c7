"""Reading bytes as a table, and looking at what came out."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
import pytest

from mlops_lib.data.reading import ReadTable
from mlops_lib.objects.errors import FulcrumError


def at(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts)  # noqa: DTZ001  (tables hold times without a zone)


def cells(read: ReadTable) -> dict[str, list[Any]]:
    return read.table.to_pydict()


def kinds(read: ReadTable) -> dict[str, str]:
    found = {pa.int64(): "whole", pa.float64(): "decimal", pa.timestamp("us"): "date", pa.string(): "text"}
    return {field.name: found[field.type] for field in read.table.schema}


def refusal(read: Any, content: bytes, name: str = "people.csv", **options: Any) -> str:
    """The one sentence with which a file is refused, without its hint."""
    with pytest.raises(FulcrumError) as caught:
        read(content, name, **options)
    assert caught.value.hint.endswith(".")
    assert "\n" not in caught.value.message
    return caught.value.message
