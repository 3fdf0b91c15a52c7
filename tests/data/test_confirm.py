"""What the user confirmed is checked against what the columns hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlops_lib.data.confirm import confirm_schema
from mlops_lib.objects.dataset import Dataset
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Classes, Column, Kind

Make = Callable[[Any], Dataset]


def confirm(dataset: Dataset, kind: Kind, name: str = "dept", role: str = "feature") -> None:
    columns = [Column(name, kind, role), Column("y", "categorical", "target")]  # type: ignore[arg-type]
    confirm_schema(dataset, columns, Classes("Yes"))


def test_a_kind_that_the_cells_do_not_have_is_refused(dataset_of: Make) -> None:
    dataset = dataset_of({"dept": ["a", "b"], "age": [1, 2], "y": ["Yes", "No"]})
    confirm(dataset, "categorical")
    confirm(dataset, "categorical", "age")
    confirm(dataset, "numeric", "age")
    for kind in ("numeric", "date"):
        with pytest.raises(InputError, match="'dept' holds text"):
            confirm(dataset, kind)
    with pytest.raises(InputError, match="'age' holds numbers, so its kind cannot be 'date'"):
        confirm(dataset, "date", "age")
    with pytest.raises(InputError, match="no column 'size'"):
        confirm(dataset, "numeric", "size")
    with pytest.raises(InputError, match="No column is left"):
        confirm(dataset, "categorical", role="ignored")
