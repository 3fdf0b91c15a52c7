"""Signs, codes and words of currencies as they stand beside amounts."""

from __future__ import annotations

import re

_SIGNS = "$ € £ ¥ ₩ ₹ ₽ ₺ ₫ ฿ ₪ ₴ ₦ ₱"
_CODES = (
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW KZT MAD MXN MYR "
    "NGN NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
)
_WORDS = {
    "￦": "₩",
    "￥": "¥",
    "￡": "£",
    "＄": "$",
    "원": "₩",
    "円": "¥",
    "元": "元",
    "Euro": "€",
    "euro": "€",
    "US$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "R$": "BRL",
    "NT$": "TWD",
    "kr": "kr",
    "kr.": "kr",
    "Kč": "Kč",
    "zł": "zł",
    "Ft": "Ft",
    "lei": "lei",
    "лв": "лв",
    "руб": "₽",
    "руб.": "₽",
    "Fr.": "Fr.",
    "Rp": "Rp",
    "Rs": "Rs",
    "Rs.": "Rs",
    "RM": "RM",
}

CURRENCIES: dict[str, str] = {**{sign: sign for sign in (*_SIGNS.split(), *_CODES.split())}, **_WORDS}
"""What stands beside an amount, and the currency it means. "$" is kept apart from "USD": it may be another dollar."""

COMMA_BETWEEN_THOUSANDS = frozenset(
    (
        "$",
        "£",
        "¥",
        "₩",
        "₹",
        "฿",
        "₱",
        "USD",
        "GBP",
        "JPY",
        "KRW",
        "INR",
        "THB",
        "PHP",
        "CNY",
        "HKD",
        "SGD",
        "AUD",
        "NZD",
    )
)
"""Currencies whose amounts are written 1,234 for a thousand, never with a decimal comma of three places."""

PERCENT: dict[str, str] = {"%": "%", "％": "%"}


def spellings(unit: str) -> tuple[str, ...]:
    """Every way to write a currency or the percent sign, the longest first."""
    known = {**CURRENCIES, **PERCENT}
    return tuple(sorted((word for word, means in known.items() if means == unit), key=len, reverse=True))


def pattern(words: tuple[str, ...] | dict[str, str]) -> str:
    """A regular expression of one of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
