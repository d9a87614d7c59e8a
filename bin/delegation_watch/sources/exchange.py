"""Who may open, read or send from which Exchange Online mailbox now: a sweep over mailboxes, recipients and folders.

What a mailbox holds by itself (its own entry, folders open to nobody) is no delegation and is left out. An answer
without that entry is no answer, and an error is never read as "no delegates".
Forwarding that stands in a mailbox's settings, applications that reach mail, and what is off in the audit itself, are
read along.
Sources: Get-MailboxPermission, Get-RecipientPermission, Get-Mailbox, Get-MailboxFolderPermission, Set-Mailbox (what
forwards).
"""

import time
from functools import partial
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from ..grants.parties import party
from ..grants.rights import folder_access, names
from ..grants.values import listed, text_of
from . import app_permissions
from .errors import OutError, RefusedError, SourceError, of_one
from .exchange_api import ExchangeApi, gone
from .exchange_audit import audit_of
from .exchange_mailboxes import (
    Folder,
    Mailbox,
    address_of,
    by_name,
    folders_of,
    groups,
    mailboxes,
    require_columns,
)
from .feed import Checkpoint, Event, Item, State, compact
from .graph_api import GraphApi
from .odata import Row
from .pool import calls_at_once
from .sweep import Attempts, Sweep, of_settings, passing, snapshot

_FORWARDS = ("ForwardingSmtpAddress", "ForwardingAddress")
KINDS = ("full_access", "send_as", "send_on_behalf", "folders", "forwarding", app_permissions.KIND)
_AUDIT, _END = "audit", "end"
# Mailboxes between two checkpoints, and so many in a row that the service fails to give: it is out, not they.
_CHUNK, _HOPELESS = 10, 30

Found = Tuple[str, Row]  # the cmdlet, and the columns of a delegation
Step = Optional[Event]  # None: everything up to here was given


class Scope(NamedTuple):
    """What a sweep reads: kinds of KINDS, folders as exchange_mailboxes names them, mailboxes or, without any, all."""

    kinds: Sequence[str] = KINDS
    folders: Sequence[str] = ("root", "inbox", "calendar", "sent")
    mailboxes: Sequence[str] = ()


class _Answer(NamedTuple):
    """What was found of one mailbox, or why nothing; it was read at no time before `time`."""

    found: Union[List[Found], SourceError]
    time: float


class ExchangeSweep:
    """The delegations of the mailboxes of a scope: a Reader, see feed.py.

    Gives a `delegation:snapshot` event for each delegation and at the end one `delegation:sweep`; a Checkpoint after
    each page or chunk of mailboxes. Settings that can reach no mailbox end the sweep as failed, with a RefusedError
    or SignInError that says what to do; where they did before, it goes on when they are mended. A kind that is refused,
    from its first mailboxes on, or has no answer in many attempts, is named, and the others go on. source is the
    input's name, client the application's id, by which its own calls are known.
    """

    def __init__(
        self,
        api: ExchangeApi,
        tenant: str,
        source: str,
        client: str,
        scope: Scope,
        connections: int = 4,
        clock: Callable[[], float] = time.time,
        graph: Optional[GraphApi] = None,
    ):
        self._api = api
        self._graph = graph
        self._tenant = tenant
        self._source = source
        self._client = client
        self._scope = scope
        self._connections = connections
        self._clock = clock
        self._attempts = Attempts()
        self._listed = 0.0  # when mailboxes were listed last, which is when what stands in their rows was read
        self._readers: Dict[str, Callable[[Sweep, List[Mailbox]], Iterator[Step]]] = {
            "full_access": lambda sweep, boxes: self._each(sweep, "full_access", boxes, self._opened),
            "send_as": self._send_as,
            "send_on_behalf": self._send_on_behalf,
            "folders": lambda sweep, boxes: self._each(sweep, "folders", boxes, partial(self._folders, sweep)),
            "forwarding": self._forwarding,
            app_permissions.KIND: self._app_mail,
        }

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Every mailbox once, from where `state` stopped; `first` means nothing to a sweep."""
        sweep = Sweep.of(state, now, "o365", compact([self._tenant, *self._scope]))
        sweep.tenant = self._tenant
        before = sweep.requests - self._calls()
        try:
            boxes = self._boxes(sweep)
            for step in self._steps(sweep, boxes):
                sweep.requests = before + self._calls()
                yield step or Checkpoint(sweep.state(self._clock()))
            known = self._known_of_audit(sweep, boxes)
        except SourceError as error:
            if passing(error) or (sweep.reached and of_settings(error)):
                raise
            sweep.fail_kind("mailboxes", "mailboxes", error)
            yield self._closing(sweep, [])
            yield Checkpoint({})
            raise
        sweep.requests = before + self._calls()
        blind = {one["kind"] for one in sweep.failed_kinds}
        yield self._closing(sweep, [kind for kind in self._scope.kinds if kind not in blind], **known)
        yield Checkpoint({})

    def _boxes(self, sweep: Sweep) -> List[Mailbox]:
        self._listed = self._clock()
        boxes, missing, unseen = mailboxes(self._api, self._scope.mailboxes)
        sweep.mailboxes = len(boxes) + len(missing) + len(unseen)
        for name in missing:
            sweep.skip(name, "no such mailbox")
        for name, why in unseen.items():
            if name not in sweep.failed.mailboxes:  # as one that goes on may
                sweep.fail(name, "mailboxes", why)
        return boxes

    def _steps(self, sweep: Sweep, boxes: List[Mailbox]) -> Iterator[Step]:
        """Kind after kind, from the sweep's own on; its place set behind each."""
        kinds = [*self._scope.kinds, _END]
        sweep.part = sweep.part if sweep.part in kinds else kinds[0]
        for kind, after in zip(kinds, kinds[1:]):
            if sweep.part != kind:
                continue
            try:
                for step in self._readers[kind](sweep, boxes):
                    if not step:
                        self._attempts.came_on()
                    yield step
                self._attempts.came_on()
            except SourceError as error:
                refused = isinstance(error, RefusedError) and not passing(error)
                if not refused and not self._attempts.given_up(error):
                    raise
                sweep.fail_kind(kind, kind, error)
            sweep.part, sweep.page, sweep.last = after, "", ""
            yield None

    def _known_of_audit(self, sweep: Sweep, boxes: List[Mailbox]) -> Dict[str, Any]:
        """What is told of the audit, read last: the sweep's checkpoints need not hold it, and nothing waits for it."""
        audit = of_one(lambda: audit_of(self._api, boxes, bool(self._scope.mailboxes)))
        if isinstance(audit, SourceError):
            sweep.fail_kind(_AUDIT, _AUDIT, audit)
            return {}
        return {_AUDIT: audit}

    def _calls(self) -> int:
        return self._api.calls + (self._graph.calls if self._graph else 0)

    def _closing(self, sweep: Sweep, kinds: List[str], **known: Any) -> Event:
        unread = sweep.skipped.mailboxes | sweep.failed.mailboxes
        sweep.covered = max(0, sweep.mailboxes - len(unread)) if kinds else 0
        folders = list(self._scope.folders) if "folders" in kinds else []
        scope = list(self._scope.mailboxes) or "all"
        if sweep.covered:
            known["folders_missing"] = [name for name in folders if name not in sweep.met]
        known = {"input": self._source, "folders": folders, "client": self._client, **known}
        return sweep.closing(self._clock(), kinds, scope, **known)

    # mailbox by mailbox

    def _each(
        self, sweep: Sweep, kind: str, boxes: List[Mailbox], ask: Callable[[Mailbox], List[Found]],
        read_at: Optional[float] = None,
    ) -> Iterator[Step]:  # fmt: skip
        """The delegations of each mailbox behind the sweep's last one, several asked for at once, in order.

        read_at: when they were read, where that was before.
        """
        rest = [box for box in boxes if box.key > sweep.last]
        read = bool(sweep.last)  # this kind may be read, so a refusal is of the mailbox alone
        silent: List[Mailbox] = []  # none of which had an answer: asked for again when others may have one
        with calls_at_once(self._connections) as pool:
            for at in range(0, len(rest), _CHUNK):
                asked = [*silent, *rest[at : at + _CHUNK]]
                answers = list(pool.map(lambda box: self._answer(ask, box, read_at), asked))
                errors = [one.found for one in answers if isinstance(one.found, SourceError)]
                if len(errors) < len(asked):
                    read = True
                elif not read and isinstance(errors[-1], RefusedError) and errors[-1].status in (401, 403):
                    raise errors[-1]
                elif all(map(passing, errors)):
                    if len(asked) >= _HOPELESS:
                        raise OutError(f"no mailbox can be read at present; the last: {errors[-1]}")
                    if at + _CHUNK < len(rest):
                        silent = asked
                        continue
                silent = []
                for box, answer in zip(asked, answers):
                    yield from self._told(sweep, kind, box, answer)
                sweep.last = asked[-1].key
                yield None

    def _answer(
        self, ask: Callable[[Mailbox], List[Found]], box: Mailbox, read_at: Optional[float]
    ) -> _Answer:
        moment = self._clock() if read_at is None else read_at
        return _Answer(of_one(lambda: ask(box)), moment)

    def _told(self, sweep: Sweep, kind: str, box: Mailbox, answer: _Answer) -> Iterator[Event]:
        if not isinstance(answer.found, SourceError):
            yield from (snapshot(sweep, answer.time, *one) for one in answer.found)
        elif isinstance(answer.found, RefusedError) and gone(answer.found):
            sweep.skip(box.address, "gone since the sweep began")
        else:
            sweep.fail(box.address, kind, str(answer.found))

    def _opened(self, box: Mailbox) -> List[Found]:
        rows = self._api.rows("Get-MailboxPermission", mailbox=box.address, Identity=box.address)
        if not rows:
            raise RefusedError("Exchange Online lists no entry of this mailbox, not even its own", 200)
        return [("Get-MailboxPermission", {**row, "Identity": box.address}) for row in rows if _other(row, "User")]

    def _folders(self, sweep: Sweep, box: Mailbox) -> List[Found]:
        found: List[Found] = []
        for folder in folders_of(self._api, box.address, self._scope.folders):
            sweep.met.update(folder.asked)
            try:
                rows = self._api.rows("Get-MailboxFolderPermission", mailbox=box.address, Identity=folder.identity)
            except RefusedError as error:
                if self._removed(box, folder, error):  # its delegations with it
                    continue
                raise
            if not rows:
                raise RefusedError(f"Exchange Online lists no entry of folder {folder.path}, not even Default", 200)
            named = {"Identity": f"{box.address}:{folder.path}", "FolderType": folder.type}
            found += [("Get-MailboxFolderPermission", {**row, **named}) for row in rows if _opens(row)]
        return found

    def _removed(self, box: Mailbox, folder: Folder, error: RefusedError) -> bool:
        """Whether a folder is not found because it was removed since it was listed: the list has none for its name."""
        if not gone(error) or folder.type.lower() == "root":  # a mailbox whose root is not found is gone itself
            return False
        there = folders_of(self._api, box.address, self._scope.folders)
        if any(one.asked == folder.asked for one in there):
            raise RefusedError(f"Exchange Online lists folder {folder.path}, and does not find it", error.status)
        return True

    # all at once

    def _send_as(self, sweep: Sweep, boxes: List[Mailbox]) -> Iterator[Step]:
        if self._scope.mailboxes:
            yield from self._each(sweep, "send_as", boxes, self._trusted)
            return
        addresses = by_name([*boxes, *groups(self._api)])
        given = {"ResultSize": "Unlimited"}
        seen = bool(sweep.page)
        now = self._clock()
        try:
            for page in self._api.pages("Get-RecipientPermission", begin=sweep.page, **given):
                for row in page.rows:
                    seen = True
                    name = str(row.get("Identity") or "")
                    if _other(row, "Trustee"):
                        columns = {**row, "Identity": addresses.get(name.lower(), name)}
                        yield snapshot(sweep, now, "Get-RecipientPermission", columns)
                sweep.page = page.following
                if page.following:
                    yield None
                now = self._clock()
        except RefusedError as error:
            if not sweep.page or passing(error) or error.status != 400:
                raise
            sweep.page = ""  # the address of a page ends: from the first one again
            yield from self._send_as(sweep, boxes)
            return
        if not seen:
            raise RefusedError("Exchange Online lists no right to send as a recipient, not even their own", 200)

    def _trusted(self, box: Mailbox) -> List[Found]:
        rows = self._api.rows("Get-RecipientPermission", mailbox=box.address, Identity=box.address)
        if not rows:
            raise RefusedError("Exchange Online lists no right to send as this mailbox, not even its own", 200)
        return [("Get-RecipientPermission", {**row, "Identity": box.address}) for row in rows if _other(row, "Trustee")]

    def _send_on_behalf(self, sweep: Sweep, boxes: List[Mailbox]) -> Iterator[Step]:
        now = self._clock()
        others = [] if self._scope.mailboxes else groups(self._api)
        require_columns("mailbox", boxes, "GrantSendOnBehalfTo")
        require_columns("group", others, "GrantSendOnBehalfTo")
        for read_at, recipients in ((self._listed, boxes), (now, others)):
            for one in recipients:
                for delegate in listed(one.row.get("GrantSendOnBehalfTo")):
                    columns = {"Identity": one.address, "GrantSendOnBehalfTo": [delegate]}
                    yield snapshot(sweep, read_at, "Get-Mailbox", columns)

    # what is no right of somebody, and sends mail out or lets a program in

    def _forwarding(self, sweep: Sweep, boxes: List[Mailbox]) -> Iterator[Step]:
        require_columns("mailbox", boxes, *_FORWARDS)
        some = [box for box in boxes if any(text_of(box.row.get(column)) for column in _FORWARDS)]
        yield from self._each(sweep, "forwarding", some, self._forwarded, self._listed)

    def _forwarded(self, box: Mailbox) -> List[Found]:
        columns = {name: box.row.get(name) for name in (*_FORWARDS, "DeliverToMailboxAndForward")}
        recipient = text_of(columns["ForwardingAddress"])
        columns["ForwardingAddress"] = address_of(self._api, recipient) if recipient else None
        return [("Get-Mailbox", {"Identity": box.address, **columns})]

    def _app_mail(self, sweep: Sweep, boxes: List[Mailbox]) -> Iterator[Step]:
        if self._graph is None:
            raise RefusedError("there is no Microsoft Graph to ask for applications")
        now = self._clock()
        for columns in app_permissions.mail_permissions(self._graph):
            yield snapshot(sweep, now, app_permissions.INVENTORY, columns)


def _other(row: Row, column: str) -> bool:
    """Whether an entry is of somebody else than the mailbox itself."""
    return party(text_of(row.get(column))).kind != "mailbox_self"


def _opens(row: Row) -> bool:
    """Whether an entry of a folder lets anybody see anything; one that cannot be read counts as such."""
    _, access, unknown = folder_access(names(row.get("AccessRights")))
    return access != "none" or bool(unknown)
