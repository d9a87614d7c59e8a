"""Splunk's regular expressions (PCRE) on the `regex` package, with an end: a match may not take for ever.

Splunk ends a match that backtracks too often (limits.conf, [rex] match_limit); here its time is limited.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Callable, Dict, Iterator, Optional, Pattern, cast

import regex  # type: ignore[import-untyped]  # it ships no types

from workbench.spl.errors import SearchError
from workbench.spl.pcre import Translation

# Processor seconds for the matches in one text; a PCRE match limit is reached far sooner.
LONGEST = 0.5
# Watching the time costs more than a short match does. At most two repetitions, and none of a group, are over soon
# in a short text whatever it holds.
_SHORT, _FEW = 256, 2
_REPEATED = re.compile(r"[*+{]|(?<!\()\?")
_ENTANGLED = re.compile(r"\)[*+?{]|\\[1-9]|\(\?P=|\(\?\(")
_REFERENCE = re.compile(r"\\(\d)|\\(.)|\$(\d)", re.DOTALL)


class Guarded:
    """A compiled pattern whose matches end in SearchError when they take too long."""

    def __init__(self, pattern: str):
        self._compiled = regex.compile(Translation(pattern).text, regex.ASCII | regex.VERSION0)
        self.pattern = pattern
        self.groups: int = self._compiled.groups
        self.groupindex: Dict[str, int] = dict(self._compiled.groupindex)
        self._search = self._compiled.search
        text = self._compiled.pattern
        self._quick = len(_REPEATED.findall(text)) <= _FEW and _ENTANGLED.search(text) is None

    def _timeout(self, written: str) -> Optional[float]:
        return None if self._quick and len(written) <= _SHORT else LONGEST

    def search(self, written: str) -> Optional[re.Match[str]]:
        """The first match anywhere."""
        try:
            return cast("Optional[re.Match[str]]", self._search(written, timeout=self._timeout(written)))
        except TimeoutError:
            raise self._endless() from None

    def finditer(self, written: str) -> Iterator[re.Match[str]]:
        """All matches from the left."""
        try:
            yield from self._compiled.finditer(written, timeout=self._timeout(written))
        except TimeoutError:
            raise self._endless() from None

    def sub(self, new: Callable[[re.Match[str]], str], written: str, count: int = 0) -> str:
        """The text with its matches (at most `count` of them, 0 is all) replaced."""
        try:
            return str(self._compiled.sub(new, written, count, timeout=self._timeout(written)))
        except TimeoutError:
            raise self._endless() from None

    def _endless(self) -> SearchError:
        return SearchError(
            f"The regular expression '{self.pattern}' has exceeded the match limit: it backtracks too often. "
            "Make its repeated parts exclude each other."
        )


@lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Pattern[str]:
    """The pattern, ready to search with; SearchError with Splunk's words when it does not compile.

    It has of a pattern of `re` what searches use: search, finditer, sub, groups, groupindex, pattern.
    """
    try:
        return cast("Pattern[str]", Guarded(pattern))
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise SearchError(
            f"Encountered the following error while compiling the regex '{_cut(pattern)}': Regex: {error}."
        ) from error


def _cut(written: str) -> str:
    return written if len(written) <= 200 else f"{written[:200]}..."


def replacement(template: str) -> Callable[[re.Match[str]], str]:
    r"""A replacement with \1 to \9 as references, as a function for sub."""
    for piece in _REFERENCE.finditer(template):
        if piece[3] or piece[1] == "0" or (piece[2] or "").isalpha():
            raise SearchError(f"'{piece.group()}' in the replacement '{template}' is not implemented.")

    def expand(match: re.Match[str]) -> str:
        def piece(reference: re.Match[str]) -> str:
            if reference[1] is None:
                return reference[2] if reference[2] in "\\/&" else reference.group()
            return (match[int(reference[1])] or "") if int(reference[1]) <= match.re.groups else ""

        return _REFERENCE.sub(piece, template)

    return expand

