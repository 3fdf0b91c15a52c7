"""Rows that agree in every feature: contradictions, near copies, and copies on both sides of the split."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlops_lib.checks.quality import findings
from mlops_lib.checks.repeats import conflicts
from mlops_lib.objects.schema import Number
from tests.checks.tables import Make, N, confirmed, left, plain, seen, silent, training


def wide(seed: int = 0) -> dict[str, np.ndarray]:
    """Three numbers and a label, so that rows differ."""
    draw = np.random.default_rng(seed)
    numbers = {f"x{k}": draw.normal(size=N) for k in range(3)}
    return {**numbers, "dept": draw.choice(["a", "b", "c"], N), "left": left(draw)}


def test_conflicts_agree_with_pandas() -> None:
    draw = np.random.default_rng(0)
    digest = draw.integers(0, 400, 1000).astype(np.uint64)
    answers = draw.integers(0, 3, 1000).astype(float)
    groups = pd.DataFrame({"d": digest, "a": answers}).groupby("d")["a"]
    torn = groups.max() > groups.min()
    found = conflicts(digest, answers, 0.0)
    assert found.rows == groups.size()[torn].sum()
    assert found.groups == torn.sum()
    assert found.distinct == len(groups)
    assert found.repeated == groups.size()[groups.size() > 1].sum()
    assert found.pairs_in_all == (groups.size() * (groups.size() - 1) / 2).sum()
    assert found.ceiling == pytest.approx(groups.agg(lambda a: a.value_counts().max()).sum() / 1000)
    assert np.all(digest[found.pairs[:, 0]] == digest[found.pairs[:, 1]])
    assert np.all(answers[found.pairs[:, 0]] != answers[found.pairs[:, 1]])
    sizes = groups.size()[digest[found.pairs[:, 0]]].to_numpy()
    assert np.all(np.diff(sizes) >= 0)


def test_no_row_repeats() -> None:
    found = conflicts(np.arange(10, dtype=np.uint64), np.zeros(10), 0.0)
    assert (found.rows, found.repeated, found.distinct, found.ceiling) == (0, 0, 10, 1.0)


def test_equal_rows_with_another_answer_are_shown_in_pairs(table_of: Make) -> None:
    table = wide()
    rows = training(table_of(table))[:12]
    for one, other in rows.reshape(6, 2):
        for name in ("x0", "x1", "x2", "dept"):
            table[name][other] = table[name][one]
        table["left"][one], table["left"][other] = "Yes", "No"
    dataset = table_of({"id": np.arange(N), **table})
    found = seen(dataset)["FUL030"]
    inside = np.isin(rows.reshape(6, 2), training(dataset)).all(axis=1)
    assert found.severity == "warning"
    assert found.rows == 2 * inside.sum() > 0
    shown = {tuple(sorted(pair)) for pair in np.reshape(found.examples, (-1, 2)).tolist()}
    assert shown == {tuple(pair) for pair in rows.reshape(6, 2)[inside].tolist()}
    assert f"No model can be right on more than {100 - 100 * inside.sum() / 750:.1f} %" in found.what


def test_few_different_rows_are_expected_to_contradict_each_other(table_of: Make) -> None:
    draw = np.random.default_rng(0)
    table = {"a": draw.choice(["u", "v"], N), "b": draw.choice(["s", "t"], N), "left": left(draw)}
    found = seen(table_of(table))["FUL030"]
    assert found.severity == "info"
    assert "have only 4 different rows" in found.what
    assert "FUL032" in seen(table_of(table))


def test_a_number_contradicts_only_where_it_is_far_off(table_of: Make) -> None:
    table = wide()
    table["y"] = np.random.default_rng(5).normal(size=N)
    del table["left"]
    for name in ("x0", "x1", "x2", "dept"):
        table[name][1::2] = table[name][::2]
    table["y"][1::2] = table["y"][::2] + 0.1
    found = silent(table_of(table), target="y", question=Number())["FUL030"]
    assert found.applies
    assert "repeat each other, with the same answer" in found.reason


def test_near_copies_are_found_and_their_answers_compared(table_of: Make) -> None:
    table = wide()
    for name in ("x0", "x1", "x2"):
        table[name][500:530] = table[name][:30] + 1e-4
    table["dept"][500:530] = table["dept"][:30]
    table["left"][500:530] = table["left"][:30]
    dataset = table_of(table)
    rows = training(dataset)
    both = [(k, k + 500) for k in range(30) if {k, k + 500} <= set(rows)]
    found = seen(dataset)["FUL031"]
    assert found.severity == "info"
    assert found.rows == 2 * len(both)
    assert {tuple(sorted(p)) for p in np.reshape(found.examples, (-1, 2)).tolist()} == set(both)
    table["left"][both[0][1]] = "Yes" if table["left"][both[0][0]] == "No" else "No"
    found = seen(table_of(table))["FUL031"]
    assert found.severity == "warning"
    assert found.examples[:2] == both[0] or "of the pairs have different answers" in found.what


def test_a_name_spelt_otherwise_is_nearly_equal(table_of: Make) -> None:
    table = wide()
    names = np.array([f"name {k}" for k in range(N // 2)])
    table["name"] = np.concatenate([names, np.array([f" Name  {k}" for k in range(N // 2)])])
    for name in ("x0", "x1", "x2", "dept", "left"):
        table[name][N // 2 :] = table[name][: N // 2]
    dataset = table_of(table)
    rows = set(training(dataset, kinds={"name": "categorical"}))
    found = seen(dataset, kinds={"name": "categorical"})["FUL031"]
    assert found.rows == 2 * sum({k, k + N // 2} <= rows for k in range(N // 2))


def test_copies_across_the_split_are_counted_without_answers(table_of: Make) -> None:
    table = wide()
    for name in ("x0", "x1", "x2", "dept"):
        table[name][900:] = table[name][:100]
    dataset = table_of(table)
    training_rows = set(training(dataset))
    copies = sum((k in training_rows) != (k + 900 in training_rows) for k in range(100))
    found = seen(dataset)["FUL032"]
    assert found.rows == copies > 10
    held, trained = found.examples[:2]
    assert held not in training_rows
    assert trained in training_rows
    assert abs(held - trained) == 900


def test_clean_tables_say_so(table_of: Make) -> None:
    told = silent(table_of(wide()))
    assert told["FUL030"].reason == "No two of 750 training rows are equal in every feature."
    assert all(told[code].applies for code in ("FUL030", "FUL031", "FUL032"))


def test_one_column_has_near_pairs_by_chance_only(table_of: Make) -> None:
    draw = np.random.default_rng(0)
    told = silent(table_of({"x": draw.normal(size=N), "left": left(draw)}))["FUL031"]
    assert "no more than chance gives" in told.reason


def test_without_features_or_split_the_checks_do_not_apply(table_of: Make) -> None:
    dataset = table_of(plain())
    told = {s.code: s for s in findings(dataset, confirmed(dataset)).silent}
    assert not told["FUL032"].applies
    bare = silent(table_of({"id": np.arange(N), "left": left(np.random.default_rng(0))}))
    assert not any(bare[code].applies for code in ("FUL030", "FUL031", "FUL032"))
