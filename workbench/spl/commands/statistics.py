"""stats, eventstats, streamstats: aggregates over groups of rows."""

from __future__ import annotations

import re
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Sequence, Set, Tuple

from workbench.spl.aggregates import NUMERIC
from workbench.spl.aggregation import Clause, Group, Key, by_fields, clauses, group_rows, key_of, keys_of, spread
from workbench.spl.arguments import Arguments, boolean, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.errors import SearchError
from workbench.spl.evaluate import compile_condition
from workbench.spl.lexer import outside_quotes, quoted_end, unescape
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


def _results(rows: List[Row], found: List[Clause], by: List[str], options: Dict[str, Any]) -> Dict[Key, Row]:
    wide = spread(found, rows, by)
    groups = group_rows(rows, wide, by, bool(options.get("dedup_splitvals")))
    results: Dict[Key, Row] = {key: group.results() for key, group in groups.items()}
    if options.get("allnum"):
        for clause in wide:
            if clause.function in NUMERIC or clause.function in ("min", "max"):
                for key in _not_all_numbers(clause, rows, by):
                    results.get(key, {}).pop(clause.output, None)
    return results


@command("stats")
def read_stats(arguments: Arguments, context: Context) -> Stage:
    """One row a group with its aggregates."""
    options = arguments.options({"allnum": boolean, "partitions": whole, "dedup_splitvals": boolean})
    found = clauses(arguments, context.env)
    by = by_fields(arguments, found)
    if not found:
        raise arguments.error(_USAGE)

    def stats(rows: List[Row]) -> List[Row]:
        results = _results(rows, found, by, options)
        context.columns = [*by, *(clause.output for clause in spread(found, rows, by))]
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
        results = _results(rows, found, by, options)
        for row in rows:
            key = key_of(row, by)
            row.update({} if key is None else results[key])
        return rows

    return add


_CLOSE = re.compile(r'(?<!\\)"\)"')
_RESET = re.compile(r"\breset_(before|after)\s*=\s*")


def _take_reset(text: str, context: Context) -> Tuple[str, Dict[str, Callable[[Row], bool]]]:
    """`reset_before=` and `reset_after=` with their expressions, in each of the manual's ways to quote."""
    found: Dict[str, Callable[[Row], bool]] = {}
    match = _RESET.search(text)
    while match is not None:
        rest = text[match.end() :]
        if rest.startswith('"("'):
            close = _CLOSE.search(rest, 3)
            if close is None:
                raise SearchError("Unbalanced parentheses.")
            expression, end = unescape(rest[3 : close.start()]), close.end()
        elif rest.startswith('"'):
            end = quoted_end(rest, 0)
            expression = unescape(rest[1 : end - 1])
        else:
            depth, end = 0, 0
            for place, char in outside_quotes(rest):
                depth += (char == "(") - (char == ")")
                if not depth:
                    end = place + 1
                    break
            expression = rest[:end]
        found[match.group(1)] = compile_condition(expression, context.env)
        text = text[: match.start()] + rest[end:]
        match = _RESET.search(text)
    return text, found


@command("streamstats")
def read_streamstats(arguments: Arguments, context: Context) -> Stage:
    """Each row with the aggregates of the rows up to it."""
    text, resets = _take_reset(arguments.text, context)
    arguments = Arguments(arguments.command, text)
    options = arguments.options(
        {"current": boolean, "window": whole, "global": boolean, "allnum": boolean, "reset_on_change": boolean}
    )
    if options.get("allnum"):
        raise arguments.error("The option 'allnum' is not implemented.")
    found = clauses(arguments, context.env)
    by = by_fields(arguments, found)
    if not found:
        raise arguments.error(_USAGE)

    def add(rows: List[Row]) -> List[Row]:
        stream = _Stream(spread(found, rows, by), by, options)
        for row in rows:
            if "before" in resets and resets["before"](row):
                stream.reset()
            row.update(stream.take(row))
            if "after" in resets and resets["after"](row):
                stream.reset()
        return rows

    return add


class _Stream:
    """Running aggregates by group; with a window they are made anew from its rows."""

    def __init__(self, found: List[Clause], by: List[str], options: Dict[str, Any]):
        self.clauses, self.by = found, by
        self.current = options.get("current", True)
        self.window = options.get("window", 0)
        self.apart = not options.get("global", True)
        self.on_change = options.get("reset_on_change", False)
        self.last: Optional[Key] = None
        self.reset()

    def reset(self) -> None:
        """Forget every row."""
        self.groups: Dict[Key, Group] = {}
        self.windows: Dict[Key, Deque[Tuple[Key, Row]]] = {}

    def take(self, row: Row) -> Row:
        """The results for a row, which is then part of the stream."""
        key = key_of(row, self.by)
        if key is None:
            return {}
        if self.on_change and key != self.last:
            self.reset()
        self.last = key
        return self._windowed(key, row) if self.window else self._running(key, row)

    def _running(self, key: Key, row: Row) -> Row:
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = Group(self.clauses)
        time = number(row.get("_time"))
        if self.current:
            group.add(row, time)
            return group.results()
        results = group.results()
        group.add(row, time)
        return results

    def _windowed(self, key: Key, row: Row) -> Row:
        place = key if self.apart else ()
        rows = self.windows.setdefault(place, deque(maxlen=self.window))
        entry = (key, dict(row))
        if self.current:
            rows.append(entry)
        group = Group(self.clauses)
        for other, earlier in rows:
            if other == key:
                group.add(earlier, number(earlier.get("_time")))
        if not self.current:
            rows.append(entry)
        return group.results()
