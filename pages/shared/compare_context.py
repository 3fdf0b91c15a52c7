"""What every part of the Compare page is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from mlops_lib.evaluate.comparison import Comparison
    from mlops_lib.objects.decision import Policy
    from mlops_lib.objects.experiment import Experiment
    from mlops_lib.objects.run import Run
    from mlops_lib.objects.split import SplitPlan


@dataclass(frozen=True, eq=False)
class Compared:
    """The comparison with what it is about: `runs` are those that have ended, `run` and `reference` the chosen two.

    `share` is the margin as a share of the way from doing nothing to perfect; `top` is
    the place under the choice of the part, for what a part says first.
    """

    plan: SplitPlan
    experiment: Experiment
    runs: tuple[Run, ...]
    comparison: Comparison
    run: Run
    reference: Run
    policy: Policy
    share: float
    top: DeltaGenerator
