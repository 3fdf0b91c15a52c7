"""How often the 95 % intervals of Cramér's V hold the true one, beside what docs/statistics.md says of it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from mlops_lib.stats.chi_square import bias_corrected_v, chi_square, v_intervals

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "statistics.md"
TRIALS, SEED = 4_000, 5


def joint_of(rows: int, columns: int, mixed: float, uneven: bool) -> np.ndarray:
    """Shares of cells: independent columns (90 % in the first where uneven), mixed with one column for each row."""
    margin = np.array([0.9] + [0.1 / (columns - 1)] * (columns - 1)) if uneven else np.full(columns, 1 / columns)
    own = np.eye(columns)[np.arange(rows) * columns // rows]
    return ((1 - mixed) * margin + mixed * own) / rows


def true_v(joint: np.ndarray) -> float:
    expected = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return float(np.sqrt(((joint - expected) ** 2 / expected).sum().round(12) / (min(joint.shape) - 1)))


def coverage(joint: np.ndarray, n: int, trials: int = TRIALS) -> tuple[float, float]:
    """Share of drawn tables whose interval holds the true V: for the plain one and the bias-corrected one."""
    rng, true = np.random.default_rng(SEED), true_v(joint)
    tables = rng.multinomial(n, joint.ravel(), size=trials).reshape(trials, *joint.shape)
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    full = rows.all(axis=1) & columns.all(axis=1)
    expected = rows[full][:, :, None] * columns[full][:, None, :] / n
    statistics = ((tables[full] - expected) ** 2 / expected).sum(axis=(1, 2))
    held = np.array([[a <= true <= b for a, b in v_intervals(float(x), *joint.shape, n)] for x in statistics])
    return float(held[:, 0].mean()), float(held[:, 1].mean())


def documented() -> list[tuple[int, int, int, float, bool, float, float, float]]:
    """Rows "| 5 x 2 | 100 | uneven | 0.30 | 0.37 | 95.1 % | 95.2 % |" of the document."""
    pattern = r"\| (\d+) x (\d+) \| ([\d,]+) \| (even|uneven) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) % \| ([\d.]+) % \|"
    found = re.findall(pattern, DOCUMENT.read_text(encoding="utf-8"))
    return [
        (int(r), int(c), int(n.replace(",", "")), float(mixed), share == "uneven", float(v), float(a), float(b))
        for r, c, n, share, mixed, v, a, b in found
    ]


@pytest.mark.parametrize("row", documented(), ids=lambda row: "-".join(map(str, row[:5])))
def test_the_coverage_is_what_the_document_says(row: tuple[int, int, int, float, bool, float, float, float]) -> None:
    r, c, n, mixed, uneven, true, plain, corrected = row
    joint = joint_of(r, c, mixed, uneven)
    assert true_v(joint) == pytest.approx(true, abs=0.0051)
    # Seeded: a difference beyond rounding and a few trials means that intervals, or the document, have changed.
    assert coverage(joint, n) == (pytest.approx(plain / 100, abs=0.002), pytest.approx(corrected / 100, abs=0.002))


def test_the_document_covers_small_and_large_tables_with_and_without_a_relation() -> None:
    rows = documented()
    assert {row[:2] for row in rows} == {(2, 2), (5, 2), (20, 3)}
    assert {row[3] for row in rows} == {0.0, 0.1, 0.3, 0.6}
    assert min(min(row[6:]) for row in rows) >= 93


def test_the_intervals_are_those_of_the_test() -> None:
    table = np.array([[30, 12, 9], [8, 25, 17]])
    result = chi_square(table, intervals=True)
    assert v_intervals(result.statistic, 2, 3, 101) == (result.effect_interval, result.strength_interval)
    assert result.corrected == bias_corrected_v(result.statistic / 101, 2, 3, 101)
