"""tstats: aggregates over indexed fields, or over the fields of a data model's dataset.

Over a data model the dataset's constraint is searched, its fields are named `Dataset.field`, and stats does the
rest. `summariesonly`, `allow_old_summaries`, `local`, `chunk_size` and `include_reduced_buckets` are taken without
effect: there are no summaries here (in Splunk, summariesonly=true finds nothing in a model without acceleration).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from workbench.spl.aggregation import Clause, Group, by_fields, clauses, rows_by_key
from workbench.spl.arguments import Arguments, Reader, boolean, whole
from workbench.spl.bins import TimeSpan, time_span
from workbench.spl.commands.table import Context, Stage, command
from workbench.spl.datamodel import Dataset
from workbench.spl.evaluate import compile_text
from workbench.spl.lexer import Token, strip_comments
from workbench.spl.macros import expand_macros
from workbench.spl.searchexpr import compile_search
from workbench.spl.values import Row, number, put

_OPTIONS: Dict[str, Reader] = {
    "summariesonly": boolean, "allow_old_summaries": boolean, "local": boolean, "chunk_size": whole,
    "include_reduced_buckets": boolean, "fillnull_value": str,
    "prestats": boolean, "append": boolean, "use_summary_index_values": boolean,
}  # fmt: skip
_REFUSED = ("prestats", "append", "use_summary_index_values")
_INDEXED = ("index", "source", "sourcetype", "host")
# Splunk's table of what tstats supports has every function of stats but these.
_NO_FUNCTIONS = ("list",)
_NODENAME = re.compile(r'\bnodename\s*=\s*"?([\w.]+)"?', re.IGNORECASE)


@dataclass(frozen=True)
class _Source:
    """Where the rows come from: the search for them, and how a row's fields are named."""

    search: str
    where: str
    dataset: Optional[Dataset]

    def check(self, arguments: Arguments, names: Sequence[str]) -> None:
        """Refuse a field that is not indexed, or not the dataset's."""
        known = (*_INDEXED, "_time") if self.dataset is None else ("_time", *_INDEXED, *self.dataset.fields)
        for name in names:
            if "*" in name:
                raise arguments.error(f"Wildcards are not allowed in field names: '{name}'.")
            if name not in known:
                of = "an indexed field" if self.dataset is None else f"a field of the dataset '{self.dataset.lineage}'"
                raise arguments.error(f"The field '{name}' is not {of}.")


@command("tstats", generating=True)
def read_tstats(arguments: Arguments, context: Context) -> Stage:
    """Aggregates `[FROM datamodel=Model[.Dataset]] [WHERE search] [BY fields [span=...]]`."""
    if not context.first:
        raise arguments.error("This command must be the first command of a search.")
    parts = _parts(arguments)
    head = Arguments(arguments.command, parts["head"])
    options = head.options(_OPTIONS, strict=False)
    for name in _REFUSED:
        if options.get(name):
            raise arguments.error(f"The option '{name}' is not implemented.")
    if "prefix(" in arguments.text.lower().replace(" ", ""):
        raise arguments.error("PREFIX() is not implemented.")
    source = _source(arguments, context, parts)
    found = _clauses(head, context, source)
    tail = Arguments(arguments.command, f"by {parts['by']}" if "by" in parts else "")
    span = tail.options({"span": str}).get("span")
    by = by_fields(tail, found)
    source.check(arguments, by)
    bins = _bins(arguments, context, by, span)
    expression = compile_search(source.where, context.env)
    source.check(arguments, sorted(expression.names))
    context.window = expression.window(context.env.window)
    fill = options.get("fillnull_value")

    def stats(rows: List[Row]) -> List[Row]:
        found_rows = _rows(context, source)
        kept = [row for row in found_rows if expression.matches(row)]
        for row in kept:
            if bins is not None:
                put(row, "_time", bins.start(number(row.get("_time")) or 0.0))
            if fill is not None:
                row.update({name: fill for name in by if row.get(name) is None})
        groups = rows_by_key(kept, by)
        context.columns = [*by, *(clause.output for clause in found)]
        return [{**dict(zip(by, key)), **Group(found).take(groups[key]).results()} for key in sorted(groups)]

    return stats


def _parts(arguments: Arguments) -> Dict[str, str]:
    """The texts before FROM, WHERE and BY, and behind each."""
    marks: List[Tuple[str, Token]] = []
    depth = 0
    for token in arguments.tokens:
        depth += (token.kind == "(") - (token.kind == ")")
        word = "by" if token.text.lower() == "groupby" else token.text.lower()
        if token.kind == "word" and not depth and word in ("from", "where", "by"):
            if any(word == mark for mark, _ in marks):
                raise arguments.invalid(token.text)
            marks.append((word, token))
    edges = [("head", 0, 0), *((word, token.start, token.end) for word, token in marks)]
    ends = [*(begin for _, begin, _ in edges[1:]), len(arguments.text)]
    return {word: arguments.text[behind:end].strip() for (word, _, behind), end in zip(edges, ends)}


def _source(arguments: Arguments, context: Context, parts: Dict[str, str]) -> _Source:
    where = parts.get("where", "")
    if "from" not in parts:
        return _Source(f"search {where}", where, None)
    match = re.fullmatch(r'datamodel\s*=\s*"?([\w-]+)(?:\.([\w.-]+))?"?', parts["from"])
    if match is None:
        raise arguments.error(f"FROM {parts['from']} is not implemented; it must be datamodel=<model>.<dataset>.")
    model = context.env.data_model(match[1])
    if model is None:
        raise arguments.error(f"Data model '{match[1]}' was not found.")
    node = _NODENAME.search(where)
    wanted = node[1] if node else match[2]
    dataset = model.dataset(wanted)
    if dataset is None:
        raise arguments.error(f"The data model '{match[1]}' has no dataset '{wanted or 'that stands alone'}'.")
    where = _NODENAME.sub(" ", where, count=1)
    times = "".join(f" {name}={epoch}" for name, epoch in _times(context, where))
    constraint = " ".join(f"({expand_macros(strip_comments(one), context.env)})" for one in dataset.constraints)
    return _Source(f"search {constraint}{times}", where, dataset)


def _times(context: Context, where: str) -> List[Tuple[str, float]]:
    """The time modifiers of a WHERE clause, as search writes them."""
    prefix = {"index_earliest": "_index_earliest", "index_latest": "_index_latest"}
    return [(prefix.get(name, name), epoch) for name, epoch in compile_search(where, context.env).part.times]


def _clauses(head: Arguments, context: Context, source: _Source) -> List[Clause]:
    found = clauses(head, context.env)
    if not found:
        raise head.error("At least one aggregation must be given.")
    for clause in found:
        if clause.get is not None:
            raise head.error("An eval inside an aggregate is not supported.")
        if clause.function in _NO_FUNCTIONS:
            raise head.error(f"The aggregate '{clause.function}' is not supported.")
    source.check(head, [clause.field for clause in found if clause.field is not None])
    return found


def _bins(arguments: Arguments, context: Context, by: List[str], span: Optional[str]) -> Optional[TimeSpan]:
    if "_time" not in by:
        if span is not None:
            raise arguments.error("A span needs _time among the fields to group by.")
        return None
    if span is None or span.lower() == "auto":
        raise arguments.error("Grouping by _time without a span is not implemented.")
    try:
        return time_span(span, context.env.tz)
    except ValueError as error:
        raise arguments.error(f"Invalid value for option 'span': '{span}' ({error}).") from error


def _rows(context: Context, source: _Source) -> List[Row]:
    """The events of the source, with the names that tstats gives their fields."""
    events = context.subsearch(source.search)
    if source.dataset is None:
        return [{name: row.get(name) for name in (*_INDEXED, "_time", "_raw")} for row in events]
    steps = [(name, compile_text(text, context.env).get) for name, text in source.dataset.calculations]
    rows: List[Row] = []
    for event in events:
        for name, get in steps:
            put(event, name, get(event))
        if all(event.get(name) is not None for name in source.dataset.required):
            rows.append(_named(event, source.dataset))
    return rows


def _named(event: Row, dataset: Dataset) -> Row:
    row: Dict[str, Any] = {"_raw": event.get("_raw"), "index": event.get("index")}
    row.update({shown: event.get(name) for shown, name in dataset.fields.items()})
    return row
