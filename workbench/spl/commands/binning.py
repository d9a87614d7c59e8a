"""bin: times and numbers put into bins."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Union

from workbench.spl.arguments import Arguments, Reader, seconds, whole
from workbench.spl.bins import NumberBins, TimeSpan, default_span, is_time_unit, number_bins, time_span
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.timemods import moment
from workbench.spl.values import Row, number

Binner = Callable[[Any], Any]
BIN_OPTIONS: Dict[str, Reader] = {
    "span": str, "bins": whole, "minspan": seconds, "aligntime": str, "start": float, "end": float,
}  # fmt: skip


def aligned(arguments: Arguments, context: Context, written: Optional[str]) -> Optional[float]:
    """The epoch of an aligntime: the search's earliest or latest, a modifier, an epoch or a date."""
    if written is None:
        return None
    window = context.window
    known = {"earliest": window.earliest, "latest": window.latest}
    if written.lower() in known:
        epoch = known[written.lower()]
        if epoch is None:
            raise arguments.error(f"aligntime={written} over all time is not implemented.")
        return epoch
    epoch = moment(written, context.env.now, context.env.tz)
    if epoch is None:
        raise arguments.error(f"Invalid value for option 'aligntime': '{written}'.")
    return epoch


def given_span(arguments: Arguments, context: Context, options: Dict[str, Any]) -> Optional[TimeSpan]:
    """The time span of the options, if they have one."""
    align = aligned(arguments, context, options.get("aligntime"))
    if "span" not in options:
        if align is not None:
            raise arguments.error("An aligntime without a span is not implemented.")
        return None
    try:
        return time_span(options["span"], context.env.tz, align)
    except ValueError as error:
        raise arguments.error(f"Invalid value for option 'span': '{options['span']}' ({error}).") from error


def binner(arguments: Arguments, context: Context, name: str, options: Dict[str, Any]) -> Union[TimeSpan, NumberBins]:
    """The bins of the options' span for the values of a field."""
    written = options["span"]
    if name == "_time" or is_time_unit(written):
        time = given_span(arguments, context, options)
        assert time is not None  # noqa: S101 - there is a span
        return time
    if "aligntime" in options:
        raise arguments.error("An aligntime is valid for spans of time only.")
    try:
        numbers = number_bins(written)
    except ValueError as error:
        raise arguments.error(f"Invalid value for option 'span': '{written}' ({error}).") from error
    if numbers is None:
        raise arguments.error(f"Invalid value for option 'span': '{written}'.")
    return numbers


def into(bins: Union[TimeSpan, NumberBins]) -> Binner:
    """What puts a value into its bin; None for what is no number."""
    if isinstance(bins, NumberBins):
        return bins.label
    start = bins.start

    def into_time(value: Any) -> Any:
        epoch = number(value)
        return None if epoch is None else start(epoch)

    return into_time


@command("bin", "bucket", "discretize")
def read_bin(arguments: Arguments, context: Context) -> Stage:
    """Replace a field's values by their bins."""
    options = arguments.options(BIN_OPTIONS)
    name = arguments.name("At least one field must be given as an argument.")
    target = arguments.alias(name)
    arguments.end()
    if "span" not in options and name != "_time":
        raise arguments.error("Bins of numbers without a span are not implemented.")
    # With a span nothing else counts; bounds without one are told differently by the manual and by searchbnf.
    if "span" not in options and ("start" in options or "end" in options):
        raise arguments.error("The options 'start' and 'end' are not implemented.")
    if "span" in options:
        put = into(binner(arguments, context, name, options))
        return lambda rows: _changed(arguments, rows, name, target, put)
    given_span(arguments, context, options)

    def change(rows: List[Row]) -> List[Row]:
        epochs = [epoch for epoch in (number(row.get(name)) for row in rows) if epoch is not None]
        if not epochs:
            return rows
        bins, least = options.get("bins", 100), options.get("minspan", 0.0)
        span = default_span(min(epochs), max(epochs), bins, context.env.tz, least)
        window = context.window
        first = min(epochs) if window.earliest is None else window.earliest
        last = max(epochs) if window.latest is None else window.latest
        if default_span(first, last, bins, context.env.tz, least).seconds != span.seconds:
            raise arguments.error("Whether the rows or the search give the range of the bins is not implemented.")
        return _changed(arguments, rows, name, target, into(span))

    return change


def _changed(arguments: Arguments, rows: List[Row], name: str, target: str, put: Binner) -> List[Row]:
    known: Dict[str, Any] = {}
    for row in rows:
        value = row.get(name)
        if value is None:
            continue
        if isinstance(value, list):
            raise arguments.error("A multivalue field is not implemented.")
        if isinstance(value, str):
            found = known.get(value)
            if found is None:
                found = known[value] = put(value)
        else:
            found = put(value)
        if found is not None:
            row[target] = found
    return rows
