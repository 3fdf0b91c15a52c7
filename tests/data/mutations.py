"""Good files, spoiled by a seed, and what becomes of them when they are read."""

from __future__ import annotations

import io
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import files
import numpy as np
import pyarrow as pa

MEMORY = 1_000_000_000
"""Bytes that the reading of one batch may take."""


def _stored(content: bytes) -> bytes:
    """A ZIP file whose entries are not compressed, so that what is spoiled is what the reader of the table sees."""
    source = zipfile.ZipFile(io.BytesIO(content))
    return files.zipped({name: source.read(name) for name in source.namelist()}, zipfile.ZIP_STORED)


def _without_checksums(content: bytes) -> bytes:
    """The same after all checksums were made to fit, as a hostile writer would."""
    try:
        return _stored_unchecked(content)
    except Exception:  # noqa: BLE001  (what cannot even be unpacked any more stays as it is)
        return content


def _stored_unchecked(content: bytes) -> bytes:
    entries = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            entry.CRC = None  # type: ignore[assignment]  # what zipfile itself sets where nothing is to be checked
            with archive.open(entry) as stream:
                entries[entry.filename] = stream.read()
    return files.zipped(entries)


_LONG = pa.table({
    "n": pa.array(range(500)),
    "t": pa.array([f"text {k % 7}" for k in range(500)]).dictionary_encode(),
    "f": pa.array(np.linspace(0, 1, 500)),
    "l": pa.array([[k] for k in range(500)]),
    "d": pa.array(range(500), pa.timestamp("ms")),
})  # fmt: skip

SOURCES: dict[str, bytes] = {
    **files.GOOD,
    "quoted.csv": b'a;b\n"x;1";1,5\n"two\nlines";2,5\n' * 20,
    "utf16.tsv": "이름\t값\n가\t1\n나\t2\n".encode("utf-16"),
    "zstd.parquet": files.parquet(_LONG, compression="zstd"),
    "plain.parquet": files.parquet(_LONG, compression="none", use_dictionary=False),
    "long.arrow": files.arrow_file(_LONG),
    "lz4.arrow": files.arrow_file(_LONG, compression="lz4"),
    "long.arrows": files.arrow_stream(_LONG),
    "stored.xlsx": _stored(files.GOOD["xlsx"]),
    "stored.xlsb": _stored(files.xlsb({"a": [["name", "n"], ["Kim", 1.5], ["Lee", 2.5]]})),
    "stored.ods": _stored(files.GOOD["ods"]),
    "wrapped.json": b'{"meta": {"n": 2}, "data": ' + files.GOOD["json"] + b"}",
}


def mutated(seed: int) -> tuple[str, bytes]:
    """Which good file, and its bytes after one to three things have happened to them."""
    rng = np.random.default_rng(seed)
    kind = list(SOURCES)[seed % len(SOURCES)]
    content = bytearray(SOURCES[kind])
    for _ in range(rng.integers(1, 4)):
        _WAYS[rng.integers(len(_WAYS))](content, rng)
    spoiled = bytes(content)
    return kind, _without_checksums(spoiled) if kind.startswith("stored") else spoiled


def _place(content: bytearray, rng: np.random.Generator) -> int:
    return int(rng.integers(len(content))) if content else 0


def _flip(content: bytearray, rng: np.random.Generator) -> None:
    for _ in range(rng.integers(1, 9)):
        if content:
            content[_place(content, rng)] ^= 1 << int(rng.integers(8))


def _extreme(content: bytearray, rng: np.random.Generator) -> None:
    """A number overwritten by one at the border of what it can be."""
    start = _place(content, rng)
    value = (
        b"\xff\xff\xff\x7f",
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x80",
        bytes(4),
        b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    )
    new = value[rng.integers(len(value))]
    content[start : start + len(new)] = new


def _cut(content: bytearray, rng: np.random.Generator) -> None:
    del content[_place(content, rng) :]


def _drop(content: bytearray, rng: np.random.Generator) -> None:
    start = _place(content, rng)
    del content[start : start + int(rng.integers(1, 65))]


def _duplicate(content: bytearray, rng: np.random.Generator) -> None:
    start = _place(content, rng)
    content[start:start] = content[start : start + int(rng.integers(1, 257))] * int(rng.integers(1, 5))


def _splice(content: bytearray, rng: np.random.Generator) -> None:
    """A piece of another good file in the midst of this one."""
    other = list(SOURCES.values())[rng.integers(len(SOURCES))]
    start, taken = _place(content, rng), int(rng.integers(len(other)))
    content[start:start] = other[taken : taken + int(rng.integers(1, 513))]


_WAYS = (_flip, _flip, _extreme, _cut, _drop, _duplicate, _splice)


def read_batch(emit: Callable[[object], None], folder: str, seeds: list[int]) -> None:
    """Read what each seed spoils, in a process with a memory limit; an event before and after each.

    Events: ("begin", seed), then ("end", seed, what came of it, the message or traceback, seconds).
    """
    from mlops_lib.data.reading import read_table
    from mlops_lib.jobs.memory import limit_memory, too_much
    from mlops_lib.objects.errors import FulcrumError

    limit_memory(MEMORY)
    path = Path(folder) / f"batch-{seeds[0]}"
    for seed in seeds:
        kind, content = mutated(seed)
        path.write_bytes(content)
        emit(("begin", seed))
        began = time.monotonic()
        said: tuple[str, str] = ("read", "")
        try:
            _use(read_table(path, kind))
        except FulcrumError as error:
            said = (
                "refused",
                error.message if error.hint and "\n" not in error.message else f"{error!r}: not one sentence",
            )
        except MemoryError:
            said = ("refused", too_much(MEMORY).message)
        except BaseException:  # noqa: BLE001  (whatever else comes out is what this test looks for)
            said = ("traceback", traceback.format_exc())
        emit(("end", seed, *said, time.monotonic() - began))


def _use(read: Any) -> None:
    """What every table must stand: to be sound, to be fingerprinted and to be shown."""
    from mlops_lib.objects.fingerprint import table_fingerprint

    read.table.validate(full=True)
    table_fingerprint(read.table)
    read.table.slice(0, 50).to_pandas().to_json()
    if not read.table.num_rows or read.reading.rows_kept != read.table.num_rows:
        raise AssertionError(f"{read.table.num_rows} rows, {read.reading.rows_kept} said")
