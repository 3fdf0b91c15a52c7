"""What the name of a part of a table means: train, validation, hold-out, or a numbered fold."""

from __future__ import annotations

import re
from typing import Literal

Meaning = Literal["train", "validation", "hold-out", "fold", ""]

_WORDS: dict[Meaning, str] = {
    "train": "train training trn learn learning fit 학습 훈련",
    "validation": "validation valid val dev development tune 검증",
    "hold-out": "test testing tst holdout heldout final 시험 테스트 평가",
}
_MEANINGS = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
_DECORATION = re.compile(r"[\s_\-.]+|(set|data|split|part|세트|셋|데이터|자료|용)$")
_FOLD = re.compile(r"^(fold|cv|part|split|폴드)?[\s_\-]*#?\s*(\d+)(\.0+)?$", re.IGNORECASE)


def meaning_of(value: str) -> Meaning:
    """What the name of a part means, in any case: "Training set" is train, "시험용" hold-out, "Fold 2" a fold."""
    text = value.strip().casefold()
    while text and (plain := _DECORATION.sub("", text)) != text and plain:
        text = plain
    if text in _MEANINGS:
        return _MEANINGS[text]
    return "" if fold_number(value) is None else "fold"


def fold_number(value: str) -> int | None:
    """The number of a fold that is called "Fold 2", "cv3" or "4"; None for other names."""
    found = _FOLD.match(value.strip())
    return int(found[2]) if found else None
