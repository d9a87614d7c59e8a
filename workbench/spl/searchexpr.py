"""Search expressions, as `search` and event types write them: parsed and compiled to a test of a row.

OR binds tighter than AND, which may be left out; NOT binds tightest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Callable, Dict, FrozenSet, List, Optional, Tuple

from workbench.spl.comparison import compare_field, equals_case
from workbench.spl.environment import Among, Environment, Window
from workbench.spl.errors import SearchError
from workbench.spl.lexer import quoted_end, unescape
from workbench.spl.rawterms import RawTest, literal_part, one_of, raw_test
from workbench.spl.timemods import moment
from workbench.spl.values import Row, text

Test = Callable[[Row, str], bool]
_WORD = re.compile(r'(?:[^\s"(),=<>!\\]|\\.|!(?!=))+')
_VALUE = re.compile(r'(?:[^\s"(),\\]|\\.)+')
_COMPARISON = re.compile(r"\s*(!=|<=|>=|==|=|<|>)\s*")
_TIMES = {
    "earliest": "earliest", "latest": "latest",
    "_index_earliest": "index_earliest", "_index_latest": "index_latest",
}  # fmt: skip
_UNITS = ("minutes", "hours", "days", "months")
_NOT_IMPLEMENTED = frozenset(
    ["savedsearch", "savedsplunk", "hosttag", "eventtypetag", "timeformat", "splunk_server_group"]
    + ["starttime", "starttimeu", "endtime", "endtimeu", *(f"searchtimespan{unit}" for unit in _UNITS)]
    + [f"{side}{unit}ago" for side in ("start", "end", "") for unit in _UNITS]
)
_MAX_DEPTH = 20
# Fields that stand in the index beside the words of an event.
_INDEXED = frozenset(("index", "host", "source", "sourcetype"))


@dataclass(frozen=True)
class Part:
    """A piece of an expression: its test, what `_raw` must hold for it, and what it says beside that.

    `scan` is what the index itself decides before an event is read: words and the fields that it keeps. None where
    it decides nothing. `among` tells by an index's name whether its events can fit at all; None where any can.
    """

    test: Test
    clauses: List[FrozenSet[str]] = field(default_factory=list)
    times: Tuple[Tuple[str, float], ...] = ()
    names: FrozenSet[str] = frozenset()
    scan: Optional[Test] = None
    among: Optional[Among] = None


@dataclass(frozen=True)
class SearchExpression:
    """A compiled search expression.

    `clauses`: for each set, a matching event's lower-case `_raw` holds one of its texts. `names`: the
    fields it compares. `times`: the bounds of the window that it sets.
    """

    part: Part

    @property
    def clauses(self) -> List[FrozenSet[str]]:
        """What a matching event's raw text must hold."""
        return self.part.clauses

    @property
    def names(self) -> FrozenSet[str]:
        """The fields that the expression compares."""
        return self.part.names

    @property
    def among(self) -> Optional[Among]:
        """Which indexes can hold a matching event; None where any can."""
        return self.part.among

    def window(self, window: Window) -> Window:
        """The window with the bounds that the expression sets itself."""
        return replace(window, **dict(self.part.times))

    def matches(self, row: Row) -> bool:
        """Whether a row fits."""
        return self.part.test(row, text(row.get("_raw")).lower())

    def scans(self, row: Row) -> bool:
        """Whether the event has to be read to know whether it fits: its words and indexed fields do."""
        return self.part.scan is None or self.part.scan(row, text(row.get("_raw")).lower())


def compile_search(expression: str, env: Environment, depth: int = 0) -> SearchExpression:
    """Compile the text of a search expression; an empty one matches everything."""
    return SearchExpression(_Parser(expression, env, depth).whole())


def _everything(row: Row, raw: str) -> bool:
    return True


class _Parser:
    def __init__(self, expression: str, env: Environment, depth: int):
        if depth > _MAX_DEPTH:
            raise SearchError("Event types refer to each other without end.")
        self.source, self.env, self.depth = expression, env, depth
        self.place = 0

    def whole(self) -> Part:
        part = self._and()
        if self._more():
            raise SearchError("Unable to parse the search: unbalanced parentheses.")
        return part

    def _more(self) -> bool:
        while self.place < len(self.source) and self.source[self.place] in " \t\r\n,":
            self.place += 1
        return self.place < len(self.source)

    def _keyword(self, word: str) -> bool:
        if not self._more():
            return False
        end = self.place + len(word)
        behind = self.source[end : end + 1]
        if self.source[self.place : end] != word or not (behind in '("' or behind.isspace() or not behind):
            return False
        self.place = end
        return True

    def _closing(self) -> bool:
        return not self._more() or self.source[self.place] == ")"

    def _and(self) -> Part:
        parts: List[Part] = []
        while not self._closing():
            if self._keyword("AND") and (not parts or self._closing()):
                raise SearchError("Unable to parse the search: 'AND' needs an expression on both sides.")
            parts.append(self._or())
        return _all_of(parts)

    def _or(self) -> Part:
        parts = [self._not()]
        while self._keyword("OR"):
            parts.append(self._not())
        if len(parts) == 1:
            return parts[0]
        if any(part.times for part in parts):
            raise SearchError("A time modifier beside OR is not implemented.")
        return _any_of(parts)

    def _not(self) -> Part:
        if self._closing():
            raise SearchError("Unable to parse the search: an expression is missing.")
        if self._keyword("NOT"):
            part = self._not()
            if part.times:
                raise SearchError("A time modifier under NOT is not implemented.")
            test = part.test
            return Part(lambda row, raw: not test(row, raw), names=part.names)
        return self._primary()

    def _primary(self) -> Part:
        for word in ("OR", "IN"):
            if self._keyword(word):
                raise SearchError(f"Unable to parse the search: '{word}' needs an expression in front of it.")
        if self.source[self.place] == "(":
            self.place += 1
            part = self._and()
            if not self._more():
                raise SearchError("Unable to parse the search: unbalanced parentheses.")
            self.place += 1
            return part
        begin = self.place
        quoted = self.source[begin] == '"'
        word = self._string() if quoted else self._word()
        if not quoted and word in ("TERM", "CASE") and self.source[self.place : self.place + 1] == "(":
            return self._directive(word)
        operator = _COMPARISON.match(self.source, self.place)
        if operator is not None:
            self.place = operator.end()
            return self._comparison(word, operator.group(1))
        if self._keyword("IN"):
            return self._in(word)
        if not quoted and "::" in word:
            name, _, value = word.partition("::")
            return self._field(name, "=", value)
        return _keyword_part(word)

    def _word(self) -> str:
        match = _WORD.match(self.source, self.place)
        if match is None:
            raise SearchError(f"Unable to parse the search: unexpected '{self.source[self.place]}'.")
        self.place = match.end()
        return unescape(match.group())

    def _string(self) -> str:
        end = quoted_end(self.source, self.place)
        inside = self.source[self.place + 1 : end - 1]
        self.place = end
        return unescape(inside)

    def _inside(self) -> str:
        close = self.source.find(")", self.place)
        if close < 0:
            raise SearchError("Unable to parse the search: unbalanced parentheses.")
        inside = self.source[self.place + 1 : close].strip()
        self.place = close + 1
        return unescape(inside[1:-1] if inside[:1] == '"' == inside[-1:] else inside)

    def _directive(self, word: str) -> Part:
        inside = self._inside()
        if word == "TERM":
            return _raw_part(raw_test(inside.lower(), term=True), inside)
        test, lower = raw_test(inside), raw_test(inside.lower())
        return Part(lambda row, raw: test(text(row.get("_raw"))), _clause(inside), scan=lambda row, raw: lower(raw))

    def _value(self) -> str:
        if self.source[self.place : self.place + 1] == '"':
            return self._string()
        match = _VALUE.match(self.source, self.place)
        if match is None or match.group()[0] in "=<>":
            raise SearchError("Comparator '=' is missing a term on the right hand side.")
        self.place = match.end()
        return unescape(match.group())

    def _comparison(self, name: str, operator: str) -> Part:
        value = self._value()
        if value in ("CASE", "TERM") and self.source[self.place : self.place + 1] == "(":
            value = self._inside()
            if operator not in ("=", "=="):
                raise SearchError(f"The operator '{operator}' with CASE() or TERM() is not implemented.")
            test = equals_case(name, value)
            return Part(lambda row, raw: test(row), names=frozenset([name]))
        return self._field(name, "=" if operator == "==" else operator, value)

    def _field(self, name: str, operator: str, value: str) -> Part:
        if name in _TIMES:
            return self._time(name, operator, value)
        if name in _NOT_IMPLEMENTED or "*" in name:
            raise SearchError(f"The search term '{name}' is not implemented.")
        if name == "eventtype" and operator == "=" and "*" not in value:
            return self._eventtype(value)
        if (name == "eventtype" and operator == "!=") or (name == "tag" and "::" in value):
            raise SearchError(f"The search term '{name}{operator}{value}' is not implemented.")
        if name.partition("::")[0] == "tag" and operator == "=" and "*" not in value:
            pairs = self.env.tagged(value)
            if pairs is not None:
                field = name.partition("::")[2]
                return _any_of([self._field(key, "=", item) for key, item in pairs if field in ("", key)])
        test = compare_field(name, operator, value)
        part = Part(lambda row, raw: test(row), names=frozenset([name]))
        if name not in _INDEXED or operator != "=":
            return part
        among = (lambda index: test({"index": index})) if name == "index" else None
        return replace(part, scan=part.test, among=among)

    def _time(self, name: str, operator: str, value: str) -> Part:
        epoch = moment(value, self.env.now, self.env.tz)
        if operator != "=" or epoch is None:
            raise SearchError(f"Invalid value '{value}' for time term '{name}'")
        return Part(_everything, times=((_TIMES[name], epoch),))

    def _eventtype(self, value: str) -> Part:
        definition = self.env.eventtype(value)
        if definition is None:
            raise SearchError(f"Eventtype '{value}' does not exist or is disabled.")
        if re.search(r"\||\[", re.sub(r'"(?:[^"\\]|\\.)*"', "", definition)):
            raise SearchError("Event type search string cannot be a search pipeline or contain a subsearch.")
        return compile_search(definition, self.env, self.depth + 1).part

    def _in(self, name: str) -> Part:
        if not self._more() or self.source[self.place] != "(":
            raise SearchError("The IN operator must be followed by a list of values in parentheses.")
        self.place += 1
        parts: List[Part] = []
        while not self._closing():
            parts.append(self._field(name, "=", self._value()))
        if not self._more() or not parts:
            raise SearchError("The IN operator must be followed by a list of values in parentheses.")
        self.place += 1
        return _any_of(parts)


def _clause(pattern: str) -> List[FrozenSet[str]]:
    literal = literal_part(pattern).lower()
    return [frozenset([literal])] if literal else []


def _raw_part(test: RawTest, pattern: str) -> Part:
    def on_raw(row: Row, raw: str) -> bool:
        return test(raw)

    return Part(on_raw, _clause(pattern), scan=on_raw)


def _keyword_part(word: str) -> Part:
    if not word.strip("*"):
        return Part(_everything)
    return _raw_part(raw_test(word.lower()), word)


def _all_of(parts: List[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    tests = [part.test for part in parts if part.test is not _everything]
    scans = [part.scan for part in parts if part.scan is not None]
    among = [part.among for part in parts if part.among is not None]
    times: Dict[str, float] = {}
    for part in parts:
        times.update(part.times)

    def test(row: Row, raw: str) -> bool:
        return all(test(row, raw) for test in tests)

    return Part(
        test if tests else _everything,
        [clause for part in parts for clause in part.clauses],
        tuple(times.items()),
        frozenset().union(*(part.names for part in parts)),
        (lambda row, raw: all(scan(row, raw) for scan in scans)) if scans else None,
        (lambda index: all(may(index) for may in among)) if among else None,
    )


def _any_of(parts: List[Part]) -> Part:
    tests = [part.test for part in parts]
    best: List[Optional[FrozenSet[str]]] = [one_of(part.clauses) for part in parts]
    known = [clause for clause in best if clause is not None]
    clauses = [frozenset().union(*known)] if len(known) == len(parts) else []

    def test(row: Row, raw: str) -> bool:
        return any(test(row, raw) for test in tests)

    scans = [part.scan for part in parts if part.scan is not None]
    among = [part.among for part in parts if part.among is not None]
    return Part(
        test,
        clauses,
        names=frozenset().union(*(part.names for part in parts)),
        scan=(lambda row, raw: any(scan(row, raw) for scan in scans)) if len(scans) == len(parts) else None,
        among=(lambda index: any(may(index) for may in among)) if len(among) == len(parts) else None,
    )
