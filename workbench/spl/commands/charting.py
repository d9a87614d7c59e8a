"""chart and timechart: aggregates by row and, as columns, by the values of a second field."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple, Union

from workbench.spl.aggregation import Clause, Group, spread
from workbench.spl.arguments import Arguments, Reader, boolean, seconds, whole
from workbench.spl.bins import MAX_BINS, NumberBins, TimeSpan, default_span, low_end
from workbench.spl.commands.binning import binner, given_span, into
from workbench.spl.commands.chartterms import Term, read_terms
from workbench.spl.commands.series import SPLIT, Choice, Series, limit, take_where
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.errors import SearchError
from workbench.spl.values import Row, many, number, order_key, text

_CHART: Dict[str, Reader] = {
    **SPLIT, "cont": boolean, "span": str, "aligntime": str, "dedup_splitvals": boolean,
    "bins": whole, "minspan": str, "start": float, "end": float,
}  # fmt: skip
_TIMECHART: Dict[str, Reader] = {
    **SPLIT, "span": str, "bins": whole, "minspan": seconds, "aligntime": str, "cont": boolean,
    "fixedrange": boolean, "partial": boolean, "dedup_splitvals": boolean,
}  # fmt: skip
_TERMS = "You must specify at least one aggregation."


def _series(
    arguments: Arguments, options: Dict[str, Any], field: Optional[str], where: Optional[Choice]
) -> Series:
    given = {key: value for key, value in options.items() if key in SPLIT and key not in ("limit", "agg")}
    return Series(field, where or limit(arguments, options), **given)


class Grid:
    """Rows by row key and series, and what the terms make of them."""

    def __init__(self, terms: Sequence[Term], found: List[Clause], series: Series, distinct: bool):
        self.terms, self.clauses, self.series, self.distinct = terms, found, series, distinct
        self.cells: Dict[Tuple[Any, str], List[Row]] = {}
        self.names: List[str] = []
        self.results: Dict[Tuple[Any, str], Row] = {}

    def fill(self, keyed: Iterable[Tuple[Any, Row]], length: float) -> None:
        """Take all rows with their keys; `length` is the seconds of a bin."""
        self.length = length
        for key, row in keyed:
            for name in self.series.names(row, self.distinct):
                self.cells.setdefault((key, name), []).append(row)
        shown = self.series.shown(self.cells, lambda rows: self._values(rows, self.terms[:1])[0])
        cells, self.names = self.series.merged(self.cells, shown)
        self.results = {place: Group(self.clauses).take(rows).results() for place, rows in cells.items()}

    def _values(self, rows: List[Row], terms: Sequence[Term]) -> List[Any]:
        results = Group(self.clauses).take(rows).results()
        return [term.give(results, self.length) for term in terms]

    def row(self, key: Any) -> Row:
        """The columns of one row; counts that are missing are 0."""
        found: Row = {}
        several = len(self.terms) > 1
        for name in self.names or ([""] if self.series.field is None else []):
            results = self.results.get((key, name))
            for term in self.terms:
                value = None if results is None else term.give(results, self.length)
                if value is None and term.zero:
                    value = 0
                if value is not None:
                    found[self.series.column(name, term, several)] = value
        return found


def _check(arguments: Arguments, terms: Sequence[Term], series: Series) -> None:
    if not terms:
        raise arguments.error(_TERMS)
    if any(term.output is None for term in terms) and (series.field is None or len(terms) > 1):
        raise arguments.error("An expression needs a name (AS) here.")


@command("chart")
def read_chart(arguments: Arguments, context: Context) -> Stage:
    """A table of aggregates: `chart f [BY row [column]]`, `chart f OVER row [BY column]`."""
    options = arguments.options(_CHART)
    for name in ("bins", "minspan", "start", "end"):
        if name in options:
            raise arguments.error(f"The option '{name}' is not implemented.")
    terms, found = read_terms(arguments, context.env, "over")
    where = take_where(arguments)
    over = arguments.keyword("over")
    names = arguments.plain_fields("by") if over else []
    split = arguments.keyword("by")
    by = arguments.plain_fields() if split else []
    arguments.end()
    if (over and len(names) != 1) or (split and not by) or len(names + by) > 2:
        raise arguments.error("You must specify one or two fields to split by.")
    names += by
    series = _series(arguments, options, names[1] if len(names) > 1 else None, where)
    _check(arguments, terms, series)
    if "span" not in options and "aligntime" in options:
        raise arguments.error("An aligntime without a span is not implemented.")
    bins = binner(arguments, context, names[0], options) if "span" in options and names else None

    def chart(rows: List[Row]) -> List[Row]:
        grid = Grid(terms, spread(found, rows, names), series, bool(options.get("dedup_splitvals")))
        keyed = [(key, row) for row in rows for key in _row_keys(row, names, bins)]
        grid.fill(keyed, 0.0)
        keys = _chart_keys([key for key, _ in keyed], names, bins, options.get("cont", True))
        return [{**({names[0]: key} if names else {}), **grid.row(key)} for key in keys]

    return chart


def _row_keys(row: Row, names: Sequence[str], bins: Optional[Union[TimeSpan, NumberBins]]) -> List[Any]:
    if not names:
        return [None]
    values = many(row.get(names[0]))
    if bins is None:
        return [text(value) for value in values]
    return [found for found in map(into(bins), values) if found is not None]


def _chart_keys(
    given: List[Any], names: Sequence[str], bins: Optional[Union[TimeSpan, NumberBins]], cont: bool
) -> List[Any]:
    """The rows' keys in order; bins without rows between them too, where they are continuous."""
    if not names:
        return [None]
    if isinstance(bins, NumberBins):
        return bins.all(given) if cont else sorted(set(given), key=low_end)
    if isinstance(bins, TimeSpan) and given and cont:
        return _starts(bins, min(given), max(given))
    return sorted(dict.fromkeys(given), key=order_key)


def _starts(bins: TimeSpan, first: float, last: float) -> List[float]:
    if (last - first) / bins.seconds > MAX_BINS:
        raise SearchError(f"More than {MAX_BINS} bins are not implemented.")
    return list(bins.all(first, last))


@command("timechart")
def read_timechart(arguments: Arguments, context: Context) -> Stage:
    """Aggregates by bins of time and, as columns, by the values of a field."""
    options = arguments.options(_TIMECHART)
    terms, found = read_terms(arguments, context.env, rates=True)
    where = take_where(arguments)
    split = arguments.keyword("by")
    names = arguments.plain_fields() if split else []
    arguments.end()
    if split and not names:
        raise arguments.error("You must specify a field name after 'by'.")
    if any(clause.field and "*" in clause.field for clause in found):
        raise arguments.error("Wildcards are not allowed in the fields of timechart.")
    if len(names) > 1:
        raise arguments.error("You can split by only one field.")
    series = _series(arguments, options, names[0] if names else None, where)
    _check(arguments, terms, series)
    span = given_span(arguments, context, options)
    window = context.window
    if not options.get("partial", True) and (window.earliest is None or window.latest is None):
        raise arguments.error("The option 'partial' over all time is not implemented.")

    def chart(rows: List[Row]) -> List[Row]:
        timed = [(epoch, row) for epoch, row in ((number(row.get("_time")), row) for row in rows) if epoch is not None]
        first, last = _range(context, [epoch for epoch, _ in timed], options)
        if first is None or last is None:
            return []
        bins = span or default_span(
            first, last, options.get("bins", 100), context.env.tz, options.get("minspan", 0.0)
        )
        grid = Grid(terms, found, series, bool(options.get("dedup_splitvals")))
        grid.fill(((bins.start(epoch), row) for epoch, row in timed), bins.seconds)
        starts = _starts(bins, first, last)
        if not options.get("partial", True):
            low, high = window.earliest or 0.0, window.latest or 0.0
            starts = [start for start in starts if start >= low and bins.following(start) <= high]
        if not options.get("cont", True):
            filled = {key for key, _ in grid.cells}
            starts = [start for start in starts if start in filled]
        return [{"_time": start, **grid.row(start), "_span": bins.seconds} for start in starts]

    return chart


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
