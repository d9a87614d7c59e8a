"""Splunk's regular expressions (PCRE) on Python's re: translated where both agree, else refused."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Callable, Dict, Pattern

from workbench.spl.errors import SearchError

_POSIX: Dict[str, str] = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
    "space": r"\s", "xdigit": "0-9A-Fa-f", "word": r"\w", "punct": r"!-/:-@\[-`{-~",
}  # fmt: skip
_PIECE = re.compile(r"\\.|\[:(\w+):\]|\(\?<(?![=!])|\(\?'(\w+)'|\(\?&|\(\?R\)|\(\?\||\(\?[imsx-]+\)", re.DOTALL)
_ESCAPES = {r"\z": r"\Z", r"\Z": r"(?=\n?\Z)", r"\h": r"[ \t]", r"\H": r"[^ \t]", r"\R": r"(?:\r\n|[\n\r\v\f])"}
_REFUSED = (r"\K", r"\G", r"\p", r"\P", r"\X", "(?&", "(?R)", "(?|", r"\Q", r"\E")
_REFERENCE = re.compile(r"\\(\d)|\\(.)|\$(\d)", re.DOTALL)


def _translate(match: re.Match[str]) -> str:
    piece = match.group()
    if piece[:3] in _REFUSED or piece in _REFUSED:
        raise SearchError(f"The regular expression uses '{piece}', which is not implemented.")
    if piece[-1] == ")" and match.start():
        raise SearchError(f"The regular expression has '{piece}' behind its beginning, which is not implemented.")
    if match.group(1):
        return _POSIX[match.group(1)]
    if match.group(2):
        return f"(?P<{match.group(2)}>"
    if piece == "(?<":
        return "(?P<"
    return _ESCAPES.get(piece, piece)


@lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Pattern[str]:
    """The pattern, ready to search with; SearchError with Splunk's words when it does not compile."""
    try:
        return re.compile(_PIECE.sub(_translate, pattern), re.ASCII)
    except (re.error, KeyError) as error:
        raise SearchError(
            f"Encountered the following error while compiling the regex '{pattern}': Regex: {error}"
        ) from error


def replacement(template: str) -> Callable[[re.Match[str]], str]:
    r"""A replacement with \1 and $1 as references, as a function for re.sub."""

    def expand(match: re.Match[str]) -> str:
        def piece(reference: re.Match[str]) -> str:
            digit = reference.group(1) or reference.group(3)
            if digit is None:
                return reference.group(2) if reference.group(2) in "\\/&" else reference.group()
            if int(digit) > (match.re.groups or 0):
                return ""
            return match.group(int(digit)) or ""

        return _REFERENCE.sub(piece, template)

    return expand
