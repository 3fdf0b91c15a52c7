"""The rule: every column has a verdict with its reason, forced ones obey, and something is always left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.recipe import Selection
from mlops_lib.stats.features import Feature
from mlops_lib.stats.selection import decide, measure, select


def table(seed: int = 0, n: int = 600) -> tuple[dict[str, Feature], np.ndarray]:
    rng = np.random.default_rng(seed)
    target = (rng.random(n) < 0.3).astype(np.int8)
    strong = rng.normal(size=n) + 1.5 * target
    level = np.where(rng.random(n) < 0.5, target, rng.integers(0, 3, n)).astype(np.int32)
    numbers = {
        "strong": strong,
        "copy": strong * 3 - 1,
        "weak": rng.normal(size=n) + 0.3 * target,
        "noise": rng.normal(size=n),
        "constant": np.ones(n),
    }
    columns = {name: Feature(name, "numeric", values) for name, values in numbers.items()}
    columns["level"] = Feature("level", "categorical", level, ("a", "b", "c"))
    return columns, target


def test_each_column_has_a_verdict_in_words() -> None:
    columns, target = table()
    result = decide(measure(columns, target), Selection(max_vif=5.0))
    reasons = result.table.set_index("feature")["reason"]
    assert result.kept == ("strong", "weak", "level")
    assert reasons["strong"].startswith("Adjusted p < 0.001, effect 0.")
    assert reasons["copy"] == "Follows exactly from 'strong'."
    assert "is above 0.05: not told from chance in 600 rows" in reasons["noise"]
    assert reasons["constant"] == "Not tested: it has one value in these rows."
    assert result.perfect == (("strong", "copy"),)
    assert result.note == ""
    assert list(result.table["feature"]) == list(columns)
    assert (result.table["kept"] == result.table["feature"].isin(result.kept)).all()


def test_the_effect_limit_and_the_vif_limit_drop_what_p_keeps() -> None:
    columns, target = table()
    reasons = select(columns, target, Selection(min_effect=0.3)).table.set_index("feature")["reason"]
    assert reasons["weak"].startswith("Effect 0.1")
    assert "though adjusted p is 0.008" in reasons["weak"]
    rng = np.random.default_rng(5)
    columns["near copy"] = Feature("near copy", "numeric", columns["strong"].values + 0.1 * rng.normal(size=600))
    reasons = select(columns, target, Selection(max_vif=5.0, drop=("copy",))).table.set_index("feature")["reason"]
    assert any(reasons[c].startswith("VIF ") for c in ("strong", "near copy"))


def test_forced_columns_obey_and_say_what_had_been_seen() -> None:
    columns, target = table()
    rule = Selection(max_vif=5.0, keep=("noise", "constant", "gone"), drop=("strong",), seen="training rows")
    result = select(columns, target, rule)
    reasons = result.table.set_index("feature")["reason"]
    assert result.kept == ("copy", "weak", "noise", "constant", "level")
    assert reasons["noise"] == "Kept by hand, after seeing the training rows."
    assert reasons["strong"] == "Left out by hand, after seeing the training rows."


def test_a_rule_that_keeps_nothing_keeps_the_strongest_and_says_so() -> None:
    columns, target = table()
    result = select(columns, target, Selection(min_effect=0.99))
    assert len(result.kept) == 1
    assert result.kept[0] in {"strong", "copy"}
    assert result.kept[0] in result.note
    assert "strongest is kept" in result.note
    constant = {"constant": columns["constant"]}
    assert select(constant, target, Selection()).kept == ("constant",)


def test_everything_dropped_by_hand_still_leaves_one() -> None:
    columns, target = table()
    assert len(select(columns, target, Selection(drop=tuple(columns))).kept) == 1
    assert select(columns, target, Selection(max_p=1e-9, min_effect=0.9, drop=("strong", "copy"))).kept == ("level",)


def test_no_column_is_an_error() -> None:
    with pytest.raises(NotPossibleError, match="no feature"):
        select({}, np.array([0, 1]), Selection())


def test_a_numeric_target_is_ranked_by_spearman_and_kruskal() -> None:
    columns, _ = table()
    rng = np.random.default_rng(1)
    target = columns["strong"].values + rng.normal(size=600)
    result = select(columns, target, Selection())
    assert list(result.table["test"]) == ["Spearman", "Spearman", "Spearman", "Spearman", "none", "Kruskal-Wallis"]
    assert {"strong", "copy"} <= set(result.kept)


def test_describing_changes_no_verdict() -> None:
    columns, target = table(seed=3)
    rule = Selection(max_p=0.01)
    plain, described = select(columns, target, rule), decide(measure(columns, target), rule)
    assert plain.kept == described.kept
    shared = [c for c in plain.table if not c.endswith(("_low", "_high")) and c != "vif"]
    assert plain.table[shared].equals(described.table[shared])
    assert described.table["vif"].notna().sum() == 4


def test_threads_change_no_number() -> None:
    columns, target = table(n=60_000)
    beside, alone = measure(columns, target), measure(columns, target, threads=False)
    assert list(beside.tests) == list(columns)
    assert repr(beside.tests) == repr(alone.tests)  # NaN is not equal to itself


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.sampled_from([None, 2.0, 10.0]), st.floats(0, 0.5), st.floats(0.001, 1))
def test_the_order_of_rows_does_not_matter(seed: int, vif: float | None, effect: float, p: float) -> None:
    columns, target = table(seed, n=80)
    rule = Selection(max_p=p, min_effect=effect, max_vif=vif)
    order = np.random.default_rng(seed).permutation(80)
    shuffled = select({name: c.take(order) for name, c in columns.items()}, target[order], rule)
    straight = select(columns, target, rule)
    assert straight.kept == shuffled.kept
    assert len(straight.kept) >= 1


def test_a_label_permutation_makes_false_discoveries_rare() -> None:
    rng = np.random.default_rng(0)
    columns = {f"x{i}": Feature(f"x{i}", "numeric", rng.normal(size=300)) for i in range(30)}
    wrong = 0
    for seed in range(40):
        target = np.random.default_rng(seed).permutation(np.repeat([0, 1], 150))
        result = select(columns, target, Selection(max_p=0.05))
        wrong += not result.note
    assert wrong <= 7


def test_of_two_that_go_together_the_stronger_stays() -> None:
    rng = np.random.default_rng(3)
    target = rng.integers(0, 2, 400)
    strong = target + rng.normal(0, 0.6, 400)
    weaker = strong + rng.normal(0, 0.3, 400)
    apart = target + rng.normal(0, 2.0, 400)
    level = (weaker > np.median(weaker)).astype(np.int64)
    columns = {
        "weaker": Feature("weaker", "numeric", weaker),
        "strong": Feature("strong", "numeric", strong),
        "apart": Feature("apart", "numeric", apart),
        "level": Feature("level", "categorical", level, ("low", "high")),
    }
    result = select(columns, target, Selection(max_correlation=0.7))
    assert result.kept == ("strong", "apart")
    reasons = result.table.set_index("feature")["reason"]
    assert reasons["weaker"].startswith("Association 0.9")
    assert "with 'strong'" in reasons["level"]
    forced = select(columns, target, Selection(max_correlation=0.7, keep=("weaker",)))
    assert forced.kept == ("weaker", "apart")
    columns["same"] = Feature("same", "numeric", np.ones(400))
    beside = select(columns, target, Selection(max_correlation=0.7, keep=("same",)))
    assert beside.kept == ("strong", "apart", "same")
    with pytest.raises(InputError, match="largest correlation"):
        Selection(max_correlation=1.0)
