"""convert and strcat: values in another form."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Tuple

from workbench.spl.arguments import Arguments, boolean
from workbench.spl.commands.fields import fill_wildcards, names_matching
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.errors import SearchError
from workbench.spl.timeformat import strftime, strptime
from workbench.spl.values import Row, number, put, text

_DEFAULT_FORMAT = "%m/%d/%Y %H:%M:%S"
_DURATION = re.compile(r"(?:(\d+)\+)?(\d+):(\d+):(\d+(?:\.\d+)?)\Z")
_MINUTES = re.compile(r"(?:(\d+):)?(\d+(?:\.\d+)?)\Z")
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)([kKmMgG])?[bB]?\Z")
_UNIT = re.compile(r"\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")
_KILO = {"": 1.0, "k": 1.0, "m": 1024.0, "g": 1048576.0}
Change = Callable[[str], Any]


def _dur2sec(written: str) -> Any:
    match = _DURATION.match(written)
    if match is None:
        return None
    days, hours, minutes, seconds = match.groups()
    return int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _mstime(written: str) -> Any:
    match = _MINUTES.match(written)
    return None if match is None else int(match[1] or 0) * 60 + float(match[2])


def _memk(written: str) -> Any:
    match = _MEMORY.match(written)
    return None if match is None else float(match[1]) * _KILO[(match[2] or "").lower()]


def _rmunit(written: str) -> Any:
    match = _UNIT.match(written)
    return None if match is None else number(match[1])


def _rmcomma(written: str) -> Any:
    bare = written.replace(",", "")
    return bare if number(bare) is not None else None


def _num(written: str) -> Any:
    """Like auto(), whose choice among the conversions no page tells: a text of none of them is removed."""
    found = number(written)
    if found is None and any(change(written) is not None for change in (_dur2sec, _mstime, _memk, _rmunit, _rmcomma)):
        raise SearchError(f"num() over '{written}' is not implemented.")
    return found


_PLAIN: Dict[str, Change] = {
    "dur2sec": _dur2sec, "mstime": _mstime, "memk": _memk, "rmunit": _rmunit, "rmcomma": _rmcomma,
    "num": _num,
}  # fmt: skip


def _change(arguments: Arguments, function: str, form: str, context: Context) -> Change:
    env = context.env

    def ctime(written: str) -> Any:
        epoch = number(written)
        return None if epoch is None else strftime(epoch, form, env.tz)

    def mktime(written: str) -> Any:
        return strptime(written, form, env.tz, env.now)

    if function in _PLAIN:
        return _PLAIN[function]
    timed = {"ctime": ctime, "mktime": mktime}
    if function not in timed:
        raise arguments.error(f"The function '{function}' is not implemented.")
    return timed[function]


@command("convert")
def read_convert(arguments: Arguments, context: Context) -> Stage:
    """Change values by `function(field) [AS new]`; what cannot be changed stays, except under num()."""
    form = arguments.options({"timeformat": str}).get("timeformat", _DEFAULT_FORMAT)
    steps: List[Tuple[str, Change, str, str]] = []
    while not arguments.done:
        if arguments.accept(","):
            continue
        function = arguments.name().lower()
        if not arguments.accept("("):
            raise arguments.invalid(function)
        name = arguments.name()
        if not arguments.accept(")"):
            raise arguments.error("Unbalanced parentheses.")
        target = arguments.alias(name)
        steps.append((function, _change(arguments, function, form, context), name, target))
    if not steps:
        raise arguments.error("At least one conversion must be given.")

    def convert(rows: List[Row]) -> List[Row]:
        for function, change, pattern, target in steps:
            for name in names_matching([pattern], rows):
                output = fill_wildcards(pattern, target, name) if "*" in pattern else target
                for row in rows:
                    _convert(row, function, change, name, output)
        return rows

    return convert


def _convert(row: Row, function: str, change: Change, name: str, output: str) -> None:
    value = row.get(name)
    if value is None or isinstance(value, list):
        return
    found = change(text(value))
    if found is not None:
        row[output] = found
    elif function == "num" or output != name:
        put(row, output, None if function == "num" else value)


@command("strcat")
def read_strcat(arguments: Arguments, context: Context) -> Stage:
    """Join fields and quoted texts into a field."""
    required = arguments.options({"allrequired": boolean}).get("allrequired", False)
    parts = [token for token in arguments.tokens if token.kind != ","]
    if len(parts) < 3 or any(not token.is_name for token in parts):
        raise arguments.error("Usage: strcat [allrequired=<bool>] <source>... <destination>.")
    *sources, target = parts

    def join(rows: List[Row]) -> List[Row]:
        for row in rows:
            found = [token.text if token.kind == "string" else row.get(token.text) for token in sources]
            if not (required and any(value is None for value in found)):
                row[target.text] = "".join(text(value) for value in found)
        return rows

    return join
