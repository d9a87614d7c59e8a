"""Which call goes wrong how: rules over endpoints, things asked for, tries and counts. Nothing is drawn at random.

    Rule("activity/blob", "reset", share=0.1, tries=1)
    Rule("activity/content", "AF429:2", after=3, calls=2)

Each tenth blob is reset at its first try (always the same ones for a seed, in whatever order they are asked for), and
the fourth and fifth listing are throttled. All rules that match a call apply. `faults` has the table of words.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import FrozenSet, Iterable, List, NamedTuple


class Call(NamedTuple):
    """One call: its endpoint, the how-manyeth there (from 1), what it asks for, the how-manyeth time (from 1)."""

    endpoint: str
    nth: int
    key: str
    attempt: int


@dataclass(frozen=True)
class Rule:
    """A fault and when it happens.

    `endpoint` and `key` are patterns with * and ?; the key of a call is its path, query and body. `among` names keys
    in full, very many of them too (none: any); `share` picks so many of the keys, by `seed`; `tries` the first so many
    calls for a key (0: all of them); `after` and `calls` leave out the first so many calls at an endpoint and end after
    so many (0: never); `every` takes each n-th of the rest.
    """

    endpoint: str
    fault: str
    share: float = 1.0
    tries: int = 0
    after: int = 0
    calls: int = 0
    every: int = 1
    key: str = "*"
    seed: int = 0
    among: FrozenSet[str] = frozenset()

    def hits(self, call: Call) -> bool:
        """Whether this call goes wrong by this rule."""
        place = call.nth - self.after
        return (
            fnmatchcase(call.endpoint, self.endpoint)
            and place > 0
            and place % self.every == 0
            and not 0 < self.calls * self.every < place
            and not 0 < self.tries < call.attempt
            and fnmatchcase(call.key, self.key)
            and (not self.among or call.key in self.among)
            and (self.share >= 1 or chance(self.seed, self.fault, call.key) < self.share)
        )


def chance(*parts: object) -> float:
    """A number from 0 up to 1 that is always the same for the same parts."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def words(plan: Iterable[Rule], call: Call) -> List[str]:
    """The faults of a call, in the plan's order."""
    return [rule.fault for rule in plan if rule.hits(call)]


class Calls:
    """Counts the calls of a stand-in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._endpoints: Counter[str] = Counter()
        self._keys: Counter[str] = Counter()

    def count(self, endpoint: str, key: str) -> Call:
        """This call, counted."""
        with self._lock:
            self._endpoints[endpoint] += 1
            self._keys[key] += 1
            return Call(endpoint, self._endpoints[endpoint], key, self._keys[key])
