"""Hypotheses: confirmed, rejected or open, each for its reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, kruskal

from mlops_lib.data.confirm import confirm_schema
from mlops_lib.data.datasets import keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.reading import ReadTable
from mlops_lib.data.splits import plan_split
from mlops_lib.explore.hypotheses import Judged, judge_hypotheses
from mlops_lib.objects.charter import Hypothesis
from mlops_lib.objects.dataset import Reading, ReadingOptions
from mlops_lib.objects.schema import Classes, Column, Number
from mlops_lib.stats.multiple import holm
from mlops_lib.workspace.folder import open_workspace


@pytest.fixture
def asked(tmp_path):
    """judge(question, *hypotheses) on 2,000 rows in which overtime and age go with leaving and noise does not."""
    import pyarrow as pa

    rng = np.random.default_rng(3)
    n = 2000
    overtime = rng.random(n) < 0.3
    age = rng.normal(40, 9, n)
    risk = 1 / (1 + np.exp(-(-1.8 + 1.6 * overtime - 0.08 * (age - 40))))
    frame = pd.DataFrame({
        "overtime": np.where(overtime, "Yes", "No"), "age": age, "noise": rng.normal(size=n),
        "grade": rng.choice(["a", "b", "c"], n), "same": ["x"] * n,
        "left": np.where(rng.random(n) < risk, "Yes", "No"),
    })  # fmt: skip
    frame["pay"] = 1000 + 20 * age + rng.normal(0, 100, n)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    reading = Reading("CSV", ReadingOptions(), n, n)
    dataset = keep(open_workspace(tmp_path), ReadTable(table, reading), "people.csv", "test")

    def judge(target: str, *hypotheses: Hypothesis) -> tuple[Judged, ...]:
        columns = [
            Column(c.name, c.kind, "target" if c.name == target else "feature" if c.kind != "constant" else "ignored")
            for c in propose_columns(dataset)
        ]
        schema = confirm_schema(dataset, columns, Classes("Yes") if target == "left" else Number())
        plan = plan_split(dataset, schema, 5, 0.25, 0)
        judge.rows = plan.training_rows()
        judge.frame = frame.iloc[judge.rows]
        return judge_hypotheses(dataset, schema, plan, hypotheses)

    return judge


def test_confirmed_with_scipys_p_adjusted(asked) -> None:
    overtime, age = asked(
        "left",
        Hypothesis("Overtime drives people away.", "overtime", "higher", "Yes"),
        Hypothesis("The young leave.", "age", "lower"),
    )
    assert (overtime.status, age.status) == ("confirmed", "confirmed")
    frame = asked.frame
    p = chi2_contingency(pd.crosstab(frame["overtime"], frame["left"]), correction=False).pvalue
    other = kruskal(*(group for _, group in frame.groupby("left")["age"])).pvalue
    assert [overtime.p_holm, age.p_holm] == pytest.approx(holm(np.array([p, other])).tolist(), rel=1e-9)
    there = (frame.loc[frame["overtime"] == "Yes", "left"] == "Yes").mean()
    assert f"left is 'Yes' in {100 * there:.1f} % where overtime is 'Yes'" in overtime.why
    assert "the median is" in age.why
    assert overtime.n == len(frame)


def test_rejected_where_it_goes_the_other_way(asked) -> None:
    (judged,) = asked("left", Hypothesis("The old leave.", "age", "higher"))
    assert judged.status == "rejected"
    assert judged.why.startswith("It goes the other way; ")


def test_rejected_where_the_effect_is_ruled_out(asked) -> None:
    (judged,) = asked("left", Hypothesis("Noise matters.", "noise", min_effect=0.2))
    assert judged.status == "rejected"
    assert judged.why.startswith("An effect of 0.200 or more is ruled out; ")
    assert judged.high < 0.2


def test_open_where_the_rows_cannot_tell(asked) -> None:
    (judged,) = asked("left", Hypothesis("Noise matters a little.", "noise", min_effect=0.001))
    assert judged.status == "open"
    assert judged.why.startswith("These rows cannot tell; ")


@pytest.mark.parametrize(
    ("hypothesis", "why"),
    [
        (Hypothesis("Managers matter."), "It is not bound to a column."),
        (Hypothesis("Same matters.", "same"), "'same' is not a feature of this table."),
        (Hypothesis("Grades matter.", "grade", "higher"), "Say which label of 'grade' is meant."),
        (Hypothesis("Grade z leaves.", "grade", "higher", "z"), "'grade' has no label 'z' in these rows."),
    ],
)
def test_open_without_a_test(asked, hypothesis: Hypothesis, why: str) -> None:
    (judged,) = asked("left", hypothesis)
    assert (judged.status, judged.why) == ("open", why)
    assert np.isnan(judged.p_holm)


def test_a_number_as_target(asked) -> None:
    judged = asked(
        "pay",
        Hypothesis("Pay rises with age.", "age", "higher"),
        Hypothesis("Pay falls with age.", "age", "lower"),
        Hypothesis("Overtime is paid.", "overtime", "higher", "Yes", 0.2),
    )
    assert [j.status for j in judged] == ["confirmed", "rejected", "rejected"]
