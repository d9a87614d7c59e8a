"""A Splunk as the trial sees it: searches, and objects that are made for the trial and taken away after it.

Settings are made as private objects of the user who signed in: they count for this user's searches alone, before the
app's own, so nobody else's searches change meanwhile.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

from splunklib import client
from splunklib.binding import HTTPError

from workbench.conf.files import DEFAULT
from workbench.errors import BadInput, WorkbenchError
from workbench.onsplunk.connection import said

Row = Dict[str, Any]
# From the beginning to beyond every event; Splunk does not take an epoch far ahead.
ALL_TIME = {"earliest_time": "0", "latest_time": "+10y"}
PREFIX = "delegation_watch_test_"


class Refused(WorkbenchError):
    """The Splunk refused a search or an object, in its own words."""


class NotRun(WorkbenchError):
    """What keeps a case from being tried there."""


@dataclass
class Target:
    """`wait` are the seconds that events may take until they are searchable; `left` is what could not be removed."""

    service: client.Service
    wait: float = 60.0
    name: str = field(default_factory=lambda: PREFIX + secrets.token_hex(4))
    left: List[str] = field(default_factory=list)
    _undo: List[Tuple[str, Callable[[], object]]] = field(default_factory=list)
    _made: int = 0

    def __enter__(self) -> Target:
        return self

    def __exit__(self, *_: object) -> None:
        self._clean(0)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is made inside the block is taken away behind it."""
        before = len(self._undo)
        try:
            yield
        finally:
            self._clean(before)

    def unique(self) -> str:
        """A name that nothing there has."""
        self._made += 1
        return f"{self.name}_{self._made}"

    def search(self, spl: str, **options: str) -> List[Row]:
        """Rows as REST gives them, `_time` as an epoch; Refused when the search fails."""
        text = spl if re.match(r"\s*(\||search\b)", spl) else f"search {spl}"
        try:
            job = self.service.jobs.create(text, exec_mode="blocking", **options)
        except HTTPError as error:
            raise Refused(said(error)) from error
        try:
            if job["isFailed"] == "1":
                raise Refused("; ".join(_failures(job["messages"])) or "the search failed")
            found = json.loads(job.results(output_mode="json", count=0).read())
            return [_plain(row) for row in found["results"]]
        finally:
            job.cancel()

    def own(self, conf: str, stanza: str, settings: Mapping[str, str]) -> None:
        """A private stanza; NotRun where the user has one of that name already."""
        if stanza == DEFAULT:
            raise NotRun(f"{conf}.conf [{DEFAULT}] would change every search of {self.service.username}")
        user = self._user(conf)
        with self._undoing(f"{conf}.conf [{stanza}] of {self.service.username}", lambda: user.delete(stanza)):
            try:
                user.create(stanza, **settings)
            except HTTPError as error:
                if error.status == 409:
                    raise NotRun(f"{self.service.username} has a private {conf}.conf [{stanza}] already") from error
                raise Refused(said(error)) from error

    def index(self) -> str:
        """A new index of events."""
        name = self.unique()
        with self._undoing(f"index {name}", lambda: self.service.indexes.delete(name)):
            try:
                self.service.indexes.create(name)
            except HTTPError as error:
                raise BadInput(
                    f"No index can be made there ({said(error)}). Have an empty one made and name it by SPLUNK_INDEX."
                ) from error
        return name

    def given_index(self, name: str) -> str:
        """An index that is there and has no events; they are deleted from it at the end."""
        if name not in self.service.indexes:
            raise BadInput(f"There is no index {name}. Make it, or leave SPLUNK_INDEX away.")
        if self.search(f"index={name} | head 1", **ALL_TIME):
            raise BadInput(f"The index {name} has events. The trial needs an empty one of its own.")
        self._undo.append((f"events in the index {name}", lambda: self._delete_events(name)))
        return name

    def collection(self, settings: Mapping[str, str]) -> str:
        """A new KV store collection of the app."""
        name = self.unique()
        with self._undoing(f"collection {name}", lambda: self.service.kvstore.delete(name)):
            try:
                self.service.kvstore.create(name, **settings)
            except HTTPError as error:
                raise Refused(said(error)) from error
        return name

    def table(self, filename: str, rows: str) -> None:
        """A lookup file from the rows of a search; NotRun where there is one of that name."""
        address = f"data/lookup-table-files/{filename}"
        try:
            self.service.get(address).body.read()
        except HTTPError as error:
            if error.status != 404:
                raise Refused(said(error)) from error
        else:
            raise NotRun(f"there is a lookup file {filename} already")
        with self._undoing(f"lookup file {filename}", lambda: self.service.delete(address)):
            self.search(f"{rows} | outputlookup {filename}")

    def event(self, index: str, text: str, **where: str) -> None:
        """Index one event: sourcetype, source and host say where it comes from."""
        try:
            self.service.indexes[index].submit(text.encode("utf-8"), **where)
        except HTTPError as error:
            raise Refused(said(error)) from error

    def await_events(self, search: str, number: int) -> None:
        """Wait until a search finds as many events; NotRun when they do not come."""
        until = time.monotonic() + self.wait
        while True:
            found = int(self.search(f"{search} | stats count", **ALL_TIME)[0]["count"])
            if found >= number:
                return
            if time.monotonic() >= until:
                raise NotRun(f"of {number} events {found} are searchable after {self.wait:g} s")
            time.sleep(0.5)

    def _user(self, conf: str) -> client.Collection:
        path = f"/servicesNS/{self.service.username}/{self.service.namespace.app}/configs/conf-{conf}/"
        return client.Collection(self.service, path)

    def _delete_events(self, index: str) -> None:
        if self.search(f"index={index} | head 1", **ALL_TIME):
            self.search(f"index={index} | delete", **ALL_TIME)

    @contextmanager
    def _undoing(self, what: str, undo: Callable[[], object]) -> Iterator[None]:
        """What the block makes is noted before it is made, so that an interrupt in between leaves nothing behind.

        What the Splunk refused to make is not undone: it may be somebody else's of the same name.
        """
        self._undo.append((what, undo))
        try:
            yield
        except WorkbenchError:
            self._undo.pop()
            raise

    def _clean(self, keep: int) -> None:
        """Take away what was made, newest first; what stays behind is told in `left`."""
        while len(self._undo) > keep:
            what, undo = self._undo.pop()
            try:
                undo()
            except KeyError:
                continue  # it is not there
            except HTTPError as error:
                if error.status != 404:
                    self.left.append(f"{what}: {said(error)}")
            except (OSError, WorkbenchError) as error:
                self.left.append(f"{what}: {error}")


def _failures(messages: Any) -> List[str]:
    said_by = messages if isinstance(messages, dict) else {}
    found: List[str] = []
    for level in ("fatal", "error"):
        texts: Optional[Any] = said_by.get(level)
        found += [texts] if isinstance(texts, str) else list(texts or [])
    return found


def _plain(row: Row) -> Row:
    """A row of REST with `_time` as the epoch that it was."""
    stamp = row.get("_time")
    try:
        return {**row, "_time": f"{datetime.fromisoformat(str(stamp)).timestamp():.6f}"} if stamp else row
    except ValueError:
        return row
