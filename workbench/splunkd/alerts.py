"""Alerts of saved searches: whether the condition holds, what throttling keeps back, and what fired."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from workbench.conf.files import true
from workbench.errors import BadInput
from workbench.spl.values import Row, text

Stanza = Dict[str, str]
# Runs the text of an alert_condition over rows at a time, and gives the rows that are left.
Evaluate = Callable[[str, List[Row], float], List[Row]]

_RELATIONS: Dict[str, Callable[[Any, Any], bool]] = {
    "greater than": operator.gt,
    "less than": operator.lt,
    "equal to": operator.eq,
    "not equal to": operator.ne,
}
_COUNTED: Dict[str, Callable[[List[Row]], int]] = {
    "number of events": len,
    "number of hosts": lambda rows: len(_distinct(rows, "host")),
    "number of sources": lambda rows: len(_distinct(rows, "source")),
}
_UNITS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "minute": 60, "minutes": 60,
    "h": 3_600, "hr": 3_600, "hour": 3_600, "hours": 3_600, "d": 86_400, "day": 86_400, "days": 86_400,
}  # fmt: skip
_SPAN = re.compile(r"(\d+)\s*([a-z]*)\Z")


@dataclass(frozen=True)
class FiredAlert:
    """One firing: the search, when, and its rows."""

    search: str
    time: float
    rows: List[Row]


class Alerts:
    """What fired, and until when which results are kept back. `evaluate` is needed for alert_condition only."""

    def __init__(self, evaluate: Optional[Evaluate] = None) -> None:
        self.fired: List[FiredAlert] = []
        self._evaluate = evaluate
        self._quiet: Dict[Tuple[str, ...], float] = {}

    def consider(self, name: str, stanza: Stanza, now: float, rows: List[Row]) -> List[FiredAlert]:
        """Fire the search's alert if it has one, its condition holds and throttling leaves something.

        With `alert.digest_mode = 0` each row is an alert of its own. A throttled row is left out. What fired now is
        returned, and kept in `fired`.
        """
        if not has_alert(stanza) or not self._holds(name, stanza, rows, now):
            return []
        left = self._unthrottled(name, stanza, now, rows)
        if left is None:
            return []
        parts = [left] if true(stanza.get("alert.digest_mode", "1")) else [[row] for row in left]
        fired = [FiredAlert(name, now, part) for part in parts]
        self.fired += fired
        return fired

    def _holds(self, name: str, stanza: Stanza, rows: List[Row], now: float) -> bool:
        condition, kind = stanza.get("alert_condition", "").strip(), stanza.get("counttype", "always")
        if kind == "custom" or condition:
            if kind not in ("custom", "always") or not condition:
                raise _bad(name, f"counttype {kind} and alert_condition do not go together; a custom one needs it")
            if self._evaluate is None:
                raise _bad(name, "alert_condition cannot be evaluated here")
            return bool(self._evaluate(f"| {condition.lstrip('| ')}", rows, now))
        if kind == "always":
            return True
        counted, relation = _COUNTED.get(kind), _RELATIONS.get(stanza.get("relation", ""))
        quantity = stanza.get("quantity", "").strip()
        if counted is None or relation is None or not quantity.isdigit():
            raise _bad(name, f"counttype {kind} with this relation and quantity is not simulated")
        return relation(counted(rows), int(quantity))

    def _unthrottled(self, name: str, stanza: Stanza, now: float, rows: List[Row]) -> Optional[List[Row]]:
        if not true(stanza.get("alert.suppress", "0")):
            return rows
        period = seconds(name, "alert.suppress.period", stanza.get("alert.suppress.period", ""))
        fields = [field.strip() for field in stanza.get("alert.suppress.fields", "").split(",") if field.strip()]
        if not fields:
            if not true(stanza.get("alert.digest_mode", "1")):
                raise _bad(name, "alert.suppress without digest mode needs alert.suppress.fields")
            return rows if self._passes((name,), now, period) else None
        keys = [(name, *(text(row.get(field)) for field in fields)) for row in rows]
        fresh = {key: self._passes(key, now, period) for key in dict.fromkeys(keys)}
        return [row for row, key in zip(rows, keys) if fresh[key]] or None

    def _passes(self, key: Tuple[str, ...], now: float, period: float) -> bool:
        if now < self._quiet.get(key, now):
            return False
        self._quiet[key] = now + period
        return True


def has_alert(stanza: Stanza) -> bool:
    """Whether a saved search is an alert: it tracks one, runs an action, or states a condition."""
    stated = "counttype" in stanza or "alert_condition" in stanza
    return stated or true(stanza.get("alert.track", "0")) or bool(enabled_actions(stanza))


def enabled_actions(stanza: Stanza) -> List[str]:
    """Names of the actions that are switched on, in ASCII order."""
    found = (re.fullmatch(r"action\.([\w-]+)", key) for key in sorted(stanza))
    return [match.group(1) for match in found if match and true(stanza[match.group()])]


def seconds(name: str, setting: str, written: str) -> float:
    """A span as savedsearches.conf and alert_actions.conf write it: `60`, `5m`, `24h`. BadInput when it is none."""
    match = _SPAN.match(written.strip().lower())
    if match is None or (match.group(2) or "s") not in _UNITS:
        raise _bad(name, f"{setting} = {written} is no span of time")
    return float(match.group(1)) * _UNITS[match.group(2) or "s"]


def _distinct(rows: List[Row], field: str) -> Set[str]:
    return {text(row[field]) for row in rows if row.get(field) is not None}


def _bad(name: str, what: str) -> BadInput:
    return BadInput(f"savedsearches.conf [{name}]: {what}")
