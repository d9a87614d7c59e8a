"""makeresults, savedsearch: rows from nothing, and rows of a search that has a name."""

from __future__ import annotations

import csv
import json
import re
from typing import List

from workbench.spl.arguments import Arguments, boolean, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.documents import plain
from workbench.spl.lexer import strip_comments
from workbench.spl.macros import expand_macros
from workbench.spl.values import Row, many, one_or_many, text


@command("makeresults", generating=True)
def read_makeresults(arguments: Arguments, context: Context) -> Stage:
    """Rows with only a time, or the rows of CSV or JSON in the search itself."""
    options = arguments.options(
        {
            "count": whole, "annotate": boolean, "splunk_server": str, "splunk_server_group": str,
            "format": str, "data": str,
        }
    )  # fmt: skip
    first = arguments.peek()
    if first is not None and first.text.isdigit():
        options["count"] = int(arguments.name())
    arguments.end()
    if not context.first:
        raise arguments.error("This command must be the first command of a search.")
    now = float(int(context.env.now))
    if "format" in options or "data" in options:
        given = _inline(arguments, options)
        return lambda rows: [dict(row) for row in given]
    row: Row = {"_time": now}
    if options.get("annotate"):
        raise arguments.error("The option 'annotate' is not implemented.")
    return lambda rows: [dict(row) for _ in range(options.get("count", 1))]


def _inline(arguments: Arguments, options: dict[str, str]) -> List[Row]:
    form = options.get("format", "").lower()
    if form not in ("csv", "json"):
        raise arguments.error(f"An invalid 'format' was specified: {options.get('format', '')}.")
    if set(options) - {"format", "data"}:
        raise arguments.error(
            "When the 'data' argument is used, it does not allow arguments other than 'format' and 'data'."
        )
    data = options.get("data", "")
    if form == "csv":
        lines = csv.DictReader([line.strip() for line in data.strip().splitlines()], skipinitialspace=True)
        return [{name: value for name, value in line.items() if name and value} for line in lines]
    try:
        records = json.loads(data)
    except ValueError as error:
        raise arguments.error(f"The JSON of the 'data' argument cannot be read: {error}.") from error
    records = records if isinstance(records, list) else [records]
    if not all(isinstance(record, dict) for record in records):
        raise arguments.error("The JSON of the 'data' argument must be an array of objects.")
    return [_record(record) for record in records]


def _record(record: Row) -> Row:
    row: Row = {}
    for name, value in record.items():
        items = [plain(item) for item in many(value)]
        found = one_or_many([item if item is None else text(item) for item in items if item is not None])
        if found is not None:
            row[name] = found
    return row


@command("savedsearch", generating=True)
def read_savedsearch(arguments: Arguments, context: Context) -> Stage:
    """The rows of a saved search, in whose text `$name$` is replaced by the arguments `name=value`."""
    if not context.first:
        raise arguments.error("This command must be the first command of a search.")
    name = arguments.name("A saved search name is missing.")
    plain = arguments.options({"nosubstitution": boolean}, strict=False).get("nosubstitution", False)
    values = {}
    while not arguments.done:
        key = arguments.name()
        if not arguments.accept("="):
            raise arguments.invalid(key)
        values[key] = arguments.name()
    definition = context.env.saved_search(name)
    if definition is None:
        raise arguments.error(f"Unable to find saved search named '{name}'.")
    if not plain:
        definition = re.sub(r"\$(\w+)\$", lambda match: values.get(match[1], match[0]), definition)
    pipeline = expand_macros(strip_comments(definition), context.env).strip()
    if not re.match(r"\||search\s", pipeline):
        pipeline = f"search {pipeline}"
    return lambda rows: context.subsearch(pipeline)
