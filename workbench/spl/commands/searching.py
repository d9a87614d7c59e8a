"""search, where, regex, addinfo: what is kept, and over which time."""

from __future__ import annotations

from typing import List, Optional

from workbench.spl.arguments import Arguments
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.comparison import wildcard
from workbench.spl.environment import Among
from workbench.spl.evaluate import compile_condition
from workbench.spl.regex import compile_pattern
from workbench.spl.searchexpr import SearchExpression, compile_search
from workbench.spl.values import Row, many, text

_MAX_EPOCH = "+Infinity"


@command("search", generating=True)
def read_search(arguments: Arguments, context: Context) -> Stage:
    """Filter rows, or read events when it comes first."""
    expression = compile_search(arguments.text, context.env)
    if not context.first:
        if expression.part.times:
            raise arguments.error("A time modifier behind the first pipe is not implemented.")
        return lambda rows: [row for row in rows if expression.matches(row)]
    context.window = expression.window(context.env.window)
    window = context.window

    default = _default(expression, context)
    among = expression.among if default is None else default

    def read(rows: List[Row]) -> List[Row]:
        events = context.env.events(window, expression.clauses, among)
        if default is not None:
            events = (row for row in events if default(text(row.get("index"))))
        return [row for row in events if _read(row, expression, context)]

    return read


def _read(row: Row, expression: SearchExpression, context: Context) -> bool:
    """Whether an event fits; counted where the index alone could not tell that it does not."""
    fits = expression.matches(row)
    if fits or expression.scans(row):
        name = text(row.get("index"))
        context.env.scanned[name] = context.env.scanned.get(name, 0) + 1
    return fits


def _default(expression: SearchExpression, context: Context) -> Optional[Among]:
    """The user's default indexes, for a search that names none."""
    defaults = context.env.default_indexes
    if defaults is None or "index" in expression.names:
        return None
    patterns = [wildcard(name) for name in defaults]
    return lambda index: any(pattern.fullmatch(index) for pattern in patterns)


@command("where")
def read_where(arguments: Arguments, context: Context) -> Stage:
    """Keep the rows for which an expression is true."""
    condition = compile_condition(arguments.text, context.env)
    return lambda rows: [row for row in rows if condition(row)]


@command("regex")
def read_regex(arguments: Arguments, context: Context) -> Stage:
    """Keep the rows whose field matches, or with != does not match, a regular expression."""
    name, negated = "_raw", False
    second, third = arguments.peek(1), arguments.peek(2)
    if second is not None and second.kind == "=" and third is not None:
        name = arguments.name()
        arguments.accept("=")
        negated = name.endswith("!")
        name = name.rstrip("!")
    search = compile_pattern(arguments.name("A regular expression is missing.")).search
    arguments.end()

    def keep(row: Row) -> bool:
        return any(search(text(item)) for item in many(row.get(name))) is not negated

    return lambda rows: [row for row in rows if keep(row)]


@command("addinfo")
def read_addinfo(arguments: Arguments, context: Context) -> Stage:
    """Add the bounds and the time of the search to each row."""
    arguments.end()

    def add(rows: List[Row]) -> List[Row]:
        window = context.window
        for row in rows:
            row["info_min_time"] = 0.0 if window.earliest is None else window.earliest
            row["info_max_time"] = _MAX_EPOCH if window.latest is None else window.latest
            row["info_search_time"] = context.env.now
            row["info_sid"] = str(context.env.now)
        return rows

    return add
