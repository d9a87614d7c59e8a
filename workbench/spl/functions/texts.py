"""Functions of text, and the digests."""

from __future__ import annotations

import hashlib
import math
from typing import Any, Callable, Tuple
from urllib.parse import unquote

from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.expressions import Literal
from workbench.spl.functions.table import Compiled, Getter, Table, bad_arguments, each, single
from workbench.spl.lexer import split_stages
from workbench.spl.paths import extract_path
from workbench.spl.regex import compile_pattern, replacement
from workbench.spl.values import Row, number, one_or_many, text

TABLE = Table()
_BLANKS = " \t"


@TABLE.plain("length", 1, 1, "number")
@TABLE.plain("len", 1, 1, "number")
def _len(value: Any) -> Any:
    return None if value is None else len(text(single(value, "len")))


@TABLE.plain("lower", 1, 1, "string")
def _lower(value: Any) -> Any:
    return each(value, str.lower)


@TABLE.plain("upper", 1, 1, "string")
def _upper(value: Any) -> Any:
    return each(value, str.upper)


def _trimmer(name: str, strip: Callable[[str, str], str]) -> None:
    def trim(value: Any, chars: Any = _BLANKS) -> Any:
        return each(value, lambda item: strip(item, text(chars)))

    TABLE.plain(name, 1, 2, "string")(trim)


_trimmer("trim", str.strip)
_trimmer("ltrim", str.lstrip)
_trimmer("rtrim", str.rstrip)


@TABLE.plain("substr", 2, 3, "string", numeric=1)
def _substr(value: Any, start: Any, length: Any = "") -> Any:
    """By SQLite's rules: places before the first character (0, or more from the end than there are) count too."""
    whole = None if value is None else text(single(value, "substr"))
    first, size = number(start), math.inf if length == "" else number(length)
    if whole is None or first is None or size is None or not math.isfinite(first):
        return None
    if size < 0:
        raise SearchError(f"The 'substr' function with the negative length {text(length)} is not implemented.")
    begin = first - 1 if first >= 0 else len(whole) + first
    end = min(begin + size, len(whole))
    return whole[int(min(max(begin, 0), len(whole))) : max(int(end), 0)]


@TABLE.built("replace", 3, 3)
def _replace(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    subject, pattern, template = args
    if isinstance(pattern.node, Literal):
        compile_pattern(text(pattern.node.value))

    def replaced(row: Row) -> Any:
        value, regex, new = subject.get(row), pattern.get(row), template.get(row)
        if value is None or regex is None or new is None:
            return None
        return compile_pattern(text(regex)).sub(replacement(text(new)), text(single(value, "replace")))

    return replaced, "string"


@TABLE.plain("urldecode", 1, 1, "string")
def _urldecode(value: Any) -> Any:
    return None if value is None else unquote(text(single(value, "urldecode")))


@TABLE.plain("spath", 2, 2)
def _spath(value: Any, path: Any) -> Any:
    return None if value is None or path is None else extract_path(text(value), text(path))


def _digest(name: str) -> None:
    def digest(value: Any) -> Any:
        if value is None:
            return None
        return hashlib.new(name, text(single(value, name)).encode(), usedforsecurity=False).hexdigest()

    TABLE.plain(name, 1, 1, "string")(digest)


for _name in ("md5", "sha1", "sha256", "sha512"):
    _digest(_name)


@TABLE.built("commands", 1, 1)
def _commands(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    if args[0].kind == "number":
        raise bad_arguments("commands")
    get = args[0].get

    def names(row: Row) -> Any:
        value = get(row)
        if value is None:
            return None
        stages = split_stages(text(value))
        found = [stage.split(None, 1)[0] for stage in stages[1:] if stage]
        found = ["search", *found] if stages[0] else found
        return one_or_many(found)

    return names, "any"
