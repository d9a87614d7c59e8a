"""Alerts of saved searches: whether the condition holds, what throttling keeps back, and what fired."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Tuple

from workbench.errors import BadInput
from workbench.spl.values import Row, text

_RELATIONS: Dict[str, Callable[[Any, Any], bool]] = {
    "greater than": operator.gt,
    "less than": operator.lt,
    "equal to": operator.eq,
    "not equal to": operator.ne,
}
_COUNTED: Dict[str, Callable[[List[Row]], int]] = {
    "number of events": len,
    "number of hosts": lambda rows: len({text(row.get("host")) for row in rows}),
    "number of sources": lambda rows: len({text(row.get("source")) for row in rows}),
}
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_PERIOD = re.compile(r"(\d+)\s*([smhd]?)\Z")


@dataclass(frozen=True)
class FiredAlert:
    """One firing: the search, when, and its rows."""

    search: str
    time: float
    rows: List[Row]


class Alerts:
    """What fired, and until when which results are kept back."""

    def __init__(self) -> None:
        self.fired: List[FiredAlert] = []
        self._quiet: Dict[Tuple[str, ...], float] = {}

    def consider(self, name: str, stanza: Dict[str, str], now: float, rows: List[Row]) -> None:
        """Fire the search's alert if it has one, its condition holds and throttling leaves something.

        With `alert.digest_mode = 0` each row is an alert of its own. A throttled row is left out.
        """
        if not has_alert(stanza) or not _holds(name, stanza, rows):
            return
        left = self._unthrottled(name, stanza, now, rows)
        if left is None:
            return
        if _true(stanza.get("alert.digest_mode", "1")):
            self.fired.append(FiredAlert(name, now, left))
        else:
            self.fired += [FiredAlert(name, now, [row]) for row in left]

    def _unthrottled(self, name: str, stanza: Dict[str, str], now: float, rows: List[Row]) -> Optional[List[Row]]:
        if not _true(stanza.get("alert.suppress", "0")):
            return rows
        period = _seconds(name, stanza.get("alert.suppress.period", ""))
        fields = [field.strip() for field in stanza.get("alert.suppress.fields", "").split(",") if field.strip()]
        if not fields:
            return rows if self._passes((name,), now, period) else None
        keys = [(name, *(text(row.get(field)) for field in fields)) for row in rows]
        fresh = {key: self._passes(key, now, period) for key in dict.fromkeys(keys)}
        return [row for row, key in zip(rows, keys) if fresh[key]] or None

    def _passes(self, key: Tuple[str, ...], now: float, period: float) -> bool:
        if now < self._quiet.get(key, now):
            return False
        self._quiet[key] = now + period
        return True


def has_alert(stanza: Dict[str, str]) -> bool:
    """Whether a saved search is an alert: it tracks one, runs an action, or states a condition."""
    tracked = _true(stanza.get("alert.track", "0"))
    acting = any(re.fullmatch(r"action\.\w+", key) and _true(value) for key, value in stanza.items())
    return tracked or acting or "counttype" in stanza


def _holds(name: str, stanza: Dict[str, str], rows: List[Row]) -> bool:
    kind = stanza.get("counttype", "always")
    if kind == "always":
        return True
    counted, relation = _COUNTED.get(kind), _RELATIONS.get(stanza.get("relation", "greater than"))
    if counted is None or relation is None:
        raise BadInput(f"savedsearches.conf [{name}]: counttype {kind} with this relation is not simulated")
    return relation(counted(rows), int(stanza.get("quantity", "0")))


def _seconds(name: str, period: str) -> float:
    match = _PERIOD.match(period)
    if match is None:
        raise BadInput(f"savedsearches.conf [{name}]: alert.suppress.period = {period} is no span of time")
    return float(match.group(1)) * _UNITS[match.group(2) or "s"]


def _true(value: str) -> bool:
    return value.strip().lower() in ("1", "true", "t", "yes")
