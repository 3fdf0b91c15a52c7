import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlops_lib.train.shares import drawn_rows, share_of_groups, share_of_rows

codes = st.lists(st.integers(0, 3), min_size=1, max_size=80).map(np.array)
seeds = st.integers(0, 50)


@given(codes, st.floats(0.01, 1.0), st.floats(0.01, 1.0), seeds)
def test_a_smaller_share_lies_inside_a_larger_one(strata, one, other, seed):
    small, large = sorted((one, other))
    assert set(share_of_rows(strata, small, seed)) <= set(share_of_rows(strata, large, seed))
    assert set(share_of_groups(strata, small, seed)) <= set(share_of_groups(strata, large, seed))


@given(codes, st.sampled_from([1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0]), seeds)
def test_every_class_keeps_its_share_rounded_up(strata, share, seed):
    taken = share_of_rows(strata, share, seed)
    assert np.array_equal(taken, np.unique(taken))
    for code in np.unique(strata):
        assert np.count_nonzero(strata[taken] == code) == np.ceil(share * np.count_nonzero(strata == code))


@given(codes, st.floats(0.01, 1.0), seeds)
def test_groups_come_whole(groups, share, seed):
    taken = share_of_groups(groups, share, seed)
    assert len(taken) >= share * len(groups) - 1e-9
    assert not set(groups[taken]) & set(np.delete(groups, taken))


def test_another_seed_draws_other_rows():
    strata = np.zeros(1_000, int)
    assert not np.array_equal(share_of_rows(strata, 0.1, 0), share_of_rows(strata, 0.1, 1))


def test_rows_are_drawn_only_where_there_are_more():
    rows = np.arange(100, 200)
    assert drawn_rows(rows, 100, 0) is rows
    drawn = drawn_rows(rows, 10, 0)
    assert len(set(drawn)) == 10
    assert set(drawn) <= set(rows)
    assert np.array_equal(drawn, np.sort(drawn))
    assert np.array_equal(drawn, drawn_rows(rows, 10, 0))
