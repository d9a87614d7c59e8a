"""What was given before: half a million texts, known again by 64 bits each, in some five megabytes.

Digests are kept in segments, each small enough to be stored at every checkpoint, numbered in the order they were made;
so many segments together, a generation, are forgotten at once, the oldest first. To be looked up, those of a generation
stand in one piece, ordered by their first bits, and the latest few apart until they are put to it: thousands of small
pieces that grow would leave twice their room in holes. A digest is keyed with a number that only the
checkpoint knows, so that nobody can make a record that is taken for another; that a new text is taken for a known one
by accident has odds of one to 10^13.
"""

import base64
import hashlib
import secrets
from array import array
from itertools import accumulate
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

_SIZE = 8
SEGMENT = 512
_TOGETHER = 256  # segments that are forgotten at once
_MOST = 4  # so many times are kept, unless more is asked for
_SLOTS = 1024
_LATEST = 16  # segments that stand apart at most


class Generation(NamedTuple):
    """Digests without their first byte by their first ten bits, slot behind slot; where each begins, the last one ends.
    """

    digests: bytes = b""
    starts: Sequence[int] = (0,) * (_SLOTS + 1)


class Memory:
    """Texts that were given.

    `kept` is what `state` gave, with all `segments` from `first` on: number, as text → digests in base64; `most` is how
    many times _TOGETHER segments are remembered. Whoever adds to it sets `horizon`, epoch seconds: what bears a later
    time than this has not been added yet; see `since`.
    """

    def __init__(self, kept: Optional[Mapping[str, Any]] = None, most: int = 0):
        kept = kept or {}
        self._most = most or _MOST
        self._key = bytes.fromhex(str(kept.get("key") or secrets.token_hex(16)))
        self._keyed = hashlib.blake2b(digest_size=_SIZE, key=self._key)
        self._began: List[float] = [float(time) for time in kept.get("began", ())] or [float("-inf")]
        self._first = int(kept.get("first", 0))
        self._number = int(kept.get("number", self._first))
        self._changed: Dict[int, bytes] = {}
        self.horizon = float("-inf")
        segments = kept.get("segments") or {}
        self._generations = [Generation()]
        self._latest = _slots()
        for text in sorted(segments, key=int):
            self._take(int(text), base64.b64decode(segments[text]))
        self._put_together()
        while len(self._generations) < len(self._began):
            self._generations.append(Generation())
        self._open = bytearray(base64.b64decode(segments.get(str(self._number), "")))
        self._stored = len(self._open)

    @property
    def since(self) -> float:
        """What bears an earlier time may be forgotten: it was the horizon when the oldest that is kept began."""
        return self._began[0]

    def __contains__(self, text: str) -> bool:
        slot, rest = _place(self._digest(text))
        return _is_one(self._latest[slot], rest) or any(
            _is_one(digests, rest, starts[slot], starts[slot + 1]) for digests, starts in self._generations
        )

    def add(self, text: str) -> bool:
        """Whether the text is new; it is known from now on."""
        return self.fresh([text])[0]

    def fresh(self, texts: Iterable[str]) -> List[bool]:
        """Of each text whether it is new; all are known from now on. Every record comes by here: it must be quick."""
        found: List[bool] = []
        find = bytes.find
        for text in texts:
            keyed = self._keyed.copy()
            keyed.update(text.encode("utf-8", "surrogatepass"))
            digest = keyed.digest()
            slot, rest = digest[0] << 2 | digest[1] >> 6, digest[1:]
            new = rest not in self._latest[slot] or not _is_one(self._latest[slot], rest)
            for digests, starts in self._generations:
                if find(digests, rest, starts[slot], starts[slot + 1]) >= 0:
                    new = new and not _is_one(digests, rest, starts[slot], starts[slot + 1])
            found.append(new)
            if new:
                self._latest[slot] += rest
                self._open += digest
                if len(self._open) >= SEGMENT * _SIZE:
                    self._close()
        return found

    def state(self) -> Dict[str, Any]:
        """What a checkpoint keeps; of the `segments` only those that are new or changed since the last call."""
        if len(self._open) > self._stored:
            self._changed[self._number] = bytes(self._open)
            self._stored = len(self._open)
        segments = {str(number): base64.b64encode(data).decode() for number, data in self._changed.items()}
        self._changed.clear()
        began = [] if self._began == [float("-inf")] else [max(time, 0) for time in self._began]
        place = {"key": self._key.hex(), "first": self._first, "number": self._number, "began": began}
        return {**place, "segments": segments}

    def _take(self, number: int, digests: bytes) -> None:
        """A segment that was kept; they come in their order."""
        generation = (number - self._first) // _TOGETHER
        if 0 <= generation < len(self._began):
            while len(self._generations) <= generation:
                self._put_together()
                self._generations.append(Generation())
            for at in range(0, len(digests), _SIZE):
                slot, rest = _place(digests[at : at + _SIZE])
                self._latest[slot] += rest
            if not (number + 1 - self._first) % _LATEST:
                self._put_together()

    def _put_together(self) -> None:
        """Put the latest digests to those of their generation."""
        digests, starts = memoryview(self._generations[-1].digests), self._generations[-1].starts
        parts: List[Union[memoryview, bytearray]] = []
        for slot, latest in enumerate(self._latest):
            parts += digests[starts[slot] : starts[slot + 1]], latest
        lengths = (len(old) + len(latest) for old, latest in zip(parts[::2], parts[1::2]))
        self._generations[-1] = Generation(b"".join(parts), array("I", accumulate(lengths, initial=0)))
        self._latest = _slots()

    def _close(self) -> None:
        """Begin a new segment, and a new generation when this one is full."""
        self._changed[self._number] = bytes(self._open)
        self._open, self._stored = bytearray(), 0
        self._number += 1
        place = self._number - self._first
        if place % _LATEST and place % _TOGETHER:
            return
        self._put_together()
        if place % _TOGETHER:
            return
        self._began.append(self.horizon)
        self._generations.append(Generation())
        while len(self._began) > self._most:
            del self._generations[0], self._began[0]
            self._first += _TOGETHER

    def _digest(self, text: str) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(text.encode("utf-8", "surrogatepass"))
        return keyed.digest()


def _slots() -> List[bytearray]:
    return [bytearray() for _ in range(_SLOTS)]


def _is_one(digests: Union[bytes, bytearray], rest: bytes, start: int = 0, end: Optional[int] = None) -> bool:
    """Whether it is one of the digests there, not the end of one and the beginning of the next."""
    at = digests.find(rest, start, end)
    while at >= 0 and (at - start) % len(rest):
        at = digests.find(rest, at + 1, end)
    return at >= 0


def _place(digest: bytes) -> Tuple[int, bytes]:
    """Which slot a digest belongs to, and what is kept of it there."""
    return digest[0] << 2 | digest[1] >> 6, digest[1:]
