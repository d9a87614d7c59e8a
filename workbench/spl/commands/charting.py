"""chart and timechart: aggregates by row and, as columns, by the values of a second field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from workbench.spl.aggregates import Aggregate
from workbench.spl.aggregation import Clause, clauses, spread
from workbench.spl.arguments import Arguments, Reader, boolean, whole
from workbench.spl.bins import TimeSpan, default_span, time_span
from workbench.spl.commands.binning import Binner, binner
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.values import Row, many, number, order_key, text

_SPLIT: Dict[str, Reader] = {
    "limit": str, "useother": boolean, "usenull": boolean, "nullstr": str, "otherstr": str, "sep": str,
}  # fmt: skip
_ZERO = ("count", "dc")
Cell = Tuple[Any, str, int]


def _limit(arguments: Arguments, written: str) -> Tuple[int, bool]:
    """How many series, and whether they are the smallest."""
    lowered = written.lower()
    bottom = lowered.startswith("bottom")
    digits = lowered.replace("bottom", "", 1) if bottom else lowered.replace("top", "", 1)
    if not digits.isdigit():
        raise arguments.error(f"Invalid value for option 'limit': '{written}'.")
    return int(digits), bottom


@dataclass
class Series:
    """How rows become columns: the field, and what becomes of nulls and of what is beyond the limit."""

    field: Optional[str]
    limit: int = 10
    bottom: bool = False
    useother: bool = True
    usenull: bool = True
    nullstr: str = "NULL"
    otherstr: str = "OTHER"
    sep: str = ": "

    def names(self, row: Row) -> Iterable[str]:
        """The series that a row belongs to."""
        if self.field is None:
            return ("",)
        found = [text(value) for value in many(row.get(self.field))]
        return found or ((self.nullstr,) if self.usenull else ())

    def column(self, name: str, clause: Clause, several: bool) -> str:
        """The name of a column."""
        if self.field is None:
            return clause.output
        return f"{clause.output}{self.sep}{name}" if several else name


def _series(arguments: Arguments, options: Dict[str, Any], name: Optional[str]) -> Series:
    given = {key: value for key, value in options.items() if key in _SPLIT and key != "limit"}
    series = Series(name, **given)
    if "limit" in options:
        series.limit, series.bottom = _limit(arguments, options["limit"])
    return series


class Grid:
    """Aggregates by row key, series and clause."""

    def __init__(self, found: Sequence[Clause], series: Series):
        self.clauses, self.series = found, series
        self.cells: Dict[Cell, Aggregate] = {}
        self.fed: Dict[Tuple[Any, str], List[Row]] = {}

    def add(self, key: Any, name: str, row: Row) -> None:
        """Give a row to the aggregates of its cell."""
        time = number(row.get("_time"))
        for place, clause in enumerate(self.clauses):
            cell = (key, name, place)
            aggregate = self.cells.get(cell)
            if aggregate is None:
                aggregate = self.cells[cell] = clause.make()
            for item in many(clause.value(row)):
                aggregate.add(item, time)

    def fill(self, keyed: List[Tuple[Any, Row]]) -> List[str]:
        """Take all rows; give the names of the series in the order of their columns."""
        split = [(key, name, row) for key, row in keyed for name in self.series.names(row)]
        chosen = self._chosen(split)
        other = False
        for key, name, row in split:
            if name in chosen:
                self.add(key, name, row)
            elif self.series.useother:
                other = True
                self.add(key, self.series.otherstr, row)
        last = [name for name in (self.series.otherstr,) if other]
        nulls = [name for name in chosen if name == self.series.nullstr]
        return sorted(name for name in chosen if name not in nulls) + last + nulls

    def _chosen(self, split: List[Tuple[Any, str, Row]]) -> List[str]:
        """The series within the limit: those whose aggregates sum up highest (or lowest)."""
        names = list(dict.fromkeys(name for _, name, _ in split))
        series = self.series
        apart = [name for name in names if name == series.nullstr and series.field is not None]
        named = [name for name in names if name not in apart]
        if series.field is None or not series.limit or len(named) <= series.limit:
            return names
        trial = Grid(self.clauses[:1], Series(series.field, limit=0))
        trial.fill([(key, row) for key, _, row in split])
        scores = dict.fromkeys(named, 0.0)
        for (_, name, _), aggregate in trial.cells.items():
            if name in scores:
                scores[name] += number(aggregate.result()) or 0.0
        named.sort(key=lambda name: (scores[name] if series.bottom else -scores[name], name))
        return named[: series.limit] + apart

    def row(self, key: Any, names: Sequence[str]) -> Row:
        """The columns of one row; counts that are missing are 0."""
        found: Row = {}
        for name in names:
            for place, clause in enumerate(self.clauses):
                aggregate = self.cells.get((key, name, place))
                value = None if aggregate is None else aggregate.result()
                if value is None and clause.function in _ZERO:
                    value = 0
                if value is not None:
                    found[self.series.column(name, clause, len(self.clauses) > 1)] = value
        return found


@command("chart")
def read_chart(arguments: Arguments, context: Context) -> Stage:
    """A table of aggregates: `chart f BY row [column]`, `chart f OVER row [BY column]`."""
    options = arguments.options({**_SPLIT, "cont": boolean, "span": str})
    found = clauses(arguments, context.env, "over")
    over = arguments.keyword("over")
    names = arguments.fields_until("by") if over or arguments.keyword("by") else []
    if over and arguments.keyword("by"):
        names += arguments.fields()
    arguments.end()
    if not found:
        raise arguments.error("You must specify at least one aggregation.")
    if not names or len(names) > 2:
        raise arguments.error("You must specify one or two fields to split by.")
    series = _series(arguments, options, names[1] if len(names) > 1 else None)
    into = binner(arguments, context, names[0], options["span"]) if "span" in options else None

    def chart(rows: List[Row]) -> List[Row]:
        grid = Grid(spread(found, rows, names), series)
        keyed = [(key, row) for row in rows for key in _row_keys(row, names[0], into)]
        columns = grid.fill(keyed)
        keys = sorted(dict.fromkeys(key for key, _ in keyed), key=order_key)
        return [{names[0]: key, **grid.row(key, columns)} for key in keys]

    return chart


def _row_keys(row: Row, name: str, into: Optional[Binner]) -> List[Any]:
    values = many(row.get(name))
    if into is None:
        return [text(value) for value in values]
    return [found for found in map(into, values) if found is not None]


@command("timechart")
def read_timechart(arguments: Arguments, context: Context) -> Stage:
    """Aggregates by bins of time and, as columns, by the values of a field."""
    options = arguments.options(
        {**_SPLIT, "span": str, "bins": whole, "cont": boolean, "fixedrange": boolean, "partial": boolean}
    )
    found = clauses(arguments, context.env)
    names = arguments.fields() if arguments.keyword("by") else []
    if not found:
        raise arguments.error("You must specify at least one aggregation.")
    if len(names) > 1:
        raise arguments.error("You can split by only one field.")
    if not options.get("partial", True):
        raise arguments.error("The option 'partial' is not implemented.")
    series = _series(arguments, options, names[0] if names else None)
    span = _given_span(arguments, context, options)

    def chart(rows: List[Row]) -> List[Row]:
        timed = [(epoch, row) for epoch, row in ((number(row.get("_time")), row) for row in rows) if epoch is not None]
        first, last = _range(context, [epoch for epoch, _ in timed], options)
        if first is None or last is None:
            return []
        bins = span or default_span(first, last, options.get("bins", 100), context.env.tz)
        grid = Grid(spread(found, rows, names), series)
        columns = grid.fill([(bins.start(epoch), row) for epoch, row in timed])
        starts = list(bins.all(first, last))
        if not options.get("cont", True):
            filled = {key for key, _, _ in grid.cells}
            starts = [start for start in starts if start in filled]
        columns = columns or ([""] if series.field is None else [])
        return [{"_time": start, **grid.row(start, columns), "_span": bins.seconds} for start in starts]

    return chart


def _given_span(arguments: Arguments, context: Context, options: Dict[str, Any]) -> Optional[TimeSpan]:
    if "span" not in options:
        return None
    try:
        return time_span(options["span"], context.env.tz)
    except ValueError as error:
        raise arguments.error(f"Invalid value for option 'span': '{options['span']}' ({error}).") from error


def _range(
    context: Context, epochs: List[float], options: Dict[str, Any]
) -> Tuple[Optional[float], Optional[float]]:
    """From where to where: the search's own bounds where it has them, else those of the rows."""
    window = context.window
    first, last = min(epochs, default=None), max(epochs, default=None)
    if options.get("fixedrange", True):
        if window.earliest is not None:
            first = window.earliest
        if window.latest is not None:
            # The end itself is not part of the range.
            last = window.latest - 1e-6
    return first, last
