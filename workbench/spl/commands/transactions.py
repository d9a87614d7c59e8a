"""transaction: rows that belong together as one row.

Rows are taken newest first, as the command does. Several fields are only joined when every row has all of
them: the manual's transitive joining over missing fields is not implemented.
"""

from __future__ import annotations

import re
from datetime import timezone
from typing import Any, Callable, Dict, List, Optional

from workbench.spl.aggregation import Key
from workbench.spl.arguments import Arguments, boolean, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.evaluate import compile_condition
from workbench.spl.searchexpr import compile_search
from workbench.spl.timemods import shift, span
from workbench.spl.values import Row, many, number, one_or_many, text

Test = Callable[[Row], bool]
_MAX_EVENTS = 1000


def _seconds(written: str) -> Optional[float]:
    if written == "-1":
        return None
    parsed = span(written)
    if parsed is None:
        raise ValueError("a time span")
    return shift(0.0, parsed[0], parsed[1] or "s", timezone.utc)


def _lists(written: str) -> List[str]:
    """`mvlist=`: all fields (`*`), none, or those named."""
    try:
        return ["*"] if boolean(written) else []
    except ValueError:
        return [name for name in re.split(r"[,\s]+", written) if name]


_NOT_IMPLEMENTED = ("name", "connected", "unifyends", "keeporphans", "maxopentxn", "maxopenevents", "delim", "mvraw")


def _times(rows: List[Row]) -> List[float]:
    return [number(row["_time"]) or 0.0 for row in rows]


@command("transaction")
def read_transaction(arguments: Arguments, context: Context) -> Stage:
    """Rows with the same values of the fields, within spans and between marks, become one row."""
    bounds = {name: _bound(arguments, name, context) for name in ("startswith", "endswith")}
    options = arguments.options(
        {
            "maxspan": _seconds, "maxpause": _seconds, "maxevents": whole, "keepevicted": boolean,
            "mvlist": _lists, "nullstr": str, **dict.fromkeys(_NOT_IMPLEMENTED, str),
        }
    )  # fmt: skip
    for name in _NOT_IMPLEMENTED:
        if name in options:
            raise arguments.error(f"The option '{name}' is not implemented.")
    if bounds["endswith"] is not None and bounds["startswith"] is None:
        raise arguments.error("endswith without startswith is not implemented.")
    names = arguments.plain_fields()

    def join(rows: List[Row]) -> List[Row]:
        ordered = sorted(rows, key=lambda row: -(number(row.get("_time")) or 0.0))
        maker = _Maker(arguments, names, options, bounds["startswith"], bounds["endswith"])
        for row in ordered:
            maker.take(row)
        return maker.finish()

    return join


def _bound(arguments: Arguments, name: str, context: Context) -> Optional[Test]:
    """`startswith="text"`, `startswith=eval(expression)` or `startswith=(search)`, consumed."""
    for place, token in enumerate(arguments.tokens[:-2]):
        if token.text.lower() != name or arguments.tokens[place + 1].kind != "=":
            continue
        value = arguments.tokens[place + 2]
        if value.kind == "string":
            del arguments.tokens[place : place + 3]
            quoted = '"' + value.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
            return compile_search(quoted if "=" not in value.text else value.text, context.env).matches
        opening = place + 2 + (value.kind == "word" and value.text.lower() == "eval")
        if arguments.tokens[opening].kind != "(":
            del arguments.tokens[place : place + 3]
            return compile_search(value.text, context.env).matches
        close = _closing(arguments, opening)
        inside = arguments.text[arguments.tokens[opening].end : arguments.tokens[close].start]
        del arguments.tokens[place : close + 1]
        if opening > place + 2:
            return compile_condition(inside, context.env)
        return compile_search(inside, context.env).matches
    return None


def _closing(arguments: Arguments, opening: int) -> int:
    depth = 0
    for place in range(opening, len(arguments.tokens)):
        depth += (arguments.tokens[place].kind == "(") - (arguments.tokens[place].kind == ")")
        if not depth:
            return place
    raise arguments.error("Unbalanced parentheses.")


class _Maker:
    def __init__(
        self,
        arguments: Arguments,
        names: List[str],
        options: Dict[str, Any],
        starts: Optional[Test],
        ends: Optional[Test],
    ):
        self.arguments, self.names, self.options = arguments, names, options
        self.starts, self.ends = starts, ends
        self.open: Dict[Key, List[Row]] = {}
        self.made: List[Row] = []

    def _key(self, row: Row) -> Optional[Key]:
        values = [row.get(name) for name in self.names]
        missing = [value is None for value in values]
        if values and all(missing):
            return None
        if any(missing) or any(isinstance(value, list) for value in values):
            raise self.arguments.error("Rows without some of the fields, or with several values, are not implemented.")
        return tuple(text(value) for value in values)

    def take(self, row: Row) -> None:
        """Add a row to the transaction of its key, closing and opening as the bounds say."""
        if row.get("_time") is None:
            raise self.arguments.error("Rows without _time are not implemented.")
        key = self._key(row)
        if key is None:
            return
        current = self.open.get(key)
        if current is not None and self._too_far(current, row):
            if self.starts is not None:
                raise self.arguments.error("A span or pause that ends before startswith is not implemented.")
            self._close(key, True)
            current = None
        elif current is not None and self.ends is not None and self.ends(row):
            self._close(key, False)
            current = None
        if current is None:
            if self.ends is not None and not self.ends(row):
                if self.options.get("keepevicted"):
                    raise self.arguments.error("keepevicted beside endswith is not implemented.")
                return
            current = self.open[key] = []
        current.append(row)
        if self.starts is not None and self.starts(row):
            self._close(key, True)
        elif len(current) >= self.options.get("maxevents", _MAX_EVENTS):
            self._close(key, self.starts is None)

    def _too_far(self, current: List[Row], row: Row) -> bool:
        newest, oldest = _times([current[0], current[-1]])
        time = number(row["_time"]) or 0.0
        maxspan, maxpause = self.options.get("maxspan"), self.options.get("maxpause")
        if maxspan is not None and newest - time == maxspan:
            # "Must span less than" and "exceed" are both on the manual's page.
            raise self.arguments.error("Rows exactly one maxspan apart are not implemented.")
        return (maxspan is not None and newest - time > maxspan) or (maxpause is not None and oldest - time > maxpause)

    def _close(self, key: Key, closed: bool) -> None:
        current = self.open.pop(key)
        bounded = self.starts is not None or self.ends is not None
        if closed or not bounded or self.options.get("keepevicted"):
            self.made.append(self._merged(current, closed))

    def finish(self) -> List[Row]:
        """All transactions, newest first."""
        for key in list(self.open):
            self._close(key, False)
        return sorted(self.made, key=lambda row: -float(row["_time"]))

    def _merged(self, current: List[Row], closed: bool) -> Row:
        rows = current[::-1]
        times = _times(rows)
        merged: Row = {}
        lists = self.options.get("mvlist", [])
        for name in dict.fromkeys(name for row in rows for name in row if name[:1] != "_"):
            values = [text(item) for row in rows for item in many(row.get(name))]
            if name in lists or "*" in lists:
                empty = self.options.get("nullstr", "NULL")
                values = [text(item) for row in rows for item in many(row.get(name)) or [empty]]
            else:
                values = sorted(set(values))
            merged[name] = one_or_many(values)
        raw = [text(row["_raw"]) for row in rows if row.get("_raw") is not None]
        if raw:
            merged["_raw"] = "\n".join(raw)
        merged.update(
            _time=min(times), duration=max(times) - min(times), eventcount=len(rows), closed_txn=int(closed)
        )
        return merged
