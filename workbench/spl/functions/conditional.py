"""Functions that choose and compare, and those that tell what a value is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Callable, Optional, Pattern, Sequence, Tuple

from workbench.spl.documents import plain, read, write
from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.expressions import Literal
from workbench.spl.functions.table import Compiled, Getter, Table, bad_arguments, single
from workbench.spl.regex import compile_pattern
from workbench.spl.searchexpr import compile_search
from workbench.spl.values import Json, Row, in_network, many, number, one_or_many, text

TABLE = Table()
_BOOLEAN = "boolean"


def _common(branches: Sequence[Compiled]) -> str:
    kinds = {branch.kind for branch in branches if branch.kind != "null"}
    return kinds.pop() if len(kinds) == 1 else "any"


def _conditions(name: str, conditions: Sequence[Compiled]) -> None:
    if any(condition.kind not in (_BOOLEAN, "null") for condition in conditions):
        raise bad_arguments(name)


@TABLE.built("if", 3, 3)
def _if(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    _conditions("if", args[:1])
    condition, yes, no = (arg.get for arg in args)
    return (lambda row: yes(row) if condition(row) is True else no(row)), _common(args[1:])


@TABLE.built("case", 2, None)
def _case(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    if len(args) % 2:
        raise bad_arguments("case")
    _conditions("case", args[::2])
    pairs = [(condition.get, value.get) for condition, value in zip(args[::2], args[1::2])]

    def choose(row: Row) -> Any:
        return next((value(row) for condition, value in pairs if condition(row) is True), None)

    return choose, _common(args[1::2])


@TABLE.built("validate", 2, None)
def _validate(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    if len(args) % 2:
        raise bad_arguments("validate")
    _conditions("validate", args[::2])
    pairs = [(condition.get, value.get) for condition, value in zip(args[::2], args[1::2])]

    def choose(row: Row) -> Any:
        return next((value(row) for condition, value in pairs if condition(row) is not True), None)

    return choose, _common(args[1::2])


def _coalesce(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    gets = [arg.get for arg in args]

    def first(row: Row) -> Any:
        return next((value for value in (get(row) for get in gets) if value is not None), None)

    return first, _common(args)


TABLE.built("coalesce", 1, None)(_coalesce)
TABLE.built("ifnull", 2, 2)(_coalesce)


@TABLE.built("null", 0, 0)
def _null(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    return (lambda row: None), "null"


@TABLE.built("true", 0, 0)
def _true(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    return (lambda row: True), _BOOLEAN


@TABLE.built("false", 0, 0)
def _false(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    return (lambda row: False), _BOOLEAN


def _equal(left: Any, right: Any) -> bool:
    a, b = number(left), number(right)
    return text(left) == text(right) if a is None or b is None else a == b


@TABLE.plain("nullif", 2, 2)
def _nullif(left: Any, right: Any) -> Any:
    single(left, "nullif")
    return None if left is not None and right is not None and _equal(left, right) else left


@TABLE.plain("in", 2, None, _BOOLEAN)
def _in(value: Any, *choices: Any) -> Any:
    if value is None:
        return None
    single(value, "in")
    return any(choice is not None and _equal(value, choice) for choice in choices)


@lru_cache(maxsize=256)
def _like_pattern(pattern: str) -> Pattern[str]:
    pieces = {"%": ".*", "_": "."}
    return re.compile("".join(pieces.get(char) or re.escape(char) for char in pattern), re.DOTALL)


@TABLE.plain("like", 2, 2, _BOOLEAN)
def _like(value: Any, pattern: Any) -> Any:
    if value is None or pattern is None:
        return None
    return _like_pattern(text(pattern)).fullmatch(text(single(value, "like"))) is not None


@TABLE.built("match", 2, 2)
def _match(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    subject, pattern = args
    if isinstance(pattern.node, Literal):
        compile_pattern(text(pattern.node.value))

    def matches(row: Row) -> Any:
        value, regex = subject.get(row), pattern.get(row)
        if value is None or regex is None:
            return None
        search = compile_pattern(text(regex)).search
        return any(search(text(item)) for item in many(value))

    return matches, _BOOLEAN


@TABLE.plain("cidrmatch", 2, 2, _BOOLEAN)
def _cidrmatch(network: Any, address: Any) -> Any:
    if network is None or address is None:
        return None
    return bool(in_network(text(network), text(single(address, "cidrmatch"))))


@TABLE.built("searchmatch", 1, 1)
def _searchmatch(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    if not isinstance(args[0].node, Literal):
        raise bad_arguments("searchmatch")
    return compile_search(text(args[0].node.value), env).matches, _BOOLEAN


@TABLE.built("lookup", 3, 3)
def _lookup(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    """`lookup("table", json_object("column", value, …), json_array("column", …))` gives a JSON object."""
    name = args[0].node
    table = env.lookup(text(name.value)) if isinstance(name, Literal) else None
    if table is None:
        raise bad_arguments("lookup")

    def found(row: Row) -> Any:
        wanted, columns = (read(text(arg.get(row))) for arg in args[1:])
        if wanted is None or columns is None or not isinstance(wanted[0], dict):
            return None
        matches = table.match({key: text(plain(value)) for key, value in wanted[0].items()}, None)
        outputs = {text(name): one_or_many([row[name] for row in matches if row.get(name)]) for name in columns[0]}
        filled = {key: value for key, value in outputs.items() if value is not None}
        return Json(write(filled)) if filled else None

    return found, "any"


@TABLE.plain("isnull", 1, 1, _BOOLEAN)
def _isnull(value: Any) -> bool:
    return value is None


@TABLE.plain("isnotnull", 1, 1, _BOOLEAN)
def _isnotnull(value: Any) -> bool:
    return value is not None


@TABLE.plain("ismv", 1, 1, _BOOLEAN)
def _ismv(value: Any) -> bool:
    return isinstance(value, list)


@TABLE.plain("isbool", 1, 1, _BOOLEAN)
def _isbool(value: Any) -> bool:
    return isinstance(value, bool)


def _kind_test(name: str, test: Callable[[Any, Optional[float]], bool]) -> None:
    """A test of what a value is, given it and its number; a text that is a number is one when it comes from a field."""

    def build(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
        get, node = args[0].get, args[0].node
        if isinstance(node, Literal) and isinstance(node.value, str) and number(node.value) is not None:
            raise SearchError(f"Whether {node.written} is a number to the '{name}' function is not implemented.")

        def told(row: Row) -> bool:
            value = single(get(row), name)
            return test(value, number(value))

        return told, _BOOLEAN

    TABLE.built(name, 1, 1)(build)


_kind_test("isnum", lambda value, found: found is not None)
_kind_test("isint", lambda value, found: found is not None and found.is_integer())
_kind_test("isdouble", lambda value, found: found is not None and not found.is_integer())
_kind_test("isstr", lambda value, found: isinstance(value, str) and found is None)


def _is_json(value: Any, opening: str) -> bool:
    return isinstance(value, str) and value.lstrip().startswith(opening) and read(value) is not None


@TABLE.plain("isobject", 1, 1, _BOOLEAN)
def _isobject(value: Any) -> bool:
    return _is_json(value, "{")


@TABLE.plain("isarray", 1, 1, _BOOLEAN)
def _isarray(value: Any) -> bool:
    return _is_json(value, "[")


@TABLE.built("typeof", 1, 1)
def _typeof(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    get, literal = args[0].get, args[0].kind == "string"

    def name(row: Row) -> str:
        value = get(row)
        if isinstance(value, list):
            return "Multivalue"
        # Of a truth value the manual and searchbnf tell two names.
        if isinstance(value, (Json, bool)) or (value is None and args[0].kind == "null"):
            raise SearchError("The 'typeof' function over JSON, a truth value or null() is not implemented.")
        if value is None:
            return "Invalid"
        return "Number" if number(value) is not None and not literal else "String"

    return name, "string"
