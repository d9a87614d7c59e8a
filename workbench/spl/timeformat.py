"""Times as text: Splunk's strftime and strptime variables, by tables."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Callable, Dict, List, Optional, Pattern, Tuple

from workbench.spl.errors import SearchError

_ISO = "%Y-%m-%dT%H:%M:%S.%Q%:z"
_DAYS = list(calendar.day_name)
_MONTHS = list(calendar.month_name)[1:]
_ALIASES = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%D": "%m/%d/%y", "%R": "%H:%M", "%h": "%b",
            "%c": "%a %b %e %H:%M:%S %Y", "%x": "%m/%d/%Y", "%X": "%H:%M:%S", "%+": _ISO}  # fmt: skip
_VARIABLE = re.compile(r"%(?:\d?N|:{1,2}z|\d?Q|.)", re.DOTALL)


def _offset(moment: datetime, colon: str) -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{abs(seconds) // 3600:02d}{colon}{abs(seconds) % 3600 // 60:02d}"


def _fraction(moment: datetime, digits: int) -> str:
    return f"{moment.microsecond:06d}000"[:digits]


_PRINT: Dict[str, Callable[[datetime], str]] = {
    "%Y": lambda t: f"{t.year:04d}", "%y": lambda t: f"{t.year % 100:02d}",
    "%C": lambda t: f"{t.year // 100:02d}",
    "%m": lambda t: f"{t.month:02d}", "%d": lambda t: f"{t.day:02d}", "%e": lambda t: f"{t.day:2d}",
    "%H": lambda t: f"{t.hour:02d}", "%k": lambda t: f"{t.hour:2d}",
    "%I": lambda t: f"{(t.hour + 11) % 12 + 1:02d}", "%l": lambda t: f"{(t.hour + 11) % 12 + 1:2d}",
    "%M": lambda t: f"{t.minute:02d}", "%S": lambda t: f"{t.second:02d}",
    "%p": lambda t: "AM" if t.hour < 12 else "PM",
    "%a": lambda t: _DAYS[t.weekday()][:3], "%A": lambda t: _DAYS[t.weekday()],
    "%b": lambda t: _MONTHS[t.month - 1][:3], "%B": lambda t: _MONTHS[t.month - 1],
    "%j": lambda t: f"{t.timetuple().tm_yday:03d}", "%w": lambda t: str(t.isoweekday() % 7),
    "%u": lambda t: str(t.isoweekday()),
    "%U": lambda t: f"{(t.timetuple().tm_yday + 6 - t.isoweekday() % 7) // 7:02d}",
    "%W": lambda t: f"{(t.timetuple().tm_yday + 6 - t.weekday()) // 7:02d}",
    "%V": lambda t: f"{t.isocalendar()[1]:02d}", "%G": lambda t: f"{t.isocalendar()[0]:04d}",
    "%g": lambda t: f"{t.isocalendar()[0] % 100:02d}",
    "%s": lambda t: str(int(t.timestamp() // 1)),
    "%z": lambda t: _offset(t, ""), "%:z": lambda t: _offset(t, ":"), "%::z": lambda t: _offset(t, ":") + ":00",
    "%Z": lambda t: t.tzname() or "", "%f": lambda t: f"{t.microsecond:06d}",
    "%%": lambda t: "%", "%n": lambda t: "\n", "%t": lambda t: "\t",
}  # fmt: skip


def local(epoch: float, tz: tzinfo) -> datetime:
    """The moment of an epoch in a zone, to the microsecond."""
    whole = int(epoch // 1)
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(
        seconds=whole, microseconds=round((epoch - whole) * 1e6)
    )
    return moment.astimezone(tz)


def _expand(form: str) -> str:
    return _VARIABLE.sub(lambda match: _ALIASES.get(match.group(), match.group()), form)


def strftime(epoch: float, form: str, tz: tzinfo) -> Optional[str]:
    """The time by Splunk's variables; None when no calendar holds it."""
    try:
        moment = local(epoch, tz)
    except (OverflowError, ValueError):
        return None

    def piece(match: re.Match[str]) -> str:
        variable = match.group()
        if variable[-1] in "NQ":
            digits = variable[1:-1]
            return _fraction(moment, int(digits) if digits else (9 if variable[-1] == "N" else 3))
        printer = _PRINT.get(variable)
        if printer is None:
            raise SearchError(f"The time format variable '{variable}' is not implemented.")
        return printer(moment)

    return _VARIABLE.sub(piece, _expand(form))


_NAMES = "|".join
_READ: Dict[str, Tuple[str, str]] = {
    "%Y": ("year", r"\d{4}"), "%y": ("short", r"\d{2}"), "%m": ("month", r"\d{1,2}"),
    "%d": ("day", r"\d{1,2}"), "%e": ("day", r"\s?\d{1,2}"), "%H": ("hour", r"\d{1,2}"),
    "%k": ("hour", r"\s?\d{1,2}"), "%I": ("hour12", r"\d{1,2}"), "%l": ("hour12", r"\s?\d{1,2}"),
    "%M": ("minute", r"\d{1,2}"), "%S": ("second", r"\d{1,2}"), "%p": ("half", r"[AaPp]\.?[Mm]\.?"),
    "%b": ("name", _NAMES(month + "|" + month[:3] for month in _MONTHS)),
    "%B": ("name", _NAMES(month + "|" + month[:3] for month in _MONTHS)),
    "%a": ("", _NAMES(day + "|" + day[:3] for day in _DAYS)),
    "%A": ("", _NAMES(day + "|" + day[:3] for day in _DAYS)),
    "%j": ("yday", r"\d{1,3}"), "%s": ("epoch", r"-?\d+(?:\.\d+)?"), "%f": ("fraction", r"\d{1,9}"),
    "%z": ("zone", r"Z|[+-]\d{2}:?\d{2}"), "%:z": ("zone", r"Z|[+-]\d{2}:?\d{2}"),
    "%Z": ("zone", r"[A-Za-z]{1,5}|[+-]\d{2}:?\d{2}"), "%%": ("", "%"), "%n": ("", r"\s+"), "%t": ("", r"\s+"),
}  # fmt: skip


@lru_cache(maxsize=64)
def _reader(form: str) -> Pattern[str]:
    pieces: List[str] = []
    place = 0
    expanded = _expand(form)
    for match in _VARIABLE.finditer(expanded):
        pieces.append(re.sub(r"(?:\\?\s)+", r"\\s*", re.escape(expanded[place : match.start()])))
        variable, place = match.group(), match.end()
        if variable[-1] in "NQ":
            name, pattern = "fraction", r"\d{1,9}"
        elif variable in _READ:
            name, pattern = _READ[variable]
        else:
            raise SearchError(f"The time format variable '{variable}' is not implemented.")
        pieces.append(f"(?P<{name}>{pattern})" if name else f"(?:{pattern})")
    pieces.append(re.sub(r"(?:\\?\s)+", r"\\s*", re.escape(expanded[place:])))
    try:
        return re.compile(r"\s*" + "".join(pieces), re.IGNORECASE)
    except re.error as error:
        raise SearchError(f"The time format '{form}' names a part twice, which is not implemented.") from error


def _zone(written: Optional[str], tz: tzinfo) -> tzinfo:
    if written is None:
        return tz
    if written.upper() in ("Z", "UTC", "GMT"):
        return timezone.utc
    if written.isalpha():
        raise SearchError(f"The time zone name '{written}' in a time is not implemented.")
    digits = written.replace(":", "")
    minutes = int(digits[1:3]) * 60 + int(digits[3:5])
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))


def _year(parts: Dict[str, str], today: datetime) -> int:
    if "year" in parts:
        return int(parts["year"])
    if "short" in parts:
        short = int(parts["short"])
        return short + (1900 if short >= 69 else 2000)
    return today.year


def _day(parts: Dict[str, str], today: datetime) -> datetime:
    year = _year(parts, today)
    if "yday" in parts:
        return datetime(year, 1, 1) + timedelta(days=int(parts["yday"]) - 1)
    if {"year", "short", "month", "name", "day"} & set(parts) and not {"month", "name"} & set(parts):
        raise SearchError("A date without its month is not implemented.")
    if {"month", "name"} & set(parts) and "day" not in parts:
        raise SearchError("A date without its day is not implemented.")
    month, day = today.month, today.day
    if "name" in parts:
        month = [name[:3].lower() for name in _MONTHS].index(parts["name"][:3].lower()) + 1
    return datetime(year, int(parts.get("month", month)), int(parts.get("day", day)))


def strptime(written: str, form: str, tz: tzinfo, now: float) -> Optional[float]:
    """Epoch of a text read by Splunk's variables; None when it does not fit.

    Parts that the format lacks are today's, or zero. [unverified] text behind the format is ignored.
    """
    match = _reader(form).match(written)
    if match is None:
        return None
    parts = {name: value for name, value in match.groupdict().items() if value is not None}
    if "epoch" in parts:
        return float(parts["epoch"])
    hour = int(parts.get("hour", parts.get("hour12", 0)))
    if "half" in parts:
        hour = hour % 12 + (12 if parts["half"][0] in "Pp" else 0)
    try:
        zone = _zone(parts.get("zone"), tz)
        moment = _day(parts, local(now, zone)).replace(
            hour=hour, minute=int(parts.get("minute", 0)), second=int(parts.get("second", 0)), tzinfo=zone
        )
        return moment.timestamp() + float("0." + parts.get("fraction", "0"))
    except (ValueError, OverflowError):
        return None
