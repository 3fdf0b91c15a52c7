"""A last row that adds up the others is seen, and a text file is read again without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_lib.data.datasets import read_and_keep
from mlops_lib.data.totals import TotalRow, total_row, without_total
from mlops_lib.objects.dataset import Dataset
from mlops_lib.workspace.folder import Workspace

ROWS = "1;Kim;3,5\n2;Lee;4,5\n3;Park;2,0\n"


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    return tmp_path / "pay.csv"


def read(workspace: Workspace, file: Path, text: str, encoding: str = "utf-8") -> Dataset:
    file.write_bytes(text.encode(encoding))
    return read_and_keep(workspace, file, file.name)


@pytest.mark.parametrize(("word", "encoding"), [("Total", "utf-8"), ("Summe:", "utf-8"), ("합계", "cp949")])
def test_a_total_is_left_out_and_its_column_is_numeric_again(
    workspace: Workspace, text_file: Path, word: str, encoding: str
) -> None:
    kept = read(workspace, text_file, f"번호;이름;금액\n{ROWS}{word};;10,0\n", encoding)
    total = total_row(kept)
    assert total == TotalRow("번호", 0, word)
    assert kept.reading is not None
    options = without_total(kept.reading.options, total)
    assert options is not None
    again = read_and_keep(workspace, text_file, text_file.name, options)
    assert (again.rows, total_row(again)) == (3, None)
    assert again.frame(["번호", "금액"]).sum().tolist() == [6, 10.0]


def test_a_total_in_a_later_column_is_seen_but_not_left_out_by_reading(workspace: Workspace, text_file: Path) -> None:
    kept = read(workspace, text_file, f"no;name;pay\n{ROWS};Total;10,0\n")
    total = total_row(kept)
    assert total == TotalRow("name", 1, "Total")
    assert kept.reading is not None
    assert without_total(kept.reading.options, total) is None


@pytest.mark.parametrize(
    "text",
    [
        f"no;name;pay\n{ROWS}",
        "kind;pay\ntotal;1\nnet;2\ntotal;3\n",
        f"no;name;pay\n{ROWS}4;Total;10,0\n",
        "no;pay\n1;2\nTotals of May;3\n",
    ],
    ids=["none", "a label of other rows", "a name in a row with a number", "a longer text"],
)
def test_what_is_no_total(workspace: Workspace, text_file: Path, text: str) -> None:
    assert total_row(read(workspace, text_file, text)) is None
