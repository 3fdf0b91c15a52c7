"""Workbooks of every kind give the cells that a person sees."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

import files
import openpyxl
import pytest
import xlwt
from read_cells import at, cells, refusal

from mlops_lib.data.reading import ReadTable

SPREADSHEETS = pytest.mark.parametrize("write", [files.xlsx, files.xls, files.ods], ids=["xlsx", "xls", "ods"])


class TestSpreadsheets:
    @SPREADSHEETS
    def test_the_sheet_can_be_chosen_and_hidden_ones_come_last(self, read: Any, write: Any) -> None:
        sheets = {
            "notes": [["x"], [9]],
            "empty": [],
            "title": [["Staff"]],
            "people": [["name"], ["Kim"]],
            "places": [["city"], ["Seoul"]],
        }
        content = write(sheets, hidden=("notes",))
        found = read(content)
        assert cells(found) == {"name": ["Kim"]}
        assert found.reading.sheets == ("notes", "empty", "title", "people", "places")
        assert found.reading.options.sheet == "people"
        assert "The sheet 'people' is read, the first of 5 that holds a table." in found.reading.guessed
        assert cells(read(content, sheet="places")) == {"city": ["Seoul"]}
        hidden = read(content, sheet="notes")
        assert cells(hidden) == {"x": [9]}
        assert "The sheet 'notes' is hidden in the workbook." in hidden.reading.guessed
        assert refusal(read, content, sheet="plants") == "There is no sheet 'plants' in 'people.csv'."
        assert refusal(read, content, sheet="empty") == "The sheet 'empty' in 'people.csv' is empty."

    @SPREADSHEETS
    def test_a_title_above_the_table_is_left_out_and_said(self, read: Any, write: Any) -> None:
        rows = [[], ["Staff of 2024"], [], ["name", "age"], ["Kim", 30], ["Lee", 41]]
        found = read(write({"a": rows}))
        assert cells(found) == {"name": ["Kim", "Lee"], "age": [30, 41]}
        assert found.reading.options.header_row == 4
        assert "2 rows above the table left out: 'Staff of 2024'." in found.reading.guessed

    @SPREADSHEETS
    def test_the_row_of_names_can_be_chosen(self, read: Any, write: Any) -> None:
        content = write({"a": [["a", "b"], ["c", "d"], ["x", 1], ["y", 2]]})
        assert cells(read(content, header_row=2)) == {"c": ["x", "y"], "d": [1, 2]}
        assert cells(read(content, header=False)) == {
            "column 1": ["a", "c", "x", "y"],
            "column 2": ["b", "d", "1", "2"],
        }
        assert refusal(read, content, header_row=9) == "Row 9 of the sheet 'a' holds no names."
        assert refusal(read, content, header_row=4) == "The sheet 'a' has a row of names and no row of values."

    @SPREADSHEETS
    def test_cells_keep_what_they_say(self, read: Any, write: Any) -> None:
        rows = [
            ["code", "flag", "share", "moment", "big"],
            ["007", True, 0.1, at(2020, 1, 31, 12, 30), 123456789012345],
            ["010", False, 1e-7, at(1999, 12, 31), 1],
        ]
        found = read(write({"a": rows}))
        assert cells(found) == {
            "code": ["007", "010"],
            "flag": ["TRUE", "FALSE"],
            "share": [0.1, 1e-7],
            "moment": [at(2020, 1, 31, 12, 30), at(1999, 12, 31)],
            "big": [123456789012345, 1],
        }

    @SPREADSHEETS
    def test_rows_and_columns_without_cells_are_left_out(self, read: Any, write: Any) -> None:
        rows = [[None, "a", None, "b"], [None, 1, None, 2], [], [None, 3, None, 4]]
        found = read(write({"a": rows}))
        assert cells(found) == {"a": [1, 3], "b": [2, 4]}
        assert found.reading.repairs == (
            "1 empty row left out.",
            "2 columns without a name and without a value left out.",
        )

    def test_a_number_that_is_formatted_as_a_date_is_a_date(self, read: Any) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (["d", "n"], [43831, 43831], [43832, 43832]):
            sheet.append(row)
        for place in ("A2", "A3"):
            sheet[place].number_format = "dd/mm/yyyy"
        found = read(files.saved(book))
        assert cells(found) == {"d": [at(2020, 1, 1), at(2020, 1, 2)], "n": [43831, 43832]}

    @pytest.mark.parametrize("write", [files.xlsx, files.xls], ids=["xlsx", "xls"])
    def test_durations_are_seconds_and_said(self, read: Any, write: Any) -> None:
        rows = [["t", "n"], [datetime.timedelta(hours=26), 1], [None, 2], [datetime.timedelta(minutes=1.5), 3]]
        found = read(write({"a": rows}))
        assert cells(found)["t"] == [93600, None, 90]
        assert "The durations of 't' are now numbers of seconds." in found.reading.repairs

    def test_times_of_an_opendocument_are_times_until_one_exceeds_a_day(self, read: Any) -> None:
        def spans(*values: str) -> ReadTable:
            column = [[files.ods_cell("x", valuetype="time", timevalue=value)] for value in values]
            found = read(files.ods({"a": [["t"], *column]}))
            assert isinstance(found, ReadTable)
            return found

        assert cells(spans("PT03H04M05S", "PT23H00M00S"))["t"] == ["03:04:05", "23:00:00"]
        assert cells(spans("PT03H04M05S", "PT26H00M00S"))["t"] == [11045, 93600]

    def test_errors_are_missing_and_counted(self, read: Any) -> None:
        found = read(files.xlsx({"a": [["x", "y"], [1, "#N/A"], ["#DIV/0!", 2]]}))
        assert cells(found) == {"x": [1, None], "y": [None, 2]}
        assert found.reading.repairs == ("2 cells with an error (such as #N/A) count as missing.",)
        book = xlwt.Workbook()
        sheet = book.add_sheet("a")
        for place, value in (((0, 0), "x"), ((0, 1), "y"), ((1, 1), 2), ((2, 0), 3)):
            sheet.write(*place, value)
        sheet.row(1).set_cell_error(0, "#DIV/0!")
        sheet.row(2).set_cell_error(1, "#REF!")
        found = read(files.saved(book))
        assert cells(found) == {"x": [None, 3], "y": [2, None]}
        assert found.reading.repairs == ("2 cells with an error (such as #N/A) count as missing.",)
        error = files.ods_cell("#DIV/0!", formula="of:=1/0")
        found = read(files.ods({"a": [["x", "y"], [1, error], [2, "#1 in rank"]]}))
        assert cells(found) == {"x": [1, 2], "y": [None, "#1 in rank"]}
        assert found.reading.repairs == ("1 cell with an error (such as #N/A) count as missing.",)

    def test_a_binary_workbook_is_read_and_what_it_hides_is_said(self, read: Any) -> None:
        sheets = {"notes": [["x"], [9]], "a": [["name", "ok", "n"], ["Öz", True, 1.5], ["007", False, "#N/A"]]}
        found = read(files.xlsb(sheets, hidden=("notes",)))
        assert cells(found) == {"name": ["Öz", "007"], "ok": ["TRUE", "FALSE"], "n": [1.5, None]}
        assert (found.reading.format, found.reading.sheets) == ("Excel (.xlsb)", ("notes", "a"))
        said = (
            "In this format a cell with an error (such as #N/A) cannot be told from an empty one; it counts as missing."
        )
        assert said in found.reading.guessed
        content = files.xlsb(sheets)
        assert "damaged or cut off" in refusal(read, content[: len(content) // 2])

    def test_merged_cells_are_said(self, read: Any) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (["a", "b"], ["x", 1], [None, 2], ["y", 3]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")
        said = "1 area of cells is merged; the value stands in the first cell and the others are empty."
        found = read(files.saved(book))
        assert cells(found) == {"a": ["x", None, "y"], "b": [1, 2, 3]}
        assert said in found.reading.guessed
        merged = [files.ods_cell("x", numberrowsspanned=2), 1]
        found = read(files.ods({"a": [["a", "b"], merged, [files.covered(), 2], ["y", 3]]}))
        assert cells(found) == {"a": ["x", None, "y"], "b": [1, 2, 3]}
        assert said in found.reading.guessed

    def test_formulas_give_their_stored_value_or_are_said_to_have_none(self, read: Any) -> None:
        content = files.xlsx({"a": [["x", "y"], [1, "=A2*2"], [2, "=A3*2"], [3, 4]]})
        found = read(content)
        assert cells(found) == {"x": [1, 2, 3], "y": [None, None, 4]}
        said = "2 formulas without a stored result count as missing; open and save it in Excel."
        assert said in found.reading.guessed
        source = zipfile.ZipFile(io.BytesIO(content))
        entries = {name: source.read(name) for name in source.namelist()}
        part = "xl/worksheets/sheet1.xml"
        entries[part] = entries[part].replace(b"<v />", b"<v>8</v>").replace(b"<v></v>", b"<v>8</v>")
        found = read(files.zipped(entries))
        assert cells(found)["y"] == [8, 8, 4]
        assert said not in found.reading.guessed

    def test_blanks_tabs_and_lines_in_an_opendocument_are_kept(self, read: Any) -> None:
        from odf.text import LineBreak, P, S, Tab

        cell = files.TableCell(valuetype="string")
        paragraph = P(text="a")
        for part in (S(c=2), Tab(), LineBreak()):
            paragraph.addElement(part)
        paragraph.addText("b")
        cell.addElement(paragraph)
        cell.addElement(P(text="c"))
        assert cells(read(files.ods({"a": [["t", "n"], [cell, 1]]})))["t"] == ["a  \t\nb\nc"]

    def test_an_opendocument_with_a_password_is_said_to_have_one(self, read: Any) -> None:
        source = zipfile.ZipFile(io.BytesIO(files.GOOD["ods"]))
        entries = {name: source.read(name) for name in source.namelist()}
        entries["META-INF/manifest.xml"] += b"<manifest:encryption-data/>"
        assert refusal(read, files.zipped(entries)) == "'people.csv' has a password."
