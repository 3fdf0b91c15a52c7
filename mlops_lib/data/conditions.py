"""Conditions on the rows of a table: comparisons joined by "and", "or" and "not", from text that is never evaluated.

`overtime == 'Yes' and tenure < 2` is parsed by Python's own grammar into comparisons; anything else that Python allows
(calls, attributes, arithmetic) is refused. A column whose name is not a plain word stands between backticks:
`` `monthly income` >= 1000 ``. A missing cell meets `is None` only, neither `==` nor `!=`; `not (...)` is met by every
row that does not meet what it holds, one with a missing cell among them.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import re
import sys
import unicodedata
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from mlops_lib.objects.errors import InputError
from mlops_lib.objects.words import exact, listed

Operator = Literal["==", "!=", "<", "<=", ">", ">=", "in", "between", "missing", "filled"]
Value = float | int | str

LONGEST = 20_000
MOST_COMPARISONS = 200


@dataclass(frozen=True)
class OperatorWords:
    """How an operator is called and how many values it takes (None: any number from one on)."""

    words: str
    values: int | None


OPERATORS: Mapping[Operator, OperatorWords] = {
    "==": OperatorWords("is", 1),
    "!=": OperatorWords("is not", 1),
    "<": OperatorWords("is below", 1),
    "<=": OperatorWords("is at most", 1),
    ">": OperatorWords("is above", 1),
    ">=": OperatorWords("is at least", 1),
    "in": OperatorWords("is one of", None),
    "between": OperatorWords("is between", 2),
    "missing": OperatorWords("is missing", 0),
    "filled": OperatorWords("is not missing", 0),
}
"""The operators of a comparison, with their words."""


@dataclass(frozen=True)
class Comparison:
    """A column against values: none for "missing" and "filled", low and high (both included) for "between".

    Dates are text in ISO 8601. A day without a time means the whole day: "at most 2020-12-31" includes its evening.
    """

    column: str
    operator: Operator
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Group:
    """Conditions of which all, or any one, or none ("not") must hold."""

    how: Literal["all", "any", "none"]
    parts: tuple[Condition, ...]


Condition = Comparison | Group
_JOINED: Mapping[str, str] = {"all": " and ", "any": " or ", "none": " or "}


def parse_condition(text: str, columns: Collection[str] | None = None) -> Condition:
    """The condition that a text states. With `columns`, names are checked too.

    Raises InputError where it is no condition, naming the piece that is not understood.
    """
    plain, names = _without_backticks(text)
    condition = _Reading(names, plain).condition(_tree(plain))
    if columns is not None:
        for name in dict.fromkeys(columns_of(condition)):
            check_column(name, columns)
    return condition


def to_text(condition: Condition) -> str:
    """The text that `parse_condition` turns into this condition again."""
    if isinstance(condition, Group):
        joined = _JOINED[condition.how].join(
            f"({to_text(p)})" if isinstance(p, Group) and p.how != "none" else to_text(p) for p in condition.parts
        )
        return f"not ({joined})" if condition.how == "none" else joined
    name, values = _written_name(condition.column), condition.values
    if condition.operator in ("missing", "filled"):
        return f"{name} is {'not ' if condition.operator == 'filled' else ''}None"
    if condition.operator == "between":
        return f"{values[0]!r} <= {name} <= {values[1]!r}"
    if condition.operator == "in":
        return f"{name} in [{', '.join(map(repr, values))}]"
    return f"{name} {condition.operator} {values[0]!r}"


def in_words(condition: Condition) -> str:
    """The condition as a phrase: "overtime is 'Yes' and tenure is below 2"."""
    if isinstance(condition, Group):
        joined = _JOINED[condition.how].join(
            f"({in_words(p)})" if isinstance(p, Group) and p.how != "none" else in_words(p) for p in condition.parts
        )
        return f"not ({joined})" if condition.how == "none" else joined
    said = [f"'{v}'" if isinstance(v, str) else exact(v) for v in condition.values]
    phrase = " and ".join(said) if condition.operator == "between" else listed(said)
    return f"{condition.column} {OPERATORS[condition.operator].words} {phrase}".rstrip()


def columns_of(condition: Condition) -> tuple[str, ...]:
    """The columns that a condition names, each once."""
    if isinstance(condition, Comparison):
        return (condition.column,)
    return tuple(dict.fromkeys(name for part in condition.parts for name in columns_of(part)))


def _tree(plain: str) -> ast.expr:
    if not plain.strip():
        raise InputError("The condition is empty.", "Write one such as: tenure < 2")
    if len(plain) > LONGEST:
        raise InputError(f"The condition has {len(plain):,} characters; the limit is {LONGEST:,}.", "Shorten it.")
    try:
        with warnings.catch_warnings():
            # Python warns of odd escapes and of "is" with a literal; both are refused or harmless here.
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(plain.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = (error.offset or len(plain.strip())) if isinstance(error, SyntaxError) else None
        near = f" near '{plain.strip()[max(0, where - 8) : where + 8]}'" if where else ""
        raise InputError(f"The condition cannot be read{near}.", _how_to_write(plain)) from error
    if any(
        isinstance(n, ast.Constant) and type(n.value) is int and n.value > sys.float_info.max for n in ast.walk(tree)
    ):
        raise InputError("The condition has a number beyond 1.8e308.", "Write a smaller one.")
    return tree


def _how_to_write(plain: str) -> str:
    """What to write instead of a text that cannot be read, by the mistake that it seems to hold."""
    bare = _QUOTED.sub("", plain)
    if re.search(r"(?<![=<>!])=(?!=)", bare):
        return "Two equals signs compare, as in: overtime == 'Yes'."
    word = next((w for w in re.findall(r"[A-Za-z]+", bare) if keyword.iskeyword(w) and w not in _MEANT), None)
    if word is not None:
        return f"If '{word}' is a column, put it between backticks: `{word}`."
    return "Write it like: overtime == 'Yes' and tenure < 2; put names with blanks between backticks."


_MEANT = ("and", "or", "not", "in", "is", "None", "True", "False")
"""Words of Python that a condition may have."""

_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`((?:``|[^`])*)`", re.DOTALL)


def _without_backticks(text: str) -> tuple[str, dict[str, str]]:
    """The text with every name between backticks replaced by a plain word, and what these words stand for."""
    names: dict[str, str] = {}
    mark = "column_"
    while mark in text:
        mark += "_"

    def replaced(found: re.Match[str]) -> str:
        if found.group(1) is None:
            return found.group(0)
        word = f"{mark}{len(names)}"
        names[word] = found.group(1).replace("``", "`")
        return word

    return _QUOTED.sub(replaced, text), names


_SIGNS: Mapping[type[ast.cmpop], Operator] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
}  # fmt: skip
_TURNED: Mapping[Operator, Operator] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass
class _Reading:
    """A parsed text on its way to a condition. `names` are what the words for names between backticks stand for."""

    names: Mapping[str, str]
    text: str
    count: int = 0

    def condition(self, node: ast.expr) -> Condition:
        if isinstance(node, ast.BoolOp):
            how: Literal["all", "any"] = "all" if isinstance(node.op, ast.And) else "any"
            return Group(how, tuple(self.condition(part) for part in node.values))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _negated(self.condition(node.operand))
        if not isinstance(node, ast.Compare):
            raise self._wrong(node, "is no comparison")
        self.count += 1
        if self.count > MOST_COMPARISONS:
            raise InputError(
                f"The condition has more than {MOST_COMPARISONS} comparisons.", "Use 'in [...]' for a list of values."
            )
        if len(node.ops) == 1:
            return self._simple(node)
        return self._chained(node)

    def _simple(self, node: ast.Compare) -> Comparison:
        left, operator, right = node.left, node.ops[0], node.comparators[0]
        if isinstance(operator, (ast.Is, ast.IsNot)):
            if not (isinstance(right, ast.Constant) and right.value is None):
                raise self._wrong(node, "uses 'is', which asks for missing cells only", "Write == for a value.")
            return Comparison(self._name(left), "missing" if isinstance(operator, ast.Is) else "filled")
        if isinstance(operator, ast.NotIn):
            raise self._wrong(node, "uses 'not in'", "Join comparisons with != by 'and'.")
        sign = _SIGNS[type(operator)]
        if sign == "in":
            return Comparison(self._name(left), "in", self._values(right))
        if not isinstance(left, ast.Name):
            left, right, sign = right, left, _TURNED[sign]
        return Comparison(self._name(left), sign, (self._value(right),))

    def _chained(self, node: ast.Compare) -> Comparison:
        """`low <= column <= high`."""
        if len(node.ops) != 2 or not all(isinstance(o, ast.LtE) for o in node.ops):
            raise self._wrong(
                node, "compares more than two things", "Write low <= column <= high, or join two by 'and'."
            )
        return Comparison(
            self._name(node.comparators[0]), "between", (self._value(node.left), self._value(node.comparators[1]))
        )

    def _name(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Name):
            raise self._wrong(
                node, "is not the name of a column", "Put names that are not plain words between backticks."
            )
        return self.names.get(node.id, node.id)

    def _values(self, node: ast.expr) -> tuple[Value, ...]:
        if not isinstance(node, (ast.List, ast.Tuple, ast.Set)) or not node.elts:
            raise self._wrong(node, "is no list of values", "Write in ['a', 'b'].")
        return tuple(self._value(one) for one in node.elts)

    def _value(self, node: ast.expr) -> Value:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._value(node.operand)
            if not isinstance(inner, str):
                return -inner
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, str):
            return node.value  # type: ignore[return-value]
        if isinstance(node, ast.Name):
            raise self._wrong(
                node, "is a column or a word without quotes", f"Put text in quotes: '{self._said(node)}'."
            )
        if isinstance(node, ast.Constant) and node.value is None:
            raise self._wrong(node, "stands for a missing cell", "Write 'is None' or 'is not None'.")
        raise self._wrong(node, "is no number and no text in quotes")

    def _said(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        said = ast.unparse(node)
        for word, name in self.names.items():
            said = said.replace(word, f"`{name}`")
        return said if len(said) <= 60 else f"{said[:59]}…"

    def _wrong(self, node: ast.expr, what: str, hint: str = "") -> InputError:
        usual = "Compare columns with values, joined by 'and' and 'or': overtime == 'Yes' and tenure < 2"
        return InputError(f"In the condition, {self._said(node)} {what}.", hint or usual)


def _negated(condition: Condition) -> Condition:
    """What is met where the condition is not; "not (a or b)" holds its parts itself, so that its text comes back."""
    if isinstance(condition, Group) and condition.how == "any":
        return Group("none", condition.parts)
    return Group("none", (condition,))


def _written_name(name: str) -> str:
    # Python reads names in their compatibility form, so a name that this changes stands between backticks.
    plain = name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name
    return name if plain else f"`{name.replace('`', '``')}`"


def check_column(name: str, columns: Collection[str]) -> None:
    """Raises InputError, with the nearest name, where there is no such column."""
    if name in columns:
        return
    near = difflib.get_close_matches(name, columns, n=1)
    hint = f"Is it '{near[0]}'?" if near else f"The columns are: {listed(tuple(columns), most=20)}."
    raise InputError(f"There is no column '{name}'.", hint)
