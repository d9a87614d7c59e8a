"""addtotals, addcoltotals, transpose, xyseries, untable: sums of tables, and tables turned."""

from __future__ import annotations

from typing import Any, Dict, List

from workbench.spl.arguments import Arguments, boolean
from workbench.spl.commands.fields import names_matching
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.values import Row, number, text


def _sums(rows: List[Row], names: List[str]) -> Dict[str, float]:
    sums: Dict[str, float] = {}
    for row in rows:
        for name in names:
            value = number(row.get(name))
            if value is not None:
                sums[name] = sums.get(name, 0.0) + value
    return sums


def _summed(patterns: List[str], rows: List[Row]) -> List[str]:
    names = names_matching(patterns or ["*"], rows)
    return names if patterns else [name for name in names if name[:1] != "_"]


def _with_column_totals(rows: List[Row], names: List[str], options: Dict[str, Any]) -> List[Row]:
    total: Row = dict(_sums(rows, names))
    if "labelfield" in options:
        total[options["labelfield"]] = options.get("label", "Total")
    return [*rows, total]


@command("addtotals")
def read_addtotals(arguments: Arguments, context: Context) -> Stage:
    """The sum of each row's numbers and, with col=true, of each column's."""
    options = arguments.options(
        {"row": boolean, "col": boolean, "fieldname": str, "label": str, "labelfield": str}
    )
    patterns = arguments.fields()
    target = options.get("fieldname", "Total")

    def add(rows: List[Row]) -> List[Row]:
        names = _summed(patterns, rows)
        if options.get("row", True):
            for row in rows:
                row[target] = sum(_sums([row], names).values())
            names = [*names, target]
        return _with_column_totals(rows, names, options) if options.get("col") else rows

    return add


@command("addcoltotals")
def read_addcoltotals(arguments: Arguments, context: Context) -> Stage:
    """A last row with the sums of the columns."""
    options = arguments.options({"label": str, "labelfield": str})
    patterns = arguments.fields()
    return lambda rows: _with_column_totals(rows, _summed(patterns, rows), options)


@command("transpose")
def read_transpose(arguments: Arguments, context: Context) -> Stage:
    """Rows become columns, the first five unless a number is given."""
    options = arguments.options({"column_name": str, "header_field": str, "include_empty": boolean})
    first = arguments.peek()
    count = int(arguments.name()) if first is not None and first.text.isdigit() else 5
    arguments.end()
    header = options.get("header_field")

    def turn(rows: List[Row]) -> List[Row]:
        taken = rows[:count] if count else rows
        present = dict.fromkeys([*context.columns, *(name for row in rows for name in row)])
        turned: List[Row] = []
        for name in present:
            if name == header or (name[:1] == "_" and name != "_time"):
                continue
            new: Row = {options.get("column_name", "column"): name}
            for place, row in enumerate(taken, 1):
                column = text(row.get(header)) if header else f"row {place}"
                if row.get(name) is not None:
                    new[column] = row[name]
            if len(new) > 1 or options.get("include_empty", True):
                turned.append(new)
        context.columns = []
        return turned

    return turn


@command("xyseries")
def read_xyseries(arguments: Arguments, context: Context) -> Stage:
    """A table from rows of (x, series, value)."""
    names = arguments.fields()
    if len(names) != 3:
        raise arguments.error("Exactly three fields are implemented: xyseries <x> <series> <value>.")
    x, series, value = names

    def turn(rows: List[Row]) -> List[Row]:
        found: Dict[str, Row] = {}
        for row in rows:
            if row.get(x) is None or row.get(series) is None:
                continue
            new = found.setdefault(text(row[x]), {x: row[x]})
            if row.get(value) is not None:
                new[text(row[series])] = row[value]
        context.columns = []
        return [found[key] for key in sorted(found)]

    return turn


@command("untable")
def read_untable(arguments: Arguments, context: Context) -> Stage:
    """Rows of (x, series, value) from a table."""
    names = arguments.fields()
    if len(names) != 3:
        raise arguments.error("Exactly three fields must be given: untable <x> <series> <value>.")
    x, series, value = names

    def turn(rows: List[Row]) -> List[Row]:
        context.columns = names
        return [
            {x: row[x], series: name, value: item}
            for row in rows
            if row.get(x) is not None
            for name, item in row.items()
            if name != x and name[:1] != "_" and item is not None
        ]

    return turn
