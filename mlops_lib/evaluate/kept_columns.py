"""Which columns a run's selection rule kept, and in how many of its fits: a rule that wavers chose by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.run import Run
from mlops_lib.objects.words import count, counted
from mlops_lib.train.ladder import recipe_title


@dataclass(frozen=True, eq=False)
class KeptColumns:
    """How often a rule kept each column: `table` has one row a column with `feature`, `kept` (a number of folds, of
    all repeats together) and `in_model` (kept in the refit on all training rows), the surest first."""

    title: str
    rule: Selection
    folds: int
    table: pd.DataFrame

    @property
    def always(self) -> int:
        """Columns that were kept in every fold."""
        return int((self.table["kept"] == self.folds).sum())

    @property
    def never(self) -> int:
        """Columns that were kept in no fold."""
        return int((self.table["kept"] == 0).sum())

    @property
    def sentence(self) -> str:
        """How much of the choice is the same in every fold. Plain text."""
        offered, wavering = len(self.table), len(self.table) - self.always - self.never
        said = f"they disagree on {count(wavering)}" if wavering else "they agree on every column"
        kept, folds = int(self.table["in_model"].sum()), counted(self.folds, "fold")
        return (
            f"{self.title} keeps {count(kept)} of {counted(offered, 'column')} ({self.rule.said}). Chosen anew in each "
            f"of {folds}: all keep {count(self.always)} and leave out {count(self.never)}; {said}."
        )


def kept_columns(run: Run, features: Sequence[str]) -> KeptColumns | None:
    """How often each of the schema's `features` survived the rule of a complete run; None where it has no rule.

    Columns that a treatment drops were not offered to the rule and are left out.
    """
    rule = run.recipe.selection
    if rule is None:
        return None
    gone = {t.column for t in run.recipe.treatments if t.action == "drop"}
    offered = [name for name in features if name not in gone]
    often = Counter(name for kept in run.kept_by_fold for name in kept)
    table = pd.DataFrame(
        {"feature": offered, "kept": [often[n] for n in offered], "in_model": [n in run.kept for n in offered]}
    )
    ordered = table.sort_values(["kept", "in_model"], ascending=False, kind="stable", ignore_index=True)
    return KeptColumns(recipe_title(run.recipe), rule, len(run.kept_by_fold), ordered)


def shown_kept(found: KeptColumns) -> pd.DataFrame:
    """The columns as people read them: "4 of 5" folds, and whether the model has it."""
    table = found.table
    return pd.DataFrame({
        "Column": table["feature"],
        "Kept in folds": [f"{k} of {found.folds}" for k in table["kept"]],
        "In the model": ["yes" if kept else "no" for kept in table["in_model"]],
    })  # fmt: skip
