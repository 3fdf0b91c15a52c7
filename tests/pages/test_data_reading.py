"""How a table was read stays in sight; what only the user can say is asked, and everything can be corrected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from mlops_lib.data.datasets import open_dataset
from mlops_lib.objects.dataset import Dataset
from mlops_lib.workspace.folder import Workspace
from mlops_lib.workspace.views import find_view
from tests.pages.conftest import texts

OpenApp = Callable[..., AppTest]
DoJobs = Callable[[], int]

ROWS = [
    f'{k + 1:02}/{k % 12 + 1:02}/2021,"${1000 + k:,}.50",{"n/k" if k in (3, 9) else 20 + k},"{k + 1},{100 + k}",{k % 2}'
    for k in range(12)
] * 4
CSV = "\n".join(["when,price,age,visits,y", *ROWS[:20], "too,short", *ROWS[20:]]) + "\n"


@pytest.fixture
def read(open_app: OpenApp, do_jobs: DoJobs) -> Callable[..., AppTest]:
    """The page after a file was given and read."""

    def read(content: str | bytes, name: str = "table.csv") -> AppTest:
        app = open_app()
        app.get_by_key("data_upload").upload(name, content if isinstance(content, bytes) else content.encode()).run()
        assert do_jobs() == 1
        return app.run()

    return read


def dataset(app: AppTest, workspace: Workspace) -> Dataset:
    state = find_view(workspace, str(app.session_state["fulcrum_view"]))
    assert state is not None
    return open_dataset(workspace, state["nouns"]["dataset"])


def fix(app: AppTest, kind: str, field: str) -> Any:
    """A widget of the form of corrections."""
    found = [widget for widget in app.get(kind) if str(widget.key).startswith(f"data_fix_{field}_")]
    assert len(found) == 1, [widget.key for widget in app.get(kind)]
    return found[0]


def again(app: AppTest, do_jobs: DoJobs) -> AppTest:
    """Send the form and read."""
    next(button for button in app.button if button.label == "Read again").click().run()
    assert do_jobs() == 1
    return app.run()


def press(app: AppTest, key: str, do_jobs: DoJobs) -> AppTest:
    app.get_by_key(key).click().run()
    assert do_jobs() == 1
    return app.run()


def said(app: AppTest) -> str:
    return texts(app).replace("\\", "")


def test_how_it_was_read_is_on_screen_before_anything_is_asked(read: Callable[..., AppTest]) -> None:
    app = read(CSV)
    assert not app.exception
    shown = said(app)
    for words in (
        "48 rows and 5 columns read, 1 skipped",
        "line 22 (2 values instead of 5)",
        "49, 48 kept",
        "utf-8",
        "comma",
        "point",
        "empty cells",
        "The currency sign '$' and the commas between thousands were removed from 'price'.",
    ):
        assert words in shown, words


def test_the_order_of_day_and_month_is_asked_with_an_example(
    read: Callable[..., AppTest], workspace: Workspace, do_jobs: DoJobs
) -> None:
    text = "when,y\n" + "".join(f"{k % 12 + 1:02}/{(k * 5) % 12 + 1:02}/2021,{k}\n" for k in range(40))
    app = read(text)
    assert "Does the day or the month come first in 'when'?" in said(app)
    labels = [app.get_by_key(f"data_answer_0_{k}").label.replace("\\", "") for k in (0, 1)]
    assert labels == ["02/06/2021 is 2 June 2021", "02/06/2021 is February 6, 2021"]
    app = press(app, "data_answer_0_1", do_jobs)
    assert not app.exception
    table = dataset(app, workspace).table()
    assert table["when"].type == pa.timestamp("us")
    assert str(table["when"][1].as_py().date()) == "2021-02-06"
    assert "The dates in 'when' are month/day/year." in said(app)
    assert not [b for b in app.button if str(b.key).startswith("data_answer")]


def test_a_comma_of_two_meanings_is_asked_about(
    read: Callable[..., AppTest], workspace: Workspace, do_jobs: DoJobs
) -> None:
    app = read('size,y\n"1,234",a\n"2,345",b\n')
    assert "What is '1,234' in 'size'?" in said(app)
    labels = [app.get_by_key(f"data_answer_0_{k}").label.replace("\\", "") for k in (0, 1)]
    assert labels == ["1,234 is 1234", "1,234 is 1.234"]
    app = press(app, "data_answer_0_0", do_jobs)
    assert dataset(app, workspace).table()["size"].to_pylist() == [1234, 2345]


def test_cells_that_do_not_fit_are_offered_and_the_offer_can_be_taken_back(
    read: Callable[..., AppTest], workspace: Workspace, do_jobs: DoJobs
) -> None:
    app = read("age,y\n" + "".join(f"{'n/k 1' if k in (3, 9) else 20 + k},{k % 2}\n" for k in range(40)))
    assert "95.0 % of the cells of 'age' read as a number, 2 cells do not: 'n/k 1' (2 times)." in said(app).replace(
        "**", ""
    )
    assert app.get_by_key("data_fit_0").label == "Read 'age' as a number; 2 cells become missing"
    app = press(app, "data_fit_0", do_jobs)
    assert dataset(app, workspace).table()["age"].null_count == 2
    assert "2 cells of 'age' are no number and count as missing: 'n/k 1' (2 times)." in said(app)
    app = press(app, "data_unfit_0", do_jobs)
    assert dataset(app, workspace).table()["age"].type == pa.string()
    assert not [b for b in app.button if str(b.key).startswith(("data_fit", "data_unfit"))]


def test_the_delimiter_can_be_any_sign(read: Callable[..., AppTest], workspace: Workspace, do_jobs: DoJobs) -> None:
    app = read("a~b\n1,5~x\n2,5~y\n")
    fix(app, "selectbox", "delimiter").select("~")
    app = again(app, do_jobs)
    assert not app.exception
    assert dataset(app, workspace).table().to_pydict() == {"a": [1.5, 2.5], "b": ["x", "y"]}


def test_missing_tokens_and_kinds_of_columns_can_be_corrected(
    read: Callable[..., AppTest], workspace: Workspace, do_jobs: DoJobs
) -> None:
    app = read("code,n,day\n12,-999,20210304\n13,4,20211231\n")
    fix(app, "multiselect", "text_columns").select("code")
    fix(app, "multiselect", "date_columns").select("day")
    fix(app, "multiselect", "missing").select("-999")
    app = again(app, do_jobs)
    table = dataset(app, workspace).table()
    assert table["code"].to_pylist() == ["12", "13"]
    assert table["n"].to_pylist() == [None, 4]
    assert table["day"].type == pa.timestamp("us")
    assert "'-999'" in said(app)


def test_names_can_be_denied(read: Callable[..., AppTest], workspace: Workspace, do_jobs: DoJobs) -> None:
    app = read("a,b\nc,d\ne,f\n")
    fix(app, "number_input", "line").set_value(0)
    app = again(app, do_jobs)
    assert dataset(app, workspace).rows == 3
    assert "none, so they are numbered" in said(app)


def test_cells_of_the_table_are_text_and_never_markup(read: Callable[..., AppTest]) -> None:
    evil = "[x](http://example.invalid)"
    app = read("v,y\n" + "".join(f"{evil if k == 5 else k},{k}\n" for k in range(60)))
    assert not app.exception
    assert "[x](" not in texts(app)
    assert "[x](" in said(app)


def test_several_questions_of_one_kind_are_answered_at_once(
    read: Callable[..., AppTest], workspace: Workspace, do_jobs: DoJobs
) -> None:
    names = [f"d{k}" for k in range(6)]
    days = [",".join(f"{(k + j) % 12 + 1:02}/{(k * 5) % 12 + 1:02}/2021" for j in range(6)) for k in range(30)]
    app = read("\n".join([",".join(names), *days]))
    assert "The same in all 6 columns of such dates?" in said(app)
    app = press(app, "data_answer_all_day", do_jobs)
    assert all(kind == pa.timestamp("us") for kind in dataset(app, workspace).table().schema.types)


def test_several_offers_are_taken_at_once(read: Callable[..., AppTest], workspace: Workspace, do_jobs: DoJobs) -> None:
    names = [f"n{k}" for k in range(6)]
    rows = [",".join("12a" if k == j else str(k) for j in range(6)) for k in range(60)]
    app = read("\n".join([",".join(names), *rows]))
    assert app.get_by_key("data_fit_all").label == "Read all 6 so; 6 cells become missing"
    app = press(app, "data_fit_all", do_jobs)
    table = dataset(app, workspace).table()
    assert [table[name].null_count for name in names] == [1] * 6


def test_decimal_signs_that_differ_are_said(read: Callable[..., AppTest]) -> None:
    app = read('a,b\n1.5,"2,75"\n3.5,"4,5"\n')
    assert "The decimal sign in 'b' is a comma." in said(app)
    assert "Decimal sign" not in [caption.value for caption in app.caption]


def test_a_total_below_the_rows_is_said_and_can_be_left_out(
    read: Callable[..., AppTest], do_jobs: DoJobs, workspace: Workspace
) -> None:
    app = read("no,site,pay\n" + "".join(f"{k},a,{10 * k}\n" for k in range(1, 13)) + "Total,,780\n")
    assert "The last row looks like a total: it has 'Total' in 'no'." in said(app)
    assert "counted as missing" not in said(app).split("The last row looks like a total")[1].split("Correct")[0]
    app = press(app, "data_total_out", do_jobs)
    assert not app.exception
    assert dataset(app, workspace).rows == 12
    assert "looks like a total" not in said(app)


def test_a_total_that_reading_cannot_leave_out_is_handed_to_the_page_that_can(
    read: Callable[..., AppTest], workspace: Workspace
) -> None:
    app = read("site,no,pay\n" + "".join(f"a,{k},{10 * k}\n" for k in range(1, 13)) + ",Total,780\n")
    app.get_by_key("data_total_derive").click().run()
    state = find_view(workspace, str(app.session_state["fulcrum_view"]))
    assert state is not None
    assert state["drafts"]["derive"] == {"operation": "leave_out", "rows": ["12"]}
