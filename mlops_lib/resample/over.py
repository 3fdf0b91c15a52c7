"""Over-samplers: they make rows of the smaller classes. Adding one is adding a line to `OVER`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_lib.resample.smote import oversampled
from mlops_lib.resample.spec import (
    K_NEIGHBORS,
    M_NEIGHBORS,
    RATIO,
    Effort,
    Made,
    Method,
    SamplerSpec,
    Setting,
    Size,
    Work,
    run_by_imblearn,
)


def smote_step(work: Work) -> Method:
    """SMOTE with the neighbours and the ratio of the recipe."""

    def method(x: np.ndarray, y: np.ndarray) -> Made:
        return Made(*oversampled(x, y, work.grown, work.neighbours, work.seed))

    return method


def _random_over(work: Work) -> Method:
    from imblearn.over_sampling import RandomOverSampler

    return run_by_imblearn(RandomOverSampler(sampling_strategy=work.over, random_state=work.seed))


def _smotenc(work: Work) -> Method:
    from imblearn.over_sampling import SMOTENC

    columns = np.flatnonzero(work.categories).tolist()
    return run_by_imblearn(SMOTENC(categorical_features=columns, **_usual(work)))


def _smoten(work: Work) -> Method:
    from imblearn.over_sampling import SMOTEN

    return run_by_imblearn(SMOTEN(**_usual(work)))


def _adasyn(work: Work) -> Method:
    from imblearn.over_sampling import ADASYN

    return run_by_imblearn(ADASYN(sampling_strategy=work.over, n_neighbors=work.neighbours, random_state=work.seed))


def _borderline(work: Work) -> Method:
    from imblearn.over_sampling import BorderlineSMOTE

    border = work.capped("m_neighbors", work.rows - 1)
    return run_by_imblearn(BorderlineSMOTE(m_neighbors=border, kind=work.settings["kind"], **_usual(work)))


def _svm(work: Work) -> Method:
    from imblearn.over_sampling import SVMSMOTE

    border = work.capped("m_neighbors", work.rows - 1)
    return run_by_imblearn(SVMSMOTE(m_neighbors=border, out_step=work.settings["out_step"], **_usual(work)))


def _kmeans(work: Work) -> Method:
    from imblearn.over_sampling import KMeansSMOTE
    from sklearn.cluster import MiniBatchKMeans

    clusters = MiniBatchKMeans(n_clusters=work.capped("n_clusters", work.rows), random_state=work.seed)
    share = work.settings["cluster_balance_threshold"]
    return run_by_imblearn(
        KMeansSMOTE(
            kmeans_estimator=clusters,
            cluster_balance_threshold="auto" if share is None else share,
            **_usual(work),
        )
    )


def _usual(work: Work) -> dict[str, Any]:
    return {"sampling_strategy": work.over, "k_neighbors": work.neighbours, "random_state": work.seed}


def _against_all(size: Size) -> tuple[tuple[int, int], ...]:
    """Each class that is made larger, searched for neighbours among all rows."""
    return tuple((size.counts[code], size.rows) for code in size.grown)


def _smoten_effort(size: Size) -> Effort:
    """All distances within a class are held, and two intermediate results of their size."""
    held = max((asked * through for asked, through in size.within), default=0)
    return Effort(coded=size.pairs_within, made=size.made, held=24 * held)


def _kmeans_effort(size: Size) -> Effort:
    """Clusters from batches, then all distances among the rare rows of each cluster; a quarter in one is much."""
    rare = size.smallest // 4
    return Effort(((size.rows, 1_000), (2 * rare, rare)), made=size.made, held=16 * rare * rare)


KIND = Setting(
    "kind",
    "Mix border rows with",
    "borderline-1",
    choices=("borderline-1", "borderline-2"),
    help="borderline-1 mixes them with rows of their own class, borderline-2 with rows of any class.",
)
OUT_STEP = Setting(
    "out_step", "Step outwards", 0.5, 0.0, 10.0, "number", help="How far a row may be made away from the other class."
)
CLUSTERS = Setting("n_clusters", "Clusters", 8, high=1_000, help="Into how many clusters all rows are put first.")
BALANCE = Setting(
    "cluster_balance_threshold",
    "Least share of the rare class in a cluster",
    None,
    0.0,
    1.0,
    "number",
    help="Only clusters with this share are used; left open, half of them must be rare where there are two classes.",
)

OVER = (
    SamplerSpec(
        "random_over",
        "Random over-sampling",
        "over",
        "Repeats rows of the rare class until the classes are even; adds no new information.",
        (_random_over,),
        (RATIO,),
        effort=lambda size: Effort(made=size.made),
    ),
    SamplerSpec(
        "smote",
        "SMOTE",
        "over",
        "Makes rows of the rare class between neighbours of that class.",
        (smote_step,),
        (RATIO, K_NEIGHBORS),
        interpolates=True,
        compares="rare with rare",
        least=2,
        effort=lambda size: Effort(size.within, made=size.made),
    ),
    SamplerSpec(
        "smotenc",
        "SMOTENC",
        "over",
        "SMOTE that keeps categories whole: a made row takes the commonest level among its neighbours.",
        (_smotenc,),
        (RATIO, K_NEIGHBORS),
        columns="mixed",
        compares="rare with rare",
        least=2,
        effort=lambda size: Effort(sparse=size.pairs_within, mixed=size.made),
    ),
    SamplerSpec(
        "smoten",
        "SMOTEN",
        "over",
        "SMOTE for categories only: every column of a made row takes the commonest level among its neighbours.",
        (_smoten,),
        (RATIO, K_NEIGHBORS),
        columns="categories",
        compares="rare with rare",
        least=2,
        effort=_smoten_effort,
    ),
    SamplerSpec(
        "adasyn",
        "ADASYN",
        "over",
        "Like SMOTE, with more rows made where the rare class is hardest to tell apart.",
        (_adasyn,),
        (RATIO, K_NEIGHBORS),
        interpolates=True,
        compares="rare with all",
        least=2,
        effort=lambda size: Effort((*_against_all(size), *size.within), made=size.made),
    ),
    SamplerSpec(
        "borderline_smote",
        "Borderline-SMOTE",
        "over",
        "SMOTE from the rows of the rare class that lie near the border only.",
        (_borderline,),
        (RATIO, K_NEIGHBORS, M_NEIGHBORS, KIND),
        interpolates=True,
        compares="rare with all",
        least=2,
        effort=lambda size: Effort((*_against_all(size), *size.within), made=size.made),
    ),
    SamplerSpec(
        "svm_smote",
        "SVM-SMOTE",
        "over",
        "SMOTE from the support vectors of the rare class: a support vector machine says where the border is.",
        (_svm,),
        (RATIO, K_NEIGHBORS, M_NEIGHBORS, OUT_STEP),
        interpolates=True,
        compares="rare with all, after a support vector machine",
        least=2,
        effort=lambda size: Effort(
            (*_against_all(size), *size.within), made=size.made, machine=(size.rows, size.smallest)
        ),
    ),
    SamplerSpec(
        "kmeans_smote",
        "K-means SMOTE",
        "over",
        "SMOTE inside clusters in which the rare class is common already, most where it is sparse.",
        (_kmeans,),
        (
            RATIO,
            Setting("k_neighbors", "Neighbours", 2, high=1_000, later=False, help=K_NEIGHBORS.help),
            CLUSTERS,
            BALANCE,
        ),
        interpolates=True,
        compares="rare with rare, inside clusters",
        least=2,
        effort=_kmeans_effort,
    ),
)
