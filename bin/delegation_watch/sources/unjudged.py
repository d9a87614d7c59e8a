"""Records that come too late for the searches, which judge what is newly indexed and not too old: they are told."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import List, Sequence

# How old a record may be to be judged: dispatch.earliest_time of the collecting searches, less an hour for a run and
# the time until they look.
JUDGED = 8 * 86400 - 3600
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TAKEN_IN = "Delegation Watch - Backfill identities, - Backfill accounts and - Backfill grants"


@dataclass
class Unjudged:
    """How many records of a run are from before `before`, epoch seconds, and from when to when they are."""

    before: float = float("-inf")
    count: int = 0
    first: float = float("inf")
    last: float = float("-inf")

    def begin(self, now: float) -> None:
        """Count from here on, in a run of this time."""
        self.before = now - JUDGED

    def add(self, times: Sequence[float]) -> None:
        """Count those of these times that are too old."""
        old = [moment for moment in times if moment < self.before]
        self.count += len(old)
        self.first, self.last = min(self.first, *old), max(self.last, *old)

    def told(self, feed: str, is_backfill: bool) -> List[str]:
        """A line for a person, where there is any such record."""
        if not self.count:
            return []
        days = " to ".join(dict.fromkeys(map(_day, (self.first, self.last))))
        when = "when the backfill is at its end" if is_backfill else "now"
        return [
            f"{feed}: {self.count} records of {days} are more than eight days old, and no scheduled search judges "
            f"them: run {_TAKEN_IN} once {when}, in this order"
        ]


def _day(moment: float) -> str:
    return (_EPOCH + timedelta(seconds=moment)).strftime("%Y-%m-%d")
