"""lookup, inputlookup, outputlookup, collect: tables and indexes beside the events."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

from workbench.spl.arguments import Arguments, boolean, choice, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.environment import Lookup
from workbench.spl.errors import in_command
from workbench.spl.searchexpr import compile_search
from workbench.spl.values import Row, number, one_or_many, text

_OUTPUTS = ("output", "outputnew")
_COLLECT = ("addtime", "addinfo", "file", "host", "index", "marker", "output_format", "run_in_preview",
            "source", "sourcetype", "spool", "testmode", "format")  # fmt: skip
Pair = Tuple[str, str]


def _lookup(arguments: Arguments, context: Context, name: str) -> Lookup:
    lookup = context.env.lookup(name)
    if lookup is None:
        raise arguments.error(
            f"Could not construct lookup '{name}'. See search.log for more details: the lookup table "
            f"'{name}' does not exist or is not available."
        )
    return lookup


def _pairs(arguments: Arguments) -> List[Pair]:
    """`field [AS other]` up to OUTPUT, OUTPUTNEW or the end."""
    found: List[Pair] = []
    while not arguments.done:
        token = arguments.tokens[0]
        if token.kind == "word" and token.text.lower() in _OUTPUTS:
            break
        if arguments.accept(","):
            continue
        name = arguments.name()
        found.append((name, arguments.alias(name)))
    return found


@command("lookup")
def read_lookup(arguments: Arguments, context: Context) -> Stage:
    """Add fields of the table's rows that agree with a row; without a match the row stays as it is."""
    options = arguments.options({"local": boolean, "update": boolean, "event_time_field": str})
    name = arguments.name("A lookup table name is missing.")
    lookup = _lookup(arguments, context, name)
    inputs = _pairs(arguments)
    word = arguments.keyword(*_OUTPUTS)
    outputs = _pairs(arguments)
    arguments.end()
    if word is not None and not outputs:
        raise arguments.error(f"Must specify one or more fields behind {word.upper()}.")
    if not inputs:
        raise arguments.error("Must specify one or more lookup fields.")
    columns = list(lookup.fields)
    for what, pairs in (("source", inputs), ("destination", outputs)):
        for column, _ in pairs:
            if column not in columns:
                raise arguments.error(f"Cannot find the {what} field '{column}' in the lookup table '{name}'.")
    if word is None:
        used = {column for column, _ in inputs}
        outputs = [(column, column) for column in columns if column not in used]
    at_field = options.get("event_time_field", "_time")

    def fill(rows: List[Row]) -> List[Row]:
        known: Dict[Any, List[Dict[str, str]]] = {}
        for row in rows:
            _apply(row, lookup, inputs, outputs, word, number(row.get(at_field)), known)
        return rows

    return fill


def _apply(
    row: Row,
    lookup: Lookup,
    inputs: List[Pair],
    outputs: List[Pair],
    word: Optional[str],
    at: Optional[float],
    known: Dict[Any, List[Dict[str, str]]],
) -> None:
    if any(row.get(field) is None for _, field in inputs):
        return
    if any(isinstance(row.get(field), list) for _, field in inputs):
        raise in_command("lookup", "A multivalue input field is not implemented.")
    wanted = {column: text(row.get(field)) for column, field in inputs}
    key = (tuple(sorted(wanted.items())), at)
    if key not in known:
        known[key] = lookup.match(wanted, at)
    matches = known[key]
    present = [row.get(field) is not None for _, field in outputs]
    if word == "outputnew" and any(present):
        if not all(present) and matches:
            raise in_command("lookup", "OUTPUTNEW over a row that has some of the fields is not implemented.")
        return
    for (column, field), there in zip(outputs, present):
        values = [match[column] for match in matches if match.get(column)]
        if values:
            row[field] = one_or_many(values)
        elif there and word is not None:
            raise in_command("lookup", f"OUTPUT without a value for the field '{field}' of a row is not implemented.")


@command("inputlookup", generating=True)
def read_inputlookup(arguments: Arguments, context: Context) -> Stage:
    """The rows of a table, those that fit a search expression behind `where`."""
    place = re.search(r"\swhere\s", arguments.text, re.IGNORECASE)
    condition = None
    if place is not None:
        condition = compile_search(arguments.text[place.end() :], context.env)
        arguments = Arguments(arguments.command, arguments.text[: place.start()])
    options = arguments.options({"append": boolean, "start": whole, "max": whole, "strict": boolean})
    name = arguments.name("A lookup table name is missing.")
    arguments.end()
    if not context.first and not options.get("append"):
        raise arguments.error("This command must be the first command of a search.")
    lookup = _lookup(arguments, context, name)
    if condition is not None and ("start" in options or "max" in options):
        raise arguments.error("The options 'start' and 'max' beside 'where' are not implemented.")
    start = options.get("start", 0)

    def read(rows: List[Row]) -> List[Row]:
        table = [{key: value for key, value in row.items() if value not in (None, "")} for row in lookup.rows()]
        table = table[start:]
        if condition is not None:
            table = [row for row in table if condition.matches(row)]
        if not rows:
            context.columns = list(lookup.fields)
        return rows + (table[: options["max"]] if "max" in options else table)

    return read


@command("outputlookup")
def read_outputlookup(arguments: Arguments, context: Context) -> Stage:
    """Write the rows to a table; they pass on unchanged."""
    options = arguments.options(
        {
            "append": boolean, "key_field": str, "max": whole, "override_if_empty": boolean,
            "create_empty": boolean, "createinapp": boolean, "create_context": choice("app", "user", "system"),
            "output_format": choice("splunk_sv_csv", "splunk_mv_csv"), "allow_updates": boolean,
        }
    )  # fmt: skip
    name = arguments.name("A lookup table name is missing.")
    arguments.end()
    lookup = context.env.lookup(name) or context.env.create_lookup(name) or _lookup(arguments, context, name)

    def write(rows: List[Row]) -> List[Row]:
        kept = rows[: options["max"]] if "max" in options else rows
        if not rows and not options.get("create_empty", True):
            raise arguments.error("create_empty=false without results is not implemented.")
        if rows or options.get("override_if_empty", True):
            lookup.write(kept, bool(options.get("append")), options.get("key_field"))
        return rows

    return write


@command("collect", "summaryindex", "sumindex", "stash")
def read_collect(arguments: Arguments, context: Context) -> Stage:
    """Hand the rows to a summary index; they pass on unchanged."""
    options = arguments.options(dict.fromkeys(_COLLECT, str))
    arguments.end()
    if "index" not in options:
        raise arguments.error("The index must be specified.")

    def collect(rows: List[Row]) -> List[Row]:
        if options.get("testmode", "f").lower() not in ("t", "true", "1"):
            context.env.collect(rows, options)
        return rows

    return collect
