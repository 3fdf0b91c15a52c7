"""Why a column may know the answer: time, or a number that was given to each row."""

from __future__ import annotations

import numpy as np

from tests.checks.tables import Make, N, plain, seen


def drifting(seed: int = 0) -> dict[str, object]:
    """The first half of the rows answers no, the second yes, but for one in fifty."""
    draw = np.random.default_rng(seed)
    late = np.arange(N) >= N // 2
    return plain(seed, left=np.where(late ^ (draw.random(N) < 0.02), "Yes", "No"))


def test_a_column_that_only_tells_when_is_said_to(table_of: Make) -> None:
    draw = np.random.default_rng(1)
    finding = seen(table_of({**drifting(), "meter": np.arange(N) * 2.5 + draw.normal(size=N)}))["FUL010"]
    assert finding.columns == ("meter",)
    assert "'meter' follows the order of the rows (rank correlation 1" in finding.what
    assert "it tells when, and the answers changed over time" in finding.what


def test_labels_that_follow_the_order_of_the_rows_tell_when_too(table_of: Make) -> None:
    finding = seen(table_of({**drifting(), "week": [f"week {k // 50}" for k in range(N)]}))["FUL010"]
    assert "'week' follows the order of the rows" in finding.what


def test_a_number_that_was_given_to_each_row_is_said_to_be_one(table_of: Make) -> None:
    columns = drifting()
    order = np.argsort(np.random.default_rng(3).random(N))
    shuffled = {name: np.asarray(values)[order] for name, values in columns.items()}
    numbers = (np.arange(N) + 100)[order].astype(float)
    numbers[:5] = numbers[5:10]
    finding = seen(table_of({**shuffled, "ticket": numbers}))["FUL010"]
    assert finding.columns == ("ticket",)
    assert "it may be a number that was given to each row" in finding.what
    assert "order of the rows" not in finding.what


def test_a_plain_leak_has_no_such_reason(table_of: Make) -> None:
    columns = plain(7)
    columns["code"] = np.where(columns["left"] == "Yes", 30.0, 0.0)
    finding = seen(table_of(columns))["FUL010"]
    assert finding.what == "'code' (ROC-AUC 1.000) tells 'left' alone."
