"""Two features counted together are what pandas counts, and the sentences say what was found."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlops_lib.explore.binned import bin_columns
from mlops_lib.explore.linked import filtered
from mlops_lib.explore.two_features import CELL, Joint, inside, joint, margin, together
from mlops_lib.explore.two_features_words import chosen_sentence, method_words, together_sentence
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Classes, Number, Question
from tests.explore.conftest import Ask
from tests.explore.test_linked import ASKED, raw, rows_in


def mixed(n: int, seed: int, *, work_together: bool) -> pa.Table:
    """Two features that go with the target, and add up or need each other."""
    rng = np.random.default_rng(seed)
    shift, site = rng.choice(["day", "night"], n), rng.choice(["north", "south"], n)
    night, south = shift == "night", site == "south"
    odds = -2 + 2.5 * (night & south) if work_together else -2 + 0.8 * night + 0.8 * south
    left = rng.random(n) < 1 / (1 + np.exp(-odds))
    return pa.table({"shift": shift, "site": site, "left": np.where(left, "Yes", "No")})


def both(ask: Ask, *, work_together: bool, n: int = 4000) -> Joint:
    table = mixed(n, 3, work_together=work_together)
    return joint(bin_columns(*ask(table=table, shift="categorical", site="categorical"), True), "shift", "site")


@pytest.mark.parametrize(("target", "question"), ASKED)
def test_every_cell_is_that_of_the_raw_rows(ask: Ask, target: str, question: Question | None) -> None:
    asked = ask(target, question)
    binned, frame = bin_columns(*asked, True), raw(asked)
    found = joint(binned, "age", "dept")
    level, low, high = found.cells.levels(found.of)
    for i in range(len(found.first.labels)):
        for j in range(len(found.second.labels)):
            rows = rows_in(found.first, frame["age"], i) & rows_in(found.second, frame["dept"], j)
            answers = frame.loc[rows, target]
            assert found.cells.n[i, j] == len(answers)
            if len(answers) == 0:
                assert np.isnan(level[i, j])
                continue
            wanted = answers.mean() if found.of < 0 else (answers.map(str) == found.asked).mean()
            assert level[i, j] == pytest.approx(wanted, rel=1e-12)
            assert not low[i, j] > level[i, j] or not high[i, j] < level[i, j]
    assert found.cells.n.sum() == len(frame)


@pytest.mark.parametrize(("target", "question"), ASKED)
def test_margins_are_those_of_the_linked_figures(ask: Ask, target: str, question: Question | None) -> None:
    binned = bin_columns(*ask(target, question), True)
    found = joint(binned, "age", "dept")
    for axis, name, other, bins in ((0, "age", "dept", (1,)), (1, "dept", "age", (0, 2))):
        linked = filtered(binned, {other: bins}, [name]).columns[0]
        alone = margin(found, axis, bins)
        np.testing.assert_array_equal(alone.n, linked.counts)
        np.testing.assert_allclose(alone.level, linked.level, rtol=1e-12)
        np.testing.assert_allclose(margin(found, axis).level, linked.every_level, rtol=1e-12)
    chosen = inside(found, (0, 2), (1,))
    wanted = filtered(binned, {"age": (0, 2), "dept": (1,)}, []).inside
    assert chosen.n == wanted.n
    np.testing.assert_allclose((chosen.value, chosen.low), (wanted.value, wanted.low), rtol=1e-12)
    assert found.overall.n == binned.n


def test_what_needs_both_is_found_and_named(ask: Ask) -> None:
    found = both(ask, work_together=True)
    result = together(found)
    assert result is not None
    assert result.result.p < 1e-6
    assert result.result.extra > 0.01
    words = together_sentence(found, result)
    assert "Together they say more" in words
    assert "shift is" in words
    assert "2 x 2 groups, 4,000 rows" in method_words(result)


def test_what_adds_up_is_said_to_add_up(ask: Ask) -> None:
    found = both(ask, work_together=False)
    result = together(found)
    assert result is not None
    assert result.result.added > max(result.result.first, result.result.second) > 0
    assert "No combination surely departs from adding up" in together_sentence(found, result)


def test_means_of_cells_are_those_of_the_target_itself(ask: Ask) -> None:
    rng = np.random.default_rng(5)
    shift, site = rng.choice(["day", "night"], 900), rng.choice(["north", "south"], 900)
    pay = 5000 + 300 * ((shift == "night") & (site == "south")) + rng.normal(0, 40, 900)
    table = pa.table({"shift": shift, "site": site, "pay": pay})
    asked = ask("pay", Number(), table=table, shift="categorical", site="categorical")
    found = joint(bin_columns(*asked, True), "shift", "site")
    result = together(found)
    assert result is not None
    means = table.to_pandas().groupby(["shift", "site"])["pay"].mean()
    order = [
        [(found.first.labels[a[0]], found.second.labels[b[0]]) for b in result.groups[1]] for a in result.groups[0]
    ]
    np.testing.assert_allclose(result.result.observed, [[means[pair] for pair in row] for row in order], rtol=1e-12)
    assert 4900 < result.result.expected.min() < result.result.expected.max() < 5400
    assert "a mean of 5," in together_sentence(found, result)


def test_groups_leave_rows_enough_and_keep_the_order(ask: Ask) -> None:
    found = joint(bin_columns(*ask(), True), "age", "pay")
    result = together(found)
    assert result is not None
    hits = int(found.cells.counts[..., 1].sum())
    cells = len(result.groups[0]) * len(result.groups[1])
    assert 4 <= cells <= max(4, hits / CELL)
    flat = [b for group in result.groups[0] for b in group]
    assert flat == sorted(flat)
    missing = len(found.first.labels) - 1
    assert found.first.missing
    assert missing not in flat
    assert result.result.n == found.cells.n.sum() - found.cells.n[missing].sum()


def test_a_feature_with_one_value_cannot_be_compared(ask: Ask) -> None:
    table = pa.table({"same": [1.0] * 90, "x": [1.0, 2.0, 3.0] * 30, "left": ["No", "Yes"] * 45})
    found = joint(bin_columns(*ask(table=table), True), "same", "x")
    assert together(found) is None
    assert "cannot be compared" in together_sentence(found, None)


def test_the_chosen_cell_is_told_with_its_numbers(ask: Ask) -> None:
    found = both(ask, work_together=True)
    night, south = found.first.labels.index("night"), found.second.labels.index("south")
    level = inside(found, (night,), (south,))
    words = chosen_sentence(found, (night,), (south,))
    assert f"Among the {level.n:,} rows where shift is night and site is south, left is Yes in" in words
    assert "times the" in words
    assert chosen_sentence(found, (), ()).startswith("In all 4,000 rows left is Yes in")


@pytest.mark.parametrize("pair", [("age", "age"), ("age", "left"), ("left", "age")])
def test_only_two_different_features_can_be_shown(ask: Ask, pair: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="Two different features"):
        joint(bin_columns(*ask()), *pair)


def test_many_classes_ask_about_one(ask: Ask) -> None:
    binned = bin_columns(*ask("grade", Classes(None)), True)
    found = joint(binned, "dept", "code", of=1)
    assert found.asked == binned.classes[1]
    assert found.overall.value == pytest.approx(binned.totals[0].reshape(-1, 3)[:, 1].sum() / binned.n)
