"""Lookup tables by all rules of transforms.conf: matching, limits and default, time, filter."""

from __future__ import annotations

from datetime import timezone
from typing import Dict, List, Mapping, Optional, Tuple

from workbench.conf.files import true
from workbench.conf.timestamps import read_time
from workbench.errors import BadInput
from workbench.spl.environment import Environment
from workbench.spl.errors import SearchError
from workbench.spl.searchexpr import compile_search
from workbench.spl.tables import TableLookup
from workbench.spl.values import Row

# transforms.conf.spec: matches given where the setting is not made, and the offsets of a lookup with time.
MAX_MATCHES, MAX_MATCHES_IN_TIME = 100, 1
_MAX_OFFSET = 2_000_000_000
_TIME_FORMAT = "%s.%Q"
_OWN = ("time_field", "time_format", "max_offset_secs", "min_offset_secs", "filter")
# Settings that change where or how fast a lookup runs, not what it gives.
_INERT = ("replicate", "check_permission", "cache_size", "max_ext_batch", "python.version", "python.required")
_UNLIMITED = {"max_matches": str(2**31), "min_matches": "0"}


class RuledLookup(TableLookup):
    """A table with the settings of a transforms.conf stanza; `time_field` is empty when it has no time.

    A lookup with time gives the rows whose time lies `min_offset_secs` to `max_offset_secs` before the event's, the
    latest first. `filter` is a search expression that rows must fit. A KV store lookup without regard to case takes
    its cells to be lower case, as Splunk does.
    """

    def __init__(self, fields: List[str], rows: List[Row], settings: Mapping[str, str]):
        self.time_field = settings.get("time_field", "").strip()
        limit = MAX_MATCHES_IN_TIME if self.time_field else MAX_MATCHES
        self.limit = int(settings.get("max_matches", limit))
        self.least = int(settings.get("min_matches", 0))
        kept = {name: value for name, value in settings.items() if name not in (*_OWN, *_INERT)}
        folded = not true(settings.get("case_sensitive_match", "true"))
        self._lowered = folded and settings.get("external_type") == "kvstore"
        if self._lowered:
            kept["case_sensitive_match"] = "true"
        super().__init__(fields, rows, {**kept, **_UNLIMITED})
        written = settings.get("filter", "").strip()
        self._filter = compile_search(written, Environment(now=0.0)) if written else None
        self._format = settings.get("time_format", _TIME_FORMAT)
        self._offsets = int(settings.get("min_offset_secs", 0)), int(settings.get("max_offset_secs", _MAX_OFFSET))
        if self.time_field and self.time_field not in self.fields:
            raise BadInput(f"transforms.conf: time_field = {self.time_field} is no column of the lookup")

    def match(self, inputs: Dict[str, str], at: Optional[float]) -> List[Dict[str, str]]:
        """Rows that agree with every input, those that fit in time the latest first; up to min_matches the default."""
        if self._lowered:
            inputs = {name: value.lower() for name, value in inputs.items()}
        found = [row for row in super().match(inputs, at) if self._fits(row)]
        if self.time_field:
            found = self._in_time(found, at)
        found = found[: self.limit]
        while len(found) < self.least and self.default_match:
            found.append({name: self.default_match for name in self.fields if name not in inputs})
        return found

    def rows(self) -> List[Row]:
        """Copies of the rows that fit the filter."""
        return [row for row in super().rows() if self._fits(row)]

    def _fits(self, row: Row) -> bool:
        return self._filter is None or self._filter.matches({name: cell for name, cell in row.items() if cell != ""})

    def _in_time(self, rows: List[Dict[str, str]], at: Optional[float]) -> List[Dict[str, str]]:
        if at is None:
            raise SearchError("A lookup with time_field over rows without a time is not implemented.")
        least, most = self._offsets
        timed: List[Tuple[float, Dict[str, str]]] = [(self._moment(row), row) for row in rows]
        near = [(moment, row) for moment, row in timed if least <= int(at) - moment <= most]
        return [row for _, row in sorted(near, key=lambda pair: -pair[0])]

    def _moment(self, row: Dict[str, str]) -> int:
        """A row's time in whole seconds (transforms.conf.spec: subseconds are ignored)."""
        written = row.get(self.time_field, "")
        found = read_time(written, self._format, timezone.utc, 0.0)
        if found is None:
            raise BadInput(f"the lookup's {self.time_field} {written!r} does not fit time_format = {self._format}")
        return int(found)
