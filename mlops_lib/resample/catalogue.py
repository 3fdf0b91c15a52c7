"""The samplers a recipe can name. Adding one is adding a line to `SAMPLERS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Sampler, Settings

MAX_DISTANCES = 10_000_000_000
"""Row-to-row distances a sampler may need in one fit: about a minute on one core; 100,000 rows against each other."""

NEIGHBOURS = 5

Family = Literal["none", "over", "under", "combined"]
Compares = Literal["nothing", "rare with rare", "rare with all", "all with all"]
Step = Callable[["Work"], Any]


@dataclass(frozen=True)
class Work:
    """What a step is built from: its settings, the class counts before the sampler, and the seed.

    `categories` is boolean of shape (columns,), true where a column holds category codes.
    """

    settings: Mapping[str, Any]
    counts: tuple[int, ...]
    categories: np.ndarray
    seed: int

    @property
    def neighbours(self) -> int:
        """The asked number of neighbours, or as many as the smallest class has."""
        return max(min(int(self.settings.get("k_neighbors", NEIGHBOURS)), min(self.counts) - 1), 1)


@dataclass(frozen=True)
class SamplerSpec:
    """A sampler: name in recipes, label, family, one sentence, and the imbalanced-learn steps it runs in order.

    `nominal` samplers keep categories whole. `interpolates` ones make rows between rows. `compares` says which rows
    it measures distances between. `least` is the smallest class it can work with.
    """

    name: str
    label: str
    family: Family
    sentence: str
    steps: tuple[Step, ...] = ()
    settings: Settings = ()
    nominal: bool = False
    interpolates: bool = False
    compares: Compares = "nothing"
    least: int = 1

    def distances(self, smallest: int, rows: int) -> int:
        """Row-to-row distances in one fit on `rows` rows, `smallest` of them in the rare class."""
        sizes = {"rare with rare": smallest * smallest, "rare with all": smallest * rows, "all with all": rows * rows}
        return sizes.get(self.compares, 0)


def _random_over(work: Work) -> Any:
    from imblearn.over_sampling import RandomOverSampler

    return RandomOverSampler(random_state=work.seed)


def _random_under(work: Work) -> Any:
    from imblearn.under_sampling import RandomUnderSampler

    return RandomUnderSampler(random_state=work.seed)


def _smote(work: Work) -> Any:
    from imblearn.over_sampling import SMOTE

    return SMOTE(k_neighbors=work.neighbours, random_state=work.seed)


def _smotenc(work: Work) -> Any:
    from imblearn.over_sampling import SMOTENC

    columns = np.flatnonzero(work.categories).tolist()
    return SMOTENC(categorical_features=columns, k_neighbors=work.neighbours, random_state=work.seed)


def _adasyn(work: Work) -> Any:
    from imblearn.over_sampling import ADASYN

    return ADASYN(n_neighbors=work.neighbours, random_state=work.seed)


def _borderline(work: Work) -> Any:
    from imblearn.over_sampling import BorderlineSMOTE

    return BorderlineSMOTE(k_neighbors=work.neighbours, random_state=work.seed)


def _tomek(_: Work) -> Any:
    from imblearn.under_sampling import TomekLinks

    return TomekLinks()


def _tomek_all(_: Work) -> Any:
    from imblearn.under_sampling import TomekLinks

    return TomekLinks(sampling_strategy="all")


def _enn(work: Work, strategy: str = "auto") -> Any:
    from imblearn.under_sampling import EditedNearestNeighbours

    return EditedNearestNeighbours(sampling_strategy=strategy, n_neighbors=int(work.settings.get("n_neighbors", 3)))


def _enn_all(work: Work) -> Any:
    return _enn(work, "all")


_K: Settings = (("k_neighbors", NEIGHBOURS),)
_ENN: Settings = (("n_neighbors", 3),)

_SPECS = (
    SamplerSpec("none", "None", "none", "The rows stay as they are."),
    SamplerSpec(
        "random_over",
        "Random over-sampling",
        "over",
        "Repeats rows of the rare class until the classes are even; adds no new information.",
        (_random_over,),
    ),
    SamplerSpec(
        "random_under",
        "Random under-sampling",
        "under",
        "Leaves out rows of the common class until the classes are even; quick, but throws information away.",
        (_random_under,),
    ),
    SamplerSpec(
        "smote",
        "SMOTE",
        "over",
        "Makes rows of the rare class between neighbours of that class.",
        (_smote,),
        _K,
        interpolates=True,
        compares="rare with rare",
        least=2,
    ),
    SamplerSpec(
        "smotenc",
        "SMOTENC",
        "over",
        "SMOTE that keeps categories whole: a made row takes the commonest level among its neighbours.",
        (_smotenc,),
        _K,
        nominal=True,
        compares="rare with rare",
        least=2,
    ),
    SamplerSpec(
        "adasyn",
        "ADASYN",
        "over",
        "Like SMOTE, with more rows made where the rare class is hardest to tell apart.",
        (_adasyn,),
        _K,
        interpolates=True,
        compares="rare with all",
        least=2,
    ),
    SamplerSpec(
        "borderline_smote",
        "Borderline-SMOTE",
        "over",
        "SMOTE from the rows of the rare class that lie near the border only.",
        (_borderline,),
        _K,
        interpolates=True,
        compares="rare with all",
        least=2,
    ),
    SamplerSpec(
        "tomek",
        "Tomek links",
        "under",
        "Removes a row of the common class where it and a row of the rare class are each other's nearest neighbour.",
        (_tomek,),
        compares="all with all",
    ),
    SamplerSpec(
        "enn",
        "Edited nearest neighbours",
        "under",
        "Removes rows of the common class that have a neighbour of the rare class.",
        (_enn,),
        _ENN,
        compares="all with all",
    ),
    SamplerSpec(
        "smoteenn",
        "SMOTEENN",
        "combined",
        "SMOTE, then every row with a neighbour of another class is removed, in both classes.",
        (_smote, _enn_all),
        tuple(sorted(_K + _ENN)),
        interpolates=True,
        compares="all with all",
        least=2,
    ),
    SamplerSpec(
        "smotetomek",
        "SMOTETomek",
        "combined",
        "SMOTE, then both rows of every Tomek link are removed.",
        (_smote, _tomek_all),
        _K,
        interpolates=True,
        compares="all with all",
        least=2,
    ),
)

SAMPLERS: Mapping[str, SamplerSpec] = {spec.name: spec for spec in _SPECS}


def sampler_spec(name: str) -> SamplerSpec:
    """The sampler of that name. Raises InputError where there is none."""
    if name not in SAMPLERS:
        raise InputError(f"There is no sampler '{name}'.", f"Choose one of: {', '.join(SAMPLERS)}.")
    return SAMPLERS[name]


def settings_of(sampler: Sampler) -> Settings:
    """All settings of a sampler, the recipe's over the defaults. Raises InputError for a setting it does not have."""
    spec = sampler_spec(sampler.name)
    defaults, own = dict(spec.settings), dict(sampler.settings)
    unknown = sorted(set(own) - set(defaults))
    if unknown:
        raise InputError(
            f"The sampler '{sampler.name}' has no setting {', '.join(repr(u) for u in unknown)}.",
            f"Its settings are: {', '.join(defaults) or 'none'}.",
        )
    for name, value in own.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(
                f"The setting '{name}' of '{sampler.name}' must be a whole number from 1; got {value!r}.",
                f"The default is {defaults[name]}.",
            )
    return tuple(sorted({**defaults, **own}.items()))


def make_sampler(
    sampler: Sampler, class_counts: Sequence[int], categorical_mask: np.ndarray, seed: int
) -> tuple[Any, ...]:
    """The imbalanced-learn samplers to run one after the other; `categorical_mask` marks columns of category codes.

    Neighbours are at most the smallest class less one. Raises InputError for an unknown name or setting.
    """
    work = Work(dict(settings_of(sampler)), tuple(int(c) for c in class_counts), categorical_mask, seed)
    return tuple(step(work) for step in sampler_spec(sampler.name).steps)


def applies(sampler: Sampler, class_counts: Sequence[int], categories: int, numbers: int) -> str | None:
    """Why a sampler cannot work on rows with these class counts, and what would; None where it can.

    `categories` and `numbers` count the original columns of each kind.
    """
    spec = sampler_spec(sampler.name)
    smallest, rows = min(class_counts), sum(class_counts)
    if smallest < spec.least:
        return (
            f"{spec.label} needs at least {spec.least} rows of the rare class to look for neighbours; there "
            f"{'is 1' if smallest == 1 else f'are {smallest}'}. Random over-sampling or class weights work."
        )
    if spec.nominal and not categories:
        return f"{spec.label} needs a column with categories; all that enter the model are numbers. SMOTE works."
    if spec.nominal and not numbers:
        return (
            f"{spec.label} needs a numeric column; all that enter the model are categories. Random over-sampling works."
        )
    if spec.distances(smallest, rows) > MAX_DISTANCES:
        return _too_large(spec, smallest, rows)
    return None


def _too_large(spec: SamplerSpec, smallest: int, rows: int) -> str:
    if spec.compares == "all with all":
        limit = f"{rows:,} rows against each other; its limit is {int(MAX_DISTANCES**0.5):,} rows"
    elif spec.compares == "rare with rare":
        limit = f"{smallest:,} rows of the rare class against each other; its limit is {int(MAX_DISTANCES**0.5):,}"
    else:
        limit = f"{smallest:,} rows against {rows:,}; its limit is {MAX_DISTANCES:,} pairs"
    return f"{spec.label} compares {limit}. Random under-sampling or class weights work at any size."
