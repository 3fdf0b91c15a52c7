"""Frozen dataclasses to JSON and back; frames and arrays lie beside the JSON as Parquet and NumPy files.

No pickle: reading builds only dataclasses of this package, plain values, frames and arrays.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mlops_lib.objects.errors import NotTrustedError

_CLASS, _FRAME, _ARRAY, _NUMBER, _MAP = "$class", "$frame", "$array", "$number", "$map"
_FILE = "value.json"


def save(value: object, folder: Path) -> None:
    """Write a value into an existing, empty folder."""
    parts = _Parts(folder)
    text = json.dumps(_encode(value, parts), ensure_ascii=False, allow_nan=False)
    (folder / _FILE).write_text(text, encoding="utf-8", errors="surrogatepass")


def load(folder: Path, *, mapped: bool = False) -> Any:
    """Read what `save` wrote. Raises NotTrustedError where it names a class that is not ours.

    With `mapped`, arrays are opened read-only where they lie (as plain arrays over a memory map): that takes
    milliseconds whatever their size, and all who open them share one copy.
    """
    value = json.loads((folder / _FILE).read_text(encoding="utf-8", errors="surrogatepass"))
    return _decode(value, folder, mapped=mapped)


def to_json(value: object) -> str:
    """A value without frames and arrays as JSON text. Raises TypeError where it holds one."""
    return json.dumps(_encode(value, None), ensure_ascii=False, allow_nan=False)


def from_json(text: str) -> Any:
    """Read what `to_json` wrote."""
    return _decode(json.loads(text), None)


class _Parts:
    """Numbered files beside the JSON."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0

    def name(self, suffix: str) -> str:
        self.count += 1
        return f"part-{self.count}.{suffix}"


def _encode(value: Any, parts: _Parts | None) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return number if np.isfinite(number) else {_NUMBER: str(number)}
    if isinstance(value, (list, tuple)):
        return [_encode(v, parts) for v in value]
    if isinstance(value, Mapping):
        return {_MAP: [[_encode(k, parts), _encode(v, parts)] for k, v in value.items()]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        fields = {f.name: _encode(getattr(value, f.name), parts) for f in dataclasses.fields(value) if f.init}
        return {_CLASS: f"{kind.__module__}:{kind.__qualname__}", "fields": fields}
    if parts is not None:
        return _encode_bulk(value, parts)
    raise TypeError(f"A {type(value).__name__} cannot be written as JSON; save it into a folder instead.")


def _encode_bulk(value: Any, parts: _Parts) -> Any:
    import pandas as pd

    if isinstance(value, np.ndarray):
        if value.dtype.kind in "OUS":
            return {_ARRAY: [_encode(v, None) for v in value.tolist()], "dtype": "object"}
        name = parts.name("npy")
        np.save(parts.folder / name, value, allow_pickle=False)
        return {_ARRAY: name}
    if isinstance(value, pd.DataFrame):
        name = parts.name("parquet")
        value.to_parquet(parts.folder / name)
        return {_FRAME: name}
    raise TypeError(f"A {type(value).__name__} cannot be stored; use dataclasses, plain values, frames and arrays.")


def _decode(value: Any, folder: Path | None, *, mapped: bool = False) -> Any:
    if isinstance(value, list):
        return tuple(_decode(v, folder, mapped=mapped) for v in value)
    if not isinstance(value, dict):
        return value
    if _NUMBER in value:
        return float(value[_NUMBER])
    if _MAP in value:
        return {_decode(k, folder, mapped=mapped): _decode(v, folder, mapped=mapped) for k, v in value[_MAP]}
    if _CLASS in value:
        fields = {k: _decode(v, folder, mapped=mapped) for k, v in value["fields"].items()}
        return _our_class(value[_CLASS])(**fields)
    if _ARRAY in value:
        content = value[_ARRAY]
        if isinstance(content, list):
            return np.array([_decode(v, folder) for v in content], dtype=object)
        return np.asarray(np.load(_part(folder, content), mmap_mode="r" if mapped else None, allow_pickle=False))
    if _FRAME in value:
        import pandas as pd

        return pd.read_parquet(_part(folder, value[_FRAME]))
    raise NotTrustedError(
        "The stored value has a part of an unknown kind.", "Remove it from the workspace and make it anew."
    )


def _part(folder: Path | None, name: str) -> Path:
    if folder is None or Path(name).name != name:
        raise NotTrustedError(f"The stored value points at a file outside its folder ('{name}').")
    return folder / name


def _our_class(path: str) -> Any:
    module, _, name = path.partition(":")
    if not module.startswith("mlops_lib."):
        raise NotTrustedError(f"The stored value names the class '{path}', which is not one of Fulcrum's.")
    found = getattr(importlib.import_module(module), name, None)
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise NotTrustedError(f"The stored value names '{path}', which is not one of Fulcrum's nouns.")
    return found
