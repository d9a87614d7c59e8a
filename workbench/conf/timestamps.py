"""The time of an event that comes without one: TIME_PREFIX, TIME_FORMAT, TZ and MAX_TIMESTAMP_LOOKAHEAD."""

from __future__ import annotations

import re
from datetime import timezone, tzinfo
from typing import Dict, Optional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workbench.errors import BadInput
from workbench.spl.regex import compile_pattern
from workbench.spl.timeformat import strptime

_LOOKAHEAD = 128
# Without TIME_FORMAT Splunk tries many shapes; of those only ISO 8601 is read here.
# `%s` alone reads an epoch with its fraction.
_EPOCH = re.compile(r"%s\.%\d?[NQ]")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")


def event_time(data: str, settings: Dict[str, str], now: float) -> float:
    """Epoch seconds read from the text by the props in force; `now` where they find none."""
    if settings.get("DATETIME_CONFIG", "").upper() in ("CURRENT", "NONE"):
        return now
    start = 0
    if settings.get("TIME_PREFIX"):
        match = compile_pattern(settings["TIME_PREFIX"]).search(data)
        if match is None:
            return now
        start = match.end()
    ahead = int(settings.get("MAX_TIMESTAMP_LOOKAHEAD", _LOOKAHEAD))
    text = data[start : start + ahead] if ahead > 0 else data[start:]
    form, tz = settings.get("TIME_FORMAT", ""), zone(settings.get("TZ", "UTC"))
    found = read_time(text, form, tz, now) if form else _iso(text, tz, now)
    return now if found is None else found


def read_time(written: str, form: str, tz: tzinfo, now: float) -> Optional[float]:
    """Epoch of a text by a format, None when it does not fit; `%s.%3N` and `%s.%Q` are an epoch with its fraction."""
    return strptime(written, _EPOCH.sub("%s", form), tz, now)


def zone(name: str) -> tzinfo:
    """A zone by its TZ name; BadInput for one this machine does not know."""
    if name.upper() in ("UTC", "GMT", "Z"):
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput(f"TZ = {name}: no such time zone here") from error


def _iso(text: str, tz: tzinfo, now: float) -> Optional[float]:
    match = _ISO.search(text)
    if match is None:
        return None
    fraction = ".%Q" if match.group(1) else ""
    offset = "%z" if match.group(2) else ""
    written = match.group().replace(" ", "T")
    return strptime(written, f"%Y-%m-%dT%H:%M:%S{fraction}{offset}", tz, now)
