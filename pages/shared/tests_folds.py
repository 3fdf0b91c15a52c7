"""What a rule keeps in every fold, for the parts of Feature tests that say so."""

from __future__ import annotations

from mlops_lib.explore.survival import MeasuredFolds, Survival, apply_in_folds, measure_folds
from mlops_lib.explore.work import folds_in_a_job, spec_of
from mlops_lib.objects.recipe import Selection
from pages.shared.calls import cached, job
from pages.shared.exploring import Nouns


def survived(nouns: Nouns, rule: Selection) -> Survival | None:
    """The rule in every fold; None while the folds are measured, with the progress drawn in its place.

    Folds hold training rows alone, whatever rows the page looks at. Moving the rule measures nothing again.
    """
    folds = _measured(nouns)
    return None if folds is None else apply_in_folds(folds, rule)


def _measured(nouns: Nouns) -> MeasuredFolds | None:
    if not folds_in_a_job(*nouns[:2]):
        return cached(measure_folds)(*nouns)
    spec = {name: value for name, value in spec_of(*nouns, False).items() if name != "all_rows"}
    found: MeasuredFolds | None = job("survival", spec, label="Applying the rule in every fold")
    return found
