"""JSON and JSON Lines become tables, or are refused with the reason."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from read_cells import at, cells, refusal

from mlops_lib.data import limits
from mlops_lib.objects.errors import TooLargeError


class TestJson:
    def test_objects_may_have_different_names(self, read: Any) -> None:
        found = read(b'[{"a": 1}, {"b": "x", "a": 2}, {"b": null}]')
        assert cells(found) == {"a": [1, 2, None], "b": [None, "x", None]}

    def test_lines_may_be_blank_and_broken_ones_are_listed(self, read: Any) -> None:
        lines = [json.dumps({"a": k}) for k in range(10)]
        lines[3], lines[6] = "", "{broken"
        found = read("\n".join([*lines, "[1]"]).encode())
        assert found.reading.format == "JSON Lines"
        assert cells(found)["a"] == [0, 1, 2, 4, 5, 7, 8, 9]
        assert (found.reading.rows_in_file, found.reading.rows_kept, found.reading.skipped_in_all) == (10, 8, 2)
        assert [s.line for s in found.reading.skipped] == [7, 11]
        assert found.reading.skipped[1].reason == "a list instead of an object"

    def test_more_broken_lines_than_good_ones_are_no_table(self, read: Any) -> None:
        said = refusal(read, b'{"a": 1}\nno\nno\n', "people")
        assert said.startswith("2 of the 3 lines of 'people' are no JSON objects, the first in line 2: no JSON")

    @pytest.mark.parametrize(
        "content",
        [
            {"a": [1, 2], "b": ["x", "y"]},
            {"data": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], "total": 2},
            {"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [2, "y"]]},
            {"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}},
        ],
        ids=["arrays", "wrapper", "split", "pandas"],
    )
    def test_the_usual_shapes_of_one_table_are_read(self, read: Any, content: dict[str, Any]) -> None:
        found = read(json.dumps(content, indent=1).encode())
        assert cells(found) == {"a": [1, 2], "b": ["x", "y"]}
        assert found.reading.format == "JSON"

    def test_what_stands_beside_a_wrapped_table_is_said(self, read: Any) -> None:
        found = read(b'{"total": 1, "next": null, "items": [{"a": 1}]}')
        assert cells(found) == {"a": [1]}
        assert found.reading.guessed == ("The table is the array 'items'; total and next beside it were left out.",)

    @pytest.mark.parametrize("orient", ["records", "split", "columns"])
    def test_what_pandas_writes_comes_back(self, read: Any, orient: Any) -> None:
        frame = pd.DataFrame({"a": [1.5, None, 3.0], "b": ["x", "y", None]})
        assert cells(read(frame.to_json(orient=orient).encode())) == {"a": [1.5, None, 3.0], "b": ["x", "y", None]}

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"[]", "'t' has no rows."),
            (b"[{}, {}]", "'t' has no rows."),
            (b"[1, 2]", "Element 1 of 't' is a number instead of an object."),
            (b'["a"]', "Element 1 of 't' is a text instead of an object."),
            (b'[{"a": 1}, [2]]', "Element 2 of 't' is a list instead of an object."),
            (b'[{"a": 1}, null]', "Element 2 of 't' is null instead of an object."),
            (b'{"a": [1, 2], "b": [1]}', "The arrays of 't' have different lengths (1 to 2)."),
            (b'{"a": [{"x": 1}], "b": [{"y": 1}]}', "'t' holds 2 tables: a and b."),
            (b'{"a": {"x": 1}, "b": [1]}', "'t' is one JSON object in which no table can be told for sure."),
            (b'{"columns": ["a"], "data": [[1, 2]]}', "The rows of 't' do not go with its 1 column."),
            (b'{"a": 1}\n{\n"a": 2}', "2 of the 3 lines of 't' are no JSON objects, the first in line 2: no JSON"),
            (b'[{"a": [1]}, {"a": {}}]', "'t' has no column of numbers, dates or text, only lists"),
            (b'[{"a": 1},\n{"a": 2\n', "'t' is damaged or cut off: it is no JSON any more from line 3 on"),
            (b'[{"a": 1}] [2]', "'t' is damaged or cut off: it is no JSON any more from line 1 on"),
        ],
    )  # fmt: skip
    def test_what_is_no_table_is_refused(self, read: Any, content: bytes, said: str) -> None:
        assert refusal(read, content, "t").startswith(said)

    def test_no_digit_is_lost_and_no_kind_is_mixed_up(self, read: Any) -> None:
        rows = [
            '{"id": 1234567890123456789, "yes": true, "mix": 1, "one": 1, "text": "12", "far": 1e400, "n": 20240131}',
            '{"id": 2, "yes": false, "mix": "a", "one": "2", "text": "13", "far": 1, "n": 20240201}',
            '{"id": null, "yes": null, "mix": true, "one": null, "text": "", "far": NaN, "n": 20240301}',
        ]
        found = read("\n".join(rows).encode())
        assert cells(found) == {
            "id": ["1234567890123456789", "2", None],
            "yes": ["true", "false", None],
            "mix": ["1", "a", "true"],
            "one": ["1", "2", None],
            "text": ["12", "13", None],
            "far": [None, 1.0, None],
            "n": [20240131, 20240201, 20240301],
        }
        said = " ".join((*found.reading.repairs, *found.reading.guessed))
        assert "'id' has whole numbers of more than 15 digits, so it is kept as text to lose none." in said
        assert "The yes/no values of 'yes' are kept as labels." in said
        assert "'mix' mixes number values, text values and yes/no values; it is kept as text." in said
        assert "'one' mixes number values and text values; it is kept as text." in said
        assert "'text' holds numbers that the file declares as text; it is kept as text." in said
        assert "1 infinite values in 'far' count as missing." in said

    def test_a_word_among_numbers_counts_as_missing_when_said_so(self, read: Any) -> None:
        content = b'[{"a": 1}, {"a": "n/a"}, {"a": 2.5}]'
        assert cells(read(content)) == {"a": ["1", "n/a", "2.5"]}
        assert cells(read(content, missing=("n/a",))) == {"a": [1.0, None, 2.5]}

    def test_nested_columns_are_left_out_with_a_sentence(self, read: Any) -> None:
        found = read(b'[{"a": 1, "tags": ["x"], "place": {"x": 1}}, {"a": 2, "tags": "y", "place": []}]')
        assert cells(found) == {"a": [1, 2]}
        assert found.reading.repairs == (
            "The column 'tags' holds lists and was left out.",
            "The column 'place' holds lists and objects and was left out.",
        )

    def test_a_name_that_comes_twice_in_an_object_is_said(self, read: Any) -> None:
        found = read(b'[{"a": 1, "a": 2, "b": 3}, {"a": 4, "b": 5}]')
        assert cells(found) == {"a": [2, 4], "b": [3, 5]}
        assert found.reading.repairs == ("1 row had a name more than once; the last value counts.",)

    def test_dates_are_found_and_encodings_too(self, read: Any) -> None:
        content = '[{"날짜": "2020-01-31", "도시": "서울"}]'
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le"):
            assert cells(read(content.encode(encoding))) == {"날짜": [at(2020, 1, 31)], "도시": ["서울"]}

    def test_half_a_sign_becomes_a_question_mark_and_is_said(self, read: Any) -> None:
        found = read(b'[{"a": "x\\ud800y"}, {"a": "z"}]')
        assert cells(found) == {"a": ["x?y", "z"]}
        assert "1 text had half a sign (a lone surrogate); it is now a '?'." in found.reading.repairs

    def test_more_rows_than_are_held_at_once_keep_their_order(self, read: Any) -> None:
        rows = [json.dumps({"k": k, **({"late": k} if k > 140_000 else {})}) for k in range(150_000)]
        found = read("\n".join(rows).encode())
        assert found.table["k"].to_pylist() == list(range(150_000))
        assert found.table["late"].null_count == 140_001

    def test_a_table_of_too_many_cells_is_refused_while_reading(
        self, read: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_CELLS", 100_000)
        with pytest.raises(TooLargeError, match="cells; the limit is 100,000"):
            read(b"\n".join(b'{"a": 1, "b": 2}' for _ in range(70_000)))
