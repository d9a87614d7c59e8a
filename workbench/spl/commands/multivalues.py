"""mvexpand, makemv, nomv, mvcombine, spath: fields with several values, and documents in fields."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from workbench.spl.accumulators import Delimited, delimited
from workbench.spl.arguments import Arguments, boolean, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.paths import extract_all, extract_path
from workbench.spl.regex import compile_pattern
from workbench.spl.values import Row, many, one_or_many, put, text

_SPATH_OPTIONS = {"input": str, "output": str, "path": str}


@command("mvexpand")
def read_mvexpand(arguments: Arguments, context: Context) -> Stage:
    """One row for each value of a field."""
    limit = arguments.options({"limit": whole}).get("limit", 0)
    name = arguments.name("At least one field must be given as an argument.")
    arguments.end()

    def expand(rows: List[Row]) -> List[Row]:
        expanded: List[Row] = []
        for row in rows:
            value = row.get(name)
            if not isinstance(value, list):
                expanded.append(row)
                continue
            for item in value[:limit] if limit else value:
                new = row.copy()
                new[name] = item
                expanded.append(new)
        return expanded

    return expand


@command("makemv")
def read_makemv(arguments: Arguments, context: Context) -> Stage:
    """Cut a field's value at a delimiter, or by a regular expression's group."""
    options = arguments.options({"delim": str, "tokenizer": str, "allowempty": boolean, "setsv": boolean})
    name = arguments.name("At least one field must be given as an argument.")
    arguments.end()
    if options.get("setsv"):
        raise arguments.error("The option 'setsv' is not implemented.")
    tokenizer = compile_pattern(options["tokenizer"]) if "tokenizer" in options else None
    if tokenizer is not None and tokenizer.groups != 1:
        raise arguments.error("The tokenizer must have exactly one group.")
    delimiter = options.get("delim", " ")
    if not delimiter:
        raise arguments.error("An empty delimiter is not implemented.")

    def cut(value: Any) -> List[str]:
        if tokenizer is not None:
            return [match[1] or "" for match in tokenizer.finditer(text(value))]
        return text(value).split(delimiter)

    def split(rows: List[Row]) -> List[Row]:
        for row in rows:
            pieces = [piece for item in many(row.get(name)) for piece in cut(item)]
            if pieces:
                put(row, name, one_or_many([p for p in pieces if p or options.get("allowempty")]))
        return rows

    return split


@command("nomv")
def read_nomv(arguments: Arguments, context: Context) -> Stage:
    """Make a multivalue one text again."""
    name = arguments.name("At least one field must be given as an argument.")
    arguments.end()

    def join(rows: List[Row]) -> List[Row]:
        for row in rows:
            value = row.get(name)
            if isinstance(value, list):
                delimiter = value.delimiter if isinstance(value, Delimited) else "\n"
                if delimiter is None:
                    raise arguments.error("The values of list() or values() without a delim are not implemented.")
                row[name] = delimiter.join(text(item) for item in value)
        return rows

    return join


@command("mvcombine")
def read_mvcombine(arguments: Arguments, context: Context) -> Stage:
    """Rows that agree in all but one field become one, in which that field has all their values."""
    delimiter = arguments.options({"delim": str}).get("delim", " ")
    name = arguments.name("At least one field must be given as an argument.")
    arguments.end()

    def combine(rows: List[Row]) -> List[Row]:
        groups: Dict[Tuple[Tuple[str, str], ...], Tuple[Row, List[Any]]] = {}
        for row in rows:
            rest = ((key, text(value)) for key, value in row.items() if key not in (name, "_cd"))
            _, values = groups.setdefault(tuple(sorted(rest)), (row, []))
            values.extend(many(row.get(name)))
        for row, values in groups.values():
            put(row, name, delimited(values, delimiter))
        return [row for row, _ in groups.values()]

    return combine


@command("spath")
def read_spath(arguments: Arguments, context: Context) -> Stage:
    """Read a JSON or XML field: one path, or everything."""
    options = arguments.options(_SPATH_OPTIONS)
    source = options.get("input", "_raw")
    path = options.get("path")
    if path is None and not arguments.done:
        path = arguments.name()
    arguments.end()
    if path is None:
        if "output" in options:
            raise arguments.error("The option 'output' needs a path.")
        return lambda rows: [_all_paths(row, source) for row in rows]
    target = options.get("output", path)

    def extract(rows: List[Row]) -> List[Row]:
        for row in rows:
            value = row.get(source)
            found = None if value is None else extract_path(text(value), path)
            if found is not None:
                row[target] = found
        return rows

    return extract


def _all_paths(row: Row, source: str) -> Row:
    value = row.get(source)
    if value is not None:
        row.update(extract_all(text(value)))
    return row
