"""Runs a search: comments and macros out, cut at the pipes, subsearches run, stages built and run in turn."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, TypeVar

from workbench.spl.arguments import Arguments
from workbench.spl.commands import COMMANDS
from workbench.spl.commands.formatting import as_search_text
from workbench.spl.commands.table import Context, Stage
from workbench.spl.environment import Command, Environment, SearchInfo
from workbench.spl.errors import SearchError, Unclosed, in_command
from workbench.spl.lexer import bracket_end, command_at, outside_quotes, split_stages, strip_comments, tokens
from workbench.spl.macros import expand_macros
from workbench.spl.values import Row, settled

MAX_SUBSEARCH_DEPTH = 8
# Saved searches run others, or themselves, beyond the brackets that can be counted.
MAX_DEPTH = 24
# limits.conf [subsearch] maxout: what a subsearch gives to the search around it.
MAX_SUBSEARCH_ROWS = 10_000
# What shows as it is; settled() would only cost time.
_SETTLED = (str, int)
Read = TypeVar("Read")
_COMMAND = re.compile(r"([\w.:-]+)\s*(.*)\Z", re.DOTALL)


@dataclass
class Result:
    """What a search gives: rows, the order of their columns, what it said on the way, and how many events it read.

    `scanned` counts by index the events that words and indexed fields did not rule out, as Splunk's scanCount does.
    """

    rows: List[Row]
    fields: List[str]
    messages: List[str] = field(default_factory=list)
    scanned: Dict[str, int] = field(default_factory=dict)


def search(spl: str, env: Environment, rows: Optional[Iterable[Row]] = None) -> Result:
    """Run a search; `rows` enter one that begins with a pipe and has no generating command.

    Raises SearchError for whatever Splunk, or this engine, refuses.
    """
    try:
        return _search(spl, env, rows)
    except RecursionError:
        raise SearchError("The search nests parentheses, operators or functions too deeply.") from None


def _search(spl: str, env: Environment, rows: Optional[Iterable[Row]]) -> Result:
    context = Context(env, spl, 0, _subsearch)
    given = None if rows is None else [dict(row) for row in rows]
    text = _told(strip_comments, spl)
    text = _told(lambda written: expand_macros(written, env), text)
    _told(_check_depth, text)
    env.scanned = {}
    found = _run(context, _implicit(text), given)
    kept = [_settled(row) for row in found]
    return Result(kept, _columns(context, kept), context.messages, env.scanned)


def _told(read: Callable[[str], Read], text: str) -> Read:
    """What a reader makes of a search; where something is not closed, with the command that it stands in."""
    try:
        return read(text)
    except Unclosed as error:
        raise _of_command(command_at(text, error.place), error) from error


def _settled(row: Row) -> Row:
    changed = {name: settled(value) for name, value in row.items() if value.__class__ not in _SETTLED}
    if type(row) is not dict:
        return {**row, **changed}
    row.update(changed)
    return row


def _check_depth(text: str) -> None:
    depth = 0
    for _, char in outside_quotes(text):
        depth += (char == "[") - (char == "]")
        if depth > MAX_SUBSEARCH_DEPTH:
            raise SearchError(f"The search has too many nested subsearches (more than {MAX_SUBSEARCH_DEPTH}).")


def _implicit(text: str) -> str:
    """A search that does not begin with a pipe begins with the command `search`."""
    stripped = text.strip()
    if stripped.startswith("|") or re.match(r"search(?=[\s(\[\"]|\Z)", stripped):
        return stripped
    return f"search {stripped}"


def _columns(context: Context, rows: List[Row]) -> List[str]:
    seen: Dict[str, Any] = dict.fromkeys(context.columns)
    for row in rows:
        seen.update(row)
    return list(seen)


def _subsearch(parent: Context, text: str, rows: Optional[Iterable[Row]]) -> List[Row]:
    if parent.depth >= MAX_DEPTH:
        raise SearchError(f"The search runs subsearches or saved searches more than {MAX_DEPTH} levels deep.")
    context = Context(parent.env, parent.search, parent.depth + 1, _subsearch, parent.messages)
    return _run(context, text, None if rows is None else list(rows))


def _run(context: Context, text: str, rows: Optional[List[Row]]) -> List[Row]:
    pieces = [piece for place, piece in enumerate(_told(split_stages, text)) if piece or place]
    if not pieces or not all(pieces):
        behind = next((f": '| {after[:30]}'" for piece, after in zip(pieces, pieces[1:]) if not piece), "")
        raise SearchError(f"Missing a search command before '|'{behind}.")
    stages: List[Tuple[str, Stage]] = []
    for place, piece in enumerate(pieces):
        context.first = rows is None and place == 0
        stages.append(_stage(context, piece))
    found = rows or []
    for name, stage in stages:
        try:
            found = stage(found)
        except SearchError as error:
            raise _of_command(name, error) from error
    return found


def _of_command(name: str, error: SearchError) -> SearchError:
    """The error with the command that it is of, unless there is none or it tells that itself."""
    return error if not name or str(error).startswith("Error in '") else in_command(name, str(error))


def _stage(context: Context, piece: str) -> Tuple[str, Stage]:
    """A stage with the name of its command."""
    match = _COMMAND.match(piece)
    if match is None:
        raise SearchError(f"Unknown search command '{piece.split()[0]}'.")
    name, text = match.group(1).lower(), match.group(2)
    known = COMMANDS.get(name)
    if known is None:
        custom = context.env.command(match.group(1))
        if custom is None:
            raise SearchError(f"Unknown search command '{match.group(1)}'.")
        return name, _custom(context, custom, match.group(1), _with_subsearches(context, text))
    if context.first and not known.generating:
        raise in_command(name, "This command cannot be the first command of a search.")
    if not known.pipelines:
        text = _with_subsearches(context, text)
    try:
        return name, known.read(Arguments(name, text), context)
    except SearchError as error:
        raise _of_command(name, error) from error


def _with_subsearches(context: Context, text: str) -> str:
    """The arguments with every subsearch run and replaced by its result."""
    pieces: List[str] = []
    place = 0
    while True:
        begin = next((at for at, char in outside_quotes(text, place) if char == "["), None)
        if begin is None:
            return "".join([*pieces, text[place:]])
        end = bracket_end(text, begin)
        rows = context.subsearch(text[begin + 1 : end - 1].strip())
        pieces += [text[place:begin], as_search_text(rows[:MAX_SUBSEARCH_ROWS])]
        place = end


def _custom(context: Context, custom: Command, name: str, text: str) -> Stage:
    raw = _raw_tokens(text)
    info = SearchInfo(context.search, name, context.env.now, context.window, context.first)
    return lambda rows: custom.run(raw, rows, info)


def _raw_tokens(text: str) -> List[str]:
    """The arguments as splunkd cuts them: at white space and commas, quotes kept."""
    spans: List[Tuple[int, int]] = []
    for token in tokens(text):
        if token.kind == ",":
            continue
        joined = spans and not token.spaced and spans[-1][1] == token.start
        if joined:
            spans[-1] = (spans[-1][0], token.end)
        else:
            spans.append((token.start, token.end))
    return [text[begin:end] for begin, end in spans]
