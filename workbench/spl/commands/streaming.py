"""streamstats: each row with the aggregates of the rows up to it, of all or of those in a window."""

from __future__ import annotations

import re
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

from workbench.spl.aggregation import Clause, Group, Key, by_fields, clauses, key_of, spread
from workbench.spl.arguments import Arguments, boolean, seconds, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.errors import in_command
from workbench.spl.evaluate import compile_condition
from workbench.spl.lexer import outside_quotes, quoted_end, unescape
from workbench.spl.values import Row, many, number

_CLOSE = re.compile(r'(?<!\\)"\)"')
_RESET = re.compile(r"\breset_(before|after)\s*=\s*")
Test = Callable[[Row], bool]
# The values that a row gives to each clause, and its time.
Entry = Tuple[List[List[Any]], Optional[float]]


def _take_reset(text: str, context: Context) -> Tuple[str, Dict[str, Test]]:
    """`reset_before=` and `reset_after=` with their expressions, in each of the manual's ways to quote."""
    found: Dict[str, Test] = {}
    match = _RESET.search(text)
    while match is not None:
        rest = text[match.end() :]
        if rest.startswith('"("'):
            close = _CLOSE.search(rest, 3)
            if close is None:
                raise in_command("streamstats", "Unbalanced parentheses.")
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
        {
            "current": boolean, "window": whole, "time_window": seconds, "global": boolean, "allnum": boolean,
            "reset_on_change": boolean,
        }
    )  # fmt: skip
    if options.get("allnum"):
        raise arguments.error("The option 'allnum' is not implemented.")
    found = clauses(arguments, context.env)
    by = by_fields(arguments, found)
    if not found:
        raise arguments.error("At least one aggregation must be given.")
    windowed = bool(options.get("window") or options.get("time_window"))
    before, after = resets.get("before"), resets.get("after")

    def add(rows: List[Row]) -> List[Row]:
        wide = spread(found, rows, by)
        stream = _Windowed(wide, options) if windowed else _Running(wide, options)
        last: Optional[Key] = None
        for row in rows:
            key = key_of(row, by) if by else ()
            if before is not None and before(row):
                stream.reset()
            if key is not None:
                if key != last and options.get("reset_on_change"):
                    stream.reset()
                last = key
                row.update(stream.take(key, row))
            if after is not None and after(row):
                stream.reset()
        return rows

    return add


class _Running:
    """Aggregates of each group that grow with every row."""

    def __init__(self, found: List[Clause], options: Dict[str, Any]):
        self.clauses = found
        self.current = options.get("current", True)
        self.reset()

    def reset(self) -> None:
        """Forget every row."""
        self.groups: Dict[Key, Group] = {}

    def take(self, key: Key, row: Row) -> Row:
        """The results for a row, which is then part of the stream."""
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


class _Windowed:
    """Aggregates made anew for each row, from those of its group among the last rows.

    The window counts the rows of all groups, with global=false those of each group. A time_window holds what is
    less than so long away; whether what is exactly as long away belongs to it, no page says.
    """

    def __init__(self, found: List[Clause], options: Dict[str, Any]):
        self.clauses = found
        self.current = options.get("current", True)
        self.size, self.seconds = options.get("window", 0), options.get("time_window")
        self.apart = not options.get("global", True)
        self.reset()

    def reset(self) -> None:
        """Forget every row."""
        self.order: Dict[Key, Deque[Tuple[Key, Optional[float]]]] = {}
        self.entries: Dict[Key, Deque[Entry]] = {}

    def take(self, key: Key, row: Row) -> Row:
        """The results for a row, which is then part of the stream."""
        order = self.order.setdefault(key if self.apart else (), deque())
        entries = self.entries.setdefault(key, deque())
        entry: Entry = ([many(clause.value(row)) for clause in self.clauses], number(row.get("_time")))
        self._expire(order, entry[1])
        if self.current:
            self._append(order, key, entry)
            return self._results(entries)
        results = self._results(entries)
        self._append(order, key, entry)
        return results

    def _append(self, order: Deque[Tuple[Key, Optional[float]]], key: Key, entry: Entry) -> None:
        order.append((key, entry[1]))
        self.entries[key].append(entry)
        if self.size and len(order) > self.size:
            self.entries[order.popleft()[0]].popleft()

    def _expire(self, order: Deque[Tuple[Key, Optional[float]]], time: Optional[float]) -> None:
        if self.seconds is None:
            return
        if time is None:
            raise in_command("streamstats", "Rows without _time in a time_window are not implemented.")
        while order:
            distance = abs(time - (order[0][1] or 0.0))
            if distance == self.seconds:
                raise in_command("streamstats", "Rows exactly one time_window apart are not implemented.")
            if distance < self.seconds:
                return
            self.entries[order.popleft()[0]].popleft()

    def _results(self, entries: Deque[Entry]) -> Row:
        results: Row = {}
        for place, clause in enumerate(self.clauses):
            values = [value for given, _ in entries for value in given[place]]
            times = [time for given, time in entries for _ in given[place]]
            aggregate = clause.make()
            aggregate.take(values, times)
            result = aggregate.result()
            if result is not None:
                results[clause.output] = result
        return results
