"""Rows as searches that make them: by literals, or through a lookup file, as which Splunk forgets their types."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Mapping, Sequence

Row = Mapping[str, Any]

_PLACE = "trial_row"
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d*[1-9])?")


def names_of(rows: Iterable[Row]) -> List[str]:
    """The fields of rows, in the order in which they come up."""
    return list(dict.fromkeys(name for row in rows for name, value in row.items() if value is not None))


def literal_search(rows: Sequence[Row]) -> str:
    """A search that makes these rows: `makeresults` with one `eval` a field."""
    if not rows:
        return "| makeresults | where 1=2"
    parts = [f"| makeresults count={len(rows)} | streamstats count AS {_PLACE}"]
    names = names_of(rows)
    if "_time" not in names:
        parts.append("fields - _time")
    plain = {name: name if _NAME.fullmatch(name) else f"trial_field_{at}" for at, name in enumerate(names)}
    for name in names:
        cases = ((at, row.get(name)) for at, row in enumerate(rows, 1))
        given = ", ".join(f"{_PLACE}={at}, {_literal(value)}" for at, value in cases if value is not None)
        parts.append(f"eval {plain[name]}=case({given})")
    odd = [f'{made} AS "{name}"' for name, made in plain.items() if made != name]
    if odd:
        parts.append("rename " + ", ".join(odd))
    parts.append(f"fields - {_PLACE}")
    return " | ".join(parts)


def fits_a_table(rows: Sequence[Row]) -> bool:
    """Whether a CSV file keeps the rows as they are: texts and numbers alone, none empty, no internal field."""
    values = [value for row in rows for value in row.values()]
    names = names_of(rows)
    return (
        bool(names)
        and all(names_of([row]) for row in rows)
        and not any(name.startswith("_") or '"' in name for name in names)
        and all(not isinstance(value, list) and value not in ("", None) and "\n" not in str(value) for value in values)
    )


def as_event(row: Row) -> str:
    """The text of an event that has the row's fields by automatic extraction; its `_raw` where it has one."""
    if row.get("_raw") is not None:
        return str(row["_raw"])
    known = ("host", "source", "sourcetype")
    return " ".join(f'{name}="{value}"' for name, value in row.items() if name not in known and name[0] != "_")


def settings_of(stanza: Mapping[str, Any]) -> Dict[str, str]:
    """Settings as a .conf file has them."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in stanza.items()}


def _literal(value: Any) -> str:
    if isinstance(value, list):
        items = ", ".join(_literal(item) for item in value)
        return items if len(value) == 1 else f"mvappend({items})" if value else "null()"
    written = str(value)
    if _NUMBER.fullmatch(written):
        return written
    return '"' + written.replace("\\", "\\\\").replace('"', '\\"') + '"'
