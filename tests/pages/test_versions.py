"""Versions: an upload is offered as the next one, each has its facts, and removing can be taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data.catalogue import add_version, list_tables, version_of, versions_of
from mlops_lib.data.datasets import TO_SCORE, describe, keep_upload, list_datasets, open_dataset, read_and_keep
from mlops_lib.data.removal import remove
from mlops_lib.data.samples import load_sample
from mlops_lib.data.uses import note_model
from mlops_lib.objects.catalogue import TableVersion
from mlops_lib.objects.dataset import Dataset, Operation
from mlops_lib.objects.schema import Schema
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import find_view
from tests.pages.conftest import texts

OpenApp = Callable[..., AppTest]


def people(rows: int = 200, seed: int = 0, raised: float = 1.0, more: str = "") -> bytes:
    rng = np.random.default_rng(seed)
    pay, dept = rng.normal(3000, 300, rows) * raised, rng.choice(["sales", "it"], rows)
    left = np.where(rng.random(rows) < 0.3, "Yes", "No")
    lines = [f"{1000 + k},{pay[k]:.2f},{dept[k]},{left[k]}{more}" for k in range(rows)]
    head = "employee_id,pay,dept,left" + (",extra" if more else "")
    return "\n".join([head, *lines, ""]).encode()


@pytest.fixture
def upload(do_jobs: Callable[[], int]) -> Callable[[AppTest, bytes, str], AppTest]:
    def upload(app: AppTest, content: bytes, name: str) -> AppTest:
        app.get_by_key("data_upload").upload(name, content).run()
        do_jobs()
        return app.run()

    return upload


def said(app: AppTest) -> str:
    assert not app.exception
    assert "Something went wrong" not in texts(app)
    return texts(app).replace("\\", "")


def nouns(app: AppTest, workspace: Workspace) -> dict[str, Any]:
    found = find_view(workspace, str(app.session_state["fulcrum_view"]))
    assert found is not None
    return found["nouns"]


def keys(app: AppTest) -> set[str]:
    return {str(b.key) for b in app.button}


def place(workspace: Workspace, dataset: str) -> tuple[str, int]:
    found = version_of(workspace, dataset)
    assert found is not None
    return found[0].name, found[1].number


def test_a_first_upload_is_version_one_and_the_strip_says_so(
    open_app: OpenApp, workspace: Workspace, upload: Callable[..., AppTest]
) -> None:
    app = upload(open_app(), people(), "hr_2024.csv")
    assert place(workspace, nouns(app, workspace)["dataset"]) == ("hr_2024", 1)
    assert "**hr_2024**  ·  version 1  ·  200 rows" in said(app)
    assert "data_next_version" not in keys(app)
    assert [s for s in app.selectbox if str(s.key).startswith("data_target_")]


def test_a_later_upload_is_offered_with_its_difference_and_becomes_version_two(
    open_app: OpenApp, workspace: Workspace, upload: Callable[..., AppTest]
) -> None:
    first = confirmed(upload(open_app(), people(), "hr_2024.csv"))
    before = nouns(first, workspace)
    app = upload(open_app(), people(260, raised=1.2), "hr_2025.csv")
    words = said(app)
    assert "This may be version 2 of 'hr_2024'." in words
    assert "the same name apart from digits, and the same columns" in words
    assert "By 'employee_id', 60 rows are new and none is gone; all 200 others have changed." in words
    assert "'pay' moved most: median" in words
    assert not [s for s in app.selectbox if str(s.key).startswith("data_target_")], "the schema waits for the answer"
    app.get_by_key("data_next_version").click().run()
    assert "version 2  ·  260 rows" in said(app).replace("target **left = Yes**  ·  ", "")
    dataset = nouns(app, workspace)["dataset"]
    assert place(workspace, dataset) == ("hr_2024", 2)
    assert [len(t.versions) for t in list_tables(workspace)] == [2]
    target = next(s for s in app.selectbox if str(s.key).startswith("data_target_"))
    assert target.value == "left", "the question that was confirmed for version 1 is drafted"
    app.get_by_key("data_confirm").click().run()
    schema = workspace.get(Schema, nouns(app, workspace)["schema"])
    assert schema.question == workspace.get(Schema, before["schema"]).question
    assert schema.column("pay").role == "ignored"


def confirmed(app: AppTest) -> AppTest:
    """The question asked, the column `pay` set to ignored, and all of it locked."""
    next(s for s in app.selectbox if str(s.key).startswith("data_target_")).select("left").run()
    next(r for r in app.radio if str(r.key).startswith("data_positive_")).set_value("Yes").run()
    after = next(m for m in app.multiselect if str(m.key).startswith("data_after_"))
    after.set_value(["pay"]).run()
    app.get_by_key("data_confirm").click().run()
    assert not app.exception
    return app


def test_it_can_stay_a_table_of_its_own(
    open_app: OpenApp, workspace: Workspace, upload: Callable[..., AppTest]
) -> None:
    upload(open_app(), people(), "hr_2024.csv")
    app = upload(open_app(), people(220, seed=3), "hr_2025.csv")
    app.get_by_key("data_own_table").click().run()
    assert "This may be version" not in said(app)
    assert place(workspace, nouns(app, workspace)["dataset"]) == ("hr_2025", 1)
    again = open_app(dataset=nouns(app, workspace)["dataset"])
    assert "This may be version" not in said(again)


def test_the_same_file_read_in_another_way_is_the_next_version_and_the_offer_stays(
    open_app: OpenApp, workspace: Workspace, upload: Callable[..., AppTest], do_jobs: Callable[[], int]
) -> None:
    upload(open_app(), people(), "hr_2024.csv")
    app = upload(open_app(), people(220, seed=3).replace(b"it", b"?"), "hr_2025.csv")
    assert "This may be version 2" in said(app)
    from mlops_lib.objects.dataset import ReadingOptions
    from mlops_lib.workspace import codec
    from mlops_lib.workspace.views import keep_view

    dataset = open_dataset(workspace, nouns(app, workspace)["dataset"])
    assert dataset.reading is not None
    path = workspace.uploads / dataset.reading.file
    spec = {"path": str(path), "name": "hr_2025.csv", "options": ReadingOptions(missing=("?",)), "source": "upload"}
    view = keep_view(
        workspace,
        {"nouns": {"dataset": dataset.fingerprint}, "drafts": {"reading": codec.to_json(spec)}, "jobs": {}},
    )
    app = open_app(view=view)
    do_jobs()
    app.run()
    found = nouns(app, workspace)["dataset"]
    assert found != dataset.fingerprint
    assert place(workspace, found) == ("hr_2025", 2)
    assert "This may be version 2 of 'hr_2024'." in said(app)


def test_the_same_query_is_continued_without_a_question(open_app: OpenApp, workspace: Workspace) -> None:
    first = asked(workspace, people())
    open_app(dataset=first.fingerprint)
    assert place(workspace, first.fingerprint) == ("people", 1)
    later = asked(workspace, people(230))
    app = open_app(dataset=later.fingerprint)
    assert "The same query as version 1 of 'people'." in said(app)
    assert "30 rows are new" in said(app)
    assert place(workspace, later.fingerprint) == ("people", 2)
    assert [s for s in app.selectbox if str(s.key).startswith("data_target_")], "there is nothing to answer"
    app.get_by_key("data_next_close").click().run()
    assert "The same query" not in said(app)


def asked(workspace: Workspace, content: bytes) -> Dataset:
    dataset = read_and_keep(workspace, keep_upload(workspace, content), "people", source="database hr")
    assert dataset.reading is not None
    reading = replace(dataset.reading, file="", source="hr", query="select * from people")
    return describe(workspace, replace(dataset, reading=reading))


def test_a_sample_enters_without_a_question_and_a_table_to_score_not_at_all(
    open_app: OpenApp, workspace: Workspace
) -> None:
    load_sample(workspace, "employees_traps")
    read_and_keep(workspace, keep_upload(workspace, people()), "new.csv", source=TO_SCORE)
    app = open_app()
    app.get_by_key("data_sample_employees").click().run()
    assert "This may be" not in said(app)
    assert {t.name for t in list_tables(workspace)} == {"employees", "employees_traps"}


def test_an_upload_that_was_scored_before_enters_the_catalogue(
    open_app: OpenApp, workspace: Workspace, upload: Callable[..., AppTest]
) -> None:
    read_and_keep(workspace, keep_upload(workspace, people()), "new.csv", source=TO_SCORE)
    assert list_tables(workspace) == ()
    upload(open_app(), people(), "hr.csv")
    assert [t.name for t in list_tables(workspace)] == ["hr"]


def test_removed_cells_can_be_restored_where_they_are_uploaded_again(
    open_app: OpenApp, workspace: Workspace, upload: Callable[..., AppTest]
) -> None:
    dataset = read_and_keep(workspace, keep_upload(workspace, people()), "hr.csv")
    remove(workspace, add_version(workspace, dataset))
    app = upload(open_app(), people(), "hr.csv")
    assert "These cells are version 1 of 'hr', which was removed on" in said(app)
    app.get_by_key("data_restore").click().run()
    assert place(workspace, dataset.fingerprint) == ("hr", 1)
    assert [s for s in app.selectbox if str(s.key).startswith("data_target_")]


def test_large_versions_are_compared_in_a_job(
    open_app: OpenApp,
    workspace: Workspace,
    upload: Callable[..., AppTest],
    do_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pages.shared.data_versions.JOB_ROWS", 100)
    upload(open_app(), people(), "hr_2024.csv")
    app = upload(open_app(), people(220, seed=1), "hr_2025.csv")
    assert "Comparing with hr_2024.csv" in said(app)
    assert "data_next_version" in keys(app), "the answer need not wait"
    assert do_jobs() == 1
    app.run()
    assert "By 'employee_id', 20 rows are new" in said(app)
    page = open_app("versions", dataset=nouns(app, workspace)["dataset"])
    assert "There is only one version" not in said(page)


# The Versions page


@pytest.fixture
def two(workspace: Workspace) -> tuple[TableVersion, TableVersion]:
    """Two versions of the table "hr" and a table of its own beside them."""
    datasets = [read_and_keep(workspace, keep_upload(workspace, people(n)), f"hr_{n}.csv") for n in (200, 260)]
    add_version(workspace, read_and_keep(workspace, keep_upload(workspace, b"a,b\n1,2\n"), "small.csv"))
    first = add_version(workspace, datasets[0], note="as delivered")
    return first, add_version(workspace, datasets[1], first.table)


def test_an_empty_workspace_leads_to_the_data_page(open_app: OpenApp) -> None:
    app = open_app("versions")
    assert "There is no table yet." in said(app)
    assert [link.proto.label for link in app.get("page_link") if "Go to Data" in link.proto.label]


def test_tables_versions_facts_and_lineage_are_shown(
    open_app: OpenApp, workspace: Workspace, two: tuple[TableVersion, TableVersion]
) -> None:
    app = open_app("versions", dataset=two[0].dataset)
    words = said(app)
    assert "2 tables with 3 versions." in words
    assert "hr_200, version 1: Read from 'hr_200.csv'." in words
    assert "as delivered" in words
    assert f"`{two[0].dataset}`" in words
    assert re.search(r"SHA-256 `[0-9a-f]{64}`", words)
    tables, versions = app.dataframe[0].value, app.dataframe[1].value
    assert dict(zip(tables["table"], tables["versions"], strict=True)) == {"hr_200": 2, "small": 1}
    assert list(versions["version"]) == [2, 1]
    assert list(versions["rows"]) == [260, 200]
    assert "How they come from each other" in said(app)
    assert "This version is open." in words
    shown: dict[str, Any] = {}
    exec(app.code[0].value, shown)  # what "Show the code" shows has to run as it stands
    assert (shown["version"], shown["dataset"].fingerprint) == (two[0], two[0].dataset)


def test_the_chosen_version_is_compared_with_the_one_before_it(
    open_app: OpenApp, two: tuple[TableVersion, TableVersion]
) -> None:
    app = open_app("versions", dataset=two[1].dataset)
    assert "By 'employee_id', 60 rows are new and none is gone" in said(app)
    figures = [element.proto.spec for element in app.get("plotly_chart")]
    assert len(figures) == 3, "lineage, what moved, and one column"
    other = next(s for s in app.selectbox if str(s.key).startswith("versions_b_"))
    other.select_index(1).run()
    assert "Choose two different versions." in said(app)


def test_a_version_is_opened_from_here(
    open_app: OpenApp, workspace: Workspace, two: tuple[TableVersion, TableVersion]
) -> None:
    app = open_app("versions")
    assert "versions_on" not in keys(app)
    app.get_by_key("versions_open").click().run()
    assert nouns(app, workspace)["dataset"] in {v.dataset for t in list_tables(workspace) for v in t.versions}
    assert "versions_on" in keys(app)


def test_removing_is_undone_and_said_until_when(
    open_app: OpenApp, workspace: Workspace, two: tuple[TableVersion, TableVersion]
) -> None:
    app = open_app("versions", dataset=two[1].dataset)
    app.get_by_key("versions_remove").click().run()
    assert re.search(r"Until \d{4}-\d\d-\d\d this can be undone; then its cells are deleted.", said(app))
    assert versions_of(workspace, two[1].dataset)[0][1].removed is not None
    assert len(list_datasets(workspace)) == 3, "nothing was deleted"
    assert "**hr_200**  ·  version 2, removed  ·" in said(app), "the strip still knows which version that is"
    app.get_by_key("versions_restore").click().run()
    assert place(workspace, two[1].dataset) == ("hr_200", 2)


def test_what_is_used_cannot_be_removed_and_the_page_says_by_what(
    open_app: OpenApp, workspace: Workspace, two: tuple[TableVersion, TableVersion]
) -> None:
    note_model(workspace, "leavers", 3, two[1].dataset, "r1")
    app = open_app("versions", dataset=two[1].dataset)
    assert app.get_by_key("versions_remove").disabled
    assert "It cannot be removed: it is used by the model leavers version 3." in said(app)


def test_names_and_notes_are_edited(
    open_app: OpenApp, workspace: Workspace, two: tuple[TableVersion, TableVersion]
) -> None:
    app = open_app("versions", dataset=two[1].dataset)
    app.text_input[0].set_value("Leavers")
    app.text_area[0].set_value("from the **payroll**")
    app.text_area[1].set_value("after the raise")
    next(b for b in app.button if b.label == "Save").click().run()
    assert "Versions of Leavers" in said(app)
    table = next(t for t in list_tables(workspace) if t.id == two[0].table)
    assert (table.name, table.note, table.versions[1].note) == ("Leavers", "from the **payroll**", "after the raise")
    assert r"from the \*\*payroll\*\*" in texts(app)


def test_a_derived_version_says_from_what_and_how(
    open_app: OpenApp, workspace: Workspace, two: tuple[TableVersion, TableVersion]
) -> None:
    child = read_and_keep(workspace, keep_upload(workspace, people(150)), "part")
    operation = Operation("sample", (("rows", 150),), seed=7, said=("A simple random sample of 150 rows",))
    describe(workspace, replace(child, parent=two[1].dataset, operation=operation, reading=None, source="derived"))
    app = open_app("versions", dataset=child.fingerprint)
    words = said(app)
    assert "hr_200, version 3: A simple random sample of 150 rows." in words
    assert "Parent: hr_200, version 2" in words
    assert "Seed: 7" in words
    assert "**Version 2** → Version 3: A simple random sample of 150 rows" in words
    parent = open_app("versions", dataset=two[1].dataset)
    assert "it is used by 1 derived version" in said(parent)


def test_markup_in_names_is_only_text(open_app: OpenApp, workspace: Workspace) -> None:
    evil = "![p](http://example.invalid/x.png) <b>"
    for rows in (200, 210):
        dataset = read_and_keep(workspace, keep_upload(workspace, people(rows, more=",x")), f"{evil}{rows}.csv")
        add_version(workspace, dataset, list_tables(workspace)[0].id if rows == 210 else None)
    app = open_app("versions", dataset=dataset.fingerprint)
    assert not app.exception
    assert "![p](" not in texts(app)
