"""Functions of multivalue fields."""

from __future__ import annotations

import math
from typing import Any, Dict, List, Tuple

from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.expressions import Binary, Call, Field, Literal, Node, Unary
from workbench.spl.functions.table import Compiled, Getter, Table, bad_arguments
from workbench.spl.regex import compile_pattern
from workbench.spl.timemods import shift, span
from workbench.spl.values import Row, many, number, one_or_many, text

TABLE = Table()
_MOST_VALUES = 100_000


@TABLE.plain("mvappend", 1, None)
def _mvappend(*values: Any) -> Any:
    return one_or_many([item for value in values for item in many(value)])


@TABLE.plain("mvcount", 1, 1, "number")
def _mvcount(value: Any) -> Any:
    return None if value is None else len(many(value))


@TABLE.plain("mvdedup", 1, 1)
def _mvdedup(values_of: Any) -> Any:
    return _first_seen(many(values_of))


def _first_seen(values: List[Any]) -> Any:
    seen: Dict[str, Any] = {}
    for item in values:
        seen.setdefault(text(item), item)
    return one_or_many(list(seen.values()))


@TABLE.plain("mvsort", 1, 1)
def _mvsort(value: Any) -> Any:
    return one_or_many(sorted(many(value), key=text))


@TABLE.plain("mvreverse", 1, 1)
def _mvreverse(value: Any) -> Any:
    return one_or_many(many(value)[::-1])


@TABLE.plain("mvjoin", 2, 2, "string")
def _mvjoin(value: Any, separator: Any) -> Any:
    if value is None or separator is None:
        return None
    return text(separator).join(text(item) for item in many(value))


@TABLE.plain("mvindex", 2, 3, numeric=1)
def _mvindex(value: Any, start: Any, end: Any = "") -> Any:
    first, last = number(start), number(start if end == "" else end)
    if value is None or first is None or last is None or not math.isfinite(first) or not math.isfinite(last):
        return None
    values = many(value)
    low, high = (int(place) + (len(values) if place < 0 else 0) for place in (first, last))
    if low > high or high < 0 or low >= len(values):
        return None
    if low < 0 or high >= len(values):
        raise SearchError("The 'mvindex' function of a range that is partly out of the field is not implemented.")
    return one_or_many(values[low : high + 1])


@TABLE.plain("mvzip", 2, 3)
def _mvzip(left: Any, right: Any, separator: Any = ",") -> Any:
    if separator is None:
        return None
    pairs = zip(many(left), many(right))
    return one_or_many([text(a) + text(separator) + text(b) for a, b in pairs])


@TABLE.plain("mvfind", 2, 2, "number")
def _mvfind(value: Any, pattern: Any) -> Any:
    if value is None or pattern is None:
        return None
    search = compile_pattern(text(pattern)).search
    return next((place for place, item in enumerate(many(value)) if search(text(item))), None)


@TABLE.plain("split", 2, 2)
def _split(value: Any, separator: Any) -> Any:
    if value is None or separator is None:
        return None
    if separator == "":
        raise SearchError("The 'split' function with an empty delimiter is not implemented.")
    return one_or_many([piece for item in many(value) for piece in text(item).split(text(separator))])


@TABLE.built("mvrange", 2, 3)
def _mvrange(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    def values(row: Row) -> Any:
        given = [arg.get(row) for arg in args]
        start, end = number(given[0]), number(given[1])
        step = given[2] if len(given) > 2 else 1
        if start is None or end is None or step is None:
            return None
        plain = number(step)
        parsed = (plain, "") if plain is not None else span(text(step))
        if parsed is None or parsed[0] <= 0:
            raise bad_arguments("mvrange")
        amount, unit = parsed
        found: List[Any] = []
        while start < end:
            if len(found) == _MOST_VALUES:
                raise SearchError(f"mvrange() with more than {_MOST_VALUES} values is not implemented.")
            found.append(start)
            start = shift(start, amount, unit, env.tz) if unit else start + amount
        return one_or_many([text(item) for item in found])

    return values, "any"


def _fields(node: Node) -> List[str]:
    if isinstance(node, Field):
        return [node.name]
    if isinstance(node, Call):
        return [name for arg in node.args for name in _fields(arg)]
    if isinstance(node, Unary):
        return _fields(node.operand)
    if isinstance(node, Binary):
        return _fields(node.left) + _fields(node.right)
    return []


class _With(Dict[str, Any]):
    """A row in which one field holds one of its values; the rest is read through."""

    def __init__(self, row: Row, name: str, value: Any):
        super().__init__()
        self.row, self.name, self.value = row, name, value

    def get(self, name: str, default: Any = None) -> Any:
        return self.value if name == self.name else self.row.get(name, default)


@TABLE.built("mvfilter", 1, 1)
def _mvfilter(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    names = set(_fields(args[0].node))
    if len(names) != 1 or args[0].kind != "boolean":
        raise bad_arguments("mvfilter")
    name, condition = names.pop(), args[0].get

    def kept(row: Row) -> Any:
        return one_or_many([item for item in many(row.get(name)) if condition(_With(row, name, item)) is True])

    return kept, "any"


@TABLE.built("mvmap", 2, 3)
def _mvmap(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    """The expression for each value, which has the name of the field, or the one that a third argument gives."""
    names = _fields(args[0].node)
    if len(args) > 2:
        own = args[2].node
        names = [own.value] if isinstance(own, Literal) and isinstance(own.value, str) else []
    if not names:
        raise bad_arguments("mvmap")
    name, source, change = names[0], args[0].get, args[1].get

    def mapped(row: Row) -> Any:
        changed = (change(_With(row, name, item)) for item in many(source(row)))
        return one_or_many([item for value in changed for item in many(value)])

    return mapped, args[1].kind
