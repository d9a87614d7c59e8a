"""What the review page asks of the app: which delegations stand, and their approvals, each with an owner and an end.

Approvals lie in the register, one document for each mailbox, grantee and right. Reviewers cannot write there by
themselves; it is written as Splunk, after their capability was checked, so that every approval has a name and a trace.
Nobody approves what he was given or gave himself: that takes a second person.
"""

import hashlib
import json
import re
import time
from datetime import date, datetime, timezone
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from splunklib import client

from ..grants.fields import RIGHTS
from . import history
from .checkpoints import collection
from .parties import BARRED, DELEGATE, GRANTOR, MEMBER, party_of
from .rest import Refusal, Request, Route
from .session import SplunkError, one_line
from .trace import Trace

REGISTER, STATE, PEOPLE = "delegation_watch_register", "delegation_watch_state", "delegation_watch_people"
MEMBERS = "delegation_watch_members"
_FILE = "delegation_watch_approvals"
_FAILED = "the KV store does not answer ({}); it must be enabled on this host"
_PAGE = 10_000
_MOST = 500
_ASKED = 25  # values in one query, which goes into an address
_SHOWN = (
    "grant_key", "tenant", "provider", "mailbox_key", "mailbox_kind", "folder", "folder_kind", "grantee_key",
    "grantee_kind", "right", "right_native", "access", "access_before", "deny", "known_by", "baseline", "granted",
    "snapshot", "first_seen", "last_seen", "changed", "actor_key", "delegation_score", "delegation_level",
    "delegation_reason",
)  # fmt: skip
# What decides whether a delegation is listed, beside the query: read of all that stand, and all else of what is shown.
_DECIDES = ("grant_key", "mailbox_key", "grantee_key", "right")
_SEARCHED = ("mailbox_key", "grantee_key", "folder", "right", "delegation_reason", "actor_key")
# As collections.conf has it in an index, without which a KV store sorts all that stand for each page.
_ORDER = "delegation_score:-1,grant_key:1"
_FACTS = ("display_name", "kind", "mailbox_kind", "enabled", "deleted", "department", "manager", "privileged")
_NO_WAY_IN = ("none", "availability")
_APPROVALS = ("any", "none", "current", "ended")
_PARTIES = ("mailbox", "grantee", "right")
# How the summary index names what an approval has.
_EVENT = {"mailbox": "mailbox_key", "grantee": "grantee_key", "owner": "approval_owner", "expires": "approval_expires",
          "note": "reason", "party": "reviewer_party"}  # fmt: skip
# What a search takes for a day as well: no digits but these.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AGAIN = "look at it and try again"
# Approved ahead of it, a right could be given by whoever approved it: nothing would tell the two apart.
_NOTHING = (
    "{grantee} has no right {right} on {mailbox} that stands; approve what the page lists. Ahead of a grant, whoever "
    "administers the app can add a line to the lookup delegation_watch_approvals"
)
_LONGEST = {"owner": 256, "note": 1000, "reason": 1000, "mailbox": 320, "grantee": 320}
Document = Dict[str, Any]
Parties = Tuple[str, str, str]


class Review:
    """The routes of the review page. `today` is given by tests."""

    def __init__(self, trace: Trace, today: Callable[[], date] = lambda: datetime.now(timezone.utc).date()):
        self._trace = trace
        self._today = today

    def routes(self) -> List[Route]:
        """What answers what."""
        return [
            Route("GET", "", self.delegations),
            Route("GET", "approvals", self.approvals),
            Route("GET", "history", self.history),
            Route("POST", "approvals", self.approve),
            Route("POST", "approvals/*/withdraw", self.withdraw),
        ]

    def delegations(self, request: Request) -> Dict[str, Any]:
        """Standing delegations, the most dangerous first; `search`, `approval`, `provider`, `offset`, `count`.

        `total` counts those that fit or, with `more`, those that were read: behind the page there is at least one.
        """
        wanted, approval = request.query.get("search", "").lower(), request.query.get("approval") or "any"
        if approval not in _APPROVALS:
            raise Refusal(400, f"approval is {approval!r}; it must be {', '.join(_APPROVALS)}", "approval")
        offset, count = _number(request, "offset", 0), min(_number(request, "count", 50), _MOST)
        approvals = self._held(request.service)
        query: Document = {"status": "standing", "deny": {"$ne": "true"},
                           "$and": [{"access": {"$ne": access}} for access in _NO_WAY_IN]}  # fmt: skip
        if request.query.get("provider"):
            query["provider"] = request.query["provider"]
        fields = {*_DECIDES, *(_SEARCHED if wanted else ())}
        listed: Dict[str, Optional[Document]] = {}
        total, more = 0, False
        for read, found in enumerate(_all(request.service, STATE, query, _ORDER, fields), 1):
            held = approvals.get((_low(found, "mailbox_key"), _low(found, "grantee_key"), str(found.get("right"))))
            state = held["state"] if held else "none"
            if approval in ("any", state) and _mentions(found, wanted) and _opens(found):
                if offset <= total < offset + count:
                    listed[str(found.get("grant_key"))] = held
                total += 1
            if read >= _PAGE and total > offset + count:
                more = True  # perhaps: to count all of a large organisation takes longer than anybody waits for a page
                break
        page = _page(request.service, listed)
        self._add_parties(request.service, page)
        self._add_people(request.service, page)
        return {"delegations": page, "total": total, "more": more, "offset": offset, "user": request.user,
                "today": self._today().isoformat()}  # fmt: skip

    def approvals(self, request: Request) -> Dict[str, Any]:
        """The whole register, those that end first in front."""
        found = [self._shown(one) for one in _all(request.service, REGISTER)]
        return {"approvals": sorted(found, key=lambda one: (one["expires"], one["mailbox"], one["grantee"]))}

    def approve(self, request: Request) -> Dict[str, Any]:
        """Enter an approval, or change the one that `entered` shows to have been seen."""
        given = self._checked(request)
        there = self._best(_found(request.system, {name: given[name] for name in _PARTIES}))
        if there is not None and request.body.get("entered") != _version(there):
            same = all(there.get(name) == value for name, value in given.items())
            if same and there.get("entered_by") == request.user:
                return {"approval": self._shown(there), "changed": False}  # the same, sent twice
            raise Refusal(409, f"{_who(there)} has entered an approval for this meanwhile; {_AGAIN}")
        if there is None and request.body.get("entered"):
            raise Refusal(409, f"This approval was withdrawn meanwhile; {_AGAIN}")
        wanted = {"mailbox_key": given["mailbox"], "grantee_key": given["grantee"], "right": given["right"]}
        granted = _found(request.system, wanted, STATE)
        party = self._party(request, given, granted)
        if not any(one.get("status") == "standing" and _opens(one) for one in granted):
            raise Refusal(409, _NOTHING.format(**given))
        made = {"_key": there["_key"] if there else _key(_parties(given)), **given,
                "entered_by": request.user, "entered": round(time.time(), 3)}  # fmt: skip
        self._done(request, "changed" if there else "approved", {**given, "before": _before(there), "party": party},
                   lambda register: register.batch_save(made))  # fmt: skip
        return {"approval": self._shown(made), "changed": True, "party": party}

    def withdraw(self, request: Request) -> Dict[str, Any]:
        """Take an approval back, from now on."""
        there = next(iter(_found(request.system, {"_key": request.path[1]})), None)
        reason = _line("reason", request.body.get("reason", "").strip())
        if there is None:
            raise Refusal(404, "There is no such approval; it may have been withdrawn already")
        if request.body.get("entered") != _version(there):
            raise Refusal(409, f"{_who(there)} has changed this approval meanwhile; {_AGAIN}")
        about = {name: str(there.get(name) or "") for name in (*_PARTIES, "owner", "expires")}
        self._done(request, "withdrawn", {**about, "note": reason, "before": _before(there)},
                   lambda register: register.delete_by_id(there["_key"]))  # fmt: skip
        return {"withdrawn": there["_key"]}

    def history(self, request: Request) -> Dict[str, Any]:
        """What was done to approvals lately; of whoever may not search the summary index, nothing."""
        return {"history": history.lately(request.service)}

    def _party(self, request: Request, given: Dict[str, str], granted: Iterable[Document]) -> str:
        """Which party whoever approves is or may be, in words, or nothing; Refusal where that bars him."""
        parties = [(DELEGATE, given["grantee"])]
        parties += [(GRANTOR, _low(one, "actor_key")) for one in granted]
        members = _members(request.system, [given["grantee"]], request.names)
        parties += [(MEMBER, member) for member in members[given["grantee"]]]
        party = party_of(request.names, parties)
        if party and party.sure and party.role in BARRED:
            self._tell(request, "refused", {**given, "party": str(party)}, "denied")
            raise Refusal(403, f"{BARRED[party.role]} (as {request.user}); somebody else must approve it")
        return str(party or "")

    def _done(self, request: Request, action: str, about: Dict[str, str], work: Callable[[Any], object]) -> None:
        """Tell what somebody does, then do it to the register: nothing is approved without a trace."""
        self._tell(request, action, about)
        try:
            with one_line(_FAILED):
                work(collection(request.system, REGISTER))
        except SplunkError:
            self._tell(request, f"{action}, but the register failed", about, "failure")
            raise

    def _tell(self, request: Request, action: str, about: Dict[str, str], outcome: str = "success") -> None:
        named = {_EVENT.get(name, name): value for name, value in about.items()}
        history.tell(request.system, request.user, action, **named)
        self._trace.note(request.user, f"approval {action}", outcome, **about)

    def _checked(self, request: Request) -> Dict[str, str]:
        names = (*_PARTIES, "owner", "note", "expires")
        given = {name: request.needed(name) for name in names}
        given.update({name: given[name].lower() for name in ("mailbox", "grantee")})
        for name in sorted(_LONGEST.keys() & given.keys()):
            _line(name, given[name])
        if given["right"] not in RIGHTS:
            raise Refusal(400, f"right is {given['right']!r}; it must be one of {', '.join(RIGHTS)}", "right")
        end = _date(given["expires"])
        if end is None:
            raise Refusal(400, f"expires is {given['expires']!r}; it must be the last day, as 2027-03-31", "expires")
        if end < self._today():
            raise Refusal(400, f"expires is {end}, which is over; name a day from today on", "expires")
        return given

    def _shown(self, document: Document) -> Document:
        end = _date(str(document.get("expires") or ""))
        over = end is not None and end < self._today()
        state = "none" if not _whole(document) else "ended" if over else "current"
        names = (*_PARTIES, "owner", "expires", "note", "entered_by")
        shown = {name: document.get(name, "") for name in names}
        return {"key": document.get("_key", ""), **shown, "entered": _version(document), "state": state}

    def _held(self, service: client.Service) -> Dict[Parties, Document]:
        """What counts for each parties, from the lookup file and from the register, as the searches count it."""
        rows = service.jobs.oneshot(f"| inputlookup {_FILE}", count=0, output_mode="json").read()
        entered: Dict[Parties, List[Document]] = {}
        for one in (*json.loads(rows)["results"], *_all(service, REGISTER)):
            entered.setdefault(_parties(one), []).append(one)
        best = {parties: self._best(those) for parties, those in entered.items()}
        return {parties: self._shown(one) for parties, one in best.items() if one}

    def _best(self, entered: List[Document]) -> Optional[Document]:
        """Of several of the same parties the one that ends last, any without an owner or an end behind all others."""
        return max(entered, key=lambda one: (_whole(one), str(one.get("expires") or "")), default=None)

    def _add_parties(self, service: client.Service, page: List[Document]) -> None:
        """Of each approval, which party whoever entered it is or may be."""
        approved = [one for one in page if one["approval"]]
        reviewers = {one["approval"]["entered_by"].lower() for one in approved}
        members = _members(service, {_low(one, "grantee_key") for one in approved}, reviewers)
        for one in approved:
            delegate = _low(one, "grantee_key")
            parties = [(DELEGATE, delegate), (GRANTOR, _low(one, "actor_key"))]
            parties += [(MEMBER, member) for member in members[delegate]]
            held = one["approval"]
            one["approval"] = {**held, "party": str(party_of([held["entered_by"]], parties) or "")}

    def _add_people(self, service: client.Service, page: List[Document]) -> None:
        """What the directory knows of both parties of each delegation."""
        names = {str(one.get(key)) for one in page for key in ("mailbox_key", "grantee_key") if one.get(key)}
        found = _any_of(service, PEOPLE, {"identity": names})
        known = {(str(one.get("tenant")), str(one.get("identity"))): one for one in found}
        for one in page:
            for party in ("mailbox", "grantee"):
                facts = known.get((str(one.get("tenant")), str(one.get(f"{party}_key"))), {})
                one[f"{party}_facts"] = {name: facts[name] for name in _FACTS if facts.get(name)}


def _all(
    service: client.Service, name: str, query: Optional[Document] = None, sort: str = "_key:1",
    fields: Iterable[str] = (),
) -> Iterator[Document]:  # fmt: skip
    """All documents of a collection, page by page as they are taken, with these fields or all."""
    documents, read = collection(service, name), 0
    cut = {"fields": ",".join(sorted(fields))} if fields else {}
    while True:
        with one_line(_FAILED):
            page: Iterable[Document] = documents.query(
                query=json.dumps(query or {}), sort=sort, limit=_PAGE, skip=read, **cut
            )
        page = list(page)
        yield from page
        read += len(page)
        if len(page) < _PAGE:
            return


def _page(service: client.Service, listed: Mapping[str, Optional[Document]]) -> List[Document]:
    """What is shown of these delegations, in their order, each with its approval."""
    found = {str(one.get("grant_key")): one for one in _any_of(service, STATE, {"grant_key": listed})}
    return [
        {**{key: found[name].get(key) for key in _SHOWN}, "approval": held}
        for name, held in listed.items() if name in found
    ]  # fmt: skip


def _found(service: client.Service, query: Document, name: str = REGISTER) -> List[Document]:
    with one_line(_FAILED):
        return list(collection(service, name).query(query=json.dumps(query)))


def _any_of(service: client.Service, name: str, wanted: Mapping[str, Iterable[str]], **also: str) -> Iterator[Document]:
    """The documents in which a field has one of these values."""
    ((field, values),) = wanted.items()
    values = sorted(set(values))
    for at in range(0, len(values), _ASKED):
        yield from _all(service, name, {"$or": [{field: value} for value in values[at : at + _ASKED]], **also})


def _members(service: client.Service, groups: Iterable[str], names: Iterable[str]) -> Dict[str, List[str]]:
    """Of each group who is in it, and which of `names` are in a group within it."""
    groups = set(groups)
    within: Dict[str, List[str]] = {}
    for one in _any_of(service, MEMBERS, {"member": {name.lower() for name in names if name}}, status="standing"):
        within.setdefault(_low(one, "group"), []).append(_low(one, "member"))
    found: Dict[str, List[str]] = {group: [] for group in groups}
    for one in _any_of(service, MEMBERS, {"group": groups}, status="standing"):
        member = _low(one, "member")
        found[_low(one, "group")] += [member, *within.get(member, ())]
    return found


def _before(document: Optional[Document]) -> str:
    return f"{document.get('owner')} until {document.get('expires')}" if document else ""


def _who(document: Document) -> str:
    return str(document.get("entered_by") or "Somebody")


def _line(name: str, text: str) -> str:
    if len(text) > _LONGEST[name]:
        raise Refusal(400, f"{name} must have {_LONGEST[name]} characters at most", name)
    return text


def _key(parties: Parties) -> str:
    return hashlib.sha256("|".join(parties).encode()).hexdigest()


def _parties(document: Document) -> Parties:
    return _low(document, "mailbox"), _low(document, "grantee"), str(document.get("right"))


def _low(document: Document, name: str) -> str:
    return str(document.get(name) or "").lower()


def _whole(document: Document) -> bool:
    """Whether somebody answers for it, and until when."""
    return bool(str(document.get("owner") or "").strip()) and _date(str(document.get("expires") or "")) is not None


def _version(document: Document) -> str:
    entered = document.get("entered")
    return f"{entered:.3f}" if isinstance(entered, (int, float)) else ""


def _date(text: str) -> Optional[date]:
    try:
        return date(*map(int, text.split("-"))) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _opens(document: Document) -> bool:
    """Whether it lets somebody else in: free and busy, which all have by default, and denials do not."""
    own = _low(document, "grantee_key") == _low(document, "mailbox_key") != ""
    return not (own or document.get("deny") == "true" or document.get("access") in _NO_WAY_IN)


def _mentions(document: Document, wanted: str) -> bool:
    return not wanted or any(wanted in _low(document, name) for name in _SEARCHED)


def _number(request: Request, name: str, default: int) -> int:
    value = request.query.get(name) or str(default)
    if not re.fullmatch("[0-9]{1,9}", value):
        raise Refusal(400, f"{name} is {value!r}; it must be a number", name)
    return int(value)
