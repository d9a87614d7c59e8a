"""fields, table, rename: which fields a row shows, under which names."""

from __future__ import annotations

import re
from typing import Dict, List, Tuple

from workbench.spl.arguments import Arguments
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.comparison import wildcard
from workbench.spl.values import Row


def names_matching(patterns: List[str], rows: List[Row]) -> List[str]:
    """The field names that patterns stand for, in the patterns' order; one without `*` stands for itself."""
    if not any("*" in pattern for pattern in patterns):
        return list(dict.fromkeys(patterns))
    present = list(dict.fromkeys(name for row in rows for name in row))
    found: Dict[str, None] = {}
    for pattern in patterns:
        full = wildcard(pattern, case=True).fullmatch
        matching = [name for name in present if full(name)] if "*" in pattern else [pattern]
        found.update(dict.fromkeys(matching))
    return list(found)


@command("fields")
def read_fields(arguments: Arguments, context: Context) -> Stage:
    """Keep, or with `-` remove, fields; internal ones stay unless removed by name or by `_*`."""
    first = arguments.peek()
    remove = False
    if first is not None and first.kind == "word" and first.text[0] in "+-":
        remove = first.text[0] == "-"
        if len(first.text) > 1:
            raise arguments.invalid(first.text)
        del arguments.tokens[0]
    patterns = arguments.fields()
    if not patterns:
        raise arguments.error("Must specify at least one valid field name (can contain wildcards).")
    return _remover(patterns, context) if remove else _keeper(patterns, context)


def _remover(patterns: List[str], context: Context) -> Stage:
    def remove(rows: List[Row]) -> List[Row]:
        named = [pattern for pattern in patterns if "*" not in pattern]
        wild = [
            name
            for pattern in patterns
            if "*" in pattern
            for name in names_matching([pattern], rows)
            if name[:1] != "_" or pattern[:1] == "_"
        ]
        for row in rows:
            for name in (*named, *wild):
                row.pop(name, None)
        context.columns = [name for name in context.columns if name not in named and name not in wild]
        return rows

    return remove


def _keeper(patterns: List[str], context: Context) -> Stage:
    def keep(rows: List[Row]) -> List[Row]:
        names = names_matching(patterns, rows)
        context.columns = [name for name in names if name[:1] != "_"]
        kept: List[Row] = []
        for row in rows:
            new = {name: value for name, value in ((name, row.get(name)) for name in names) if value is not None}
            for name in ("_time", "_raw", "_indextime", "_cd"):
                value = row.get(name)
                if value is not None:
                    new[name] = value
            kept.append(new)
        return kept

    return keep


@command("table")
def read_table(arguments: Arguments, context: Context) -> Stage:
    """Only these fields, in this order."""
    patterns = arguments.fields()
    if not patterns:
        raise arguments.error("Must specify at least one valid field name (can contain wildcards).")

    def table(rows: List[Row]) -> List[Row]:
        names = names_matching(patterns, rows)
        context.columns = names
        return [
            {name: value for name, value in ((name, row.get(name)) for name in names) if value is not None}
            for row in rows
        ]

    return table


def fill_wildcards(pattern: str, target: str, name: str) -> str:
    """The target with each `*` replaced by what the pattern's `*` stood for in the name."""
    match = re.fullmatch("(.*?)".join(re.escape(piece) for piece in pattern.split("*")), name, re.DOTALL)
    pieces = target.split("*")
    caught = match.groups() if match else ()
    return pieces[0] + "".join(part + piece for part, piece in zip(caught, pieces[1:]))


@command("rename")
def read_rename(arguments: Arguments, context: Context) -> Stage:
    """Give fields other names; what had the new name is gone, even in rows without the old one."""
    pairs: List[Tuple[str, str]] = []
    while not arguments.done:
        if arguments.accept(","):
            continue
        old = arguments.name()
        if arguments.keyword("as", "to", "->") is None:
            raise arguments.error(f"Usage: rename [old_name AS/TO/-> new_name]+; 'AS' is missing behind '{old}'.")
        new = arguments.name("You must specify a field name after 'as'.")
        if old.count("*") != new.count("*"):
            raise arguments.error(f"Wildcard mismatch: '{old}' as '{new}'.")
        if old in (earlier for earlier, _ in pairs):
            raise arguments.error(f"The field '{old}' cannot be given several names.")
        pairs.append((old, new))
    if not pairs:
        raise arguments.error("Usage: rename [old_name AS/TO/-> new_name]+.")

    def rename(rows: List[Row]) -> List[Row]:
        for old, new in pairs:
            names = names_matching([old], rows)
            targets = {name: fill_wildcards(old, new, name) if "*" in old else new for name in names}
            context.columns = [targets.get(name, name) for name in context.columns]
            rows = [_renamed(row, targets) for row in rows]
        return rows

    return rename


def _renamed(row: Row, targets: Dict[str, str]) -> Row:
    gone = set(targets.values()) - set(targets)
    return {targets.get(name, name): value for name, value in row.items() if name not in gone}
