"""The card of one feature: its numbers against SciPy and pandas, its pictures, and that it can be stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from mlops_lib.explore.card_groups import Groups, smooth
from mlops_lib.explore.card_pictures import Mosaic, Trend
from mlops_lib.explore.feature_card import feature_card
from mlops_lib.explore.feature_tests import run_tests
from mlops_lib.objects.errors import InputError
from mlops_lib.objects.schema import Classes
from mlops_lib.stats.quantiles import quantiles_of
from mlops_lib.workspace import codec
from tests.explore.conftest import Ask, employees


def seen(asked: tuple, *columns: str) -> pd.DataFrame:  # type: ignore[type-arg]
    """The training rows that have a value in all of these columns."""
    dataset, _, plan = asked
    return dataset.frame().iloc[plan.training_rows()][list(columns)].dropna()


def test_the_card_has_the_result_that_ranks_the_feature(ask: Ask) -> None:
    for target, question in (("left", Classes("Yes")), ("grade", Classes(None)), ("late", None)):
        asked = ask(target, question)
        ranking = run_tests(*asked).measured.tests
        for name in asked[1].features():
            assert feature_card(*asked, name).result == ranking[name]


def test_a_category_by_class(ask: Ask) -> None:
    asked = ask()
    card = feature_card(*asked, "dept")
    frame = seen(asked, "dept", "left")
    table = pd.crosstab(frame["dept"], frame["left"])
    m = card.picture
    assert isinstance(m, Mosaic)
    assert m.counts.tolist() == table.loc[list(m.levels), list(m.classes)].to_numpy().tolist()
    assert m.shares[:, 1].tolist() == sorted(m.shares[:, 1], reverse=True)
    assert (card.n, card.missing, card.values) == (len(frame), 0, 3)
    expected = stats.contingency.expected_freq(table.loc[list(m.levels), list(m.classes)].to_numpy())
    furthest = card.cells[0]
    i = m.levels.index(furthest.level)
    share, of_all = m.counts[i].sum() / card.n, m.counts[:, 1].sum() / card.n
    residual = (m.counts[i, 1] - expected[i, 1]) / np.sqrt(expected[i, 1] * (1 - share) * (1 - of_all))
    assert furthest.residual == pytest.approx(residual, rel=1e-12)
    assert abs(furthest.residual) == pytest.approx(np.nanmax(np.abs(m.residuals)), rel=1e-12)
    assert {cell.label for cell in card.cells} == {"Yes"}
    assert card.yates is None


def test_two_levels_have_yates_and_odds(ask: Ask) -> None:
    table = employees()
    sex = pa.array(np.where(np.arange(table.num_rows) % 3 == 0, "F", "M"))
    asked = ask(table=table.append_column("sex", sex), sex="categorical")
    card = feature_card(*asked, "sex")
    frame = seen(asked, "sex", "left")
    counts = pd.crosstab(frame["sex"], frame["left"]).to_numpy()
    assert card.yates is not None
    assert card.odds is not None
    assert card.yates.p == pytest.approx(stats.chi2_contingency(counts).pvalue, rel=1e-9)
    assert card.odds.value == pytest.approx(counts[0, 0] * counts[1, 1] / (counts[0, 1] * counts[1, 0]), rel=1e-12)


def test_a_number_by_two_classes(ask: Ask) -> None:
    asked = ask()
    card = feature_card(*asked, "age")
    frame = seen(asked, "age", "left")
    parts = [frame.loc[frame["left"] == name, "age"].to_numpy() for name in ("No", "Yes")]
    g = card.picture
    assert isinstance(g, Groups)
    assert (g.names, g.counts.tolist()) == (("No", "Yes"), [len(part) for part in parts])
    assert np.allclose(g.quantiles, [np.quantile(part, (0.05, 0.25, 0.5, 0.75, 0.95)) for part in parts])
    assert card.missing == card.rows - len(frame) > 0
    repeats = frame["age"].duplicated(keep=False)
    assert (card.tied, card.values) == (pytest.approx(repeats.mean()), frame["age"].nunique())
    assert card.by_group is not None
    assert card.by_group.mann_whitney is not None
    expected = stats.mannwhitneyu(parts[1], parts[0])
    assert card.by_group.two == ("No", "Yes")
    assert card.by_group.mann_whitney.u == expected.statistic
    assert card.by_group.mann_whitney.p == pytest.approx(expected.pvalue, rel=1e-9)
    welch = stats.ttest_ind(*parts, equal_var=False)
    assert card.by_group.welch.f == pytest.approx(welch.statistic**2, rel=1e-9)
    assert card.by_group.welch.p == pytest.approx(welch.pvalue, rel=1e-9)


def test_a_number_by_many_classes_has_pairs(ask: Ask) -> None:
    asked = ask("grade", Classes(None))
    tests = feature_card(*asked, "pay").by_group
    assert tests is not None
    assert (tests.groups, tests.compared, tests.mann_whitney) == (3, 3, None)
    frame = seen(asked, "pay", "grade")
    means = frame["pay"].rank().groupby(frame["grade"]).mean()
    assert all(means[pair.higher] >= means[pair.lower] for pair in tests.pairs)
    assert [pair.z for pair in tests.pairs] == sorted((pair.z for pair in tests.pairs), reverse=True)


def test_a_category_by_a_number_goes_by_the_median(ask: Ask) -> None:
    asked = ask("late")
    card = feature_card(*asked, "dept")
    frame = seen(asked, "dept", "late")
    medians = frame.groupby("dept")["late"].median().sort_values()
    g = card.picture
    assert isinstance(g, Groups)
    assert g.names == tuple(medians.index)
    assert g.medians.tolist() == pytest.approx(medians.tolist())
    assert isinstance(by_code := feature_card(*asked, "code").picture, Groups)
    assert by_code.names == ("1", "2", "3")


def test_two_numbers_have_a_trend(ask: Ask) -> None:
    asked = ask("late")
    card = feature_card(*asked, "pay")
    frame = seen(asked, "pay", "late")
    t = card.picture
    assert isinstance(t, Trend)
    assert t.counts.sum() == t.squares.sum() == len(frame) == card.n
    assert np.ptp(t.counts) <= 1
    within = frame["pay"].between(t.low[3], t.high[3])
    assert t.quartiles[3].tolist() == pytest.approx(np.quantile(frame.loc[within, "late"], (0.25, 0.5, 0.75)).tolist())
    assert not card.turns


def test_a_relation_that_turns_is_seen(ask: Ask) -> None:
    x = np.linspace(-1, 1, 400)
    noise = np.random.default_rng(1).normal(0, 0.05, 400)
    card = feature_card(*ask("late", table=pa.table({"pay": x, "late": x * x + noise})), "pay")
    assert card.result.strength < 0.2 < 0.8 < card.bend
    assert card.turns


def test_rare_levels_and_classes_are_put_together(ask: Ask) -> None:
    rng = np.random.default_rng(0)
    n = 4_000
    many = np.char.add("level ", np.minimum(rng.geometric(0.08, n), 60).astype(str))
    grade = np.char.add("class ", np.minimum(rng.geometric(0.4, n), 12).astype(str))
    asked = ask("grade", Classes(None), pa.table({"many": many, "grade": grade}), many="categorical")
    m = feature_card(*asked, "many").picture
    assert isinstance(m, Mosaic)
    frame = seen(asked, "many", "grade")
    assert m.counts.shape == (12, 8)
    assert (m.levels[-1], m.classes[-1]) == (f"{m.folded_levels:,} other levels", f"{m.folded_classes:,} other classes")
    assert m.folded_levels == frame["many"].nunique() - 11
    assert m.counts.sum() == len(frame)


def test_most_rows_are_not_drawn_as_one_block(ask: Ask) -> None:
    rng = np.random.default_rng(0)
    n = 5_000
    table = pa.table({"many": rng.integers(0, 1_000, n), "left": np.where(rng.random(n) < 0.3, "Yes", "No")})
    card = feature_card(*ask(table=table, many="categorical"), "many")
    m = card.picture
    assert isinstance(m, Mosaic)
    assert (len(m.levels), m.left_out) == (11, card.n - m.counts.sum())
    assert m.left_out > card.n / 2
    assert m.residuals.shape == m.counts.shape
    assert card.values == m.folded_levels + 11


def test_a_rare_class_is_drawn_on_a_cut_axis(ask: Ask) -> None:
    rng = np.random.default_rng(0)
    n = 5_000
    table = pa.table({"x": rng.choice(["a", "b", "c"], n), "left": np.where(rng.random(n) < 0.02, "Yes", "No")})
    m = feature_card(*ask(table=table, x="categorical"), "x").picture
    assert isinstance(m, Mosaic)
    assert m.start == pytest.approx(1 - 2 * m.shares[:, 1].max())
    assert isinstance(usual := feature_card(*ask(), "dept").picture, Mosaic)
    assert usual.start == 0


@pytest.mark.parametrize("values", [[1.0] * 400, [None] * 400], ids=["one value", "no value"])
def test_a_column_without_variety_has_no_picture(ask: Ask, values: list[float | None]) -> None:
    flat = pa.array(values, pa.float64())
    for kind in ("numeric", "categorical"):
        for target, question in (("left", Classes("Yes")), ("late", None)):
            asked = ask(target, question, employees().append_column("flat", flat), flat=kind)
            card = feature_card(*asked, "flat")
            assert (card.result.possible, card.picture, card.by_group, card.cells) == (False, None, None, ())
            assert card.values == len(set(values) - {None})


def test_infinite_and_far_values_do_not_stretch_the_picture(ask: Ask) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=600)
    values[:2], values[2:4] = np.inf, 1e9
    left = np.where(rng.random(600) < 0.4, "Yes", "No")
    table = pa.table({"x": values, "left": left, "y": rng.normal(size=600)})
    g = feature_card(*ask(table=table), "x").picture
    assert isinstance(g, Groups)
    assert np.abs(g.places).max() < 5
    assert g.beyond >= 4 * 0.5
    assert isinstance(t := feature_card(*ask("y", table=table.drop(["left"])), "x").picture, Trend)
    assert np.abs(t.x_edges).max() < 5


def test_skewed_values_are_drawn_on_a_logarithmic_axis(ask: Ask) -> None:
    rng = np.random.default_rng(5)
    table = pa.table({"x": rng.lognormal(0, 2, 2_000), "left": np.where(rng.random(2_000) < 0.4, "Yes", "No")})
    g = feature_card(*ask(table=table), "x").picture
    assert isinstance(g, Groups)
    assert g.log
    step = np.diff(np.log10(g.places))
    assert np.allclose(step, step[0])
    assert (g.density * step[0]).sum(axis=1) == pytest.approx(1, abs=0.02)


def test_densities_are_those_of_a_gaussian_kernel() -> None:
    rng = np.random.default_rng(8)
    values = rng.normal(size=5_000)
    edges = np.linspace(-5, 5, 513)
    centres = (edges[:-1] + edges[1:]) / 2
    found = smooth(np.histogram(values, edges)[0], centres)
    spread = min(values.std(), np.subtract(*np.quantile(values, (0.75, 0.25))) / 1.34)
    exact = stats.gaussian_kde(values, 0.9 * spread * 5_000**-0.2 / values.std(ddof=1))(centres)
    assert np.abs(found - exact).max() < 0.002
    assert found.sum() * (centres[1] - centres[0]) == pytest.approx(1, rel=1e-9)


def test_quantiles_agree_with_numpy() -> None:
    rng = np.random.default_rng(2)
    shares = (0, 0.05, 1 / 3, 0.5, 0.95, 1)
    for n in (1, 2, 7, 1_000):
        values = np.sort(rng.integers(0, 50, n) / 7)
        assert np.allclose(quantiles_of(values, shares), np.quantile(values, shares), rtol=1e-14)


def test_dates_are_days(ask: Ask) -> None:
    asked = ask()
    g = feature_card(*asked, "hired").picture
    assert isinstance(g, Groups)
    days = seen(asked, "hired", "left")
    no = (days.loc[days["left"] == "No", "hired"] - pd.Timestamp(0)) / pd.Timedelta("1D")
    assert g.medians[0] == pytest.approx(no.median())


def test_cards_are_stored_and_read_again(ask: Ask, tmp_path: Path) -> None:
    for target, question in (("left", Classes("Yes")), ("grade", Classes(None)), ("late", None)):
        asked = ask(target, question)
        for name in asked[1].features():
            card = feature_card(*asked, name)
            first, second = tmp_path / f"{target}-{name}", tmp_path / f"{target}-{name}-again"
            first.mkdir()
            second.mkdir()
            codec.save(card, first)
            again = codec.load(first)
            codec.save(again, second)
            assert (again.result, again.by_group) == (card.result, card.by_group)
            assert [path.read_bytes() for path in sorted(first.iterdir())] == [
                path.read_bytes() for path in sorted(second.iterdir())
            ]


def test_only_features_have_a_card(ask: Ask) -> None:
    with pytest.raises(InputError, match="'left' is not a feature"):
        feature_card(*ask(), "left")
