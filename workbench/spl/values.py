"""Values of a search: null, text, numbers, multivalues; how they print and compare.

A value is None (null), str, int, float or a list of at least two texts (a multivalue). Numbers are
IEEE doubles, as in Splunk. Truth values exist only inside expressions, as Python bools.
"""

from __future__ import annotations

import ipaddress
import math
from functools import lru_cache
from typing import Any, Dict, List, Optional, Tuple, Union

from workbench.spl.precision import Fixed, Measured

Value = Union[None, str, int, float, List[str]]
Row = Dict[str, Any]

_FIRST = frozenset("0123456789.+-")
_LAST = frozenset("0123456789.")


class Json(str):
    """Text that a JSON function made: it nests as JSON inside another JSON function."""

    __slots__ = ()


def number(value: Any) -> Optional[float]:
    """The value as a double, or None when it is not written as a number."""
    if value.__class__ is float:
        return value
    if isinstance(value, str):
        if value.isdigit() and value.isascii():
            return float(value)
        if not value or value[0] not in _FIRST or value[-1] not in _LAST or "_" in value or not value.isascii():
            return None
        try:
            return float(value)
        except ValueError:
            return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return None


def print_number(value: float) -> str:
    """A number as Splunk prints it: integers bare, others with the digits that give the double back."""
    if isinstance(value, int):
        return str(value)
    if math.isnan(value) or math.isinf(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, Measured):
        value = value.shown()
    if isinstance(value, Fixed):
        return value.written()
    return str(int(value)) if value == int(value) else repr(value)


def text(value: Any) -> str:
    """The value as one text; null is empty, a multivalue is joined by line ends."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, list):
        return "\n".join(text(item) for item in value)
    return print_number(value)


def many(value: Any) -> List[Any]:
    """The values of a field: none for null, several for a multivalue."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def one_or_many(values: List[Any]) -> Any:
    """A list as a field holds it: null when empty, bare when single."""
    if not values:
        return None
    return values if len(values) > 1 else values[0]


def put(row: Row, name: str, value: Any) -> None:
    """Set a field; null removes it."""
    if value is None:
        row.pop(name, None)
    else:
        row[name] = value


def settled(value: Any) -> Any:
    """A value as a result shows it: whole doubles as int, texts of multivalues as text."""
    if value.__class__ is float:
        return int(value) if value.is_integer() else value
    if isinstance(value, Measured):
        return value.shown()
    if isinstance(value, list):
        return [text(item) for item in value]
    return value


def address(value: str) -> Optional[Tuple[int, int]]:
    """Version and number of an IP address, or None."""
    try:
        parsed = ipaddress.ip_address(value)
    except ValueError:
        return None
    return parsed.version, int(parsed)


@lru_cache(maxsize=4096)
def _network(written: str) -> Optional[Union[ipaddress.IPv4Network, ipaddress.IPv6Network]]:
    try:
        return ipaddress.ip_network(written, strict=False)
    except ValueError:
        return None


def in_network(network: str, value: str) -> Optional[bool]:
    """Whether an address lies in a CIDR range; None when either cannot be read."""
    found = _network(network)
    try:
        return None if found is None else ipaddress.ip_address(value) in found
    except ValueError:
        return None


def is_network(written: str) -> bool:
    """Whether a text is a CIDR range."""
    return _network(written) is not None


def order_key(value: Any) -> Tuple[int, Any]:
    """A key that puts numbers before texts, as group-by rows and max/min are ordered."""
    parsed = number(value)
    return (1, text(value)) if parsed is None else (0, parsed)
