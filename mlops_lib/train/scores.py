"""The one gate from a fitted pipeline to scores. It travels with a registered model, and nobody else asks for
probabilities."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from threadpoolctl import threadpool_limits

from mlops_lib.objects.errors import InputError, NotTrustedError
from mlops_lib.objects.run import Calibrator

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 65_536
"""Rows scored at a time, so that memory stays flat."""

_FEW_ROWS = 10_000

MODEL_FILE = "model.skops"
FACTS_FILE = "model.json"

TRUSTED = (
    "collections.OrderedDict",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
    "mlops_lib.train.anomaly.AnomalyScore",
    "mlops_lib.train.objectives.CostBooster",
    "mlops_lib.train.objectives.FocalBooster",
    "mlops_lib.train.rule_steps.Meets",
    "mlops_lib.train.rule_steps.RuleShares",
    "mlops_lib.train.steps.AsCodes",
    "mlops_lib.train.steps.AsFrequency",
    "mlops_lib.train.steps.AsNumber",
    "mlops_lib.train.steps.AsText",
    "mlops_lib.train.steps.ClipToRange",
    "mlops_lib.train.steps.DateParts",
    "mlops_lib.train.steps.MendCells",
    "mlops_lib.train.steps.SignedLog",
    "numpy.dtype",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn.compose._column_transformer._RemainderColsList",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)
"""The classes a stored model may name beyond those that skops trusts by itself. Theirs is the only list that counts."""


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A fitted pipeline ("encode", "model") with its calibrator. `features` are the raw columns it takes.

    `names` are the labels (negative, positive), those of all classes where `kind` is "classes", none for a number.
    """

    pipeline: Any
    calibrator: Calibrator
    features: tuple[str, ...]
    names: tuple[str, ...]
    kind: Literal["binary", "classes", "number"] = "binary"


def score(model: FittedModel, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Raw and calibrated probabilities of the positive class, float64 of shape (rows,), from raw columns; of all
    classes (rows, classes) where there are many, and the predicted number twice for a numeric target.

    Further columns are ignored. Raises InputError where a column is missing.
    """
    missing = [name for name in model.features if name not in frame.columns]
    if missing:
        raise InputError(
            f"The table lacks {len(missing)} of the {len(model.features)} columns the model needs: "
            f"{', '.join(missing)}.",
            "Add them, spelled as they were in training.",
        )
    blocks = range(0, len(frame), BLOCK)
    columns = list(model.features)
    raw = [raw_scores(model.pipeline, frame.iloc[i : i + BLOCK][columns], len(model.names)) for i in blocks]
    joined = np.concatenate(raw) if raw else np.empty(0 if len(model.names) <= 2 else (0, len(model.names)))
    return joined, apply_calibrator(model.calibrator, joined)


def raw_scores(fitted: Any, x: Any, classes: int) -> np.ndarray:
    """What a fitted model or pipeline says of rows, float64: for 2 classes the probability of code 1, (rows,); for more
    those of all codes, (rows, classes), 0 for one that it never saw; for none the number it predicts, (rows,)."""
    if classes == 2:
        return positive_scores(fitted, x)
    with threadpool_limits(1 if len(x) <= _FEW_ROWS else None):
        if not classes:
            return np.ascontiguousarray(fitted.predict(x), dtype=np.float64)
        probabilities = fitted.predict_proba(x)
    scores = np.zeros((len(probabilities), classes))
    scores[:, np.asarray(fitted.classes_, dtype=np.int64)] = probabilities
    return scores


def positive_scores(classifier: Any, x: Any) -> np.ndarray:
    """Probability of class code 1 from a fitted classifier or pipeline, float64 of shape (rows,)."""
    # Threads that wait for each other cost more than they save on few rows (0.23 s against 9 ms for one row).
    with threadpool_limits(1 if len(x) <= _FEW_ROWS else None):
        probabilities = classifier.predict_proba(x)
    return np.ascontiguousarray(probabilities[:, list(classifier.classes_).index(1)], dtype=np.float64)


def apply_calibrator(calibrator: Calibrator, raw: np.ndarray) -> np.ndarray:
    """Calibrated probabilities from raw ones of the same shape (formulas: `mlops_lib.objects.run.Calibrator`)."""
    if raw.ndim == 2:
        return _calibrated_classes(calibrator, raw)
    calibrated = _calibrated(calibrator, raw)
    return calibrated if calibrator.odds == 1.0 else times_odds(calibrated, calibrator.odds)


def times_odds(p: np.ndarray, factor: float) -> np.ndarray:
    """Probabilities whose odds are multiplied by a factor above 0; 0 and 1 stay."""
    return np.asarray(p * factor / (p * factor + (1 - p)))


def _calibrated(calibrator: Calibrator, raw: np.ndarray) -> np.ndarray:
    numbers = calibrator.numbers
    if calibrator.kind == "sigmoid":
        return _sigmoid(numbers[0] * logit(raw) + numbers[1])
    if calibrator.kind == "isotonic":
        half = len(numbers) // 2
        return np.asarray(np.interp(raw, np.asarray(numbers[:half]), np.asarray(numbers[half:])))
    if calibrator.kind == "prior":
        return times_odds(raw, numbers[0])
    return raw.copy()


def _calibrated_classes(calibrator: Calibrator, raw: np.ndarray) -> np.ndarray:
    """Each class against the rest, then divided so that each row adds up to 1."""
    numbers = np.asarray(calibrator.numbers)
    if calibrator.kind == "sigmoid":
        half = len(numbers) // 2
        return _normalised(_sigmoid(numbers[:half] * logit(raw) + numbers[half:]))
    return _normalised(raw * numbers) if calibrator.kind == "prior" else raw.copy()


def _normalised(scores: np.ndarray) -> np.ndarray:
    return np.asarray(scores / scores.sum(axis=1, keepdims=True))


def save_pipeline(pipeline: Any, path: Path) -> None:
    """Write a fitted pipeline. Raises NotTrustedError where it holds a class that `load_pipeline` would refuse."""
    import skops.io

    content = skops.io.dumps(pipeline)
    _refuse(skops.io.get_untrusted_types(data=content), str(path))
    path.write_bytes(content)


def load_pipeline(path: Path) -> Any:
    """Read a pipeline. Raises NotTrustedError where the file names a class that is not on our list."""
    import skops.io

    _refuse(skops.io.get_untrusted_types(file=path), str(path))
    return skops.io.load(path, trusted=list(TRUSTED))


def save_model(model: FittedModel, folder: Path) -> None:
    """Write the model into an existing folder: `model.skops` and, with plain facts, `model.json`."""
    save_pipeline(model.pipeline, folder / MODEL_FILE)
    save_facts(model.calibrator, model.features, model.names, folder, model.kind)


def save_facts(
    calibrator: Calibrator, features: tuple[str, ...], names: tuple[str, ...], folder: Path, kind: str = "binary"
) -> None:
    """Write `model.json` beside a pipeline that is already there."""
    facts: dict[str, object] = {"calibrator": asdict(calibrator), "features": features, "names": names}
    if kind != "binary":
        facts["kind"] = kind
    (folder / FACTS_FILE).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8", errors="surrogatepass")


def load_model(folder: Path) -> FittedModel:
    """Read what `save_model` wrote. Raises NotTrustedError as `load_pipeline` does."""
    facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8", errors="surrogatepass"))
    kept = facts["calibrator"]
    calibrator = Calibrator(kept["kind"], tuple(kept["numbers"]), float(kept.get("odds", 1.0)))
    names, kind = tuple(facts["names"]), facts.get("kind", "binary")
    return FittedModel(load_pipeline(folder / MODEL_FILE), calibrator, tuple(facts["features"]), names, kind)


def _refuse(types: list[str], where: str) -> None:
    foreign = sorted(set(types) - set(TRUSTED))
    if foreign:
        raise NotTrustedError(
            f"The model file '{Path(where).name}' names {', '.join(foreign)}, which Fulcrum does not trust."
        )


_EDGE = 1e-6


def logit(p: np.ndarray) -> np.ndarray:
    """log(p / (1 - p)) of probabilities clipped to [1e-6, 1 - 1e-6], float64."""
    clipped = np.clip(np.asarray(p, dtype=np.float64), _EDGE, 1 - _EDGE)
    result: np.ndarray = np.log(clipped) - np.log1p(-clipped)
    return result


def _sigmoid(z: np.ndarray) -> np.ndarray:
    result: np.ndarray = 1 / (1 + np.exp(-z))
    return result
