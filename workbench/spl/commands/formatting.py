"""format and return: rows as the text of a search expression, which is what a subsearch gives."""

from __future__ import annotations

from typing import Any, List, Sequence, Tuple

from workbench.spl.arguments import Arguments, boolean, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.values import Row, many, text

NOTHING = "NOT ( )"
_DEFAULT = ("(", "(", "AND", ")", "OR", ")")
_BARE = ("search", "query")


def quote(value: Any) -> str:
    """A value in double quotes, escaped."""
    return '"' + text(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _term(name: str, value: Any, between: str) -> str:
    if name in _BARE:
        return text(value)
    items = [f"{name}={quote(item)}" for item in many(value)]
    return items[0] if len(items) == 1 else "( " + f" {between} ".join(items) + " )"


def format_rows(rows: List[Row], marks: Sequence[str], empty: str, mvsep: str = "OR") -> str:
    """`( ( a="1" AND b="2" ) OR ( … ) )`: fields by name within a row, rows beside each other."""
    start, row_start, between, row_end, separator, end = marks
    groups = []
    for row in rows:
        names = [name for name in sorted(row) if name[:1] != "_" and row[name] is not None]
        terms = [_term(name, row[name], mvsep) for name in names]
        if terms:
            groups.append(f"{row_start} {f' {between} '.join(terms)} {row_end}")
    return f"{start} {f' {separator} '.join(groups)} {end}" if groups else empty


def as_search_text(rows: List[Row]) -> str:
    """What a subsearch's rows become in the search around it."""
    if rows and all(set(row) == {"search"} for row in rows) and len(rows) == 1:
        return text(rows[0]["search"])
    return format_rows(rows, _DEFAULT, NOTHING)


@command("format")
def read_format(arguments: Arguments, context: Context) -> Stage:
    """One row whose field `search` holds the rows as a search expression."""
    options = arguments.options({"mvsep": str, "maxresults": whole, "emptystr": str, "quote": boolean})
    marks = [token.text for token in arguments.tokens]
    if marks and (len(marks) != 6 or any(token.kind != "string" for token in arguments.tokens)):
        raise arguments.error("The format command takes six quoted strings, or none.")
    limit = options.get("maxresults", 0)
    empty, mvsep = options.get("emptystr", NOTHING), options.get("mvsep", "OR")

    def give(rows: List[Row]) -> List[Row]:
        found = format_rows(rows[:limit] if limit else rows, marks or _DEFAULT, empty, mvsep)
        return [{"search": quote(found) if options.get("quote") else found}]

    return give


@command("return")
def read_return(arguments: Arguments, context: Context) -> Stage:
    """One row whose field `search` holds the first rows' values: `field`, `alias=field` or `$field`."""
    first = arguments.peek()
    count = int(arguments.name()) if first is not None and first.text.isdigit() else 1
    wanted: List[Tuple[str, str]] = []
    while not arguments.done:
        if arguments.accept(","):
            continue
        name = arguments.name()
        wanted.append((name, arguments.name()) if arguments.accept("=") else (name, name.lstrip("$")))
    if not wanted:
        raise arguments.error("At least one field must be given as an argument.")

    def one(row: Row) -> str:
        terms = []
        for shown, name in wanted:
            value = row.get(name)
            if isinstance(value, list):
                raise arguments.error(f"The multivalue field '{name}' is not implemented.")
            if value is not None:
                terms.append(text(value) if shown[:1] == "$" or name in _BARE else f"{shown}={quote(value)}")
        return " ".join(terms)

    def give(rows: List[Row]) -> List[Row]:
        groups = [group for group in map(one, rows[:count]) if group]
        text_of = groups[0] if len(groups) == 1 else " OR ".join(f"({group})" for group in groups)
        return [{"search": text_of or NOTHING}]

    return give
