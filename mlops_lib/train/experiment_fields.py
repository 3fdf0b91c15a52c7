"""Reading fields of a YAML file one by one, so that every complaint names its line and field.

Scalars are taken as they are written: `positive: Yes` is the text "Yes", although YAML 1.1 would read a truth value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, NoReturn, TypeVar

import yaml

from mlops_lib.objects.errors import InputError

T = TypeVar("T")

_NULL = "tag:yaml.org,2002:null"
_PLAIN: dict[str, Callable[[str], float | int]] = {"tag:yaml.org,2002:int": int, "tag:yaml.org,2002:float": float}


def parse(text: str, name: str) -> Fields:
    """The top-level fields of a YAML text. Raises InputError where it is no YAML mapping."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(
            f"'{name}' is no valid YAML: line {line}: {error.problem}.", "Check the indentation."
        ) from error
    except yaml.YAMLError as error:
        raise InputError(f"'{name}' is no valid YAML: {error}.", "Save it as plain UTF-8 text.") from error
    if not isinstance(node, yaml.MappingNode):
        raise InputError(f"'{name}' holds no fields.", "It needs at least 'data' and 'question'.")
    return Fields(node, "")


class Fields:
    """A mapping of the file. Fields that nobody asks for are refused by `done`."""

    def __init__(self, node: yaml.MappingNode, path: str) -> None:
        self._path = path
        self._line = _line(node)
        self._nodes: dict[str, yaml.Node] = {}
        self._asked: list[str] = []
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise InputError(f"Line {_line(key)}: the name of a field is a list or a mapping.", "Use a plain word.")
            if key.value in self._nodes:
                raise InputError(f"Line {_line(key)}: the field '{self._name(key.value)}' is there twice.", "Keep one.")
            self._nodes[key.value] = value

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        self._asked.append(name)
        node = self._nodes.get(name)
        return node is not None and not (isinstance(node, yaml.ScalarNode) and node.tag == _NULL)

    def text(self, name: str, default: str | None = None) -> str:
        """A text as it is written; required where there is no default."""
        if not self.has(name):
            return self._or_default(name, default)
        return str(self._scalar(name).value)

    def choice(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of the allowed texts."""
        value = self.text(name, default)
        if value not in allowed:
            self.refuse(name, f"'{value}' is not known", f"Choose one of: {', '.join(allowed)}.")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """A number."""
        if not self.has(name):
            return self._or_default(name, default)
        return self._converted(name, float, "a number")

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        if not self.has(name):
            return self._or_default(name, default)
        return self._converted(name, int, "a whole number")

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        if not self.has(name):
            return default
        value = self._scalar(name).value.lower()
        if value not in ("true", "false"):
            self.refuse(name, f"'{value}' is neither true nor false", "Write true or false.")
        return bool(value == "true")

    def texts(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts."""
        if not self.has(name):
            return default
        node = self._nodes[name]
        if not isinstance(node, yaml.SequenceNode) or not all(isinstance(n, yaml.ScalarNode) for n in node.value):
            self.refuse(name, "a list of texts is needed", "Write [a, b] or one '- a' a line.")
        return tuple(n.value for n in node.value)

    def choices(self, name: str, allowed: Collection[str], default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of allowed texts."""
        values = self.texts(name, default)
        for value in values:
            if value not in allowed:
                self.refuse(name, f"'{value}' is not known", f"Choose among: {', '.join(allowed)}.")
        return values

    def section(self, name: str) -> Fields | None:
        """A mapping inside, None where it is not there."""
        if not self.has(name):
            return None
        node = self._nodes[name]
        if not isinstance(node, yaml.MappingNode):
            self.refuse(name, "fields are needed below it", "Write 'name: value' lines, indented.")
        return Fields(node, self._name(name))

    def sections(self, name: str) -> tuple[Fields, ...]:
        """A list of mappings, empty where it is not there."""
        if not self.has(name):
            return ()
        node = self._nodes[name]
        if not isinstance(node, yaml.SequenceNode) or not all(isinstance(n, yaml.MappingNode) for n in node.value):
            self.refuse(name, "a list of entries with fields is needed", "Begin each entry with '- '.")
        return tuple(Fields(n, f"{self._name(name)}[{i + 1}]") for i, n in enumerate(node.value))

    def is_text(self, name: str) -> bool:
        """Whether the field holds a plain value, no list or mapping."""
        return self.has(name) and isinstance(self._nodes[name], yaml.ScalarNode)

    def is_plain_list(self, name: str) -> bool:
        """Whether the field holds a list of plain values."""
        node = self._nodes.get(name)
        return isinstance(node, yaml.SequenceNode) and all(isinstance(n, yaml.ScalarNode) for n in node.value)

    def values(self) -> Iterator[tuple[str, float | int | str | bool | None]]:
        """All fields as plain values: numbers, true, false, null or text."""
        for name in self._nodes:
            yield name, self._plain(name)

    def all_texts(self) -> Iterator[tuple[str, str]]:
        """All fields as texts."""
        for name in self._nodes:
            yield name, self.text(name)

    def done(self) -> None:
        """Refuse fields that nobody asked for."""
        for name in self._nodes:
            if name not in self._asked:
                known = ", ".join(dict.fromkeys(self._asked))
                self.refuse(name, "there is no such field", f"The fields here are: {known}.")

    def refuse(self, name: str, what: str, hint: str = "") -> NoReturn:
        """Raise InputError naming the line and the field."""
        line = _line(self._nodes[name]) if name in self._nodes else self._line
        raise InputError(f"Line {line}, field '{self._name(name)}': {what}.", hint)

    def _or_default(self, name: str, default: T | None) -> T:
        if default is None:
            self.refuse(name, "it is missing", "Add it.")
        return default

    def _scalar(self, name: str) -> yaml.ScalarNode:
        node = self._nodes[name]
        if not isinstance(node, yaml.ScalarNode):
            self.refuse(name, "one value is needed, not a list or fields")
        return node

    def _converted(self, name: str, kind: Callable[[str], T], what: str) -> T:
        value = self._scalar(name).value
        try:
            return kind(value)
        except ValueError:
            self.refuse(name, f"'{value}' is not {what}")

    def _plain(self, name: str) -> Any:
        self._asked.append(name)
        node = self._scalar(name)
        if node.tag == _NULL:
            return None
        if node.tag == "tag:yaml.org,2002:bool":
            return self.flag(name, default=False) if node.value.lower() in ("true", "false") else node.value
        return self._converted(name, _PLAIN[node.tag], "a number") if node.tag in _PLAIN else node.value

    def _name(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
