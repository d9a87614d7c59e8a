"""top and rare: the most and the least frequent values."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Tuple

from workbench.spl.aggregation import Key, keys_of
from workbench.spl.arguments import Arguments, Reader, boolean, whole
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.values import Row

_OPTIONS: Dict[str, Reader] = {
    "limit": whole, "countfield": str, "percentfield": str, "showcount": boolean, "showperc": boolean,
    "useother": boolean, "otherstr": str,
}  # fmt: skip


def _read(arguments: Arguments, sign: int) -> Stage:
    options = arguments.options(_OPTIONS)
    first = arguments.peek()
    if first is not None and first.kind == "word" and first.text.isdigit():
        options["limit"] = int(arguments.name())
    names = arguments.plain_fields("by")
    by = arguments.plain_fields() if (grouped := arguments.keyword("by")) else []
    if not names or (grouped and not by):
        raise arguments.error("At least one field must be given as an argument.")

    def rank(rows: List[Row]) -> List[Row]:
        groups: Dict[Key, Dict[Key, int]] = {}
        for row in rows:
            for key in keys_of(row, by):
                counts = groups.setdefault(key, {})
                for values in keys_of(row, names):
                    counts[values] = counts.get(values, 0) + 1
        found: List[Row] = []
        for key in sorted(groups):
            found += [{**dict(zip(by, key)), **row} for row in _ranked(groups[key], names, sign, options)]
        return found

    return rank


def _ranked(counts: Dict[Key, int], names: Sequence[str], sign: int, options: Dict[str, Any]) -> List[Row]:
    total = sum(counts.values())
    ordered: List[Tuple[Key, int]] = sorted(counts.items(), key=lambda item: (sign * item[1], item[0]))
    limit = options.get("limit", 10)
    shown = ordered[:limit] if limit else ordered
    if options.get("useother") and len(shown) < len(ordered):
        rest = sum(count for _, count in ordered[limit:])
        shown.append(((options.get("otherstr", "OTHER"),) * len(names), rest))
    rows: List[Row] = []
    for values, count in shown:
        row: Row = dict(zip(names, values))
        if options.get("showcount", True):
            row[options.get("countfield", "count")] = count
        if options.get("showperc", True):
            row[options.get("percentfield", "percent")] = f"{100 * count / total:.6f}"
        rows.append(row)
    return rows


@command("top")
def read_top(arguments: Arguments, context: Context) -> Stage:
    """The most frequent values with their count and percentage."""
    return _read(arguments, -1)


@command("rare")
def read_rare(arguments: Arguments, context: Context) -> Stage:
    """The least frequent values with their count and percentage."""
    return _read(arguments, 1)
