"""Values of a search: null, text, numbers, multivalues; how they print, compare and sort.

A value is None (null), str, int, float or a list of at least two texts (a multivalue). Numbers are
IEEE doubles, as in Splunk. Truth values exist only inside expressions, as Python bools.
"""

from __future__ import annotations

import ipaddress
import math
import re
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

Value = Union[None, str, int, float, List[str]]
Row = Dict[str, Any]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")


class Json(str):
    """Text that a JSON function made: it nests as JSON inside another JSON function."""

    __slots__ = ()


class Seconds(float):
    """A time made by strptime: it prints with six decimals."""

    __slots__ = ()


def number(value: Any) -> Optional[float]:
    """The value as a double, or None when it is not written as a number."""
    if isinstance(value, str):
        return float(value) if value and _NUMBER.match(value) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return None


def print_number(value: float) -> str:
    """A number as Splunk prints it: integers bare, others with the digits that give the double back."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Seconds):
        return f"{value:.6f}"
    if math.isnan(value) or math.isinf(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
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
    if isinstance(value, float) and not isinstance(value, Seconds) and value.is_integer():
        return int(value)
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


def in_network(network: str, value: str) -> Optional[bool]:
    """Whether an address lies in a CIDR range; None when either cannot be read."""
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return None


def is_network(written: str) -> bool:
    """Whether a text is a CIDR range."""
    try:
        ipaddress.ip_network(written, strict=False)
    except ValueError:
        return False
    return True


def _sort_text(value: Any) -> Any:
    return text(value)


def _sort_number(value: Any) -> Any:
    parsed = number(value)
    return math.inf if parsed is None else parsed


def _sort_ip(value: Any) -> Any:
    return address(text(value)) or (9, 0)


def _auto_kind(values: Iterable[Any]) -> str:
    kinds = set()
    for value in values:
        if number(value) is not None:
            kinds.add("num")
        elif address(text(value)) is not None:
            kinds.add("ip")
        else:
            return "str"
    return kinds.pop() if len(kinds) == 1 else "str"


_SORT_KEYS: Dict[str, Callable[[Any], Any]] = {"str": _sort_text, "num": _sort_number, "ip": _sort_ip}


def sort_rows(rows: List[Row], keys: List[Tuple[str, bool, str]]) -> List[Row]:
    """Rows sorted by (field, descending, kind); kind is auto, str, num or ip; missing values come last.

    Auto decides once a field, from all its values: numbers, addresses or texts (searchbnf, `sort`).
    """
    for name, descending, kind in reversed(keys):
        present = [row for row in rows if row.get(name) is not None]
        absent = [row for row in rows if row.get(name) is None]
        first = {id(row): many(row[name])[0] for row in present}
        key = _SORT_KEYS[_auto_kind(first.values()) if kind == "auto" else kind]
        prepared = {identity: key(value) for identity, value in first.items()}
        present.sort(key=lambda row, prepared=prepared: prepared[id(row)], reverse=descending)  # type: ignore[misc]
        rows = present + absent
    return rows


def order_key(value: Any) -> Tuple[int, Any]:
    """A key that puts numbers before texts, as group-by rows and max/min are ordered."""
    parsed = number(value)
    return (1, text(value)) if parsed is None else (0, parsed)
