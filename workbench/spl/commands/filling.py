"""fillnull, filldown, replace: values put in the place of others."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Tuple

from workbench.spl.arguments import Arguments
from workbench.spl.commands.fields import fill_wildcards, names_matching
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.comparison import wildcard
from workbench.spl.values import Row, many, one_or_many, text


@command("fillnull")
def read_fillnull(arguments: Arguments, context: Context) -> Stage:
    """Put a value, 0 by default, into fields without one: those named, or those that some row has."""
    value = arguments.options({"value": str}).get("value", "0")
    patterns = arguments.fields()
    for name in patterns:
        if patterns.count(name) > 1:
            raise arguments.error(f"Field '{name}' cannot be specified multiple times.")

    def fill(rows: List[Row]) -> List[Row]:
        names = names_matching(patterns or ["*"], rows)
        for row in rows:
            for name in names:
                if row.get(name) is None:
                    row[name] = value
        return rows

    return fill


@command("filldown")
def read_filldown(arguments: Arguments, context: Context) -> Stage:
    """Put the last value that was not null into fields without one."""
    patterns = arguments.fields()

    def fill(rows: List[Row]) -> List[Row]:
        names = names_matching(patterns or ["*"], rows)
        last: Dict[str, Any] = {}
        for row in rows:
            for name in names:
                value = row.get(name)
                if value is not None:
                    last[name] = value
                elif name in last:
                    row[name] = last[name]
        return rows

    return fill


@command("replace")
def read_replace(arguments: Arguments, context: Context) -> Stage:
    """Replace whole values, with wildcards, in some or in all fields; of several plain ones that fit the last wins."""
    pairs: List[Tuple[str, str]] = []
    while not arguments.done and arguments.keyword("in") is None:
        if arguments.accept(","):
            continue
        old = arguments.name()
        if arguments.keyword("with") is None:
            raise arguments.error(f"'WITH' is missing behind '{old}'.")
        new = arguments.name("A value is missing behind 'WITH'.")
        if "*" in new and old.count("*") != new.count("*"):
            raise arguments.error("Wildcards and their replacements must have a matching number of '*' characters.")
        pairs.append((old, new))
    names = arguments.fields()
    if not pairs:
        raise arguments.error("At least one replacement must be given.")

    def change(value: Any) -> Any:
        written = text(value)
        fitting = [pair for pair in pairs if wildcard(pair[0], case=True).fullmatch(written)]
        if not fitting:
            return value
        if len(fitting) > 1 and any("*" in old for old, _ in fitting):
            raise arguments.error(f"Which of several wildcards fits '{written}' more fully is not implemented.")
        old, new = fitting[-1]
        return fill_wildcards(old, new, written) if "*" in new else new

    def replace(rows: List[Row]) -> List[Row]:
        for row in rows:
            for name in names or [name for name in row if not re.match("_", name)]:
                value = row.get(name)
                if value is not None:
                    row[name] = one_or_many([change(item) for item in many(value)])
        return rows

    return replace
