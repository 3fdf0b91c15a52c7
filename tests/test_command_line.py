"""The command line gives what the library gives."""

from __future__ import annotations

import shlex
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mlops_lib.__main__ import main
from mlops_lib.data.datasets import list_datasets
from mlops_lib.data.reservoir import sample_file
from mlops_lib.train.experiment_file import read_experiment_file
from mlops_lib.train.experiment_opening import make_experiment
from mlops_lib.train.runs import out_of_fold, run_fingerprint
from mlops_lib.train.training import train
from mlops_lib.workspace.folder import Workspace, open_workspace
from tests.train.small import small_frame

TEXT = """
data: {file: table.csv}
question: {target: left, positive: yes}
recipes:
  - {model: logistic_regression}
  - {model: random_forest, settings: {n_estimators: 10}}
policy: {miss: 5, false_alarm: 1, currency: EUR}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    small_frame().to_csv(tmp_path / "table.csv", index=False)
    path = tmp_path / "experiment.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_run_trains_compares_and_gives_the_same_numbers(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(file), "--workspace", str(tmp_path / "home")]) == 0
    told = capsys.readouterr()
    here = Workspace(tmp_path / "here")
    experiment = make_experiment(here, read_experiment_file(TEXT), tmp_path)
    assert f"Experiment {experiment.fingerprint}" in told.out
    assert "12 of 12 fits" in told.err
    assert "a miss 5 EUR" in told.out
    there = open_workspace(tmp_path / "home")
    for run in train(here, experiment):
        assert run.fingerprint in told.out
        assert (out_of_fold(here, run).score == out_of_fold(there, run).score).all()


def test_a_failed_run_is_told_and_makes_the_exit_code_one(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(TEXT.replace("n_estimators: 10", "n_estimators: -1"), encoding="utf-8")
    assert main(["run", str(file), "--workspace", str(tmp_path / "home"), "--quiet"]) == 1
    assert "failed: random_forest · base" in capsys.readouterr().out


def test_where_every_run_failed_each_reason_is_told(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only = TEXT.replace("  - {model: logistic_regression}\n", "").replace("n_estimators: 10", "n_estimators: -1")
    file.write_text(only, encoding="utf-8")
    assert main(["run", str(file), "--workspace", str(tmp_path / "home"), "--quiet"]) == 1
    told = capsys.readouterr()
    assert "failed: random_forest · base: The fit ended with an error" in told.out
    assert "No run has a result" in told.err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("policy: {best: accuracy}\n", "accuracy"),
        ("register: {model: a/b}\n", "'a/b' holds '/'"),
        ("register: {model: m, recipe: none}\n", "no recipe 'none' to register"),
    ],
)
def test_what_cannot_be_done_in_the_end_is_refused_before_training(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: str, words: str
) -> None:
    text = TEXT if "policy" not in more else TEXT[: TEXT.index("policy")]
    file.write_text(text + more, encoding="utf-8")
    assert main(["run", str(file), "--workspace", str(tmp_path / "home"), "--quiet"]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "home" / "runs").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [("data: [", "no valid YAML"), (TEXT + "speed: 1\n", "field 'speed'"), (TEXT.replace("table", "none"), "none.csv")],
)
def test_what_is_wrong_is_said_without_a_traceback(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    file.write_text(text, encoding="utf-8")
    assert main(["run", str(file), "--workspace", str(tmp_path / "home")]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told


def test_a_sample_of_a_file_is_kept_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out, home = tmp_path / "t.csv", tmp_path / "out.parquet", tmp_path / "home"
    file.write_text("a,b\n" + "".join(f"{k},x{k}\n" for k in range(5000)), encoding="utf-8")
    ask = ["sample", str(file), "--rows", "40", "--seed", "3"]
    assert main([*ask, "--to", str(out)]) == 0
    assert "40 rows of 5,000, 2 columns" in capsys.readouterr().out
    assert main([*ask, "--workspace", str(home)]) == 0
    assert "version 1 of 't, sample': 40 rows of 5,000" in capsys.readouterr().out
    kept = list_datasets(Workspace(home))[0]
    drawn = sample_file(file, "t.csv", 40, 3)
    assert kept.table().equals(drawn.table)
    assert pq.read_table(out).equals(drawn.table)
    assert kept.row_ids().tolist() == drawn.row_ids.tolist()
    assert main([*ask, "--to", str(out)]) == 1
    assert "already" in capsys.readouterr().err
    assert main(["sample", str(tmp_path / "none.csv")]) == 1
    assert "no file" in capsys.readouterr().err


def test_a_query_is_kept_as_the_next_version_of_its_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "shop.db"
    monkeypatch.setenv("FULCRUM_SQL_SHOP", f"sqlite:///{place}")
    ask = ["query", "SHOP", "SELECT * FROM t ORDER BY a", "--workspace", str(tmp_path / "home")]
    for version in (1, 2):
        with sqlite3.connect(place) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS t (a INTEGER, b TEXT)")
            connection.execute("INSERT INTO t VALUES (?, 'x')", (version,))
        connection.close()
        assert main(ask) == 0
        assert f"version {version} of 'shop'" in capsys.readouterr().out
    assert main(["query", "SHOP", "DROP TABLE t"]) == 1
    assert "only a query that reads" in capsys.readouterr().err
    assert main(["query", "NONE", "SELECT 1"]) == 1
    assert "no database 'NONE'" in capsys.readouterr().err


def test_a_missing_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(tmp_path / "nothing.yaml")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_run_in_the_file_is_registered(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    register = "register: {model: left, recipe: logistic_regression · base, alias: champion}\n"
    file.write_text(TEXT + register, encoding="utf-8")
    assert main(["run", str(file), "--workspace", str(tmp_path / "home"), "--quiet"]) == 0
    told = capsys.readouterr().out
    assert "Registered logistic_regression · base as left version 1" in told
    assert "'champion'" in told
    workspace = open_workspace(tmp_path / "home")
    experiment = make_experiment(workspace, read_experiment_file(file.read_text(encoding="utf-8")), tmp_path)
    from mlops_lib.registry.versions import version_at

    assert version_at(workspace, "left").run == run_fingerprint(experiment, experiment.recipes[0])


def test_the_commands_in_the_documents_are_known() -> None:
    from mlops_lib.__main__ import _parser

    text = (Path(__file__).parents[1] / "docs" / "sources.md").read_text(encoding="utf-8")
    commands = [shlex.split(line)[3:] for line in text.splitlines() if line.startswith("python -m mlops_lib")]
    assert [_parser().parse_args(command).do.__name__ for command in commands] == ["_sample", "_query"]
