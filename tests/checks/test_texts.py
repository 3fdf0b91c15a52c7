"""Text that is numbers or dates in part."""

from __future__ import annotations

import numpy as np

from mlops_lib.objects.dataset import Misfit
from tests.checks.tables import Make, N, plain, seen, silent, training

NUMBERS = (np.arange(N) % 300).astype("U5")


def test_numbers_among_text_are_counted(table_of: Make) -> None:
    cells = np.where(np.arange(N) % 3 == 0, "low", NUMBERS)
    dataset = table_of(plain(level=cells))
    finding = seen(dataset, kinds={"level": "categorical"})["FUL021"]
    words = int(np.sum(cells[training(dataset, kinds={"level": "categorical"})] == "low"))
    assert finding.columns == ("level",)
    assert finding.severity == "warning"
    assert finding.rows == words
    assert "'low'" in finding.what


def test_dates_among_text_are_counted(table_of: Make) -> None:
    cells = np.where(np.arange(N) % 3 == 0, "never", "2024-01-05")
    finding = seen(table_of(plain(last=cells)))["FUL021"]
    assert "read as dates" in finding.what


def test_what_reading_counted_is_told(table_of: Make) -> None:
    cells = np.where(np.arange(N) < 2, "n/k", NUMBERS)
    misfits = (
        Misfit("level", "number", N - 2, 2, (("n/k", 2),)),
        Misfit("x", "number", 9, 1, (("?", 1),), missing=True),
    )
    finding = seen(table_of(plain(level=cells), misfits=misfits))["FUL021"]
    assert finding.columns == ("level",)
    assert finding.rows == 2
    assert "99.8 % read as numbers, 2 cells do not ('n/k')" in finding.what


def test_labels_are_no_mixture(table_of: Make) -> None:
    dataset = table_of(plain(tail=np.char.add("N", NUMBERS)))
    assert silent(dataset)["FUL021"].reason == "No column of text holds numbers or dates in part."
    numbers_only = table_of({k: v for k, v in plain().items() if k != "dept"})
    assert not silent(numbers_only)["FUL021"].applies
