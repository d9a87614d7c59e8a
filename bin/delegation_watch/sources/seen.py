"""What was given lately, small enough to stand in a checkpoint: a digest for each thing, gathered by the hour."""

import base64
import hashlib
from collections import defaultdict
from typing import Any, DefaultDict, Dict, List

_SIZE = 12
_HOUR = 3600
# The KV store takes documents of 16 MB; this many digests are less than 12 MB. Beyond it the oldest may come twice.
_MOST = 700_000


class Seen:
    """A set of texts, each with a time (epoch seconds), by the hour of which it is forgotten.

    `kept` is what `state` gave: hour since 1970, as text → digests one after another, in base64.
    """

    def __init__(self, kept: Any = None):
        self._hours: Dict[bytes, int] = {}
        for hour, digests in (kept if isinstance(kept, dict) else {}).items():
            data = base64.b64decode(digests)
            self._hours.update((data[at : at + _SIZE], int(hour)) for at in range(0, len(data), _SIZE))

    def __contains__(self, text: str) -> bool:
        return _digest(text) in self._hours

    def add(self, text: str, time: float) -> bool:
        """Whether the text is new. A known one bears `time` now, if that is later than before."""
        digest, hour = _digest(text), int(time // _HOUR)
        known = self._hours.get(digest)
        self._hours[digest] = hour if known is None else max(known, hour)
        return known is None

    def forget(self, start: float, end: float) -> None:
        """Drop what bears a time of an hour that lies between these as a whole."""
        first, last = -(-start // _HOUR), end // _HOUR
        self._hours = {digest: hour for digest, hour in self._hours.items() if not first <= hour < last}

    def state(self) -> Dict[str, str]:
        """What a checkpoint keeps of it."""
        by_hour: DefaultDict[int, List[bytes]] = defaultdict(list)
        for digest, hour in self._hours.items():
            by_hour[hour].append(digest)
        kept: Dict[str, str] = {}
        room = _MOST
        for hour in sorted(by_hour, reverse=True):
            room -= len(by_hour[hour])
            if room < 0:
                break
            kept[str(hour)] = base64.b64encode(b"".join(by_hour[hour])).decode()
        return kept


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()
