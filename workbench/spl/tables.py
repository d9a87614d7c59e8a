"""A lookup held in memory, by the rules of transforms.conf: matching, limits, default."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from workbench.spl.comparison import wildcard
from workbench.spl.environment import Lookup
from workbench.spl.errors import SearchError
from workbench.spl.values import Row, in_network, many, text

Match = Callable[[str, str], bool]
_SETTINGS = ("filename", "max_matches", "min_matches", "default_match", "case_sensitive_match", "match_type",
             "collection", "external_type", "fields_list", "batch_index_query", "allow_caching",
             "reverse_lookup_honor_case_sensitive_match", "index_fields_list")  # fmt: skip


def _same(case: bool) -> Match:
    if case:
        return lambda cell, wanted: cell == wanted
    return lambda cell, wanted: cell.lower() == wanted.lower()


class TableLookup(Lookup):
    """Rows of texts with the settings of a transforms.conf stanza.

    Matching: exact by default, `match_type = WILDCARD(f), CIDR(g)`; `case_sensitive_match`, `max_matches`
    (1000 without a time field), `min_matches` and `default_match` as in transforms.conf.spec.
    """

    def __init__(self, fields: List[str], rows: List[Row], settings: Mapping[str, str]):
        unknown = [name for name in settings if name not in _SETTINGS]
        if unknown:
            raise SearchError(f"The lookup setting '{unknown[0]}' is not implemented.")
        self.fields: Sequence[str] = list(fields)
        self.table = [{name: text(value) for name, value in row.items()} for row in rows]
        self.max_matches = int(settings.get("max_matches", 1000))
        self.min_matches = int(settings.get("min_matches", 0))
        self.default_match = settings.get("default_match", "")
        case = settings.get("case_sensitive_match", "true").lower() in ("true", "t", "1")
        self.tests = self._tests(settings.get("match_type", ""), case)
        self.exact = _same(case)
        self.case = case
        self._index: Dict[Tuple[str, ...], Dict[Any, List[Dict[str, str]]]] = {}

    @staticmethod
    def _tests(match_type: str, case: bool) -> Dict[str, Match]:
        tests: Dict[str, Match] = {}
        for piece in filter(None, (item.strip() for item in match_type.split(","))):
            kind, _, name = piece.rstrip(")").partition("(")
            if kind.upper() == "WILDCARD":
                tests[name.strip()] = lambda cell, wanted: wildcard(cell, case).fullmatch(wanted) is not None
            elif kind.upper() == "CIDR":
                tests[name.strip()] = lambda cell, wanted: bool(in_network(cell, wanted))
            elif kind.upper() != "EXACT":
                raise SearchError(f"The match type '{kind}' of a lookup is not implemented.")
        return tests

    def match(self, inputs: Dict[str, str], at: Optional[float]) -> List[Dict[str, str]]:
        """Rows that agree with every input, in table order, filled up to min_matches with the default."""
        exact = {name: value for name, value in inputs.items() if name not in self.tests}
        special = {name: value for name, value in inputs.items() if name in self.tests}
        found = [
            row
            for row in self._candidates(exact)
            if all(self.tests[name](row.get(name, ""), value) for name, value in special.items())
        ][: self.max_matches]
        while len(found) < self.min_matches and self.default_match:
            found.append({name: self.default_match for name in self.fields if name not in inputs})
        return found

    def _candidates(self, exact: Dict[str, str]) -> List[Dict[str, str]]:
        names = tuple(sorted(exact))
        if names not in self._index:
            index: Dict[Any, List[Dict[str, str]]] = {}
            for row in self.table:
                index.setdefault(self._key(row, names), []).append(row)
            self._index[names] = index
        return self._index[names].get(self._key(exact, names), [])

    def _key(self, row: Mapping[str, str], names: Any) -> Any:
        return tuple(row.get(name, "") if self.case else row.get(name, "").lower() for name in names)

    def rows(self) -> List[Row]:
        """Copies of all rows."""
        return [dict(row) for row in self.table]

    def write(self, rows: List[Row], append: bool, key_field: Optional[str]) -> None:
        """Replace, append, or update the rows that agree in the key field."""
        new = [{name: "\n".join(text(i) for i in many(v)) for name, v in row.items()} for row in rows]
        if key_field:
            keyed = {row.get(key_field, ""): row for row in self.table}
            for row in new:
                keyed[row.get(key_field, "")] = {**keyed.get(row.get(key_field, ""), {}), **row}
            self.table = list(keyed.values())
        else:
            self.table = [*self.table, *new] if append else new
        self.fields = list(dict.fromkeys([*self.fields, *(name for row in new for name in row)]))
        self._index = {}
