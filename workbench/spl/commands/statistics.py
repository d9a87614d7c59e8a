"""stats, eventstats: aggregates over groups of rows."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Set

from workbench.spl.accumulators import delimited
from workbench.spl.aggregates import NUMERIC
from workbench.spl.aggregation import (
    Clause,
    Group,
    Key,
    by_fields,
    clauses,
    keys_of,
    rows_by_key,
    spread,
)
from workbench.spl.arguments import Arguments, boolean, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.values import Row, many, number

_USAGE = "At least one aggregation must be given."


def _not_all_numbers(clause: Clause, rows: List[Row], by: Sequence[str]) -> Set[Key]:
    """The groups in which a field holds something that is not a number."""
    return {
        key
        for row in rows
        for item in many(clause.value(row))
        if number(item) is None
        for key in keys_of(row, by)
    }


def _results(
    groups: Dict[Key, List[Row]], rows: List[Row], wide: List[Clause], by: List[str], options: Dict[str, Any]
) -> Dict[Key, Row]:
    results: Dict[Key, Row] = {key: Group(wide).take(members).results() for key, members in groups.items()}
    if options.get("allnum"):
        for clause in wide:
            if clause.function in NUMERIC:
                for key in _not_all_numbers(clause, rows, by):
                    results.get(key, {}).pop(clause.output, None)
    if "delim" in options:
        lists = [clause.output for clause in wide if clause.function in ("list", "values")]
        for result in results.values():
            for name in lists:
                if isinstance(result.get(name), list):
                    result[name] = delimited(result[name], options["delim"])
    return results


@command("stats")
def read_stats(arguments: Arguments, context: Context) -> Stage:
    """One row a group with its aggregates."""
    options = arguments.options({"allnum": boolean, "delim": str, "partitions": whole, "dedup_splitvals": boolean})
    found = clauses(arguments, context.env)
    by = by_fields(arguments, found)
    if not found:
        raise arguments.error(_USAGE)

    def stats(rows: List[Row]) -> List[Row]:
        wide = spread(found, rows, by)
        groups = rows_by_key(rows, by, bool(options.get("dedup_splitvals")))
        results = _results(groups, rows, wide, by, options)
        context.columns = [*by, *(clause.output for clause in wide)]
        return [{**dict(zip(by, key)), **results[key]} for key in sorted(results)]

    return stats


@command("eventstats")
def read_eventstats(arguments: Arguments, context: Context) -> Stage:
    """Each row with the aggregates of its group."""
    options = arguments.options({"allnum": boolean})
    found = clauses(arguments, context.env)
    by = by_fields(arguments, found)
    if not found:
        raise arguments.error(_USAGE)

    def add(rows: List[Row]) -> List[Row]:
        for name in by:
            if any(isinstance(row.get(name), list) for row in rows):
                raise arguments.error("Grouping rows by a multivalue field is implemented in stats and chart only.")
        groups = rows_by_key(rows, by)
        results = _results(groups, rows, spread(found, rows, by), by, options)
        for key, members in groups.items():
            for row in members:
                row.update(results[key])
        return rows

    return add
