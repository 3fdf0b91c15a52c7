"""Queries on real databases: types kept, nothing written, limits held, no address or password said."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mlops_lib.data.databases import database_names
from mlops_lib.data.reservoir import SampledTable
from mlops_lib.data.sql import Sample, read_query
from mlops_lib.objects.errors import InputError, NotFoundError, NotPossibleError, TooLargeError
from tests.postgres import PASSWORD, PostgresServer, find_programs


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    programs = find_programs()
    if programs is None:
        pytest.skip("This machine has no PostgreSQL server (initdb).")
    with PostgresServer(programs) as server:
        server.run(
            """CREATE TABLE sales AS SELECT g AS id, (g % 7)::numeric(10, 2) AS amount, g % 3 = 0 AS paid,
               '2024-01-01'::date + g % 30 AS day, '2024-01-01 12:00+02'::timestamptz AS seen, 'a%' AS text
               FROM generate_series(1, 1000) g""",
            "CREATE SEQUENCE numbers",
            "GRANT ALL ON sales TO reader",
            "GRANT ALL ON SEQUENCE numbers TO reader",
        )
        yield server


@pytest.fixture
def sales(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("FULCRUM_SQL_SALES", postgres.url)
    return "SALES"


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = tmp_path / "a place" / "shop #1.db"
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, price REAL, day TEXT, mixed, photo BLOB, note TEXT)")
        rows = [(k, k / 4, f"2024-02-{k % 28 + 1:02d}", k if k % 2 else "x", b"1", f"n{k}") for k in range(30_000)]
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.close()
    monkeypatch.setenv("FULCRUM_SQL_LOCAL", f"sqlite:///{path}")
    return "LOCAL"


def test_names_are_listed_and_an_unknown_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULCRUM_SQL_ZEBRA", "sqlite:///z.db")
    monkeypatch.setenv("FULCRUM_SQL_APE", "sqlite:///a.db")
    monkeypatch.setenv("FULCRUM_SQL_EMPTY", " ")
    assert [n for n in database_names() if n in ("APE", "EMPTY", "ZEBRA")] == ["APE", "ZEBRA"]
    with pytest.raises(NotFoundError, match=r"no database 'LION'.*APE"):
        read_query("LION", "SELECT 1")


def test_types_of_postgres_are_kept(sales: str, postgres: PostgresServer) -> None:
    read = read_query(sales, "SELECT * FROM sales WHERE text LIKE 'a%' ORDER BY id -- by id")
    stamp = pa.timestamp("us")
    assert dict(zip(read.table.column_names, read.table.schema.types, strict=True)) == {
        "id": pa.int64(), "amount": pa.float64(), "paid": pa.string(), "day": stamp, "seen": stamp, "text": pa.string()
    }  # fmt: skip
    assert read.table.slice(2, 1).to_pylist() == [
        {"id": 3, "amount": 3.0, "paid": "true", "day": dt.datetime.fromisoformat("2024-01-04"),
         "seen": dt.datetime.fromisoformat("2024-01-01T10:00"), "text": "a%"}
    ]  # fmt: skip
    found = read.reading
    assert (found.format, found.source, found.rows_in_file, found.rows_kept) == ("SQL", "SALES", 1000, 1000)
    assert found.query == "SELECT * FROM sales WHERE text LIKE 'a%' ORDER BY id -- by id"
    assert found.repairs == (
        "The yes/no values of 'paid' are kept as labels.",
        "The times in 'seen' have a time zone; they are kept as UTC.",
    )


@pytest.mark.parametrize(
    ("value", "kind", "cell", "said"),
    [
        ("12.50::numeric(10, 2)", pa.float64(), 12.5, ""),
        ("12::numeric", pa.int64(), 12, ""),
        ("1 / 3.0", pa.float64(), 1 / 3, "rounded to floating-point"),
        ("1234567890123456789::bigint", pa.string(), "1234567890123456789", "more than 15 digits"),
        ("12345678901234567890.5::numeric", pa.string(), "12345678901234567890.5", "more than 15 digits"),
        ("'NaN'::numeric", pa.float64(), None, ""),
        ("'-Infinity'::float8", pa.float64(), None, "infinite"),
        ("NULL::int", pa.string(), None, ""),
        ("'5f0c7d3e-0000-4000-8000-000000000001'::uuid", pa.string(), "5f0c7d3e-0000-4000-8000-000000000001", "UUID"),
        ("""'{"a": [1, "é"]}'::jsonb""", pa.string(), '{"a": [1, "é"]}', "JSON"),
        ("ARRAY[1, 2]", pa.string(), "[1, 2]", "array"),
        ("interval '36 hours'", pa.string(), "1 day, 12:00:00", "interval"),
        ("time '10:30'", pa.string(), "10:30:00", "time"),
        ("'한국어'", pa.string(), "한국어", ""),
        ("'  x '", pa.string(), "x", "Blanks"),
        ("true", pa.string(), "true", "labels"),
    ],
)
def test_a_value_of_postgres(sales: str, value: str, kind: pa.DataType, cell: object, said: str) -> None:
    read = read_query(sales, f"SELECT {value} AS v, 1 AS one")
    assert read.table.schema.field("v").type == kind
    assert read.table.column("v").to_pylist() == [cell]
    assert said in " ".join(read.reading.repairs)
    assert bool(said) == bool(read.reading.repairs)


def test_bytes_are_left_out_and_names_repaired(sales: str) -> None:
    read = read_query(sales, "SELECT 1 AS a, 2 AS a, 'x'::bytea AS b, 3 AS \" \"")
    assert read.table.column_names == ["a", "a (2)", "column 4"]
    assert read.reading.renamed == (("a", "a (2)"), (" ", "column 4"))
    assert any("'b' holds bytes and was left out" in s for s in read.reading.repairs)
    with pytest.raises(InputError, match="no column of numbers, dates or text"):
        read_query(sales, "SELECT 'x'::bytea AS b")


WRITING = [
    "INSERT INTO sales (id) VALUES (0)",
    "DELETE FROM sales",
    "UPDATE sales SET id = 0",
    "DROP TABLE sales",
    "CREATE TABLE other (a int)",
    "WITH gone AS (DELETE FROM sales RETURNING id) SELECT * FROM gone",
    "SELECT nextval('numbers')",
    "SELECT id, set_config('transaction_read_only', 'off', true), nextval('numbers') FROM sales",
    "SET TRANSACTION READ WRITE",
    "SELECT 1; DELETE FROM sales",
    "COMMIT",
    "COPY sales TO STDOUT",
]


@pytest.mark.parametrize("query", WRITING)
def test_postgres_itself_refuses_to_write(sales: str, query: str) -> None:
    with pytest.raises(InputError):
        read_query(sales, query)
    assert read_query(sales, "SELECT count(*) AS n FROM sales").table.column("n").to_pylist() == [1000]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * FROM nothing", 'relation "nothing" does not exist'),
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT 1 / 0", "division by zero"),
        ("SELECT 'infinity'::timestamp", "timestamp too large"),
        ("SELECT * FROM sales WHERE false", "gives no row"),
        ("SELECT 1; SELECT 2", "one query at a time"),
        ("DELETE FROM sales", "only a query that reads"),
        ("", "this one has 0"),
        ("SELECT 1" + " " * 20 + "-" * 20_000, "20,000 characters"),
    ],
)
def test_what_postgres_does_not_take_is_one_sentence(sales: str, query: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_query(sales, query)
    assert words in caught.value.message
    assert caught.value.message.count("\n") == 0


def test_a_query_that_takes_too_long_is_stopped(sales: str, local: str) -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    for name, query in ((sales, "SELECT pg_sleep(20)"), (local, endless)):
        with pytest.raises(TooLargeError, match="longer than 1 s, the limit"):
            read_query(name, query, seconds=1)


def test_a_query_whose_asker_is_killed_ends_on_the_server(postgres: PostgresServer) -> None:
    code = "from mlops_lib.data.sql import read_query; read_query('SALES', 'SELECT pg_sleep(60)')"
    environment = {**os.environ, "FULCRUM_SQL_SALES": postgres.url}
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=root) as asking:
        busy = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND query LIKE 'FETCH%'"
        _until(lambda: postgres.value(busy) == 1)
        asking.kill()
    _until(lambda: postgres.value(busy) == 0)


def _until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_neither_address_nor_password_is_said(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = (PASSWORD, "hush", "reader", str(postgres.folder), "127.0.0.1", "secret_table_place")
    urls = {
        postgres.url_of("reader", "hush"): "refuses the account",
        postgres.url_of("reader", PASSWORD, "nodb"): "no such database",
        "postgresql+psycopg://reader:hush@127.0.0.1:1/db": "Nothing answers",
        "mysql://reader:hush@127.0.0.1/db": "cannot hold to reading",
        "postgresql+nodriver://reader:hush@127.0.0.1/db": "no SQLAlchemy URL",
        "postgresql://reader:hush@127.0.0.1:port/db": "no SQLAlchemy URL",
        "reader:hush": "no SQLAlchemy URL",
        "sqlite:////secret_table_place/x.db": "no such database",
        f"sqlite:///{__file__}": "cannot be reached",
    }
    for url, words in urls.items():
        monkeypatch.setenv("FULCRUM_SQL_X", url)
        with pytest.raises(NotPossibleError) as caught:
            read_query("X", "SELECT 1")
        assert words in str(caught.value)
        assert not [h for h in (*hidden, __file__) if h in str(caught.value)]
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_sqlite_is_only_read(local: str, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    for query in (
        "DELETE FROM orders",
        f"ATTACH DATABASE '{other}' AS other",
        "PRAGMA database_list",
        "SELECT * FROM pragma_database_list",
        "SELECT load_extension('x')",
        "BEGIN",
        "VACUUM",
    ):
        with pytest.raises(InputError, match="only a query that reads"):
            read_query(local, query)
    assert not other.exists()
    with pytest.raises(InputError, match="one query at a time"):
        read_query(local, "SELECT 1; SELECT 2")
    with pytest.raises(InputError, match="no such table: nowhere"):
        read_query(local, "SELECT * FROM nowhere")
    assert read_query(local, "SELECT count(*) AS n FROM orders").table.column("n").to_pylist() == [30_000]


def test_sqlite_has_its_days_back_and_says_what_is_mixed(local: str) -> None:
    read = read_query(local, "SELECT * FROM orders ORDER BY id")
    types = dict(zip(read.table.column_names, read.table.schema.types, strict=True))
    assert types == {
        "id": pa.int64(), "price": pa.float64(), "day": pa.timestamp("us"), "mixed": pa.string(), "note": pa.string()
    }  # fmt: skip
    assert read.table.column("price").to_pylist() == [k / 4 for k in range(30_000)]
    assert read.table.column("mixed").to_pylist()[:4] == ["x", "1", "x", "3"]
    said = " ".join(read.reading.repairs)
    assert "'mixed' is kept as text; in the database it is of several types (number and text)" in said
    assert "'photo' holds bytes" in said


def test_a_column_may_change_its_type_from_block_to_block(local: str) -> None:
    read = read_query(local, "SELECT id, CASE WHEN id < 25000 THEN id ELSE id + 0.5 END AS v FROM orders ORDER BY id")
    assert read.table.schema.field("v").type == pa.float64()
    assert read.table.column("v").to_pylist()[-1] == 29_999.5
    late = read_query(local, "SELECT id, CASE WHEN id > 25000 THEN 'late' END AS v FROM orders ORDER BY id")
    assert (late.table.column("v").null_count, late.table.column("v").to_pylist()[-1]) == (25_001, "late")


def test_limits_hold_while_reading(local: str, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x, x AS y FROM c"
    monkeypatch.setattr("mlops_lib.data.sql.MAX_ROWS", 5_000)
    with pytest.raises(TooLargeError, match="more than 5,000 rows"):
        read_query(local, endless)
    monkeypatch.setattr("mlops_lib.data.sql.MAX_ROWS", 10**9)
    monkeypatch.setattr("mlops_lib.data.sql.MAX_CELLS", 6_000)
    with pytest.raises(TooLargeError, match="more than 3,000 rows of 2 columns"):
        read_query(local, endless)
    monkeypatch.setattr("mlops_lib.data.sql.MAX_CELLS", 10**9)
    monkeypatch.setattr("mlops_lib.data.sql.MAX_DECODED_BYTES", 10**6)
    with pytest.raises(TooLargeError, match="more than 1 MB"):
        read_query(local, endless)


def test_a_sample_of_the_answer(local: str, sales: str) -> None:
    told: list[int] = []
    read = read_query(local, "SELECT id, note FROM orders ORDER BY id", Sample(500, seed=3), told.append)
    assert isinstance(read, SampledTable)
    assert read.table.column("id").to_pylist() == read.row_ids.tolist() == sorted(set(read.row_ids.tolist()))
    assert (read.table.num_rows, read.reading.rows_in_file, told[-1]) == (500, 30_000, 30_000)
    again = read_query(local, "SELECT id, note FROM orders ORDER BY id", Sample(500, seed=3))
    assert again.table.equals(read.table)
    few = read_query(sales, "SELECT id FROM sales ORDER BY id", Sample(5_000))
    assert isinstance(few, SampledTable)
    assert np.array_equal(few.row_ids, np.arange(1000))


@pytest.mark.parametrize("query", ["SELECT 1 AS a WHERE a = :b", "SELECT ?", "SELECT abs(-9223372036854775808)"])
def test_no_error_of_a_driver_comes_through(local: str, query: str) -> None:
    with pytest.raises(InputError, match="'LOCAL'"):
        read_query(local, query)


def test_text_that_is_no_utf8_is_read(local: str) -> None:
    assert read_query(local, "SELECT CAST(x'41ff' AS TEXT) AS t").table.column("t").to_pylist() == ["A\ufffd"]
