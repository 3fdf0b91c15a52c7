import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from mlops_lib.evaluate.delong import delong
from mlops_lib.objects.errors import InputError, NotPossibleError
from tests.evaluate.scored import scored


def plain(truth, first, second):
    """The covariance as the paper writes it: every pair of rows, one by one."""
    up, down = truth == 1, truth == 0
    parts = []
    for score in (first, second):
        wins = (score[up][:, None] > score[down][None, :]) + 0.5 * (score[up][:, None] == score[down][None, :])
        parts.append((wins.mean(axis=1), wins.mean(axis=0), wins.mean()))
    s10 = np.cov(parts[0][0], parts[1][0])
    s01 = np.cov(parts[0][1], parts[1][1])
    s = s10 / up.sum() + s01 / down.sum()
    difference = parts[0][2] - parts[1][2]
    z = difference / np.sqrt(s[0, 0] + s[1, 1] - 2 * s[0, 1])
    return parts[0][2], parts[1][2], z, 2 * stats.norm.sf(abs(z)), np.sqrt(s[0, 0])


@pytest.mark.parametrize("digits", [1, 17])
def test_it_equals_the_plain_form(digits):
    a, b = scored(400, seed=2), scored(400, seed=2, noise_seed=9)
    first, second = np.round(a.score, digits), np.round(b.score, digits)
    found = delong(a.truth, first, second)
    auc, other, z, p, error = plain(a.truth, first, second)
    assert (found.auc, found.other, found.z, found.p) == pytest.approx((auc, other, z, p), rel=1e-10)
    assert found.auc_high - found.auc == pytest.approx(1.959963985 * error)
    assert found.auc == pytest.approx(roc_auc_score(a.truth, first))


def test_a_model_against_itself_shows_no_difference():
    predictions = scored(200)
    found = delong(predictions.truth, predictions.score, predictions.score)
    assert (found.difference, found.p) == (0.0, 1.0)


def test_a_million_rows_are_quick():
    a, b = scored(1_000_000), scored(1_000_000, noise_seed=1)
    assert delong(a.truth, a.score, b.score).p < 0.001


def test_too_few_rows_and_other_rows_are_refused():
    with pytest.raises(NotPossibleError, match="1 positive"):
        delong(np.array([1, 0, 0]), np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.2, 0.3]))
    with pytest.raises(InputError):
        delong(np.array([1, 0]), np.array([0.1, 0.2]), np.array([0.1]))
