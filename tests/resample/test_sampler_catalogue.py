"""Every line of the catalogue against imbalanced-learn, with its settings, and when each applies."""

from __future__ import annotations

from typing import Any

import imblearn.combine as combine
import imblearn.over_sampling as over
import imblearn.under_sampling as under
import numpy as np
import pytest
from sklearn.cluster import MiniBatchKMeans

from mlops_lib.objects.errors import InputError, NotPossibleError
from mlops_lib.objects.recipe import Sampler
from mlops_lib.resample.catalogue import SAMPLERS, all_settings, applies, for_columns, settings_of
from mlops_lib.resample.resampling import resample
from mlops_lib.resample.spec import FAMILIES

SEED = 11
EDITED = under.EditedNearestNeighbours
THEIRS: dict[str, Any] = {
    "random_over": lambda **k: over.RandomOverSampler(random_state=SEED, **k),
    "smote": lambda **k: over.SMOTE(random_state=SEED, **k),
    "smotenc": lambda **k: over.SMOTENC([3, 4], random_state=SEED, **k),
    "smoten": lambda **k: over.SMOTEN(random_state=SEED, **k),
    "adasyn": lambda **k: over.ADASYN(random_state=SEED, **k),
    "borderline_smote": lambda **k: over.BorderlineSMOTE(random_state=SEED, **k),
    "svm_smote": lambda **k: over.SVMSMOTE(random_state=SEED, **k),
    "kmeans_smote": lambda **k: over.KMeansSMOTE(
        random_state=SEED, kmeans_estimator=MiniBatchKMeans(n_clusters=8, random_state=SEED), **k
    ),
    "random_under": lambda **k: under.RandomUnderSampler(random_state=SEED, **k),
    "near_miss": under.NearMiss,
    "hardness_threshold": lambda **k: under.InstanceHardnessThreshold(random_state=SEED, **k),
    "tomek": under.TomekLinks,
    "enn": EDITED,
    "repeated_enn": under.RepeatedEditedNearestNeighbours,
    "all_knn": under.AllKNN,
    "condensed": lambda **k: under.CondensedNearestNeighbour(random_state=SEED, **k),
    "one_sided": lambda **k: under.OneSidedSelection(random_state=SEED, **k),
    "cleaning_rule": under.NeighbourhoodCleaningRule,
    "smoteenn": lambda **k: combine.SMOTEENN(random_state=SEED, **k),
    "smotetomek": lambda **k: combine.SMOTETomek(random_state=SEED, **k),
}
RATIO = [name for name, spec in SAMPLERS.items() if spec.setting("ratio")]
EXTRA: dict[str, dict[str, Any]] = {"kmeans_smote": {"cluster_balance_threshold": 0.1}, "hardness_threshold": {"cv": 2}}
"""So that K-means SMOTE finds clusters, and five forests less are fitted."""


def table(shares: tuple[float, ...] = (0.8, 0.2), rows: int = 240, columns: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Numbers that lie apart by class, in no order of the classes."""
    rng = np.random.default_rng(2)
    y = rng.permutation(np.repeat(np.arange(len(shares)), [round(rows * s) for s in shares])).astype(np.int8)
    return rng.normal(size=(len(y), columns)) + 0.8 * y[:, None], y


def one_hot(levels: np.ndarray) -> np.ndarray:
    return np.hstack([np.eye(width)[levels[:, i]] for i, width in enumerate((3, 2))])


def both(name: str, settings: dict[str, Any], theirs: Any, data: tuple[np.ndarray, np.ndarray]) -> Any:
    """Ours and imbalanced-learn's rows agree; the sampler is given codes where it keeps categories whole."""
    x, y = data
    sampler, groups = Sampler(name, tuple(sorted(settings.items()))), ()
    given = x
    if SAMPLERS[name].nominal:
        rng = np.random.default_rng(5)
        levels = np.column_stack([rng.integers(0, 3, len(y)), rng.integers(0, 2, len(y))])
        numbers = x if name == "smotenc" else x[:, :0]
        groups = tuple((start + numbers.shape[1], stop + numbers.shape[1]) for start, stop in ((0, 3), (3, 5)))
        x, given = np.hstack([numbers, one_hot(levels)]), np.hstack([numbers, levels])
    ours = resample(x, y, groups, sampler, SEED, tuple(str(c) for c in np.unique(y)))
    expected, codes = theirs.fit_resample(given, y)
    if SAMPLERS[name].nominal:
        wide = given.shape[1] - 2
        expected = np.hstack([expected[:, :wide], one_hot(expected[:, wide:].astype(int))])
    np.testing.assert_array_equal(ours.x, expected)
    np.testing.assert_array_equal(ours.y, codes)
    kept = ours.origin >= 0
    np.testing.assert_array_equal(ours.x[kept], x[ours.origin[kept]])
    return ours


def test_every_line_is_compared_and_has_its_family() -> None:
    assert set(THEIRS) | {"none"} == set(SAMPLERS)
    assert {spec.family for spec in SAMPLERS.values()} == set(FAMILIES)


@pytest.mark.parametrize("name", THEIRS)
def test_defaults_give_the_rows_of_imbalanced_learn(name: str) -> None:
    extra = EXTRA.get(name, {})
    both(name, extra, THEIRS[name](**extra), table())


@pytest.mark.parametrize("name", RATIO)
def test_a_ratio_is_imbalanced_learns_sampling_strategy(name: str) -> None:
    extra = EXTRA.get(name, {})
    both(name, {"ratio": 0.63, **extra}, THEIRS[name](sampling_strategy=0.63, **extra), table())


@pytest.mark.parametrize("name", [n for n in THEIRS if n not in ("kmeans_smote", "svm_smote", "adasyn")])
def test_several_classes(name: str) -> None:
    both(name, {}, THEIRS[name](), table((0.6, 0.25, 0.15)))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("smote", {"k_neighbors": 2}),
        ("borderline_smote", {"m_neighbors": 6, "kind": "borderline-2"}),
        ("svm_smote", {"m_neighbors": 8, "out_step": 0.25}),
        ("near_miss", {"version": 2}),
        ("near_miss", {"version": 3, "n_neighbors": 2, "n_neighbors_ver3": 4}),
        ("enn", {"n_neighbors": 5, "kind_sel": "mode"}),
        ("repeated_enn", {"max_iter": 2}),
        ("all_knn", {"n_neighbors": 2, "allow_minority": True}),
        ("condensed", {"n_neighbors": 3, "n_seeds_S": 4}),
        ("one_sided", {"n_neighbors": 3, "n_seeds_S": 4}),
        ("cleaning_rule", {"n_neighbors": 5, "threshold_cleaning": 0.2}),
    ],
)
def test_settings_are_those_of_imbalanced_learn(name: str, settings: dict[str, Any]) -> None:
    both(name, settings, THEIRS[name](**settings), table())


def test_combined_samplers_take_the_settings_of_both_parts() -> None:
    smote = over.SMOTE(sampling_strategy=0.5, k_neighbors=3, random_state=SEED)
    editing = EDITED(sampling_strategy="all", n_neighbors=2, kind_sel="mode")
    settings = {"ratio": 0.5, "k_neighbors": 3, "n_neighbors": 2, "kind_sel": "mode"}
    both("smoteenn", settings, combine.SMOTEENN(smote=smote, enn=editing), table())


def test_a_ratio_over_several_classes_aims_at_each_of_them() -> None:
    x, y = table((0.6, 0.35, 0.05), 400)
    names = ("a", "b", "c")
    assert resample(x, y, (), Sampler("smote", (("ratio", 0.5),)), 0, names).after == (240, 140, 120)
    assert resample(x, y, (), Sampler("random_under", (("ratio", 0.5),)), 0, names).after == (40, 40, 20)


def test_classes_without_rows_stay_without() -> None:
    x, y = table((0.7, 0.3))
    after = resample(x, np.where(y == 1, 3, 1).astype(np.int16), (), Sampler("hardness_threshold"), 0, tuple("abcd"))
    assert after.before[0] == after.before[2] == after.after[0] == after.after[2] == 0
    assert set(np.unique(after.y)) == {1, 3}


@pytest.mark.parametrize("rare", [1, 2, 3, 5])
@pytest.mark.parametrize("name", [n for n in THEIRS if n not in ("smotenc", "smoten")])
def test_tiny_classes_work_or_are_refused_in_words(name: str, rare: int) -> None:
    x, _ = table(rows=60)
    y = (np.arange(60) < rare).astype(np.int8)
    said = outcome(x, y, Sampler(name))
    assert said
    assert "n_neighbors" not in said


def outcome(x: np.ndarray, y: np.ndarray, sampler: Sampler) -> str:
    """What was done or why nothing could be, in words; empty where nothing was done and nothing said."""
    try:
        after = resample(x, y, (), sampler, 0)
    except NotPossibleError as error:
        return f"{error.message} {error.hint}" if "work" in f"{error.message} {error.hint}" else ""
    return " ".join(after.notes) or ("done" if sum(after.added) + sum(after.removed) else "")


def test_repeated_editing_that_removes_nothing_keeps_every_row_in_its_place() -> None:
    x, y = table()
    x[:, 0] += 100.0 * y
    after = resample(x, y, (), Sampler("repeated_enn"), 0)
    np.testing.assert_array_equal(after.x, x[after.origin])
    assert sum(after.removed) == 0
    assert "changed nothing" in after.notes[0]


def test_a_ratio_that_is_reached_already_is_told() -> None:
    x, y = table()
    for name in ("random_over", "smote", "random_under"):
        after = resample(x, y, (), Sampler(name, (("ratio", 0.2),)), 0, ("No", "Yes"))
        assert after.after == after.before
        assert (
            "0.25 rows of 'Yes' for each row of the largest class already, and the ratio asks for 0.2" in after.notes[0]
        )


@pytest.mark.parametrize("rare", [1, 2])
def test_a_borderline_smote_without_a_border_says_that_it_did_nothing(rare: int) -> None:
    x, _ = table(rows=60)
    y = (np.arange(60) < rare).astype(np.int8)
    if rare < 2:
        with pytest.raises(NotPossibleError, match="at least 2 rows"):
            resample(x, y, (), Sampler("borderline_smote"), 0)
        return
    assert "changed nothing: the 2 rows of '1'" in resample(x, y, (), Sampler("borderline_smote"), 0).notes[0]


def test_a_sampler_that_falls_short_says_by_how_much() -> None:
    x, y = table()
    x[y == 1] = x[y == 1][0]
    sampler = Sampler("near_miss", (("n_neighbors_ver3", 1), ("version", 3)))
    after = resample(x, y, (), sampler, 0, ("stays", "leaves"))
    assert after.after == (1, 48)
    assert after.notes == ("NearMiss was to bring 'stays' from 192 to 48 rows and ended at 1.",)


OLD = {
    "smote": (("k_neighbors", 5),),
    "smotenc": (("k_neighbors", 5),),
    "adasyn": (("k_neighbors", 5),),
    "borderline_smote": (("k_neighbors", 5),),
    "enn": (("n_neighbors", 3),),
    "smoteenn": (("k_neighbors", 5), ("n_neighbors", 3)),
    "smotetomek": (("k_neighbors", 5),),
    "tomek": (),
    "random_over": (),
    "random_under": (),
}


@pytest.mark.parametrize("name", OLD)
def test_what_determines_a_run_of_old_is_as_it_was(name: str) -> None:
    assert settings_of(Sampler(name)) == OLD[name]
    same = tuple(sorted((s.name, s.default) for s in SAMPLERS[name].settings))
    assert settings_of(Sampler(name, same)) == OLD[name]


@pytest.mark.parametrize(
    ("name", "setting", "value", "said"),
    [
        ("smote", "ratio", 0.0, "a number from 0.001 to 1; got 0.0"),
        ("smote", "ratio", "half", "a number from 0.001 to 1; got 'half'"),
        ("smote", "k_neighbors", 2.5, "a whole number from 1 to 1000; got 2.5"),
        ("near_miss", "version", 4, "one of 1, 2, 3; got 4"),
        ("near_miss", "version", True, "one of 1, 2, 3; got True"),
        ("all_knn", "allow_minority", 1, "one of False, True; got 1"),
        ("tomek", "ratio", 0.5, "has no setting 'ratio'"),
    ],
)
def test_wrong_settings_are_refused(name: str, setting: str, value: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        settings_of(Sampler(name, ((setting, value),)))


def test_all_settings_are_those_it_runs_with() -> None:
    assert all_settings(Sampler("smote", (("ratio", 0.5),))) == {"ratio": 0.5, "k_neighbors": 5}


@pytest.mark.parametrize(
    ("asked", "categories", "numbers", "chosen"),
    [
        ("smote", 0, 4, "smote"),
        ("smote", 2, 4, "smotenc"),
        ("smote", 2, 0, "smoten"),
        ("smotenc", 0, 4, "smote"),
        ("smotenc", 2, 0, "smoten"),
        ("smoten", 2, 3, "smotenc"),
        ("smoteenn", 2, 3, "smoteenn"),
        ("tomek", 2, 3, "tomek"),
    ],
)
def test_the_relative_that_fits_the_columns(asked: str, categories: int, numbers: int, chosen: str) -> None:
    sampler, said = for_columns(Sampler(asked, ()), categories, numbers)
    assert sampler.name == chosen
    assert applies(sampler, (90, 10), categories, numbers) is None
    assert bool(said) == (asked != chosen or (SAMPLERS[asked].interpolates and categories > 0))


def test_settings_go_along_to_the_relative() -> None:
    sampler, said = for_columns(Sampler("smote", (("k_neighbors", 3), ("ratio", 0.5))), 1, 4)
    assert sampler == Sampler("smotenc", (("k_neighbors", 3), ("ratio", 0.5)))
    assert said.startswith("1 column of 5 holds categories, so SMOTENC is used")
