"""Logarithms of tail probabilities that are too small for a float, and noncentral chi-square intervals."""

from __future__ import annotations

import math

from scipy import special

_TINY = 1e-300
_STEPS = 100_000


def chi2_tail(x: float, df: float) -> tuple[float, float]:
    """P(X >= x) of a chi-square variable and its natural logarithm, which stays finite where P underflows to 0."""
    p = float(special.chdtrc(df, x))
    return p, math.log(p) if p > _TINY else _log_upper_gamma(df / 2, x / 2)


def t_tail(t: float, df: float) -> tuple[float, float]:
    """Two-sided P(|T| >= |t|) of Student's t and its natural logarithm."""
    if math.isinf(t):
        return 0.0, -math.inf
    x = df / (df + t * t)
    p = float(special.betainc(df / 2, 0.5, x))
    return p, math.log(p) if p > _TINY else _log_betainc(df / 2, 0.5, x)


def f_tail(f: float, df1: float, df2: float) -> tuple[float, float]:
    """P(F >= f) of Fisher's F and its natural logarithm."""
    if math.isinf(f):
        return 0.0, -math.inf
    x = df2 / (df2 + df1 * f)
    p = float(special.betainc(df2 / 2, df1 / 2, x))
    return p, math.log(p) if p > _TINY else _log_betainc(df2 / 2, df1 / 2, x)


def noncentrality_interval(x: float, df: float, level: float = 0.95) -> tuple[float, float]:
    """Noncentralities at which x is the upper and the lower (1-level)/2 quantile of a noncentral chi-square.

    Inverts the distribution function (Steiger & Fouladi 1997); 0 where x is too small for a bound above 0.
    """
    tail = (1 - level) / 2
    below_at_zero = float(special.chdtr(df, x))
    low = 0.0 if below_at_zero <= 1 - tail else float(special.chndtrinc(x, df, 1 - tail))
    high = 0.0 if below_at_zero <= tail else float(special.chndtrinc(x, df, tail))
    return low, high


def _log_upper_gamma(a: float, x: float) -> float:
    """Log of the regularised upper incomplete gamma function for x > a + 1: Legendre's continued fraction (Lentz)."""
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    h = d
    for i in range(1, _STEPS):
        step = -i * (i - a)
        b += 2
        d = 1 / (step * d + b)
        c = b + step / c
        h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return float(-x + a * math.log(x) - special.gammaln(a) + math.log(h))


def _log_betainc(a: float, b: float, x: float) -> float:
    """Log of the regularised incomplete beta function for small x: continued fraction (Abramowitz-Stegun 26.5.8)."""
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    h = d
    for m in range(1, _STEPS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + step * d)
            c = 1 + step / c
            h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return float(a * math.log(x) + b * math.log1p(-x) - math.log(a) - special.betaln(a, b) + math.log(h))
