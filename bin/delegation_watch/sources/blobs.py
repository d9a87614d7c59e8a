"""Content blobs of Office 365: fetched by several threads a little ahead, and taken apart into records.

Nothing is remembered here; which blobs to fetch and what to do with one that fails is office365.py's business.
"""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Deque, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from .activity_api import ActivityApi, Content
from .errors import SourceError
from .feed import Event, elements, time_of
from .pool import calls_at_once

# How often the text of a blob is fetched that comes cut off, or is something else.
_BODIES = 2


class BrokenTextError(SourceError):
    """The text of a blob is no whole list, most often since it was cut off."""

    def __init__(self, text: str):
        begun = text.lstrip("\ufeff \r\n\t")[:1] in ("[", "")
        super().__init__(f"the text of the blob {'ends before its list does' if begun else 'is no list of records'}")
        self.text = " ".join(text.split())


# An element of a blob and the names of its fields; what is no record has neither these nor an operation nor an Id.
Record = Tuple[Event, Tuple[str, ...]]


class Blob(NamedTuple):
    """A blob that was fetched, or why it could not be."""

    content: Content
    records: List[Record]
    error: Optional[SourceError] = None


def fetched(api: ActivityApi, contents: Iterable[Optional[Content]], connections: int) -> Iterator[Optional[Blob]]:
    """The blobs in the order of the listing. Their texts wait as they came; one at a time is taken apart.

    None, here and in `contents`, says that what follows has yet to come in, so that it is time for a checkpoint. A run
    that is told to end does not wait for what is on its way.
    """
    waiting: Deque[Tuple[Content, Future[str]]] = deque()
    with calls_at_once(connections) as pool:
        for content in contents:
            if content is None:
                yield None
                continue
            waiting.append((content, pool.submit(api.blob, content)))
            if len(waiting) > connections:
                yield from _taken(api, pool, *waiting.popleft())
        while waiting:
            yield from _taken(api, pool, *waiting.popleft())


def _taken(
    api: ActivityApi, pool: ThreadPoolExecutor, content: Content, coming: "Future[str]"
) -> Iterator[Optional[Blob]]:
    """The blob taken apart; its text is fetched once more when it came cut off."""
    text = ""
    for attempt in range(_BODIES):
        if attempt:
            coming = pool.submit(api.blob, content)
        if not coming.done():
            yield None
        try:
            text = coming.result()
            records = _records(text)
        except SourceError as error:
            yield Blob(content, [], error)
            return
        except ValueError:
            continue
        yield Blob(content, records)
        return
    yield Blob(content, [], BrokenTextError(text))


def _records(text: str) -> List[Record]:
    """The elements of a blob. ValueError where it is not whole, or no list: then it is no answer to be counted on."""
    alike: Dict[str, Tuple[str, ...]] = {}
    return [_record(raw, value, alike) for raw, value in elements(text)]


def _record(raw: str, value: Any, alike: Dict[str, Tuple[str, ...]]) -> Record:
    """`alike` has the fields of each operation's last record: most have the same ones, which are kept once."""
    if not isinstance(value, dict):
        return Event(raw, None), ()
    get = value.get
    operation, fields = str(get("Operation") or "(none)"), tuple(value)
    known = alike.get(operation)
    if fields != known:
        known = alike[operation] = fields
    return Event(raw, time_of(get("CreationTime")), None, operation, str(get("Id") or "")), known
