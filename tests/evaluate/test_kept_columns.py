"""How often each column survived the selection rule of a trained run."""

from dataclasses import replace

import pytest

from mlops_lib.evaluate.kept_columns import kept_columns, shown_kept
from mlops_lib.objects.recipe import Selection, Treatment
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace
from tests.evaluate.scored import a_run
from tests.train.small import keep_frame, small_frame


def run_with(*kept_by_fold, kept=("pay", "site"), **recipe):
    run = a_run(rung="selection")
    return replace(run, recipe=replace(run.recipe, **recipe), kept=kept, kept_by_fold=kept_by_fold)


def test_every_column_is_counted_over_the_folds():
    run = run_with(("pay", "site"), ("pay",), ("noise", "pay"))
    found = kept_columns(run, ("site", "noise", "day", "pay"))
    assert found.table["feature"].tolist() == ["pay", "site", "noise", "day"]
    assert found.table["kept"].tolist() == [3, 1, 1, 0]
    assert found.table["in_model"].tolist() == [True, True, False, False]
    assert (found.always, found.never, found.folds) == (1, 1, 3)
    assert found.sentence == (
        "Logistic regression · selection keeps 2 of 4 columns (p (Benjamini-Hochberg) ≤ 0.05, effect ≥ 0). Chosen anew "
        "in each of 3 folds: all keep 1 and leave out 1; they disagree on 2."
    )
    assert shown_kept(found)["Kept in folds"].tolist() == ["3 of 3", "1 of 3", "1 of 3", "0 of 3"]


def test_a_run_without_a_rule_has_nothing_to_survive():
    assert kept_columns(a_run(), ("pay",)) is None


def test_a_column_that_a_treatment_drops_was_not_offered():
    run = run_with(("pay",), ("pay",), kept=("pay",), treatments=(Treatment("day", "drop"),))
    found = kept_columns(run, ("pay", "day"))
    assert found.table["feature"].tolist() == ["pay"]
    assert found.sentence.endswith("all keep 1 and leave out 0; they agree on every column.")


@pytest.mark.parametrize(
    ("rule", "gone"),
    [
        (Selection(max_p=0.01), {"noise", "day"}),
        (Selection(max_p=0.01, adjust="holm"), {"noise", "day"}),
        (Selection(max_p=1.0, min_effect=0.15), {"noise"}),
        (Selection(max_p=1.0, max_correlation=0.9), {"twin"}),
        (Selection(max_p=1.0, max_vif=5.0), set()),
    ],
)
def test_every_kind_of_rule_chooses_inside_the_folds(tmp_path, rule, gone):
    frame = small_frame()
    frame["twin"] = frame["pay"].fillna(3000) + 40 * frame["noise"]
    small = keep_frame(Workspace(tmp_path), frame, folds=2)
    recipe = replace(a_run(rung="selection").recipe, selection=rule)
    (run,) = train(small.workspace, small.experiment(recipe))
    assert run.failure is None
    found = kept_columns(run, small.schema.features())
    assert found.folds == len(run.kept_by_fold) == 2
    often = dict(zip(found.table["feature"], found.table["kept"], strict=True))
    assert all(often[name] < 2 for name in gone), often
    assert often["pay"] + often["twin"] >= 2
    assert all(len(kept) < len(often) for kept in run.kept_by_fold)


def test_the_limits_of_a_rule_are_said():
    rule = Selection(max_p=0.01, min_effect=0.1, max_vif=10, adjust="holm", max_correlation=0.9)
    assert rule.said == "p (Holm) ≤ 0.01, effect ≥ 0.1, correlation ≤ 0.9, VIF ≤ 10"
