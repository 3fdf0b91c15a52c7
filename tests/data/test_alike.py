"""A later file read as an earlier one was."""

from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pytest

from mlops_lib.data.alike import options_alike
from mlops_lib.data.datasets import keep_upload, read_and_keep
from mlops_lib.data.derive import derive, operation
from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.workspace.folder import Workspace

FIRST = "code;since;pay;grade\n" + "".join(f"{i:03d};{i % 28 + 1}.{i % 12 + 1}.2021;{i},5;{i % 3}\n" for i in range(40))
LATER = "code;since;pay;grade\n7;03.04.2021;1,5;?\n8;5.4.2021;n/a;2\n"


def test_kinds_missing_and_order_are_taken_over(workspace: Workspace) -> None:
    first = read_and_keep(
        workspace, keep_upload(workspace, FIRST.encode()), "first.csv", ReadingOptions(missing=("?",))
    )
    assert first.reading is not None
    assert first.reading.day_first == ("since",)
    later = read_and_keep(
        workspace, keep_upload(workspace, LATER.encode()), "later.csv", options_alike(workspace, first)
    )
    table = later.table()
    assert [str(t) for t in table.schema.types] == ["string", "timestamp[us]", "double", "int64"]
    assert table["code"].to_pylist() == ["7", "8"]
    assert [f"{d:%Y-%m-%d}" for d in table["since"].to_pylist()] == ["2021-04-03", "2021-04-05"]
    assert table["pay"].to_pylist() == [1.5, None]
    assert table["grade"].to_pylist() == [None, 2]
    assert later.reading is not None
    (misfit,) = later.reading.misfits
    assert (misfit.column, misfit.cells, misfit.examples, misfit.missing) == ("pay", 1, (("n/a", 1),), True)


EUROPEAN = "pay;n\n" + "".join(f"{i},5;{i}\n" for i in range(40))


@pytest.mark.parametrize(
    ("later", "pay"),
    [
        ("pay,n\n3.25,1\n4.5,2\n", [3.25, 4.5]),
        ("pay,n\n1.234,1\n4.5,2\n", [1.234, 4.5]),
        ("pay;n\n1,234;1\n2,345;2\n", [1.234, 2.345]),
        ("pay;n\n1.234,5;1\n2;2\n", [1234.5, 2.0]),
    ],
)
def test_the_decimal_sign_is_that_of_the_file_unless_its_cells_leave_it_open(
    workspace: Workspace, later: str, pay: list[float]
) -> None:
    first = read_and_keep(workspace, keep_upload(workspace, EUROPEAN.encode()), "first.csv")
    assert first.reading is not None
    assert first.reading.options.decimal == ","
    options = options_alike(workspace, first)
    assert (
        read_and_keep(workspace, keep_upload(workspace, later.encode()), "l.csv", options).table()["pay"].to_pylist()
        == pay
    )


def test_the_numbers_of_a_sheet_have_a_point_whatever_the_first_table_had(workspace: Workspace) -> None:
    first = read_and_keep(workspace, keep_upload(workspace, EUROPEAN.encode()), "first.csv")
    content = io.BytesIO()
    pd.DataFrame({"pay": [1.234, 2.345], "n": [1, 2]}).to_excel(content, index=False)
    sheet = keep_upload(workspace, content.getvalue())
    read = read_and_keep(workspace, sheet, "later.xlsx", options_alike(workspace, first))
    assert read.table()["pay"].to_pylist() == [1.234, 2.345]


def test_a_derived_version_reads_as_its_parent(workspace: Workspace) -> None:
    first = read_and_keep(workspace, keep_upload(workspace, FIRST.encode()), "first.csv")
    part = derive(workspace, first, operation("filter", condition="grade == 1"))
    assert options_alike(workspace, part) == options_alike(workspace, first)
    assert pa.types.is_string(part.table()["code"].type)
