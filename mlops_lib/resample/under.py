"""Under-samplers: they leave out rows of the larger classes to a ratio. Adding one is adding a line to `UNDER`."""

from __future__ import annotations

from mlops_lib.resample.spec import (
    RATIO,
    Effort,
    Method,
    SamplerSpec,
    Setting,
    Size,
    Work,
    neighbours,
    run_by_imblearn,
)


def _random_under(work: Work) -> Method:
    from imblearn.under_sampling import RandomUnderSampler

    return run_by_imblearn(RandomUnderSampler(sampling_strategy=work.under, random_state=work.seed))


def _near_miss(work: Work) -> Method:
    from imblearn.under_sampling import NearMiss

    return run_by_imblearn(
        NearMiss(
            sampling_strategy=work.under,
            version=work.settings["version"],
            n_neighbors=work.capped("n_neighbors", work.smallest),
            n_neighbors_ver3=work.capped("n_neighbors_ver3", work.smallest),
        )
    )


def _hardness(work: Work) -> Method:
    from imblearn.under_sampling import InstanceHardnessThreshold

    parts = max(work.capped("cv", work.smallest), 2)
    return run_by_imblearn(InstanceHardnessThreshold(sampling_strategy=work.under, cv=parts, random_state=work.seed))


def _near_miss_effort(size: Size) -> Effort:
    rare, others, version = size.smallest, size.others, size.settings["version"]
    if version == 2:  # every distance to every rare row is held, with its position
        return Effort(((2 * others, rare),), sorted=others, held=24 * max(size.counts) * rare)
    if version == 1:
        return Effort(((others, rare),), sorted=others)
    left = min(others, rare * int(size.settings["n_neighbors_ver3"]))
    return Effort(((rare, others), (left, rare)), sorted=left)


UNDER = (
    SamplerSpec(
        "random_under",
        "Random under-sampling",
        "under",
        "Leaves out rows of the common class until the classes are even; quick, but throws information away.",
        (_random_under,),
        (RATIO,),
    ),
    SamplerSpec(
        "near_miss",
        "NearMiss",
        "under",
        "Keeps the rows of the common class that lie nearest to the rare class; outliers of it decide what stays.",
        (_near_miss,),
        (
            RATIO,
            Setting(
                "version",
                "Version",
                1,
                choices=(1, 2, 3),
                help="Keeps those with the smallest mean distance to the nearest rare rows (1) or to all of them (2), "
                "or of the neighbours of each rare row those that lie farthest away (3).",
            ),
            neighbours(3, "Over how many rare rows the distance is averaged in versions 1 and 3."),
            Setting("n_neighbors_ver3", "Neighbours of each rare row (version 3)", 3, high=1_000),
        ),
        compares="rare with all",
        effort=_near_miss_effort,
    ),
    SamplerSpec(
        "hardness_threshold",
        "Instance hardness threshold",
        "under",
        "Leaves out the rows of the common class that a random forest, fitted on the other rows, finds hardest.",
        (_hardness,),
        (RATIO, Setting("cv", "Parts of the inner cross-validation", 5, 2, 20)),
        compares="nothing: it fits a random forest of 100 trees for every part",
        least=2,
        effort=lambda size: Effort(trees=size.rows * (int(size.settings["cv"]) - 1)),
    ),
)
