"""All samplers a recipe can name, by family, and when each applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Sampler, Settings
from mlops_lib.objects.words import counted
from mlops_lib.resample.clean import CLEAN
from mlops_lib.resample.combined import COMBINED
from mlops_lib.resample.limits import too_long
from mlops_lib.resample.over import OVER
from mlops_lib.resample.spec import Method, SamplerSpec, Size, Value, Work
from mlops_lib.resample.under import UNDER

_NONE = SamplerSpec("none", "None", "none", "The rows stay as they are.")

SAMPLERS: Mapping[str, SamplerSpec] = {spec.name: spec for spec in (_NONE, *OVER, *UNDER, *CLEAN, *COMBINED)}

_RELATIVES = {"smote": ("smotenc", "smoten"), "smotenc": ("smote", "smoten"), "smoten": ("smote", "smotenc")}


def sampler_spec(name: str) -> SamplerSpec:
    """The sampler of that name. Raises InputError where there is none."""
    if name not in SAMPLERS:
        raise InputError(f"There is no sampler '{name}'.", f"Choose one of: {', '.join(SAMPLERS)}.")
    return SAMPLERS[name]


def settings_of(sampler: Sampler) -> Settings:
    """The settings that determine what a sampler does, the recipe's over the defaults, sorted by name.

    Settings that samplers of old did not have are left out at their defaults. Raises InputError for a setting the
    sampler does not have, or a value of the wrong kind or out of range.
    """
    spec = sampler_spec(sampler.name)
    own = _checked(spec, sampler)
    plain = {s.name: s.default for s in spec.settings if not s.later}
    changed = {
        s.name: own[s.name] for s in spec.settings if s.name in own and not (s.later and own[s.name] == s.default)
    }
    return tuple(sorted({**plain, **changed}.items()))


def all_settings(sampler: Sampler) -> dict[str, Value]:
    """Every setting of a sampler with the value it runs with. Raises InputError as `settings_of` does."""
    spec = sampler_spec(sampler.name)
    return {**{s.name: s.default for s in spec.settings}, **_checked(spec, sampler)}


def ratio_of(sampler: Sampler) -> float | None:
    """Rare rows for each common row that a sampler aims at; None where it has no such aim."""
    ratio = all_settings(sampler).get("ratio")
    return None if ratio is None else float(ratio)


def _checked(spec: SamplerSpec, sampler: Sampler) -> dict[str, Value]:
    own = dict(sampler.settings)
    known = {s.name: s for s in spec.settings}
    unknown = sorted(set(own) - set(known))
    if unknown:
        raise InputError(
            f"The sampler '{sampler.name}' has no setting {', '.join(repr(u) for u in unknown)}.",
            f"Its settings are: {', '.join(known) or 'none'}.",
        )
    for name, value in own.items():
        if not known[name].accepts(value):
            raise InputError(
                f"The setting '{name}' of '{sampler.name}' must be {known[name].wanted}; got {value!r}.",
                f"The default is {known[name].default}.",
            )
    return own


def make_sampler(
    sampler: Sampler, class_counts: Sequence[int], categorical_mask: np.ndarray, seed: int
) -> tuple[Method, ...]:
    """The steps of a sampler, to be run one after the other; `categorical_mask` marks columns of category codes.

    `class_counts` are the rows of each class, all above 0. Neighbours are at most what the smallest class allows.
    Raises InputError for an unknown name or setting.
    """
    work = Work(all_settings(sampler), tuple(int(c) for c in class_counts), categorical_mask, seed)
    return tuple(step(work) for step in sampler_spec(sampler.name).steps)


def applies(
    sampler: Sampler, class_counts: Sequence[int], categories: int, numbers: int, columns: int | None = None
) -> str | None:
    """Why a sampler cannot work on rows with these class counts, and what would; None where it can.

    `categories` and `numbers` count the original columns of each kind, `columns` those of the encoded matrix (as many
    as the original ones where not given). Classes without rows do not count.
    """
    spec = sampler_spec(sampler.name)
    if not spec.steps:
        return None
    counts = tuple(int(c) for c in class_counts if c)
    if len(counts) < 2:
        return f"{spec.label} needs rows of two classes; all {sum(counts):,} rows are of one. More rows would help."
    size = Size(counts, columns or categories + numbers, all_settings(sampler))
    return _too_few(spec, size.smallest) or _wrong_columns(spec, categories, numbers) or too_long(spec, size)


def _too_few(spec: SamplerSpec, smallest: int) -> str | None:
    if smallest >= spec.least:
        return None
    purpose = "to look for neighbours" if spec.family != "under" else "to judge them by rows that it did not see"
    return (
        f"{spec.label} needs at least {spec.least} rows of the rare class {purpose}; there "
        f"{'is 1' if smallest == 1 else f'are {smallest}'}. Random over-sampling or class weights work."
    )


def _wrong_columns(spec: SamplerSpec, categories: int, numbers: int) -> str | None:
    if spec.columns == "any":
        return None
    if not categories:
        return f"{spec.label} needs a column with categories; all that enter the model are numbers. SMOTE works."
    if spec.columns == "mixed" and not numbers:
        return f"{spec.label} needs a numeric column; all that enter the model are categories. SMOTEN works."
    if spec.columns == "categories" and numbers:
        return (
            f"{spec.label} works on categories only; {counted(numbers, 'column')} that "
            f"{'enters' if numbers == 1 else 'enter'} the model {'is a number' if numbers == 1 else 'are numbers'}. "
            "SMOTENC works."
        )
    return None


def for_columns(sampler: Sampler, categories: int, numbers: int) -> tuple[Sampler, str]:
    """The sampler of the same kind that fits these columns, and a sentence that says why it is another one.

    Where it fits as it is, the sampler itself and an empty sentence; where it makes fractions of categories and has
    no relative that does not, itself and a sentence that says so. Settings that both have are taken over.
    """
    spec = sampler_spec(sampler.name)
    wanted = _fitting(spec.name, categories, numbers)
    if wanted == spec.name:
        return sampler, fractions(sampler, categories)
    better = SAMPLERS[wanted]
    settings = tuple((name, value) for name, value in sampler.settings if better.setting(name))
    return Sampler(wanted, settings), f"{_kinds(categories, numbers)}, so {better.label} is used: {_why(better)}."


def _fitting(name: str, categories: int, numbers: int) -> str:
    if name not in _RELATIVES:
        return name
    if not categories:
        return "smote"
    return "smotenc" if numbers else "smoten"


def fractions(sampler: Sampler, categories: int) -> str:
    """A sentence where a sampler makes fractions of categories; else empty."""
    spec = sampler_spec(sampler.name)
    if not (spec.interpolates and categories):
        return ""
    return (
        f"{spec.label} mixes rows as numbers, so made rows have categories partly (half a level). "
        "SMOTENC keeps categories whole; a sampler that only leaves out rows has no such problem."
    )


def _kinds(categories: int, numbers: int) -> str:
    if not categories:
        return "All columns are numbers"
    if not numbers:
        return "All columns are categories"
    return f"{counted(categories, 'column')} of {categories + numbers} hold{'s' if categories == 1 else ''} categories"


def _why(spec: SamplerSpec) -> str:
    return {
        "smote": "there are no categories to keep whole",
        "smotenc": "it keeps categories whole, where SMOTE would make fractions of them",
        "smoten": "it compares rows by their categories and keeps them whole",
    }[spec.name]
