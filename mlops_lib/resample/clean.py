"""Cleaning samplers: they leave out rows by their neighbours. Adding one is adding a line to `CLEAN`."""

from __future__ import annotations

from typing import Literal

import numpy as np

from mlops_lib.resample.spec import (
    Effort,
    Made,
    Method,
    SamplerSpec,
    Setting,
    Size,
    Work,
    neighbours,
    run_by_imblearn,
)
from mlops_lib.resample.tomek import BLOCK, linked


def tomek_step(_: Work, remove: Literal["auto", "all"] = "auto") -> Method:
    """Tomek links, removed from all classes but the smallest ("auto") or from "all"."""

    def method(x: np.ndarray, y: np.ndarray) -> Made:
        kept = np.flatnonzero(~linked(x, y, remove))
        return Made(x[kept], y[kept], kept)

    return method


def enn_step(work: Work, strategy: str = "auto") -> Method:
    """Edited nearest neighbours, removed from all classes but the smallest ("auto") or from "all"."""
    from imblearn.under_sampling import EditedNearestNeighbours

    return run_by_imblearn(
        EditedNearestNeighbours(
            sampling_strategy=strategy,
            n_neighbors=work.capped("n_neighbors", work.rows - 1),
            kind_sel=work.settings.get("kind_sel", "all"),
        )
    )


def _repeated(work: Work) -> Method:
    from imblearn.under_sampling import RepeatedEditedNearestNeighbours

    sampler = RepeatedEditedNearestNeighbours(
        n_neighbors=_editing(work), kind_sel=work.settings["kind_sel"], max_iter=work.settings["max_iter"]
    )
    run = run_by_imblearn(sampler)

    def method(x: np.ndarray, y: np.ndarray) -> Made:
        made = run(x, y)
        # Where the first round removes nothing, imbalanced-learn 0.14 applies its order of the rows twice.
        return Made(made.x, made.y, sampler.enn_.sample_indices_) if len(made.y) == len(y) else made

    return method


def _all_knn(work: Work) -> Method:
    from imblearn.under_sampling import AllKNN

    return run_by_imblearn(
        AllKNN(
            n_neighbors=_editing(work),
            kind_sel=work.settings["kind_sel"],
            allow_minority=work.settings["allow_minority"],
        )
    )


def _editing(work: Work) -> int:
    """Neighbours of a method that edits again what it edited: another class keeps as many rows as the smallest has."""
    return work.capped("n_neighbors", 2 * work.smallest - 1)


def _condensed(work: Work) -> Method:
    from imblearn.under_sampling import CondensedNearestNeighbour

    return run_by_imblearn(
        CondensedNearestNeighbour(
            n_neighbors=work.capped("n_neighbors", work.smallest),
            n_seeds_S=work.capped("n_seeds_S", work.smallest),
            random_state=work.seed,
        )
    )


def _one_sided(work: Work) -> Method:
    from imblearn.under_sampling import OneSidedSelection

    return run_by_imblearn(
        OneSidedSelection(
            n_neighbors=work.capped("n_neighbors", work.smallest),
            n_seeds_S=work.capped("n_seeds_S", work.smallest),
            random_state=work.seed,
        )
    )


def _cleaning_rule(work: Work) -> Method:
    from imblearn.under_sampling import NeighbourhoodCleaningRule

    return run_by_imblearn(
        NeighbourhoodCleaningRule(
            n_neighbors=work.capped("n_neighbors", work.rows - 1),
            threshold_cleaning=work.settings["threshold_cleaning"],
        )
    )


def tomek_effort(size: Size, hit: float = 0.8) -> Effort:
    """The rows outside the largest class, and those they hit (a share `hit` of their number), among all rows.

    Rows that tie are searched again, at least some blocks; how many there are depends on the table, so half is taken.
    """
    few = size.rows - max(size.counts)
    return Effort(((min(int(1.5 * (1 + hit) * few) + 5 * BLOCK, size.rows), size.rows),))


def _edit(size: Size, times: int) -> Effort:
    return Effort(((size.others, size.rows),) * times)


def _condensed_effort(size: Size) -> Effort:
    """All rows are classified anew for each row that is kept, from the rare rows and those kept so far.

    How many are kept depends on how far the classes overlap; these shares are those of made tables that overlap much.
    """
    kept = int(size.others * min(0.1 + 1.2 * size.smallest / size.rows, 0.5))
    return Effort(((2 * kept * size.others, size.smallest + kept // 2),), calls=3 * kept)


EDITING = neighbours(3, "A row is left out when these are of another class.", later=False)
KIND_SEL = Setting(
    "kind_sel",
    "Keep a row when",
    "all",
    choices=("all", "mode"),
    help="all: every neighbour is of its class; mode: most of them are, which removes less.",
)
SEEDS = Setting("n_seeds_S", "Rows of the common class to start from", 1, high=1_000)
ONE = neighbours(1, "How many neighbours decide on the class of a row.")

CLEAN = (
    SamplerSpec(
        "tomek",
        "Tomek links",
        "clean",
        "Removes a row of the common class where it and a row of the rare class are each other's nearest neighbour.",
        (tomek_step,),
        compares="rare with all",
        effort=tomek_effort,
    ),
    SamplerSpec(
        "enn",
        "Edited nearest neighbours",
        "clean",
        "Removes rows of the common class that have a neighbour of the rare class.",
        (enn_step,),
        (EDITING, KIND_SEL),
        compares="all with all",
        effort=lambda size: _edit(size, 1),
    ),
    SamplerSpec(
        "repeated_enn",
        "Repeated edited nearest neighbours",
        "clean",
        "Edited nearest neighbours, again and again until nothing is left to remove.",
        (_repeated,),
        (EDITING, KIND_SEL, Setting("max_iter", "Most rounds", 100, high=1_000)),
        compares="all with all, several times",
        effort=lambda size: _edit(size, min(int(size.settings["max_iter"]), 5)),
    ),
    SamplerSpec(
        "all_knn",
        "AllKNN",
        "clean",
        "Edited nearest neighbours with one neighbour, then two, and so on.",
        (_all_knn,),
        (
            EDITING,
            KIND_SEL,
            Setting(
                "allow_minority",
                "Go on where the common class becomes the smaller one",
                default=False,
                choices=(False, True),
            ),
        ),
        compares="all with all, once for each number of neighbours",
        effort=lambda size: _edit(size, int(size.settings["n_neighbors"])),
    ),
    SamplerSpec(
        "condensed",
        "Condensed nearest neighbour",
        "clean",
        "Keeps only those rows of the common class that a nearest-neighbour rule needs to get the others right.",
        (_condensed,),
        (ONE, SEEDS),
        compares="the kept rows with all, for each row that is kept",
        effort=_condensed_effort,
    ),
    SamplerSpec(
        "one_sided",
        "One-sided selection",
        "clean",
        "Keeps the rows of the common class that lie near the rare class, then removes Tomek links.",
        (_one_sided,),
        (ONE, SEEDS),
        compares="rare with all, then what was kept with itself",
        effort=lambda size: Effort(((2 * size.others, size.smallest), (size.rows, size.rows))),
    ),
    SamplerSpec(
        "cleaning_rule",
        "Neighbourhood cleaning rule",
        "clean",
        "Removes rows of the common class that their neighbours outvote, and those that outvote a rare row.",
        (_cleaning_rule,),
        (
            neighbours(3, "How many neighbours vote on a row."),
            Setting(
                "threshold_cleaning",
                "Clean classes above this share of the smallest",
                0.5,
                0.0,
                1e6,
                "number",
                help="A class with fewer rows than this times the rows of the smallest one is left as it is.",
            ),
        ),
        compares="all with all",
        effort=lambda size: Effort(((size.others + 2 * size.smallest, size.rows),)),
    ),
)
