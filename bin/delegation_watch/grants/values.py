"""Single values as audit records write them: times, addresses, flags, parameter lists. No record shapes."""

import calendar
import functools
import json
import re
import time
from datetime import datetime
from typing import Any, Dict, List, Optional, Union

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_CLOCK = re.compile(
    r"[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$", re.IGNORECASE
)
_EPOCH_DATE = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")
_US_FORMATS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M")
_PARAMETER = re.compile(r"""-(\w+)(?::|\s+)("(?:[^"\\]|\\.)*"|'[^']*'|@\{[^}]{0,4000}\}|[^\s]+)""")
_DISTINGUISHED = re.compile(r"(CN=|/o=)", re.IGNORECASE)
_QUOTED = re.compile(r"""["]([^"]*)["]|[']([^']*)[']""")
_TRUE = frozenset(("true", "1", "yes", "$true"))
_BEGIN = datetime(1970, 1, 1)  # as naive as what is written without a zone

Epoch = Union[int, float]


@functools.lru_cache(maxsize=4096)
def _midnight(day: str) -> int:
    match = _DAY.match(day)
    if match is None:
        raise ValueError("not a date: " + day)
    year, month, of_month = (int(part) for part in match.groups())
    if not (1 <= month <= 12 and 1 <= of_month <= calendar.monthrange(year, month)[1]):
        raise ValueError("no such day: " + day)
    return calendar.timegm((year, month, of_month, 0, 0, 0, 0, 0, 0))


def epoch(text: Any) -> Epoch:
    """Seconds since 1970 in UTC of a time as the vendors write it; ValueError when it is none.

    Office 365 writes UTC without a zone (`2021-04-16T12:09:51`), Google RFC 3339, PowerShell's exports
    `/Date(ms)/` or US dates, and these without a zone are UTC as well.
    """
    if not isinstance(text, str):
        raise ValueError(f"no time: {text!r}")
    if len(text) == 19:  # by far the most frequent form
        try:
            since = datetime.fromisoformat(text) - _BEGIN
            return since.days * 86400 + since.seconds
        except (ValueError, TypeError):  # TypeError: it has a zone
            pass
    return _any_epoch(text.strip())


def _any_epoch(text: str) -> Epoch:
    milliseconds = _EPOCH_DATE.match(text)
    if milliseconds:
        return _short(int(milliseconds.group(1)) / 1000)
    clock = _CLOCK.match(text[10:])
    if clock:
        hour, minute, second, fraction, zone = clock.groups()
        seconds = _midnight(text[:10]) + int(hour) * 3600 + int(minute) * 60 + int(second or 0)
        if zone and zone[0] in "+-":
            offset = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
            seconds -= offset if zone[0] == "+" else -offset
        return _short(seconds + float("0." + fraction)) if fraction else seconds
    for form in _US_FORMATS:
        try:
            return calendar.timegm(time.strptime(text, form))
        except ValueError:
            continue
    raise ValueError("no time: " + text[:40])


def _short(seconds: float) -> Epoch:
    rounded = round(seconds, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def address(text: Optional[str]) -> Optional[str]:
    """An IP address without brackets and port: `[v6]:47114` and `v4:80` lose theirs."""
    if not text:
        return None
    if text[0] == "[":
        return text[1:].partition("]")[0]
    host, mark, port = text.partition(":")
    return host if mark and port.isdigit() and "." in host else text.strip()


def writable(row: Dict[str, Any]) -> Dict[str, Any]:
    """The row with half surrogate pairs, which JSON can hold and UTF-8 cannot, written as their escapes."""
    return {
        name: value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
        for name, value in row.items()
    }


def object_of(value: Any) -> Dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text_of(value: Any) -> Optional[str]:
    """A value as text: lists joined by commas, `{"Value": …}` unwrapped; None when there is nothing."""
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, list):
        return ", ".join(filter(None, map(text_of, value))) or None
    if isinstance(value, dict):
        inner = value.get("Value", value.get("value"))
        return text_of(inner) if inner is not None else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def flag(value: Any) -> bool:
    """Whether a value says true, however it is written."""
    if value is True or value is False or value is None:
        return bool(value)
    return isinstance(value, (str, int)) and str(value).strip().lower() in _TRUE


def named_values(value: Any) -> Dict[str, Any]:
    """Name → value of `Parameters` and its kin, names in lower case.

    Seen in the wild: a list of {Name, Value}, an entry without Value, a plain object, a list of `Name: value`
    or `Name=value` strings, and the whole list as one string, JSON or `-Name "value" …`.
    """
    if isinstance(value, list):
        try:
            return {entry["Name"].lower(): entry.get("Value") for entry in value}
        except (TypeError, KeyError, AttributeError):
            return _from_entries(value)
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, dict):
        if "Name" in value and set(value) <= {"Name", "Value"}:
            return named_values([value])
        return {str(name).lower(): item for name, item in value.items()}
    return {}


def _from_entries(entries: List[Any]) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    for entry in entries:
        if isinstance(entry, dict):
            name = entry.get("Name", entry.get("name"))
            if name is not None:
                found[str(name).lower()] = entry.get("Value", entry.get("value"))
        elif isinstance(entry, str):
            found.update(_from_text(entry))
    return found


def _from_text(text: str) -> Dict[str, Any]:
    text = text.strip()
    if text[:1] in ("[", "{"):
        try:
            return named_values(json.loads(text))
        except ValueError:
            pass
    if text.startswith("-"):
        return {name.lower(): unquoted(value) for name, value in _PARAMETER.findall(text)}
    name, mark, value = _split_pair(text)
    return {name.strip().lower(): unquoted(value.strip())} if mark else {}


def _split_pair(text: str) -> List[str]:
    at = re.search(r"[:=]", text)
    return [text[: at.start()], at.group(), text[at.end() :]] if at else [text, "", ""]


def unquoted(text: str) -> str:
    """The text without one pair of quotes around it; escaped quotes inside lose their backslash."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1].replace('\\"', '"')
    return text


def listed(value: Any) -> List[str]:
    """The entries of a list however it is written: JSON list, `{a, b}`, `a,b`, `a;b`; quotes removed."""
    if isinstance(value, list):
        return [text for text in map(text_of, value) if text]
    text = text_of(value)
    if not text:
        return []
    if _DISTINGUISHED.match(text):
        return [text]  # a distinguished name has commas of its own
    if text[0] == "[":
        try:
            return listed(json.loads(text))
        except ValueError:
            text = text.strip("[]")
    if text[0] in "\"'" and text.count(text[0]) > 2:
        return [one or other for one, other in _QUOTED.findall(text) if one or other]
    return [unquoted(part.strip()) for part in re.split(r"[,;]", text.strip().strip("{}")) if part.strip()]


def each_of(value: Any) -> List[Optional[str]]:
    """As `listed`, and one None for a list that is empty, so that what names nobody is a row all the same."""
    return [*listed(value)] or [None]
