import numpy as np
import pytest
from scipy import special, stats
from sklearn.metrics import roc_auc_score

from mlops_lib.evaluate.delong import auc_spread, delong
from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.stats.auc_interval import auc_interval
from mlops_lib.stats.ranks import rank_sums
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
    return parts[0][2], parts[1][2], z, satterthwaite(s10, s01, up.sum(), down.sum()), np.sqrt(s[0, 0])


def satterthwaite(up, down, positives, negatives):
    """Degrees of freedom of the variance of a difference that is the sum of one variance for each class."""
    parts = [(c[0, 0] + c[1, 1] - 2 * c[0, 1]) / n for c, n in ((up, positives), (down, negatives))]
    return sum(parts) ** 2 / sum(v**2 / (n - 1) for v, n in zip(parts, (positives, negatives), strict=True))


@pytest.mark.parametrize("digits", [1, 17])
def test_it_equals_the_plain_form(digits):
    a, b = scored(400, seed=2), scored(400, seed=2, noise_seed=9)
    first, second = np.round(a.score, digits), np.round(b.score, digits)
    found = delong(a.truth, first, second)
    auc, other, z, df, error = plain(a.truth, first, second)
    p = 2 * stats.t.sf(abs(z), df)
    assert (found.auc, found.other, found.z, found.df, found.p) == pytest.approx((auc, other, z, df, p), rel=1e-10)
    assert found.high - found.difference == pytest.approx(stats.t.ppf(0.975, df) * found.difference / z)
    assert found.auc == pytest.approx(roc_auc_score(a.truth, first))
    widths = [special.logit(found.auc_high) - special.logit(auc), special.logit(auc) - special.logit(found.auc_low)]
    assert widths == pytest.approx([2.0 * error / (auc * (1 - auc))] * 2, rel=0.03)


def test_one_score_has_the_interval_that_two_have():
    a, b = scored(400, seed=2), scored(400, seed=2, noise_seed=9)
    found = delong(a.truth, a.score, b.score)
    assert auc_spread(a.truth, a.score) == pytest.approx((found.auc, found.auc_low, found.auc_high), rel=1e-12)
    assert auc_spread(a.truth, b.score) == pytest.approx((found.other, found.other_low, found.other_high), rel=1e-12)


def test_an_interval_is_that_of_the_same_two_classes_elsewhere():
    a = scored(300, seed=5)
    summed = rank_sums(a.score, a.truth, 2, spread=True)
    assert auc_spread(a.truth, a.score)[1:] == pytest.approx(auc_interval(roc_auc_score(a.truth, a.score), summed))


def test_a_perfect_score_is_not_perfect_for_certain():
    truth = (np.arange(60) < 12).astype(np.int8)
    auc, low, high = auc_spread(truth, truth * 0.8)
    assert (auc, high) == (1.0, 1.0)
    assert 0.85 < low < 0.98
    assert delong(truth, truth * 0.8, truth * 0.4).p == 1.0


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
