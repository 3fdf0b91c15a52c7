import numpy as np
import pytest

from mlops_lib.evaluate import delong, sorting
from mlops_lib.evaluate.compiled import insert_keys, place_rows, scatter_keys
from mlops_lib.evaluate.sorting import in_order, labelled_keys, ordered, scores_of

ROWS = 5_000


def values_of(kind):
    rng = np.random.default_rng(3)
    return {
        "even": rng.random(ROWS),
        "few": np.round(rng.random(ROWS), 2),
        "one": np.full(ROWS, 0.25),
        "neighbours": np.nextafter(0.5, 1) + rng.integers(0, 9, ROWS) * 2.0**-53,
        "crowded": 0.5 + rng.random(ROWS) * 1e-13,
        "ends": rng.choice([0.0, 5e-324, 1e-300, 1 - 2.0**-53, 1.0], ROWS),
    }[kind]


@pytest.fixture(params=["compiled", "plain"])
def form(request, monkeypatch):
    if request.param == "compiled":
        for module in (sorting, delong):
            monkeypatch.setattr(module, "SORTED_FROM", 1)
    return request.param


@pytest.mark.parametrize("kind", ["even", "few", "one", "neighbours", "crowded", "ends"])
@pytest.mark.usefixtures("form")
def test_keys_sort_by_score_then_by_answer(kind):
    score, positive = values_of(kind), np.random.default_rng(1).random(ROWS) < 0.3
    keys = in_order(labelled_keys(positive, score))
    order = np.lexsort((positive, score))
    assert np.array_equal(scores_of(keys), score[order])
    assert np.array_equal((keys & np.uint64(1)) == 1, positive[order])


@pytest.mark.parametrize("kind", ["even", "few", "one", "neighbours", "crowded", "ends"])
@pytest.mark.usefixtures("form")
def test_rows_go_with_their_values(kind):
    values = values_of(kind) - 0.4
    values[:2] = (-0.0, 0.0)
    keys, rows = ordered(values)
    assert np.array_equal(np.sort(rows), np.arange(ROWS))
    assert np.array_equal(values[rows], np.sort(values))
    assert np.array_equal(keys[1:] == keys[:-1], np.diff(values[rows]) == 0)


@pytest.mark.parametrize("kind", ["even", "few", "one"])
@pytest.mark.usefixtures("form")
def test_placements_are_shares_of_the_other_class(kind):
    score, positive = values_of(kind)[:300], np.random.default_rng(1).random(300) < 0.3
    up, down = score[positive], score[~positive]
    wins = (up[:, None] > down) + (up[:, None] == down) / 2
    found = delong.placements(positive, score)
    assert found[0] == pytest.approx(wins.mean(axis=1), abs=1e-14)
    assert found[1] == pytest.approx(wins.mean(axis=0), abs=1e-14)


def test_the_loops_do_the_same_uncompiled():
    score, positive = values_of("few")[:40], np.random.default_rng(1).random(40) < 0.3
    keys, rows, seen = labelled_keys(positive, score), np.arange(40, dtype=np.int32), np.zeros((3, 2048), np.int64)
    spare = np.empty_like(keys), np.empty_like(rows)
    if scatter_keys(keys, rows, *spare, seen):
        keys, rows = spare
    assert insert_keys(keys, rows)
    assert np.array_equal(keys, np.sort(labelled_keys(positive, score)))
    placed, levels = np.empty(40), np.unique(score, return_inverse=True)[1].astype(np.uint64)
    place_rows(levels[rows], rows, positive, placed)
    assert np.array_equal(placed[positive], delong.placements(positive, score)[0])
    assert not insert_keys(np.arange(60, dtype=np.uint64)[::-1].copy(), np.empty(0, dtype=np.int32))
