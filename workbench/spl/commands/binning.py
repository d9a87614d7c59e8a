"""bin: times and numbers put into bins."""

from __future__ import annotations

from typing import Any, Callable, List

from workbench.spl.arguments import Arguments
from workbench.spl.bins import is_time_unit, number_bin, time_span
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.values import Row, number, put

Binner = Callable[[Any], Any]


def binner(arguments: Arguments, context: Context, name: str, span: str) -> Binner:
    """What puts a value of the field into its bin of that span."""
    if name == "_time" or is_time_unit(span):
        try:
            time = time_span(span, context.env.tz)
        except ValueError as error:
            raise arguments.error(f"Invalid value for option 'span': '{span}' ({error}).") from error

        def into_time(value: Any) -> Any:
            epoch = number(value)
            return None if epoch is None else time.start(epoch)

        return into_time
    width = number(span)
    if width is None or width <= 0:
        raise arguments.error(f"The span '{span}' is not implemented.")
    return lambda value: number_bin(value, width)


@command("bin", "bucket", "discretize")
def read_bin(arguments: Arguments, context: Context) -> Stage:
    """Replace a field's values by their bins of a span."""
    options = arguments.options({"span": str})
    name = arguments.name("At least one field must be given as an argument.")
    target = arguments.alias(name)
    arguments.end()
    if "span" not in options:
        raise arguments.error("Bins without a span are not implemented.")
    into = binner(arguments, context, name, options["span"])

    def change(rows: List[Row]) -> List[Row]:
        for row in rows:
            value = row.get(name)
            if isinstance(value, list):
                raise arguments.error("A multivalue field is not implemented.")
            found = into(value)
            if found is not None:
                put(row, target, found)
        return rows

    return change
