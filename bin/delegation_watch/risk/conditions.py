"""The conditions of the weights tables: `field=value` tests, all of which must hold.

`right=folder access=read|write grantee=*Discovery?Management deny!=true mailbox_vip=`
A value may have alternatives (`|`) and wildcards (`*`, `?`), in quotes when it has spaces; letters of either case are
the same, and `\\*` and `\\?` are the characters themselves. `field=` holds where the field is empty, `field!=value`
where no alternative fits, an empty field included.
"""

import fnmatch
import re
import shlex
from dataclasses import dataclass
from typing import FrozenSet, List, Pattern, Tuple

_TEST = re.compile(r"^([a-z_][a-z0-9_]*)(!?=)(?!=)(.*)$", re.DOTALL)
_WILDCARD = re.compile(r"(?<!\\)[*?]")


@dataclass(frozen=True)
class Test:
    """One `field=value` of a condition; `globs` are the alternatives with wildcards, as written and as a pattern."""

    field: str
    negated: bool
    plain: FrozenSet[str]
    globs: Tuple[Tuple[str, Pattern[str]], ...]

    def holds(self, value: str) -> bool:
        """Whether the test holds for a field's value; "" stands for an empty or absent field."""
        folded = value.casefold()
        return (folded in self.plain or any(glob.match(folded) for _, glob in self.globs)) != self.negated


def parse(text: str) -> Tuple[Test, ...]:
    """The tests of a condition; ValueError names the word that cannot be read."""
    words = shlex.shlex(text, posix=True)
    words.whitespace_split = True
    words.commenters = ""
    words.escape = ""  # a backslash is part of a name: DOMAIN\user
    try:
        return tuple(_test(word) for word in words)
    except ValueError as error:
        raise ValueError("a quote is not closed" if str(error).startswith("No closing") else str(error)) from None


def _test(word: str) -> Test:
    match = _TEST.match(word)
    if match is None:
        raise ValueError(f"{word!r} is neither field=value nor field!=value")
    field, operator, values = match.groups()
    plain: List[str] = []
    globs: List[Tuple[str, Pattern[str]]] = []
    for value in values.casefold().split("|"):
        if _WILDCARD.search(value):
            globs.append((value, re.compile(fnmatch.translate(value.replace("[", "[[]")))))
        else:
            plain.append(value.replace("\\*", "*").replace("\\?", "?"))
    return Test(field, operator == "!=", frozenset(plain), tuple(globs))
