"""Relative time modifiers (`-1d@d+2h`, `@w0`, `now`) and absolute ones, in the user's zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from typing import Optional, Tuple

from workbench.spl.errors import SearchError
from workbench.spl.timeformat import local, strptime

_UNITS = {
    "us": ("us", "usec"), "ms": ("ms", "msec"), "cs": ("cs",), "ds": ("ds",),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"), "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"), "w": ("w", "week", "weeks"), "mon": ("mon", "month", "months"),
    "q": ("q", "qtr", "qtrs", "quarter", "quarters"), "y": ("y", "yr", "yrs", "year", "years"),
}  # fmt: skip
UNITS = {name: unit for unit, names in _UNITS.items() for name in names}
SECONDS = {"us": 1e-6, "ms": 1e-3, "cs": 1e-2, "ds": 0.1, "s": 1.0, "m": 60.0, "h": 3600.0}
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"mon": 1, "q": 3, "y": 12}
_STEP = re.compile(r"([+-])(\d*)([a-z]+)|@([a-z]+?)([0-7])?(?=[+\-@]|\Z)")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)?([a-zA-Z]+)?\Z")
_ABSOLUTE = "%m/%d/%Y:%H:%M:%S"


def add_months(moment: datetime, months: int) -> datetime:
    """The same day and clock time some months on, on the month's last day where it is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = moment.day
    while True:
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            if day <= 28:
                raise
            day -= 1


def shift(epoch: float, amount: float, unit: str, tz: tzinfo) -> float:
    """An epoch moved by calendar units in the zone; hours and less are plain seconds."""
    if unit in SECONDS:
        return epoch + amount * SECONDS[unit]
    moment = local(epoch, tz)
    naive = moment.replace(tzinfo=None, fold=0)
    if unit in _DAYS:
        naive += timedelta(days=amount * _DAYS[unit])
    else:
        naive = add_months(naive, int(amount) * _MONTHS[unit])
    return naive.replace(tzinfo=tz).timestamp()


def snap(epoch: float, unit: str, weekday: int, tz: tzinfo) -> float:
    """The start of the unit that holds the epoch; weeks start on `weekday` (0 and 7 are Sunday)."""
    if unit in ("us", "ms", "cs", "ds"):
        return epoch // SECONDS[unit] * SECONDS[unit]
    moment = local(epoch, tz).replace(microsecond=0)
    if unit in ("s", "m", "h"):
        trimmed = moment.replace(
            second=moment.second if unit == "s" else 0, minute=0 if unit == "h" else moment.minute
        )
        return trimmed.timestamp()
    day = moment.replace(hour=0, minute=0, second=0, tzinfo=None, fold=0)
    if unit == "w":
        day -= timedelta(days=(day.isoweekday() - weekday) % 7)
    elif unit != "d":
        month = {"mon": day.month, "q": (day.month - 1) // 3 * 3 + 1, "y": 1}[unit]
        day = day.replace(month=month, day=1)
    return day.replace(tzinfo=tz).timestamp()


def relative(epoch: float, modifier: str, tz: tzinfo) -> Optional[float]:
    """An epoch changed by a relative modifier; None when the modifier cannot be read."""
    place = 0
    modifier = modifier.strip().lower()
    if modifier.startswith("now"):
        modifier = modifier[3:]
        modifier = modifier[2:] if modifier.startswith("()") else modifier
    while place < len(modifier):
        step = _STEP.match(modifier, place)
        if step is None:
            return None
        sign, amount, unit, snapped, weekday = step.groups()
        unit = UNITS.get(unit or snapped)
        if unit is None or (weekday is not None and unit != "w"):
            return None
        try:
            if sign:
                epoch = shift(epoch, int(amount or 1) * (-1 if sign == "-" else 1), unit, tz)
            else:
                epoch = snap(epoch, unit, int(weekday or 0), tz)
        except (ValueError, OverflowError) as error:
            raise SearchError(f"The time modifier '{modifier}' leads out of the years 1 to 9999.") from error
        place = step.end()
    return epoch


def moment(written: str, now: float, tz: tzinfo, form: Optional[str] = None) -> Optional[float]:
    """The epoch that an earliest= or latest= value names: an epoch, a modifier or a date; else None."""
    if re.fullmatch(r"\d+(\.\d+)?", written):
        return float(written)
    if form is None and re.match(r"now|[-+@]", written.lower()):
        return relative(now, written, tz)
    return strptime(written, form or _ABSOLUTE, tz, now)


def span(written: str) -> Optional[Tuple[float, str]]:
    """Amount and unit of a span such as `10m`, `1mon` or `300`; no unit gives an empty one."""
    match = _SPAN.match(written)
    if match is None or not written:
        return None
    amount, unit = match.groups()
    # One capital M is a minute nowhere in Splunk's tables, but units are not case sensitive otherwise.
    known = UNITS.get(unit.lower()) if unit else ""
    return None if known is None else (float(amount or 1), known)
