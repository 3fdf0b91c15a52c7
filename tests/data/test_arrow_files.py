"""Parquet, Arrow and Feather keep every cell."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import files
import pandas as pd
import pyarrow as pa
import pyarrow.feather
from read_cells import at, cells, kinds, refusal


class TestArrow:
    def test_columns_of_lists_and_structs_are_left_out_with_a_sentence(self, read: Any) -> None:
        table = pa.table({"a": [1, 2], "tags": [["x"], []], "place": [{"x": 1}, None], "b": ["u", "v"]})
        for content in (files.parquet(table), files.arrow_file(table), files.arrow_stream(table)):
            found = read(content)
            assert cells(found) == {"a": [1, 2], "b": ["u", "v"]}
            assert found.reading.repairs == (
                "The column 'tags' holds lists and was left out.",
                "The column 'place' holds structs and was left out.",
            )

    def test_a_table_of_nested_columns_only_is_refused(self, read: Any) -> None:
        table = pa.table({"tags": [["x"], []], "place": [{"x": 1}, None]})
        for content in (files.parquet(table), files.arrow_file(table)):
            assert refusal(read, content) == (
                "'people.csv' has no column of numbers, dates or text, only lists or other nested values."
            )

    def test_names_with_dots_and_names_that_come_twice_are_kept_apart(self, read: Any) -> None:
        table = pa.Table.from_arrays(
            [pa.array([{"b": 1}]), pa.array([2]), pa.array([3]), pa.array([4])], names=["a", "a.b", "c", "c"]
        )
        found = read(files.parquet(table))
        assert cells(found) == {"a.b": [2], "c": [3], "c (2)": [4]}
        assert any("'a' holds" in sentence for sentence in found.reading.repairs)

    def test_types_become_the_few_that_fulcrum_knows(self, read: Any) -> None:
        table = pa.table({
            "id": pa.array([2**63, 1], pa.uint64()),
            "exact": pa.array([decimal.Decimal("1234567890123456789"), None], pa.decimal128(38, 0)),
            "money": pa.array([decimal.Decimal("12.34"), None], pa.decimal128(12, 2)),
            "span": pa.array([90, None], pa.duration("s")),
            "clock": pa.array([datetime.time(3, 4), None]),
            "zone": pa.array([at(2020, 1, 1, 12), None], pa.timestamp("ms", tz="Asia/Seoul")),
            "nano": pa.array([1, None], pa.timestamp("ns")),
            "bytes": pa.array([b"text", None]),
            "blob": pa.array([b"\xff\xfe", None]),
            "yes": pa.array([True, None]),
        })  # fmt: skip
        found = read(files.arrow_file(table))
        assert cells(found) == {
            "id": [str(2**63), "1"],
            "exact": ["1234567890123456789", None],
            "money": [12.34, None],
            "span": [90.0, None],
            "clock": ["03:04:00.000000", None],
            "zone": [at(2020, 1, 1, 12), None],
            "nano": [at(1970, 1, 1), None],
            "bytes": ["text", None],
            "yes": ["true", None],
        }
        said = " ".join(found.reading.repairs)
        for name in ("'id'", "'exact'", "'span'", "'clock'", "'zone'", "'nano'", "'bytes'", "'blob'", "'yes'"):
            assert name in said

    def test_dates_beyond_the_calendar_are_missing_and_counted(self, read: Any) -> None:
        table = pa.table({"d": pa.array([0, 2**40, -(2**40)], pa.timestamp("s"))})
        found = read(files.arrow_file(table))
        assert cells(found) == {"d": [at(1970, 1, 1), None, None]}
        assert found.reading.repairs == ("2 dates in 'd' lie outside the years 1 to 9999 and count as missing.",)

    def test_a_file_without_rows_is_refused(self, read: Any) -> None:
        empty = files.arrow_table().slice(0, 0)
        for content in (files.parquet(empty), files.arrow_file(empty), files.arrow_stream(empty)):
            assert refusal(read, content) == "'people.csv' has no rows."

    def test_dates_written_as_text_are_dates_and_numbers_written_as_text_are_not(self, read: Any) -> None:
        table = pa.table({"day": ["2020-01-31", "2021-12-01"], "zip": ["12345", "01234"], "n": ["1", "2"]})
        found = read(files.parquet(table))
        assert cells(found) == {
            "day": [at(2020, 1, 31), at(2021, 12, 1)],
            "zip": ["12345", "01234"],
            "n": ["1", "2"],
        }
        assert "'n' holds numbers that the file declares as text; it is kept as text." in found.reading.guessed
        assert kinds(read(files.parquet(table), number_columns=("n",)))["n"] == "whole"

    def test_missing_tokens_and_columns_kept_as_text_count_here_too(self, read: Any) -> None:
        table = pa.table({"a": ["x", "?"], "n": [1, 2]})
        found = read(files.arrow_file(table), missing=("?",), text_columns=("n",))
        assert cells(found) == {"a": ["x", None], "n": ["1", "2"]}

    def test_categories_of_pandas_are_labels(self, read: Any) -> None:
        frame = pd.DataFrame({"c": pd.Categorical(["b", "a", None])})
        assert cells(read(files.parquet(pa.Table.from_pandas(frame)))) == {"c": ["b", "a", None]}
