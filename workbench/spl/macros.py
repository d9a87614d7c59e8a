"""Expands `macros` in the text of a search, arguments and nesting included."""

from __future__ import annotations

import re
from typing import Dict, List, Tuple

from workbench.spl.environment import Environment, Macro
from workbench.spl.errors import SearchError, Unclosed, in_command
from workbench.spl.evaluate import compile_text
from workbench.spl.lexer import command_at, outside_quotes, quoted_end, unescape
from workbench.spl.values import text

MAX_DEPTH = 100
MAX_LENGTH = 1_000_000
MAX_CALLS = 10_000
_CALL = re.compile(r"\s*([^\s()`]+)\s*(?:\((.*)\))?\s*\Z", re.DOTALL)
_REASONS = (
    "Reasons include: the macro name is misspelled, you do not have \"read\" permission for the macro, "
    "or the macro has not been shared with this application."
)
_ENDLESS = (
    f"Reached maximum recursion depth ({MAX_DEPTH}) while expanding macros. "
    "Check for infinitely recursive macro definitions."
)


def expand_macros(search: str, env: Environment) -> str:
    """The search with every macro outside double quotes replaced by its definition.

    SearchError for one that does not exist, whose arguments do not validate, or that calls itself.
    """
    return _Expander(env).expand(search, ())


class _Expander:
    """Expands one search; `within` are the macros whose definition is being read."""

    def __init__(self, env: Environment):
        self.env = env
        self.calls = 0

    def expand(self, search: str, within: Tuple[str, ...]) -> str:
        if "`" not in search:
            return search
        pieces: List[str] = []
        place = 0
        while True:
            opening = next((at for at, char in outside_quotes(search, place) if char == "`"), None)
            if opening is None:
                expanded = "".join([*pieces, search[place:]])
                break
            end = _call_end(search, opening + 1)
            pieces += [search[place:opening], self._placed(search, opening, end, within)]
            place = end + 1
        if len(expanded) > MAX_LENGTH:
            raise SearchError(f"The search is longer than {MAX_LENGTH} characters when its macros are expanded.")
        return expanded

    def _placed(self, search: str, opening: int, end: int, within: Tuple[str, ...]) -> str:
        """The expansion of a call; an error tells the command that it stands in."""
        try:
            return self._expansion(search[opening + 1 : end], within)
        except SearchError as error:
            command = "" if within else command_at(search, opening)
            if not command:
                raise
            raise in_command(command, str(error)) from error

    def _expansion(self, call: str, within: Tuple[str, ...]) -> str:
        match = _CALL.match(call)
        if match is None:
            raise SearchError(f"The search specifies a macro '{call.strip()}' that cannot be found.")
        name, inside = match.groups()
        given = _arguments(inside) if inside is not None and inside.strip() else []
        full = f"{name}({len(given)})" if given else name
        self.calls += 1
        if full in within or self.calls > MAX_CALLS:
            raise SearchError(f"{_ENDLESS} The macro '{full}' is called by {' > '.join(within)}.")
        macro = self.env.macro(name, len(given))
        if macro is None:
            raise SearchError(f"The search specifies a macro '{full}' that cannot be found. {_REASONS}")
        values = _named(macro, given)
        _validate(macro, values, self.env)
        definition = _substitute(macro.definition, values)
        if macro.iseval:
            definition = text(compile_text(definition, self.env).get({}))
        try:
            return self.expand(definition, (*within, full))
        except Unclosed as error:
            raise SearchError(f"In the definition of the macro '{full}': {error}") from error


def _call_end(search: str, begin: int) -> int:
    end = next((at for at, char in outside_quotes(search, begin) if char == "`"), None)
    if end is None:
        raise Unclosed(f"Unbalanced backticks: the macro {_shown(search[begin - 1 :])} has no closing '`'.", begin - 1)
    return end


def _shown(text_of: str) -> str:
    return text_of if len(text_of) <= 40 else f"{text_of[:40]}..."


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
