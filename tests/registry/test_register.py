"""A registered version answers as the page does, from wherever it is loaded."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.metadata import version as installed
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from mlops_lib.data.datasets import keep_upload, open_dataset, read_and_keep
from mlops_lib.data.derive import derive, operation
from mlops_lib.data.prevalence import true_prevalence
from mlops_lib.data.splits import plan_split
from mlops_lib.data.uses import ModelUse, uses
from mlops_lib.objects.decision import Decision
from mlops_lib.objects.errors import InputError, NotFoundError, NotPossibleError, NotTrustedError
from mlops_lib.objects.recipe import Model, Recipe
from mlops_lib.objects.schema import Classes, Column, Schema
from mlops_lib.objects.version import Candidate, Version
from mlops_lib.registry import ledger
from mlops_lib.registry.packing import TRAVELLING, pack
from mlops_lib.registry.register import register
from mlops_lib.registry.settings import open_client, tracking_uri
from mlops_lib.registry.trained_on import note_earlier_models
from mlops_lib.registry.versions import (
    compare_versions,
    fetch_files,
    go_back,
    list_models,
    list_versions,
    open_version,
    set_alias,
    version_at,
)
from mlops_lib.serve.scorer import score_table
from mlops_lib.train.experiment_opening import new_experiment
from mlops_lib.train.runs import load_fitted
from mlops_lib.train.scores import score
from mlops_lib.train.training import train
from mlops_lib.workspace.database import database, model_uses
from mlops_lib.workspace.folder import open_workspace
from tests.trained import KINDS, SMALL, Trained, csv, people, trained

CARD = {"model_card.html": "<!doctype html><p>card</p>", "model_card.md": "# card"}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trained:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return trained(tmp_path / "home")


def registered(made: Trained, name: str = "logistic_regression", model: str = "people") -> Version:
    return register(made.workspace, Candidate(made.runs[name], made.decision(name)), model, CARD, who="ann", why="test")


def test_versions_of_an_older_workspace_are_noted_as_uses_of_their_table(made: Trained) -> None:
    version = registered(made)
    with database(made.workspace).begin() as connection:
        connection.execute(sa.delete(model_uses))
    ledger.write(made.workspace, "gone", ledger.REGISTERED, who="ann", after=1)
    assert note_earlier_models(made.workspace) == 1
    assert note_earlier_models(made.workspace) == 0
    dataset = made.runs["logistic_regression"].dataset
    assert uses(made.workspace, dataset).models == (ModelUse("people", version.number, version.run),)


def test_a_version_keeps_its_parents_its_run_and_its_numbers(made: Trained) -> None:
    run, version = made.runs["logistic_regression"], registered(made)
    assert (version.name, version.number, version.uri) == ("people", 1, "models:/people/1")
    assert version.run == run.fingerprint
    assert version.decision == made.decision()
    used = uses(made.workspace, run.dataset)
    assert used.models == (ModelUse("people", 1, run.fingerprint),)
    assert run.fingerprint in used.runs
    tags = dict(version.tags)
    assert [tags[f"fulcrum.{t}"] for t in ("dataset", "schema", "split", "recipe")] == [
        run.dataset, run.schema, run.split, run.recipe.fingerprint
    ]  # fmt: skip
    assert dict(version.parameters)["model"] == "logistic_regression"
    assert {"roc_auc", "precision_at_threshold"} <= set(dict(version.metrics))
    recorded = open_client(made.workspace).get_run(version.mlflow_run)
    assert recorded.data.tags["fulcrum.run"] == run.fingerprint
    assert recorded.outputs.model_outputs, "the MLflow run links to the model"
    (entry,) = ledger.entries(made.workspace, "people")
    assert (entry.what, entry.who, entry.why, entry.after, entry.digest) == (
        "registered",
        "ann",
        "test",
        1,
        version.digest,
    )


def test_what_is_stored_beside_the_model(made: Trained, tmp_path: Path) -> None:
    version = registered(made, "lightgbm")
    files = fetch_files(made.workspace, version, tmp_path / "fetched")
    model = (files / "MLmodel").read_text()
    assert "python_model.pkl" not in model
    assert not list(files.rglob("*.pkl"))
    assert (files / "artifacts" / "model_card.html").read_text() == CARD["model_card.html"]
    assert json.loads((files / "artifacts" / "decision.json").read_text())["threshold"] == version.decision.threshold
    assert json.loads((files / "input_example.json").read_text())["columns"] == list(KINDS)
    names = ("mlflow", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "skops", "lightgbm")
    assert set((files / "requirements.txt").read_text().split()) == {f"{n}=={installed(n)}" for n in names}
    travelled = {f.relative_to(files / "code" / "mlops_lib").as_posix() for f in (files / "code").rglob("*.py")}
    assert {p for p in travelled if p.startswith("train/")} == {
        "train/__init__.py",
        "train/anomaly.py",
        "train/objectives.py",
        "train/rule_steps.py",
        "train/scores.py",
        "train/steps.py",
    }
    assert (
        {p.split("/")[0] for p in travelled}
        == {"__init__.py", "objects", "train"}
        == {p.split("/")[0] for p in TRAVELLING}
    )


def test_only_the_columns_that_the_model_uses_are_asked_for(made: Trained) -> None:
    contract = pack(made.workspace, Candidate(made.runs["weights"], made.decision("weights"))).contract
    used = [c.name for c in contract.columns]
    assert set(used) == set(made.runs["weights"].kept)
    assert len(used) < 6
    dept = next(c for c in contract.columns if c.name == "dept")
    assert dept.categorical
    assert dept.levels == ("HR", "R&D", "Sales")


LOAD = """
import json, sys
import mlflow, numpy as np, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model(sys.argv[2])
rows = pd.read_csv(sys.argv[3])
whole = model.predict(rows)
pieces = pd.concat([model.predict(rows.iloc[i : i + int(sys.argv[5])]) for i in range(0, len(rows), int(sys.argv[5]))])
np.savez(sys.argv[4], whole=whole["probability"], pieces=pieces["probability"], yes=whole["decision"] == "Yes",
         pieces_yes=pieces["decision"] == "Yes", threshold=whole["threshold"])
ours = sys.modules["mlops_lib"].__file__
foreign = [m for m in ("streamlit", "shap", "imblearn", "plotly") if m in sys.modules]
print(json.dumps({"code": ours, "foreign": foreign, "columns": list(whole.columns)}))
"""


def proof(made: Trained, python: Path, name: str, folder: Path, environment: dict[str, str]) -> dict[str, object]:
    """Load the champion in another interpreter, in an empty folder, and hold its answers against the page's path."""
    set_alias(made.workspace, "people", registered(made, name).number)
    decision = made.decision(name)
    rows = folder / "rows.csv"
    rows.write_bytes(csv(people(1_000, seed=5).drop(columns="left")))
    empty = folder / "empty"
    empty.mkdir()
    command = [
        str(python),
        "-c",
        LOAD,
        tracking_uri(made.workspace),
        "models:/people@champion",
        str(rows),
        str(folder / "out.npz"),
        "7",
    ]
    done = subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    raw = pd.read_csv(rows)
    numbers = raw.select_dtypes("int64").columns
    _, page = score(load_fitted(made.workspace, made.runs[name]), raw.astype(dict.fromkeys(numbers, "float64")))
    with np.load(folder / "out.npz") as out:
        np.testing.assert_array_equal(out["whole"], page)
        np.testing.assert_array_equal(out["yes"], page >= decision.threshold)
        np.testing.assert_allclose(out["pieces"], page, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(out["pieces_yes"], out["yes"])
        assert set(out["threshold"]) == {decision.threshold}
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    assert str(made.workspace.root) in str(told["code"]), "the code comes with the model, not from the repository"
    assert told["foreign"] == []
    assert told["columns"] == ["probability", "decision", "threshold"]
    return told


BARE = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "LANG": "C.UTF-8",
}


@pytest.mark.parametrize("name", ["logistic_regression", "hist_gradient_boosting", "weights"])
def test_another_process_in_an_empty_folder_gives_the_same_answers(made: Trained, tmp_path: Path, name: str) -> None:
    proof(made, Path(sys.executable), name, tmp_path, BARE)


def corrected(root: Path) -> Trained:
    """A run on a sample with nine positives in ten, corrected to the parent's share."""
    workspace = open_workspace(root)
    parent = read_and_keep(workspace, keep_upload(workspace, csv(people(6_000, seed=1))), "people.csv")
    drawn = operation("sample", seed=0, method="stratified", column="left", allocation="given",
                      numbers=("Yes", "900", "No", "100"))  # fmt: skip
    sample = derive(workspace, parent, drawn)
    columns = [Column("id", "identifier", "ignored"), *(Column(n, k, "feature") for n, k in KINDS.items())]  # type: ignore[arg-type]
    schema = Schema(sample.fingerprint, (*columns, Column("left", "categorical", "target")), Classes("Yes"))
    plan = plan_split(sample, schema, folds=3)
    workspace.put(schema)
    workspace.put(plan)
    recipe = Recipe(Model("logistic_regression"), calibration="sigmoid")
    experiment = new_experiment(plan, (recipe,), prevalence=true_prevalence(workspace, sample, schema))
    workspace.put(experiment)
    (run,) = train(workspace, experiment)
    return Trained(workspace, experiment, {"corrected": run})


def test_a_corrected_run_is_served_with_the_probabilities_of_the_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    made = corrected(tmp_path / "home")
    run, decision = made.runs["corrected"], made.decision("corrected")
    assert run.calibrator.odds < 0.2
    proof(made, Path(sys.executable), "corrected", tmp_path, BARE)
    version = version_at(made.workspace, "people", "champion")
    assert version is not None
    assert dict(version.parameters)["odds_corrected_by"] == f"{run.calibrator.odds:.6g}"
    fresh = people(4_000, seed=2)
    scored = score_table(made.workspace, version, fresh.drop(columns="left"))
    answers = scored.answers["probability"].to_numpy()
    assert answers.mean() == pytest.approx((fresh["left"] == "Yes").mean(), abs=0.03)
    raw, _ = score(load_fitted(made.workspace, run), fresh)
    assert raw.mean() > answers.mean() + 0.3, "without the correction they would be those of the sample"
    assert scored.alarms == int((answers >= decision.threshold).sum())
    assert 0 < scored.alarms < len(fresh)


@pytest.mark.slow
def test_a_new_environment_from_the_versions_requirements_gives_the_same_answers(made: Trained, tmp_path: Path) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        pytest.skip("uv is not installed, and pip takes minutes to make the environment")
    files = fetch_files(made.workspace, registered(made, "lightgbm", "first"), tmp_path / "fetched")
    python = tmp_path / "venv" / "bin" / "python"
    for command in (["venv", str(tmp_path / "venv"), "--python", sys.executable],
                    ["pip", "install", "--python", str(python), "-r", str(files / "requirements.txt")]):  # fmt: skip
        done = subprocess.run([uv, *command], capture_output=True, text=True, timeout=280, check=False)
        if done.returncode != 0 and "pip" in command:
            pytest.skip(f"the packages could not be had: {done.stderr[-300:]}")
        assert done.returncode == 0, done.stderr
    (tmp_path / "proof").mkdir()
    proof(made, python, "lightgbm", tmp_path / "proof", BARE)


@pytest.mark.parametrize("name", SMALL)
def test_every_model_can_be_stored_and_read_with_our_list(made: Trained, tmp_path: Path, name: str) -> None:
    version = registered(made, name)
    from mlops_lib.train.scores import load_model

    model = load_model(fetch_files(made.workspace, version, tmp_path / "fetched") / "artifacts" / "model")
    frame = open_dataset(made.workspace, made.experiment.dataset).frame()
    np.testing.assert_array_equal(score(model, frame)[1], score(load_fitted(made.workspace, made.runs[name]), frame)[1])


def test_a_changed_file_is_not_trusted(made: Trained, tmp_path: Path) -> None:
    version = registered(made)
    (stored,) = (made.workspace.root / "mlflow" / "artifacts").rglob("model.json")
    stored.write_text(stored.read_text().replace("sigmoid", "none") + " ")
    with pytest.raises(NotTrustedError, match="not those that were registered"):
        fetch_files(made.workspace, version, tmp_path / "fetched")


def test_a_version_of_another_workspace_is_listed_and_not_loaded(
    made: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(made)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_uri(made.workspace))
    other = trained(tmp_path / "other").workspace
    (seen,) = list_versions(other, "people").versions
    assert seen.digest == ""
    with pytest.raises(NotTrustedError, match="did not register"):
        fetch_files(other, seen, tmp_path / "fetched")


def test_a_decision_of_another_run_is_refused(made: Trained) -> None:
    with pytest.raises(NotPossibleError, match="another run"):
        register(made.workspace, Candidate(made.runs["lightgbm"], made.decision("random_forest")), "people", CARD)
    assert list_models(made.workspace) == ()


def test_aliases_move_and_go_back_by_the_ledger(made: Trained) -> None:
    workspace = made.workspace
    for name in ("logistic_regression", "lightgbm", "weights"):
        registered(made, name)
    with pytest.raises(NotFoundError, match="no version called 'champion'"):
        version_at(workspace, "people")
    set_alias(workspace, "people", 1, who="ann", why="first")
    set_alias(workspace, "people", 3, who="bob", why="cheaper")
    assert version_at(workspace, "people").number == 3
    with pytest.raises(InputError, match="points at version 3 already"):
        set_alias(workspace, "people", 3)
    with pytest.raises(NotFoundError, match="no version 9"):
        set_alias(workspace, "people", 9)
    entry = go_back(workspace, "people", who="ann", why="too many alarms")
    assert (entry.before, entry.after) == (3, 1)
    assert version_at(workspace, "people").number == 1
    with pytest.raises(NotFoundError, match="no earlier version"):
        go_back(workspace, "people")
    page = list_versions(workspace, "people")
    assert [(v.number, v.aliases) for v in page.versions] == [(3, ()), (2, ()), (1, ("champion",))]
    assert page.champion == 1


def test_versions_come_a_page_at_a_time_newest_first(made: Trained) -> None:
    for name in ("logistic_regression", "lightgbm", "weights"):
        registered(made, name)
    first = list_versions(made.workspace, "people", page_size=2)
    second = list_versions(made.workspace, "people", page_size=2, following=first.following)
    assert [v.number for v in (*first.versions, *second.versions)] == [3, 2, 1]
    assert first.following
    assert not second.following


def test_two_versions_are_compared_in_what_differs(made: Trained) -> None:
    first, second = registered(made), registered(made, "weights")
    compared = compare_versions(first, second)
    parameters = compared.parameters.set_index("what")
    assert not parameters.loc["class_weight", "same"]
    assert parameters.loc["seed", "same"]
    facts = compared.facts.set_index("what")
    assert facts.loc["dataset", "same"]
    assert not facts.loc["recipe", "same"]
    assert float(facts.loc["threshold", "second"]) == second.decision.threshold


def test_a_version_that_others_made_is_counted_and_not_shown(made: Trained) -> None:
    registered(made)
    client = open_client(made.workspace)
    client.create_model_version("people", source=str(made.workspace.root), run_id=None)
    page = list_versions(made.workspace, "people")
    assert ([v.number for v in page.versions], page.foreign) == ([1], 1)
    with pytest.raises(NotFoundError, match="not made by Fulcrum"):
        open_version(made.workspace, "people", 2)


def test_names_with_quotes_and_korean_are_found_again(made: Trained) -> None:
    name = "Ann's 이직 model"
    assert registered(made, model=name).number == 1
    assert [v.name for v in list_versions(made.workspace, name).versions] == [name]


def test_the_decision_can_be_opened_again(made: Trained) -> None:
    version = registered(made)
    assert made.workspace.get(Decision, version.decision.fingerprint) == version.decision
