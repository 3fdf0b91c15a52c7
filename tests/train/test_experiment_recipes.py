"""Remedies in the experiment file: both ways, and refused with line and field."""

from __future__ import annotations

import pytest

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.recipe import Model, Recipe, Sampler
from mlops_lib.train.drafts import remedies_draft, remedies_of
from mlops_lib.train.experiment_file import read_experiment_file
from mlops_lib.train.experiment_opening import describe_experiment, new_experiment
from mlops_lib.train.experiment_writing import write_experiment_file
from mlops_lib.train.remedy_ladder import REMEDIES, RemedyLadder
from mlops_lib.train.rule_model import rule_recipe
from tests.train.small import Small

SHORT = "data: {file: a.csv}\nquestion: {target: left, positive: yes}\n"
TRIED = RemedyLadder(
    models=("lightgbm",),
    samplers=(Sampler("smote", (("ratio", 0.5),)), Sampler("tomek")),
    remedies=tuple(REMEDIES),
    miss_cost=7.5,
    beta=0.99,
    rule="`pay` < 2 and not (site == 'south')",
    calibration="none",
)
LISTED = (
    Recipe(Model("lightgbm"), class_weight="effective", weight_number=0.9),
    Recipe(Model("lightgbm"), rung="2", sampler=Sampler("random_under"), training="two_phase", calibration="sigmoid"),
    Recipe(Model("focal_lightgbm", (("gamma", 1.5),)), rung="3"),
    Recipe(Model("logistic_regression"), rung="4", sampler=Sampler("smote"), leak=("sample",)),
    rule_recipe("pay < 2"),
)


@pytest.mark.parametrize("ladder", [TRIED, RemedyLadder(), RemedyLadder(samplers=(), remedies=("focal",))])
def test_remedies_come_back_from_the_file_and_from_a_draft(small: Small, ladder: RemedyLadder) -> None:
    small.workspace.put(small.schema)
    experiment = new_experiment(small.plan, ladder.recipes())
    found = read_experiment_file(write_experiment_file(describe_experiment(small.workspace, experiment, ladder)))
    assert found.ladder == ladder
    assert found.recipes == ladder.recipes()
    assert remedies_of(remedies_draft(ladder), RemedyLadder()) == ladder


def test_listed_recipes_keep_what_is_done_about_imbalance(small: Small) -> None:
    experiment = new_experiment(small.plan, LISTED)
    found = read_experiment_file(write_experiment_file(describe_experiment(small.workspace, experiment)))
    assert found.recipes == LISTED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("remedies: {rule: pay <}", "Line 3, field 'remedies.rule': The condition cannot be read"),
        ("remedies: {remedies: [prayer]}", "'prayer' is not known"),
        ("remedies: {samplers: [luck]}", "'luck' is not known"),
        ("remedies: {samplers: [{name: smote, speed: 3}]}", "has no setting"),
        ("remedies: {models: [lightgbm]}\nladder: {rungs: [base]}", "there is a list of remedies too"),
        ("recipes: [{model: lightgbm, class_weight: effective, weight_number: 2}]", "below 1; got 2"),
        ("recipes: [{model: lightgbm, training: often}]", "'often' is not known"),
    ],
)
def test_what_is_wrong_is_named(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_experiment_file(SHORT + text)
    assert words in caught.value.message
    assert caught.value.message.startswith("Line")
