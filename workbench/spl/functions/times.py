"""Functions of time; the zone is the user's."""

from __future__ import annotations

from typing import Any, Tuple

from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.functions.table import Compiled, Getter, Table, single
from workbench.spl.precision import Fixed
from workbench.spl.timeformat import strftime, strptime
from workbench.spl.timemods import relative
from workbench.spl.values import Row, number, text

TABLE = Table()
_MICROSECONDS = 6
# "The string X date must be January 1, 1971 or later" (strptime).
_EARLIEST = 31_536_000


@TABLE.built("now", 0, 0)
def _now(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    return (lambda row: float(int(env.now))), "number"


@TABLE.built("time", 0, 0)
def _time(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    return (lambda row: Fixed(env.now, _MICROSECONDS)), "number"


@TABLE.built("strftime", 2, 2)
def _strftime(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    def printed(row: Row) -> Any:
        epoch, form = number(single(args[0].get(row), "strftime")), args[1].get(row)
        return None if epoch is None or form is None else strftime(epoch, text(form), env.tz)

    return printed, "string"


@TABLE.built("strptime", 2, 2)
def _strptime(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    def read(row: Row) -> Any:
        written, form = single(args[0].get(row), "strptime"), args[1].get(row)
        if written is None or form is None:
            return None
        epoch = strptime(text(written), text(form), env.tz, env.now)
        if epoch is not None and epoch < _EARLIEST:
            raise SearchError(f"The 'strptime' function of '{text(written)}', before 1971, is not implemented.")
        return None if epoch is None else Fixed(epoch, _MICROSECONDS)

    return read, "number"


@TABLE.built("relative_time", 2, 2)
def _relative_time(env: Environment, args: Tuple[Compiled, ...]) -> Tuple[Getter, str]:
    def moved(row: Row) -> Any:
        epoch, modifier = number(single(args[0].get(row), "relative_time")), args[1].get(row)
        if epoch is None or modifier is None:
            return None
        found = relative(epoch, text(modifier), env.tz)
        if found is None:
            raise SearchError(f"The relative time modifier '{text(modifier)}' is invalid.")
        return found

    return moved, "number"
