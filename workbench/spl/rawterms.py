"""How bare words, phrases, TERM() and CASE() match the raw text of an event.

Breakers: segmenters.conf and "Event segmentation and searching" in Splunk's Search Manual.
"""

from __future__ import annotations

import re
from typing import Callable, FrozenSet, List, Optional

_MAJOR = r"\[\]<>(){}|!;,'\"*\s&?+"
_MINOR = r"/:=@.\-$#%\\_"
_ENCODED = ("%21", "%26", "%2526", "%3b", "%7c", "%20", "%2b", "%3d", "--", "%2520", "%5d", "%5b", "%3a",
            "%0a", "%2c", "%28", "%29")  # fmt: skip
_BREAKERS = f"{_MAJOR}{_MINOR}"
_TERM_LEFT = f"(?:(?<![^{_MAJOR}])|{'|'.join(f'(?<={piece})' for piece in _ENCODED)})"
_TERM_RIGHT = f"(?:(?![^{_MAJOR}])|(?={'|'.join(_ENCODED)}))"
_WORD_LEFT = f"(?<![^{_BREAKERS}])"
_WORD_RIGHT = f"(?![^{_BREAKERS}])"
_IS_BREAKER = re.compile(f"[{_BREAKERS}]")
RawTest = Callable[[str], bool]


def literal_part(pattern: str) -> str:
    """The longest piece between wildcards."""
    return max(pattern.split("*"), key=len)


def _regex(pattern: str, gap: str, left: str, right: str) -> str:
    body = gap.join(re.escape(piece) for piece in re.split(r"\*+", pattern))
    begin = "" if pattern[:1] == "*" or (left is _WORD_LEFT and _IS_BREAKER.match(pattern)) else left
    end = "" if pattern[-1:] == "*" or (right is _WORD_RIGHT and _IS_BREAKER.match(pattern[-1:])) else right
    return begin + body + end


def raw_test(pattern: str, term: bool = False) -> RawTest:
    """A test of raw text for a word or phrase between breakers (`term`: between major breakers).

    Case counts as it is written: give both in lower case where it must not. Wildcards in the middle of a
    single word stay within it.
    """
    literal = literal_part(pattern)
    spaced = not term and re.search(f"[{_MAJOR}]", pattern.replace("*", "")) is not None
    gap = ".*?" if spaced else f"[^{_MAJOR}]*?"
    sides = (_TERM_LEFT, _TERM_RIGHT) if term else (_WORD_LEFT, _WORD_RIGHT)
    search = re.compile(_regex(pattern, gap, *sides), re.DOTALL).search

    def test(raw: str) -> bool:
        return literal in raw and search(raw) is not None

    return test


def one_of(clauses: List[FrozenSet[str]]) -> Optional[FrozenSet[str]]:
    """The most telling clause: the one with the fewest texts."""
    return min(clauses, key=len, default=None)
