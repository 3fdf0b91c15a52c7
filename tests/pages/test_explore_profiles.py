"""The part of Explore about time and groups, on employees and on tables without a date or a category."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data.datasets import keep
from mlops_lib.data.profile import propose_columns
from mlops_lib.data.reading import read_table
from mlops_lib.data.splits import plan_split
from mlops_lib.objects.schema import Classes, Number, Question, Schema
from mlops_lib.workspace.folder import Workspace
from tests.pages.conftest import texts
from tests.pages.test_explore import EVIL, Open, figures, part


def made(workspace: Workspace, target: str, question: Question, drop: tuple[str, ...] = ()) -> dict[str, str]:
    """600 rows over two years with a rising share of "Yes", five shops with one far above the others, and a hole."""
    rng = np.random.default_rng(5)
    day = np.sort(np.concatenate((rng.integers(0, 300, 1000), rng.integers(420, 720, 1000))))
    shop = rng.choice([f"shop {i}" for i in range(4)] + [EVIL], 2000)
    yes = rng.random(2000) < 0.1 + 0.3 * day / 720 + 0.3 * (shop == EVIL)
    table = pa.table(
        {
            "day": [str(np.datetime64("2021-01-01") + int(d)) for d in day],
            "shop": shop,
            "size": [f"{v:.2f}" for v in rng.normal(10, 3, 2000)],
            "kind": rng.choice(["a", "b", "c"], 2000),
            "bought": np.where(yes, "Yes", "No"),
        }
    ).drop_columns(list(drop))
    path = workspace.root / "made.csv"
    lines = [table.column_names, *zip(*(table[c].to_pylist() for c in table.column_names), strict=True)]
    path.write_text("\n".join(";".join(line) for line in lines), encoding="utf-8")
    dataset = keep(workspace, read_table(path, "made.csv"), "made", "upload")
    columns = tuple(replace(c, role="target") if c.name == target else c for c in propose_columns(dataset))
    schema = Schema(dataset.fingerprint, columns, question)
    plan = plan_split(dataset, schema)
    return {"dataset": dataset.fingerprint, "schema": workspace.put(schema), "split": workspace.put(plan)}


def box(app: AppTest, key: str) -> object:
    return next(b for b in app.selectbox if b.key and b.key.startswith(key))


def test_a_rising_share_speaks_for_a_time_split(open_app: Open, workspace: Workspace) -> None:
    app = part(open_app("explore", **made(workspace, "bought", Classes("Yes"))), "Time & groups")
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "How often bought is Yes rises over time" in said
    assert "Cochran-Armitage" in said
    assert "choose a time split" in said
    assert "without a row" in said
    drawn = figures(app)[0]
    assert drawn["layout"]["title"]["text"].startswith("Share of Yes by month: ")
    assert drawn["layout"]["shapes"]


def test_the_period_can_be_changed_and_a_column_added(open_app: Open, workspace: Workspace) -> None:
    app = part(open_app("explore", **made(workspace, "bought", Classes("Yes"))), "Time & groups")
    box(app, "explore_period_").set_value("weekday").run()
    assert not app.exception
    assert figures(app)[0]["data"][0]["x"][0] == "Monday"
    for column in ("size", "kind"):
        box(app, "explore_time_column_").set_value(column).run()
        assert not app.exception
        assert column in figures(app)[1]["layout"]["title"]["text"]


def test_a_group_beyond_chance_is_named(open_app: Open, workspace: Workspace) -> None:
    app = part(open_app("explore", **made(workspace, "bought", Classes("Yes"))), "Time & groups")
    app.segmented_control[1].set_value("By group").run()
    assert not app.exception
    said = texts(app)
    assert "2 of 5 groups of shop lie beyond the outer limits" in said.replace("\\", "")
    assert "role 'group'" in said.replace("\\", "")
    assert "![p]" not in said
    assert "<img" not in json.dumps(figures(app))


@pytest.mark.parametrize(("target", "question"), [("kind", Classes(None)), ("size", Number())])
def test_many_classes_and_numbers_have_profiles(
    open_app: Open, workspace: Workspace, target: str, question: Question
) -> None:
    app = part(open_app("explore", **made(workspace, target, question)), "Time & groups")
    assert not app.exception
    assert "chance" in texts(app)
    app.segmented_control[1].set_value("By group").run()
    assert not app.exception
    assert len(figures(app)) == 2


def test_without_dates_and_categories_it_says_what_is_missing(open_app: Open, workspace: Workspace) -> None:
    app = part(
        open_app("explore", **made(workspace, "bought", Classes("Yes"), ("day", "shop", "kind"))), "Time & groups"
    )
    assert not app.exception
    assert "neither a date nor a category" in app.info[0].value
    assert not figures(app)
