"""Has the engine read the texts of an app, without running them, and collects what they use and what it refuses."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Callable, Dict, Iterable, List, Optional, Set

from workbench.conf import Conf
from workbench.coverage.texts import EXPRESSION, SEARCH, Text, texts_of
from workbench.coverage.uses import Use, noted, settings_of_lookup, settings_of_props
from workbench.errors import WorkbenchError
from workbench.spl import Row, SearchError
from workbench.spl.arguments import Arguments
from workbench.spl.commands import COMMANDS
from workbench.spl.commands.table import Context
from workbench.spl.environment import Environment
from workbench.spl.evaluate import compile_text
from workbench.spl.lexer import bracket_end, outside_quotes, split_stages, strip_comments
from workbench.spl.macros import expand_macros

Reader = Callable[[str, Environment, Set[Use]], None]

CUSTOM = "custom command"
_COMMAND = re.compile(r"([\w.:-]+)\s*(.*)\Z", re.DOTALL)
_SEARCH = re.compile(r'search(?=[\s(\["])')
_MARKS = re.compile(r"<<(\w+)>>")


@dataclass
class Read:
    """What an app uses, with the places, and what of it the engine refuses: (place, message)."""

    places: Dict[Use, List[str]] = field(default_factory=lambda: defaultdict(list))
    refused: List[str] = field(default_factory=list)

    def add(self, uses: Iterable[Use], place: str) -> None:
        """Note uses at a place."""
        for use in uses:
            if place not in self.places[use]:
                self.places[use].append(place)


def read_app(conf: Conf, env: Environment) -> Read:
    """Read every search, expression, lookup and props stanza of an app in its environment."""
    read = Read()
    for text in texts_of(conf):
        try:
            read.add(_first_readable(text, env), text.place)
        except WorkbenchError as error:
            read.refused.append(f"{text.place}: {error}")
    for name, stanza in conf.stanzas("transforms").items():
        if "filename" in stanza or "external_type" in stanza:
            read.add(settings_of_lookup(stanza), f"transforms.conf [{name}]")
    for name, stanza in conf.layered("props").items():
        read.add(settings_of_props(stanza), f"props.conf [{name}]")
    return read


def _first_readable(text: Text, env: Environment) -> Set[Use]:
    """The uses of the first reading that the engine takes; the first reading's error when it takes none."""
    problems: List[WorkbenchError] = []
    for written in text.readings:
        expanded = expand_macros(strip_comments(written), env)
        for reader in _readers(text.kind, expanded, env):
            with noted() as uses:
                try:
                    reader(expanded, env, uses)
                except SearchError as error:
                    problems.append(error)
                else:
                    return uses
    raise problems[0]


def _readers(kind: str, text: str, env: Environment) -> List[Reader]:
    """A fragment that begins with no command is an expression or, failing that, a search expression."""
    if kind == EXPRESSION:
        return [_expression]
    if kind == SEARCH:
        return [_whole]
    return [_inner] if _is_pipeline(text, env) else [_expression, _whole]


def _is_pipeline(text: str, env: Environment) -> bool:
    match = _COMMAND.match(text.strip().lstrip("| "))
    if match is None:
        return False
    return match.group(1).lower() in COMMANDS or env.command(match.group(1)) is not None


def _expression(text: str, env: Environment, uses: Set[Use]) -> None:
    compile_text(text, env)


def _whole(text: str, env: Environment, uses: Set[Use]) -> None:
    _search(_implicit(text), env, uses)


def _inner(text: str, env: Environment, uses: Set[Use]) -> None:
    _search(text, env, uses, inner=True)


def _implicit(text: str) -> str:
    """A search that does not begin with a pipe begins with the command `search`."""
    stripped = text.strip()
    return stripped if stripped.startswith("|") or _SEARCH.match(stripped) else f"search {stripped}"


def _search(text: str, env: Environment, uses: Set[Use], inner: bool = False) -> None:
    """Read every stage of a pipeline and of the pipelines inside it; an inner one may be given rows."""
    context = Context(env, text, 0, _nothing)
    pieces = [piece for place, piece in enumerate(split_stages(text)) if piece or place]
    for place, piece in enumerate(pieces):
        match = _COMMAND.match(piece)
        if match is None:
            raise SearchError(f"Missing a search command: '{piece[:40]}'.")
        context.first = place == 0 and (not inner or _generates(match.group(1)))
        _stage(match.group(1), match.group(2), context, env, uses)


def _nothing(context: Context, text: str, rows: Optional[Iterable[Row]]) -> List[Row]:
    return []


def _generates(name: str) -> bool:
    known = COMMANDS.get(name.lower())
    return known is not None and known.generating


def _stage(name: str, text: str, context: Context, env: Environment, uses: Set[Use]) -> None:
    known = COMMANDS.get(name.lower())
    if known is None:
        if env.command(name) is None:
            raise SearchError(f"Unknown search command '{name}'.")
        uses.add(Use(CUSTOM, name))
        return
    uses.add(Use("command", name.lower()))
    if known.pipelines:
        for token in Arguments(name, text).tokens:
            if token.kind == "subsearch":
                _inner(_MARKS.sub("x", token.text), env, uses)
    else:
        text = _without_subsearches(text, env, uses)
    if context.first and not known.generating:
        raise SearchError(f"The command '{name}' cannot be the first of a search.")
    known.read(Arguments(name.lower(), text), context)


def _without_subsearches(text: str, env: Environment, uses: Set[Use]) -> str:
    """The arguments with each subsearch read, and a term in its place."""
    pieces: List[str] = []
    place = 0
    while True:
        begin = next((at for at, char in outside_quotes(text, place) if char == "["), None)
        if begin is None:
            return "".join([*pieces, text[place:]])
        end = bracket_end(text, begin)
        _whole(text[begin + 1 : end - 1], env, uses)
        pieces += [text[place:begin], "x=1"]
        place = end
