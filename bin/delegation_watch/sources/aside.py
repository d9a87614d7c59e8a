"""Stretches of time that a service does not give while it gives others: which they are, and what a feed asks for then.

Such a stretch is set aside, told, and asked for again behind all that is new, in halves where it fails again, so that
in the end no more is kept back than has to be. A service that gives nothing at all has no such stretches: whether it
does is asked about the last minutes.
"""

from typing import Iterable, List, Tuple

from .errors import RefusedError, SourceError, UnreachableError, UntrustedError

# Seconds before now that are asked for, to see whether a service that fails for one stretch gives another.
LATEST = 300
# So many stretches in a row that a run asks for in vain, each perhaps after minutes of trying: the rest must wait.
VAIN = 3
# So many are set aside at most: a feed of which no more than the last minutes can be had stays where it is then.
MOST = 200
# Seconds of a stretch that is not halved any more.
_NARROWEST = 60

Stretch = Tuple[float, float]  # start and end, epoch seconds


def may_be_its_own(error: SourceError) -> bool:
    """Whether an error may come of the stretch that was asked for, and not of the feed, its account or its quota.

    What fails on the way, or within the service; an answer that cannot be read; bad input; and a 403 that bears no
    word of the vendor's, as something on the way gives it in place of a page.
    """
    if isinstance(error, RefusedError):
        return error.status in (200, 400) or error.status >= 500 or (error.status == 403 and not error.code)
    return isinstance(error, UnreachableError) and not isinstance(error, UntrustedError)


def between(start: float, end: float, taken: Iterable[Stretch]) -> List[Stretch]:
    """What of the time from start to end lies in none of these stretches."""
    parts: List[Stretch] = []
    for first, last in sorted(taken):
        if last > start and first < end:
            if first > start:
                parts.append((start, first))
            start = last
    return [*parts, (start, end)] if start < end else parts


def halves(stretch: Stretch, others: int) -> List[Stretch]:
    """What to ask for where a stretch failed again, beside so many others that are set aside."""
    start, end = stretch
    middle = float(int((start + end) / 2))
    return [(start, middle), (middle, end)] if end - start > _NARROWEST and others < MOST / 2 else [stretch]
