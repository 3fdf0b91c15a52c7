"""One recipe, trained: where its fitted model and predictions lie, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlops_lib.objects.fingerprint import described
from mlops_lib.objects.recipe import Recipe


@dataclass(frozen=True)
class Calibrator:
    """A calibrator as plain numbers. `kind` "none" is the identity.

    sigmoid: 1 / (1 + exp(-(a·logit(raw) + b))), `numbers` = (a, b).
    isotonic: linear interpolation, `numbers` = x_0 .. x_m-1 followed by y_0 .. y_m-1.
    prior: odds multiplied by `numbers[0]` (Saerens, Latinne & Decaestecker 2002).
    For many classes: sigmoid each class against the rest, `numbers` = a_0 .. a_k-1, b_0 .. b_k-1; prior each
    probability times its factor, `numbers` = the factors; then each row is divided by its sum.
    Then, whatever the kind, the odds are multiplied by `odds`: the odds of the true share of positives over those of
    the table, where that was sampled on purpose (the same source, equation 2.4; Elkan 2001, theorem 2).
    """

    kind: Literal["none", "sigmoid", "isotonic", "prior"] = "none"
    numbers: tuple[float, ...] = ()
    odds: float = 1.0


@dataclass(frozen=True)
class Failure:
    """Why a run has no result: the sentence a user reads, and where it happened."""

    message: str
    hint: str = ""
    where: str = ""


@dataclass(frozen=True)
class Run:
    """A recipe on a dataset, schema and split; the folder `runs/<fingerprint>` holds its model and predictions.

    `kept` are the columns that entered the refit; `kept_by_fold` those of each fold. Times are seconds: `fit_seconds`
    the mean of the folds (with the prefix each needed), `predict_seconds_per_1000` for scoring 1,000 raw rows.
    `packages` are the versions of the packages that compute.
    """

    fingerprint: str
    dataset: str = described()
    schema: str = described()
    split: str = described()
    seed: int = described()
    recipe: Recipe = described()
    state: Literal["complete", "failed", "cancelled"] = described()
    calibrator: Calibrator = described(default=Calibrator())
    kept: tuple[str, ...] = described(default=())
    kept_by_fold: tuple[tuple[str, ...], ...] = described(default=())
    fit_seconds: float = described(default=float("nan"))
    refit_seconds: float = described(default=float("nan"))
    predict_seconds_per_1000: float = described(default=float("nan"))
    notes: tuple[str, ...] = described(default=())
    packages: tuple[tuple[str, str], ...] = described(default=())
    failure: Failure | None = described(default=None)
    finished: str = described(default="")
