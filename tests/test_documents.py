"""What the documents show can be run as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlops_lib.objects.dataset import Dataset
from mlops_lib.train.experiment_file import read_experiment_file
from mlops_lib.train.remedy_ladder import REMEDIES, RemedyLadder

ROOT = Path(__file__).resolve().parents[1]


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_notebook_lines_of_the_readme_read_the_sample(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("FULCRUM_HOME", str(tmp_path))
    (lines,) = blocks("README.md", "python")
    made: dict[str, object] = {}
    exec(lines, made)
    employees = made["employees"]
    assert isinstance(employees, Dataset)
    assert employees.rows == 3_000


def test_the_experiment_files_that_are_shown_can_be_read() -> None:
    shortest, whole, recipes, remedies = blocks("docs/experiment-file.md", "yaml")
    assert len(read_experiment_file(shortest).recipes) == 21
    file = read_experiment_file(whole)
    assert file.register is not None
    assert {file.reference, file.register.recipe} <= {recipe.name for recipe in file.recipes}
    assert [recipe.rung for recipe in read_experiment_file(shortest + recipes).recipes] == ["deep"]
    ladder = read_experiment_file(shortest + remedies).ladder
    assert isinstance(ladder, RemedyLadder)
    assert set(ladder.remedies) == set(REMEDIES)
