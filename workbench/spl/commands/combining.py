"""append, appendcols, appendpipe, join, union, multisearch: rows of several pipelines put together."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from workbench.spl.arguments import Arguments, boolean, choice, pop_subsearch, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.errors import in_command
from workbench.spl.lexer import split_stages
from workbench.spl.values import Row, number, text

_STREAMING = ("search", "where", "regex", "eval", "fields", "rename", "rex", "replace", "fillnull", "lookup", "spath",
              "bin", "makemv", "nomv", "mvexpand", "convert", "strcat", "addinfo")  # fmt: skip
# limits.conf [searchresults] maxresultrows: what a subsearch adds where its command does not say how much.
MAX_ADDED = 50_000
_LIMITS = {"maxtime": whole, "maxout": whole, "timeout": whole, "extendtimerange": boolean}


def _limited(rows: List[Row], options: Dict[str, Any]) -> List[Row]:
    most = options.get("maxout", MAX_ADDED)
    return rows[:most] if most else rows


@command("append", pipelines=True)
def read_append(arguments: Arguments, context: Context) -> Stage:
    """The rows of a subsearch behind the others."""
    pipeline = pop_subsearch(arguments)
    options = arguments.options(_LIMITS)
    arguments.end()
    return lambda rows: rows + _limited(context.subsearch(pipeline), options)


@command("appendcols", pipelines=True)
def read_appendcols(arguments: Arguments, context: Context) -> Stage:
    """The fields of a subsearch's rows beside those of the others, row by row."""
    pipeline = pop_subsearch(arguments)
    options = arguments.options({**_LIMITS, "override": boolean})
    arguments.end()

    def beside(rows: List[Row]) -> List[Row]:
        for place, extra in enumerate(_limited(context.subsearch(pipeline), options)):
            if place == len(rows):
                rows.append({})
            for name, value in extra.items():
                if name[:1] != "_" and (options.get("override") or rows[place].get(name) is None):
                    rows[place][name] = value
        return rows

    return beside


@command("appendpipe", pipelines=True)
def read_appendpipe(arguments: Arguments, context: Context) -> Stage:
    """The rows, and behind them what a further pipeline makes of them."""
    pipeline = pop_subsearch(arguments)
    arguments.options({"run_in_preview": boolean})
    arguments.end()
    return lambda rows: rows + context.subsearch(pipeline, [row.copy() for row in rows])


@command("join", pipelines=True)
def read_join(arguments: Arguments, context: Context) -> Stage:
    """Rows put together with those of a subsearch that agree in some fields."""
    pipeline = pop_subsearch(arguments)
    options = arguments.options(
        {
            "type": choice("inner", "left", "outer"), "usetime": boolean, "earlier": boolean,
            "overwrite": boolean, "max": whole,
        }
    )  # fmt: skip
    for name in ("left", "right", "where", "return_multivalue"):
        if any(token.text.lower() == name for token in arguments.tokens):
            raise arguments.error(f"The option '{name}' is not implemented.")
    names = arguments.plain_fields()
    most = options.get("max", 1)
    outer = options.get("type", "inner") != "inner"

    def join(rows: List[Row]) -> List[Row]:
        others = context.subsearch(pipeline)[:MAX_ADDED]
        keys = names or _common(rows, others)
        table: Dict[Tuple[str, ...], List[Row]] = {}
        for other in others:
            if all(other.get(key) is not None for key in keys):
                table.setdefault(tuple(text(other[key]) for key in keys), []).append(other)
        joined: List[Row] = []
        for row in rows:
            complete = keys and all(row.get(key) is not None for key in keys)
            found = table.get(tuple(text(row.get(key)) for key in keys), []) if complete else []
            if options.get("usetime"):
                found = [other for other in found if _in_time(row, other, options.get("earlier", True))]
            joined += [_merged(row, other, options) for other in (found[:most] if most else found)]
            joined += [row] if outer and not found else []
        return joined

    return join


def _in_time(row: Row, other: Row, earlier: bool) -> bool:
    """Whether the subsearch's row is earlier (or later) than the main one, or of the same second."""
    time, of_other = number(row.get("_time")), number(other.get("_time"))
    if time is None or of_other is None:
        raise in_command("join", "Rows without _time under usetime are not implemented.")
    return int(time) == int(of_other) or (of_other < time) is earlier


def _common(rows: List[Row], others: List[Row]) -> List[str]:
    left = {name for row in rows for name in row}
    right = {name for row in others for name in row}
    return sorted(name for name in left & right if name[:1] != "_")


def _merged(row: Row, other: Row, options: Dict[str, Any]) -> Row:
    new = row.copy()
    for name, value in other.items():
        if name[:1] != "_" and (options.get("overwrite", True) or new.get(name) is None):
            new[name] = value
    return new


def _is_streaming(pipeline: str) -> bool:
    return all(stage.split(None, 1)[0].lower() in _STREAMING for stage in split_stages(pipeline) if stage)


def _check_streaming(arguments: Arguments, pipelines: List[str]) -> None:
    for place, pipeline in enumerate(pipelines, 1):
        if not _is_streaming(pipeline):
            raise arguments.error(
                "Multisearch subsearches might only contain purely streaming operations "
                f"(subsearch {place} contains a non-streaming command)."
            )


def _pipelines(arguments: Arguments) -> List[str]:
    found = [token.text for token in arguments.tokens if token.kind == "subsearch"]
    arguments.tokens = [token for token in arguments.tokens if token.kind not in ("subsearch", ",")]
    return found


@command("union", generating=True, pipelines=True)
def read_union(arguments: Arguments, context: Context) -> Stage:
    """The rows of several pipelines, one after the other."""
    options = arguments.options(_LIMITS)
    pipelines = _pipelines(arguments)
    arguments.end()
    if not pipelines:
        raise arguments.error("At least one subsearch must be given.")
    if context.first and len(pipelines) < 2:
        raise arguments.error("At least two subsearches must be given where the command is the first.")
    # Purely streaming searches over events are interleaved as multisearch does; others follow each other.
    interleaved = context.first and all(_is_streaming(pipeline) for pipeline in pipelines)

    def run(rows: List[Row]) -> List[Row]:
        given = (_limited(context.subsearch(pipeline), options) for pipeline in pipelines)
        found = [*rows, *(row for part in given for row in part)]
        if interleaved:
            found.sort(key=lambda row: -(number(row.get("_time")) or 0.0))
        return found

    return run


@command("multisearch", generating=True, pipelines=True)
def read_multisearch(arguments: Arguments, context: Context) -> Stage:
    """The events of at least two searches, newest first."""
    pipelines = _pipelines(arguments)
    arguments.end()
    if not context.first:
        raise arguments.error("This command must be the first command of a search.")
    if len(pipelines) < 2:
        raise arguments.error("Multisearch requires at least 2 subsearches.")
    _check_streaming(arguments, pipelines)

    def run(rows: List[Row]) -> List[Row]:
        found = [row for pipeline in pipelines for row in context.subsearch(pipeline)]
        return sorted(found, key=lambda row: -(number(row.get("_time")) or 0.0))

    return run
