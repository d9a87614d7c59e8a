"""Whether the rows of a search are what a conformance case expects."""

from __future__ import annotations

import json
import math
from typing import Any, Dict, List, Optional

from workbench.spl.values import number, text

Rows = List[Dict[str, Any]]


def compare(case: Dict[str, Any], rows: Rows) -> Optional[str]:
    """None when the rows are what the case expects, else the first difference."""
    expected = case.get("expected_rows") or []
    if len(rows) != len(expected):
        return f"expected {len(expected)} rows, found {len(rows)}: {shown(rows)}"
    how = case.get("cmp") or ""
    if case.get("ordered", True):
        pairs = enumerate(zip(expected, rows), 1)
        return next((f"row {n}, {found}" for n, (want, row) in pairs if (found := difference(want, row, how))), None)
    left = list(rows)
    for want in expected:
        fitting = next((row for row in left if difference(want, row, how) is None), None)
        if fitting is None:
            return f"no row fits {want}; found {shown(rows)}"
        left.remove(fitting)
    return None


def difference(want: Dict[str, Any], row: Dict[str, Any], how: str) -> Optional[str]:
    """The first named field that is not as expected."""
    for name, value in want.items():
        if not same(value, row.get(name), how):
            return f"{name}: expected {value!r}, found {_printed(row.get(name))!r}"
    return None


def same(expected: Any, found: Any, how: str) -> bool:
    """Whether a value prints as expected; numbers by value unless `how` is text, documents when json."""
    if expected in (None, ""):
        return found is None or found == ""
    if isinstance(expected, list) or isinstance(found, list):
        if not (isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found)):
            return False
        return all(same(one, other, how) for one, other in zip(expected, found))
    if found is None:
        return False
    want, have = text(expected), text(found)
    if want == have:
        return True
    if how == "json":
        return bool(_parsed(want) == _parsed(have))
    a, b = number(want), number(have)
    return how != "text" and a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9)


def shown(rows: Rows) -> str:
    """The first rows, as they print."""
    printed = [{name: _printed(value) for name, value in row.items()} for row in rows[:5]]
    return json.dumps(printed, ensure_ascii=False)


def _parsed(written: str) -> Any:
    try:
        return json.loads(written)
    except ValueError:
        return written


def _printed(value: Any) -> Any:
    return [text(item) for item in value] if isinstance(value, list) else None if value is None else text(value)
