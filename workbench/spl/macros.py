"""Expands `macros` in the text of a search, arguments and nesting included."""

from __future__ import annotations

import re
from typing import Dict, List, Tuple

from workbench.spl.environment import Environment, Macro
from workbench.spl.errors import SearchError
from workbench.spl.evaluate import compile_text
from workbench.spl.lexer import outside_quotes, quoted_end, unescape
from workbench.spl.values import text

MAX_DEPTH = 100
_CALL = re.compile(r"\s*([^\s()`]+)\s*(?:\((.*)\))?\s*\Z", re.DOTALL)


def expand_macros(search: str, env: Environment, depth: int = 0) -> str:
    """The search with every macro outside double quotes replaced by its definition."""
    if "`" not in search:
        return search
    if depth >= MAX_DEPTH:
        raise SearchError(
            f"Reached maximum recursion depth ({MAX_DEPTH}) while expanding macros. "
            "Check for infinitely recursive macro definitions."
        )
    pieces: List[str] = []
    place = 0
    while True:
        begin = next((at for at, char in outside_quotes(search, place) if char == "`"), None)
        if begin is None:
            return "".join([*pieces, search[place:]])
        end = _call_end(search, begin + 1)
        pieces.append(search[place:begin])
        pieces.append(expand_macros(_expansion(search[begin + 1 : end], env), env, depth + 1))
        place = end + 1


def _call_end(search: str, begin: int) -> int:
    end = next((at for at, char in outside_quotes(search, begin) if char == "`"), None)
    if end is None:
        raise SearchError("Unbalanced backticks: a macro's closing '`' is missing.")
    return end


def _expansion(call: str, env: Environment) -> str:
    match = _CALL.match(call)
    if match is None:
        raise SearchError(f"The search specifies a macro '{call.strip()}' that cannot be found.")
    name, inside = match.groups()
    given = _arguments(inside) if inside is not None and inside.strip() else []
    macro = env.macro(name, len(given))
    if macro is None:
        full = f"{name}({len(given)})" if given else name
        raise SearchError(f"The search specifies a macro '{full}' that cannot be found.")
    values = _named(macro, given)
    _validate(macro, values, env)
    definition = _substitute(macro.definition, values)
    if not macro.iseval:
        return definition
    return text(compile_text(definition, env).get({}))


def _arguments(inside: str) -> List[str]:
    """The texts between the commas outside quotes and parentheses; a fully quoted one loses its quotes."""
    found: List[str] = []
    begin = depth = 0
    for place, char in outside_quotes(inside):
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            found.append(inside[begin:place])
            begin = place + 1
    return [_unquoted(piece.strip()) for piece in [*found, inside[begin:]]]


def _unquoted(argument: str) -> str:
    if argument.startswith('"') and quoted_end(argument, 0) == len(argument):
        return unescape(argument[1:-1])
    return argument


def _named(macro: Macro, given: List[str]) -> Dict[str, str]:
    pairs: List[Tuple[str, str, str]] = [argument.partition("=") for argument in given]
    if given and all(sign and name.strip() in macro.args for name, sign, _ in pairs):
        return {name.strip(): _unquoted(value.strip()) for name, _, value in pairs}
    return dict(zip(macro.args, given))


def _substitute(template: str, values: Dict[str, str]) -> str:
    """Replace $name$ everywhere, inside quotes too."""
    return re.sub(r"\$(\w+)\$", lambda match: values.get(match.group(1), match.group()), template)


def _validate(macro: Macro, values: Dict[str, str], env: Environment) -> None:
    if not macro.validation:
        return
    compiled = compile_text(_substitute(macro.validation, values), env)
    verdict = compiled.get({})
    if compiled.kind == "boolean":
        if verdict is not True:
            raise SearchError(macro.errormsg or "The macro's arguments are invalid.")
    elif verdict is not None:
        raise SearchError(text(verdict))
