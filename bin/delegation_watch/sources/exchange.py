"""Who may open, read or send from which Exchange Online mailbox now: a sweep over mailboxes, recipients and folders.

What a mailbox holds by itself (its own entry, folders open to nobody) is no delegation and is left out. An answer
without that entry is no answer, and an error is never read as "no delegates".
Forwarding that stands in a mailbox's settings, and applications that reach mail, are read along.
Sources: Get-MailboxPermission, Get-RecipientPermission, Get-Mailbox, Get-MailboxFolderPermission, Set-Mailbox (what
forwards), Get-MailboxAuditBypassAssociation, Get-AdminAuditLogConfig, Get-OrganizationConfig.
"""

import time
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from ..grants.parties import party
from ..grants.rights import folder_access, names
from ..grants.values import flag, listed, text_of
from . import app_permissions
from .errors import RefusedError, SourceError
from .exchange_api import ExchangeApi, gone
from .exchange_mailboxes import NOTHING as UNSEEN
from .exchange_mailboxes import Mailbox, address_of, by_name, folders_of, groups, mailboxes, require_columns
from .feed import Checkpoint, Event, Item, State, compact
from .graph_api import GraphApi
from .odata import Row
from .pool import calls_at_once
from .sweep import Sweep, passing, snapshot

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


class _OutError(SourceError):
    """The service is out; the sweep goes on where it is, at another time."""


class ExchangeSweep:
    """The delegations of the mailboxes of a scope: a Reader, see feed.py.

    Gives a `delegation:snapshot` event for each delegation and at the end one `delegation:sweep`; a Checkpoint after
    each page or chunk of mailboxes. Settings that can reach no mailbox end the sweep as failed, with a RefusedError
    or SignInError that says what to do; a kind that is refused, from its first mailboxes on, is named, and the others
    go on. source is the input's name, client the application's id, by which its own calls are known.
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
        self._readers: Dict[str, Callable[[Sweep, List[Mailbox]], Iterator[Step]]] = {
            _AUDIT: self._audit,
            "full_access": lambda sweep, boxes: self._each(sweep, "full_access", boxes, self._opened),
            "send_as": self._send_as,
            "send_on_behalf": self._send_on_behalf,
            "folders": lambda sweep, boxes: self._each(sweep, "folders", boxes, self._folders),
            "forwarding": self._forwarding,
            app_permissions.KIND: self._app_mail,
        }

    def read(self, state: State, first: float, now: float) -> Iterator[Item]:
        """Every mailbox once, from where `state` stopped; `first` means nothing to a sweep."""
        sweep = Sweep.of(state, now, "o365", compact([self._tenant, *self._scope]))
        sweep.tenant = self._tenant
        before = sweep.requests
        kinds = [_AUDIT, *self._scope.kinds]
        sweep.part = sweep.part if sweep.part in (*kinds, _END) else _AUDIT
        try:
            boxes, missing, unseen = mailboxes(self._api, self._scope.mailboxes)
            sweep.mailboxes = len(boxes) + len(missing) + len(unseen)
            for name in missing:
                sweep.skip(name, "no such mailbox")
            for name in unseen:
                if name not in sweep.failed.mailboxes:  # as one that goes on may
                    sweep.fail(name, "mailboxes", UNSEEN)
            for kind, after in zip(kinds, [*kinds[1:], _END]):
                if sweep.part != kind:
                    continue
                try:
                    for step in self._readers[kind](sweep, boxes):
                        sweep.requests = before + self._calls()
                        yield step or Checkpoint(sweep.state())
                except RefusedError as error:
                    if passing(error):
                        raise
                    sweep.fail_kind(kind, kind, error)
                sweep.part, sweep.page, sweep.last = after, "", ""
                sweep.requests = before + self._calls()
                yield Checkpoint(sweep.state())
        except SourceError as error:
            if passing(error):
                raise
            sweep.fail_kind("mailboxes", "mailboxes", error)
            yield self._closing(sweep, [])
            yield Checkpoint({})
            raise
        sweep.requests = before + self._calls()
        blind = {one["kind"] for one in sweep.failed_kinds}
        yield self._closing(sweep, [kind for kind in self._scope.kinds if kind not in blind])
        yield Checkpoint({})

    def _calls(self) -> int:
        return self._api.calls + (self._graph.calls if self._graph else 0)

    def _closing(self, sweep: Sweep, kinds: List[str]) -> Event:
        unread = sweep.skipped.mailboxes | sweep.failed.mailboxes
        sweep.covered = max(0, sweep.mailboxes - len(unread)) if kinds else 0
        folders = list(self._scope.folders) if "folders" in kinds else []
        scope = list(self._scope.mailboxes) or "all"
        return sweep.closing(self._clock(), kinds, scope, input=self._source, folders=folders, client=self._client)

    def _event(self, sweep: Sweep, found: Found) -> Event:
        return snapshot(sweep, self._clock(), *found)

    # mailbox by mailbox

    def _each(
        self, sweep: Sweep, kind: str, boxes: List[Mailbox], ask: Callable[[Mailbox], List[Found]]
    ) -> Iterator[Step]:
        """The delegations of each mailbox behind the sweep's last one, several asked for at once, in order."""
        rest = [box for box in boxes if box.address > sweep.last]
        busy, read = 0, bool(sweep.last)  # read: this kind may be read, so a refusal is of the mailbox alone
        with calls_at_once(self._connections) as pool:
            for at in range(0, len(rest), _CHUNK):
                chunk = rest[at : at + _CHUNK]
                answers = list(pool.map(lambda box: _answer(ask, box), chunk))
                refusals = [one for one in answers if isinstance(one, RefusedError)]
                if len(refusals) == len(chunk):
                    if not read and refusals[-1].status in (401, 403):
                        raise refusals[-1]
                    busy = busy + len(chunk) if all(map(passing, refusals)) else 0
                    if busy >= _HOPELESS:
                        raise _OutError(f"no mailbox can be read at present; the last: {refusals[-1]}")
                else:
                    busy, read = 0, True
                for box, answer in zip(chunk, answers):
                    if isinstance(answer, RefusedError):
                        _refused(sweep, box.address, kind, answer)
                    else:
                        yield from (self._event(sweep, one) for one in answer)
                sweep.last = chunk[-1].address
                if not busy:  # what may be read after all when the service is back is asked for again
                    yield None

    def _opened(self, box: Mailbox) -> List[Found]:
        rows = self._api.rows("Get-MailboxPermission", mailbox=box.address, Identity=box.address)
        if not rows:
            raise RefusedError("Exchange Online lists no entry of this mailbox, not even its own", 200)
        return [("Get-MailboxPermission", {**row, "Identity": box.address}) for row in rows if _other(row, "User")]

    def _folders(self, box: Mailbox) -> List[Found]:
        found: List[Found] = []
        for folder in folders_of(self._api, box.address, self._scope.folders):
            try:
                rows = self._api.rows("Get-MailboxFolderPermission", mailbox=box.address, Identity=folder.identity)
            except RefusedError as error:
                if gone(error):  # removed since the folders were listed, its delegations with it
                    continue
                raise
            if not rows:
                raise RefusedError(f"Exchange Online lists no entry of folder {folder.path}, not even Default", 200)
            named = {"Identity": f"{box.address}:{folder.path}", "FolderType": folder.type}
            found += [("Get-MailboxFolderPermission", {**row, **named}) for row in rows if _opens(row)]
        return found

    # all at once

    def _send_as(self, sweep: Sweep, boxes: List[Mailbox]) -> Iterator[Step]:
        if self._scope.mailboxes:
            yield from self._each(sweep, "send_as", boxes, self._trusted)
            return
        addresses = by_name([*boxes, *groups(self._api)])
        given = {"ResultSize": "Unlimited"}
        seen = bool(sweep.page)
        try:
            for page in self._api.pages("Get-RecipientPermission", begin=sweep.page, **given):
                for row in page.rows:
                    seen = True
                    name = str(row.get("Identity") or "")
                    if _other(row, "Trustee"):
                        columns = {**row, "Identity": addresses.get(name.lower(), name)}
                        yield self._event(sweep, ("Get-RecipientPermission", columns))
                sweep.page = page.following
                if page.following:
                    yield None
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
        others = [] if self._scope.mailboxes else groups(self._api)
        require_columns("mailbox", boxes, "GrantSendOnBehalfTo")
        require_columns("group", others, "GrantSendOnBehalfTo")
        for one in [*boxes, *others]:
            for delegate in listed(one.row.get("GrantSendOnBehalfTo")):
                yield self._event(
                    sweep, ("Get-Mailbox", {"Identity": one.address, "GrantSendOnBehalfTo": [delegate]})
                )

    # what is no right of somebody, and sends mail out or lets a program in

    def _forwarding(self, sweep: Sweep, boxes: List[Mailbox]) -> Iterator[Step]:
        require_columns("mailbox", boxes, *_FORWARDS)
        some = [box for box in boxes if any(text_of(box.row.get(column)) for column in _FORWARDS)]
        yield from self._each(sweep, "forwarding", some, self._forwarded)

    def _forwarded(self, box: Mailbox) -> List[Found]:
        columns = {name: box.row.get(name) for name in (*_FORWARDS, "DeliverToMailboxAndForward")}
        recipient = text_of(columns["ForwardingAddress"])
        columns["ForwardingAddress"] = address_of(self._api, recipient) if recipient else None
        return [("Get-Mailbox", {"Identity": box.address, **columns})]

    def _app_mail(self, sweep: Sweep, boxes: List[Mailbox]) -> Iterator[Step]:
        if self._graph is None:
            raise RefusedError("there is no Microsoft Graph to ask for applications")
        for columns in app_permissions.mail_permissions(self._graph):
            yield self._event(sweep, (app_permissions.INVENTORY, columns))

    # the audit itself

    def _audit(self, sweep: Sweep, boxes: List[Mailbox]) -> Iterator[Step]:
        """What is switched off in the audit: for the organisation, for mailboxes, for what somebody does."""
        switches: List[bool] = []
        for cmdlet, column, means_on in (
            ("Get-AdminAuditLogConfig", "UnifiedAuditLogIngestionEnabled", True),
            ("Get-OrganizationConfig", "AuditDisabled", False),
        ):
            switches += [flag(row[column]) is means_on for row in self._api.rows(cmdlet) if row.get(column) is not None]
        addresses = by_name(boxes)
        columns = "Identity,Name,AuditBypassEnabled"
        given: List[Dict[str, Any]] = [{"Identity": box.address} for box in boxes] if self._scope.mailboxes else []
        bypassed = [
            addresses.get(str(row.get("Name") or row.get("Identity")).lower(), str(row.get("Identity")))
            for parameters in given or [{"ResultSize": "Unlimited"}]
            for row in self._api.rows("Get-MailboxAuditBypassAssociation", columns, **parameters)
            if flag(row.get("AuditBypassEnabled"))
        ]
        audited = [(box.address, flag(box.row["AuditEnabled"])) for box in boxes if "AuditEnabled" in box.row]
        disabled = [address for address, on in audited if not on] if audited else None
        sweep.audit = {"unified": all(switches) if switches else None, "bypassed": bypassed, "disabled": disabled}
        yield from ()


def _answer(ask: Callable[[Mailbox], List[Found]], box: Mailbox) -> Union[List[Found], RefusedError]:
    try:
        return ask(box)
    except RefusedError as error:
        return error


def _refused(sweep: Sweep, mailbox: str, kind: str, error: RefusedError) -> None:
    if gone(error):
        sweep.skip(mailbox, "gone since the sweep began")
    else:
        sweep.fail(mailbox, kind, str(error))


def _other(row: Row, column: str) -> bool:
    """Whether an entry is of somebody else than the mailbox itself."""
    return party(text_of(row.get(column))).kind != "mailbox_self"


def _opens(row: Row) -> bool:
    """Whether an entry of a folder lets anybody see anything; one that cannot be read counts as such."""
    _, access, unknown = folder_access(names(row.get("AccessRights")))
    return access != "none" or bool(unknown)
