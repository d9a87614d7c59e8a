"""accum, delta, autoregress: values from those of earlier rows."""

from __future__ import annotations

from typing import List

from workbench.spl.arguments import Arguments, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.values import Row, number


@command("accum")
def read_accum(arguments: Arguments, context: Context) -> Stage:
    """The running sum of a field."""
    name = arguments.name("At least one field must be given as an argument.")
    target = arguments.alias(name)
    arguments.end()

    def add(rows: List[Row]) -> List[Row]:
        total = 0.0
        for row in rows:
            value = number(row.get(name))
            if value is not None:
                total += value
                row[target] = total
        return rows

    return add


@command("delta")
def read_delta(arguments: Arguments, context: Context) -> Stage:
    """The difference to the value some rows before."""
    back = arguments.options({"p": whole}).get("p", 1)
    if not back:
        raise arguments.error("Invalid value for option 'p': '0' (a positive integer).")
    name = arguments.name("At least one field must be given as an argument.")
    target = arguments.alias(f"delta({name})")
    arguments.end()

    def subtract(rows: List[Row]) -> List[Row]:
        values = [number(row.get(name)) for row in rows]
        for place in range(back, len(rows)):
            value, earlier = values[place], values[place - back]
            if value is not None and earlier is not None:
                rows[place][target] = value - earlier
        return rows

    return subtract


@command("autoregress")
def read_autoregress(arguments: Arguments, context: Context) -> Stage:
    """The values of a field one or more rows before, as `field_pN`."""
    written = arguments.options({"p": str}).get("p", "1")
    name = arguments.name("At least one field must be given as an argument.")
    target = arguments.alias("")
    arguments.end()
    low, _, high = written.partition("-")
    if not low.isdigit() or not int(low) or (high and (not high.isdigit() or int(high) < int(low) or target)):
        raise arguments.error(f"Invalid value for option 'p': '{written}'.")
    targets = {back: target or f"{name}_p{back}" for back in range(int(low), int(high or low) + 1)}

    def copy(rows: List[Row]) -> List[Row]:
        values = [row.get(name) for row in rows]
        for place, row in enumerate(rows):
            for back, output in targets.items():
                if place >= back and values[place - back] is not None:
                    row[output] = values[place - back]
        return rows

    return copy
