"""Experiments as YAML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.decision import AtLeast, Best, Capacity, Cost, Fixed, Policy
from mlops_lib.objects.errors import FulcrumError, InputError
from mlops_lib.objects.recipe import Model, Recipe, Sampler, Selection, Treatment
from mlops_lib.objects.schema import Above, Classes, Schema
from mlops_lib.objects.split import SplitPlan
from mlops_lib.train.experiment_file import Registration, read_experiment_file
from mlops_lib.train.experiment_opening import describe_experiment, make_experiment
from mlops_lib.train.experiment_writing import write_experiment_file
from mlops_lib.train.ladder import Ladder
from mlops_lib.workspace.folder import Workspace
from tests.train.small import Small, small_frame

SHORT = """
data: {file: table.csv}
question: {target: left, positive: Yes}
"""


def test_the_shortest_file_is_the_whole_ladder() -> None:
    file = read_experiment_file(SHORT)
    assert len(file.recipes) == 21
    assert file.question == Classes("Yes")
    assert (file.folds, file.hold_out, file.seed, file.policy) == (5, 0.25, 0, Best("f1"))


def test_recipes_may_be_listed() -> None:
    file = read_experiment_file(
        SHORT
        + """
recipes:
  - model: random_forest
    rung: mine
    settings: {n_estimators: 50, max_depth: 4}
    treatments: [{column: pay, action: clip}, {column: 1, action: log, why: skewed}]
    selection: {max_p: 0.1, max_vif: 5, max_correlation: 0.9, adjust: holm, keep: [pay], seen: training rows}
    sampler: {name: smote, k_neighbors: 3}
    calibration: sigmoid
  - {model: lightgbm, class_weight: balanced, scale: false}
"""
    )
    first, second = file.recipes
    assert first == Recipe(
        Model("random_forest", (("max_depth", 4), ("n_estimators", 50))),
        rung="mine",
        treatments=(Treatment("pay", "clip"), Treatment("1", "log", "skewed")),
        selection=Selection(
            max_p=0.1, max_vif=5.0, keep=("pay",), seen="training rows", adjust="holm", max_correlation=0.9
        ),
        sampler=Sampler("smote", (("k_neighbors", 3),)),
        calibration="sigmoid",
    )
    assert second == Recipe(Model("lightgbm"), class_weight="balanced", scale=False, calibration="sigmoid")


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("{best: mcc}", Best("mcc")),
        ("{miss: 10, false_alarm: 1.5, currency: EUR}", Cost(10, 1.5, "EUR")),
        ("{alerts: 100, out_of: 1000}", Capacity(100, 1000)),
        ("{metric: recall, minimum: 0.8}", AtLeast("recall", 0.8)),
        ("{threshold: 0.3}", Fixed(0.3)),
    ],
)
def test_every_policy_can_be_written(text: str, policy: Policy) -> None:
    assert read_experiment_file(f"{SHORT}policy: {text}\n").policy == policy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data: [", "line 1"),
        ("- 1", "holds no fields"),
        ("data: {file: a.csv}", "field 'question': it is missing"),
        (SHORT + "speed: 9", "Line 4, field 'speed': there is no such field"),
        (SHORT + "seed: many", "Line 4, field 'seed': 'many' is not a whole number"),
        (SHORT + "split:\n  folds: 5\n  hold: 0.2", "Line 6, field 'split.hold': there is no such field"),
        (SHORT + "ladder: {selection: {adjust: sidak}}", "field 'ladder.selection.adjust': 'sidak' is not known"),
        (SHORT + "recipes:\n  - model: oracle", "Line 5, field 'recipes[1].model': 'oracle' is not known"),
        (SHORT + "recipes:\n  - model: lightgbm\n    settings: {trees: 4}", "has no setting 'trees'"),
        (SHORT + "recipes: [{model: lightgbm, sampler: smote, class_weight: balanced}]", "class weights"),
        (SHORT + "recipes: [{model: lightgbm, sampler: {name: smote, k: 2}}]", "no setting 'k'"),
        (SHORT + "ladder: {rungs: [base, attic]}", "Line 4, field 'ladder.rungs': 'attic' is not known"),
        (SHORT + "ladder: {calibrations: {attic: none}}", "field 'ladder.calibrations.attic'"),
        (SHORT + "ladder: {}\nrecipes: [{model: lightgbm}]", "there is a ladder too"),
        (SHORT + "columns:\n  pay: fruit feature", "Line 5, field 'columns.pay': 'fruit feature' is no kind and role"),
        (SHORT + "? [seed, folds]\n: 1", "Line 4: the name of a field is a list or a mapping"),
        (SHORT + "seed: 1\nseed: 2", "Line 5: the field 'seed' is there twice"),
        ("data: {file: a}\nquestion: {target: y}", "say one of three"),
        ("data: {file: a}\nquestion: {target: y, as: fruit}", "field 'question.as': 'fruit' is not known"),
        ("data: {file: a}\nquestion: {target: y, as: number}\nremedies: {}", "two answers"),
        ("data: {}\nquestion: {target: y, above: 3}", "field 'data.file': it is missing"),
        ("data: {file: a}\nquestion: {target: y, above: x}", "'x' is not a number"),
    ],
)
def test_complaints_name_the_line_and_the_field(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_experiment_file(text)
    assert words in caught.value.message


def test_how_a_table_is_read_survives_the_way_through_a_file() -> None:
    options = ReadingOptions(
        encoding="cp1252",
        header=True,
        header_row=3,
        comment="",
        thousands=".",
        missing=("?",),
        number_columns=("a", "b"),
        date_columns=("c",),
        day_first=("c",),
        month_first=("d",),
    )
    file = read_experiment_file("data: {file: a.csv}\nquestion: {target: y, positive: Yes}")
    told = write_experiment_file(replace(file, data=replace(file.data, options=options)))
    assert read_experiment_file(told).data.options == options


@pytest.mark.parametrize(
    "ladder",
    [
        Ladder(),
        Ladder(
            treatments=(
                Treatment("pay", "clip", "outliers"),
                Treatment("pay", "as_missing", "codes", ("-999", "98")),
                Treatment("site", "merge", values=("yes ", "YES", "1"), into="Yes"),
                Treatment("site", "lump"),
            ),
            selection=Selection(0.01, 0.1, 5.0, ("pay",), ("noise",), "training rows", "holm"),
            models=("lightgbm", "logistic_regression"),
            rungs=("base", "sampling"),
            sampler=Sampler("smote", (("k_neighbors", 2),)),
            calibrations=(("base", "sigmoid"),),
        ),
    ],
)
@pytest.mark.parametrize("as_ladder", [True, False])
def test_an_experiment_survives_the_way_through_a_file(small: Small, ladder: Ladder, as_ladder: bool) -> None:
    experiment = small.experiment(*ladder.recipes(), seed=3)
    register = Registration("left", "lightgbm · base", "champion")
    described = describe_experiment(
        small.workspace, experiment, ladder if as_ladder else None, Cost(10, 1, "EUR"), register
    )
    text = write_experiment_file(described)
    assert ("ladder:" in text) == as_ladder
    file = read_experiment_file(text)
    assert file.policy == Cost(10, 1, "EUR")
    assert file.register == register
    assert make_experiment(small.workspace, file, Path()).fingerprint == experiment.fingerprint


def test_another_workspace_reads_the_file_beside_it(small: Small, tmp_path: Path) -> None:
    experiment = small.experiment(*Ladder().recipes())
    text = write_experiment_file(describe_experiment(small.workspace, experiment, Ladder()))
    small_frame().to_parquet(tmp_path / "frame.parquet", index=False)
    elsewhere = Workspace(tmp_path / "other")
    made = make_experiment(elsewhere, read_experiment_file(text), tmp_path)
    assert made.fingerprint == experiment.fingerprint
    assert elsewhere.get(SplitPlan, made.split).fingerprint == small.plan.fingerprint
    small_frame(seed=8).to_parquet(tmp_path / "frame.parquet", index=False)
    with pytest.raises(InputError, match="and the experiment was made with"):
        make_experiment(Workspace(tmp_path / "third"), read_experiment_file(text), tmp_path)


def test_columns_not_listed_are_as_proposed(tmp_path: Path) -> None:
    small_frame().to_csv(tmp_path / "table.csv", index=False)
    text = "data: {file: table.csv}\nquestion: {target: left, positive: yes}\ncolumns: {noise: numeric ignored}\n"
    workspace = Workspace(tmp_path / "home")
    experiment = make_experiment(workspace, read_experiment_file(text), tmp_path)
    schema = workspace.get(Schema, experiment.schema)
    assert schema.features() == ("pay", "site", "day")
    assert schema.target == "left"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("columns: {salary: numeric feature}", "no column 'salary'"),
        ("columns: {pay: numeric target}", "is marked as target"),
        ("columns: {site: numeric feature}", "holds text, so its kind cannot be 'numeric'"),
        ("reference: oracle", "is none of the recipes"),
    ],
)
def test_files_that_do_not_fit_the_table_are_refused(tmp_path: Path, change: str, words: str) -> None:
    small_frame().to_csv(tmp_path / "table.csv", index=False)
    text = f"data: {{file: table.csv}}\nquestion: {{target: left, positive: yes}}\n{change}\n"
    with pytest.raises(FulcrumError, match=words):
        make_experiment(Workspace(tmp_path / "home"), read_experiment_file(text), tmp_path)


def test_a_number_as_a_question(tmp_path: Path) -> None:
    small_frame().to_csv(tmp_path / "table.csv", index=False)
    text = "data: {file: table.csv}\nquestion: {target: pay, above: 3000}\n"
    workspace = Workspace(tmp_path / "home")
    experiment = make_experiment(workspace, read_experiment_file(text), tmp_path)
    assert workspace.get(Schema, experiment.schema).question == Above(3000.0)


@pytest.mark.parametrize(("target", "kind"), [("site", "classes"), ("pay", "number")])
def test_a_target_as_it_is_survives_the_way_through_a_file(tmp_path: Path, target: str, kind: str) -> None:
    small_frame().to_csv(tmp_path / "table.csv", index=False)
    text = (
        f"data: {{file: table.csv}}\nquestion: {{target: {target}, as: {kind}}}\nladder: {{rungs: [nothing, base]}}\n"
    )
    workspace, file = Workspace(tmp_path / "home"), read_experiment_file(text)
    experiment = make_experiment(workspace, file, tmp_path)
    written = write_experiment_file(describe_experiment(workspace, experiment, file.ladder))
    assert f"as: {kind}" in written
    assert "ladder:" in written
    assert make_experiment(workspace, read_experiment_file(written), tmp_path).fingerprint == experiment.fingerprint
    models = {recipe.model.name for recipe in experiment.recipes}
    assert ("ridge" in models, "logistic_regression" in models) == (kind == "number", kind == "classes")
