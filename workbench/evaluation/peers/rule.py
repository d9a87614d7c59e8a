"""What a peer's rule is, and how it reads a raw record: the vendor's own fields, nothing that this app made of them.

A rule gets every record of the set, oldest first, and gives those that it alerts on. Most look at one record at a
time (`each`), some at what was seen before (`unseen`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

DAY = 86400
_DONE = ("true", "succeeded", "success", "partiallysucceeded")

# What is known of the organisation beside the records, where a rule asks for it: addresses of the VIP watch-list.
Vips = FrozenSet[str]


class Seen(NamedTuple):
    """A record of the set: when it happened (epoch seconds), its body as the service wrote it, whose story it is of."""

    time: float
    body: Mapping[str, Any]
    story: str = ""

    @property
    def operation(self) -> str:
        """Office 365's operation, without Entra's full stop; the name of a Workspace activity's first event."""
        found = self.body.get("Operation")
        if found is None:
            events = self.body.get("events") or [self.body.get("event") or {}]
            found = events[0].get("name") if isinstance(events[0], dict) else None
        return str(found or "").rstrip(".")

    @property
    def actor(self) -> str:
        """UserId, or the actor's address of a Workspace activity, in small letters."""
        actor = self.body.get("actor")
        google = actor.get("email") if isinstance(actor, dict) else ""
        return str(self.body.get("UserId") or google or "").lower()

    @property
    def parameters(self) -> Dict[str, str]:
        """Parameters of a cmdlet, by name; a list is joined by commas."""
        given = self.body.get("Parameters")
        pairs = given if isinstance(given, list) else []
        return {
            str(pair.get("Name")): _text(pair.get("Value")) for pair in pairs if isinstance(pair, dict)
        }

    @property
    def rights(self) -> List[str]:
        """The parts of the parameter AccessRights."""
        return [part.strip() for part in self.parameters.get("AccessRights", "").split(",") if part.strip()]

    @property
    def folder(self) -> Mapping[str, Any]:
        """Item.ParentFolder of a record of the mailbox audit."""
        item = self.body.get("Item")
        parent = item.get("ParentFolder") if isinstance(item, dict) else None
        return parent if isinstance(parent, dict) else {}

    @property
    def succeeded(self) -> bool:
        """Whether the service says that it was done; no word counts as done."""
        return str(self.body.get("ResultStatus", "True")).lower() in _DONE

    @property
    def mailbox(self) -> str:
        """On what it was done, as the record names it: for counting alerts, in small letters."""
        named = self.parameters.get("Identity") or self.body.get("MailboxOwnerUPN") or self.body.get("ObjectId")
        return str(named or "").lower()

    def changed(self) -> str:
        """Old and new values of a directory record, as one text."""
        return json.dumps(self.body.get("ModifiedProperties") or [])


Finder = Callable[[Sequence[Seen], Vips], Iterable[Seen]]


@dataclass(frozen=True)
class Rule:
    """One published rule: `reads` names the operations that it looks at, `finds` gives what it alerts on.

    `provider` is whose records they are, in the words of a grant row.
    """

    name: str
    reads: Tuple[str, ...]
    finds: Finder
    provider: str = "exchange_online"


@dataclass(frozen=True)
class Peer:
    """A set of rules: who publishes it, where, and of when; `note` says what of it cannot be asked here."""

    name: str
    source: str
    rules: Tuple[Rule, ...]
    note: str = ""

    def reads(self, provider: str, operation: str) -> bool:
        """Whether any rule looks at an operation of a provider: only there may the peer be compared."""
        name = operation.rstrip(".")
        return any(rule.provider == provider and name in rule.reads for rule in self.rules)


def each(holds: Callable[[Seen], bool]) -> Finder:
    """A rule that looks at one record at a time."""
    return lambda events, vips: (event for event in events if holds(event))


def unseen(holds: Callable[[Seen], bool], term: Callable[[Seen], object], days: int) -> Finder:
    """A rule that alerts on a record that holds when its term held in none of the `days` before."""

    def finds(events: Sequence[Seen], vips: Vips) -> Iterator[Seen]:
        last: Dict[object, float] = {}
        for event in events:
            if holds(event):
                key = term(event)
                if event.time - last.get(key, float("-inf")) > days * DAY:
                    yield event
                last[key] = event.time

    return finds


def _text(value: Any) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, list) else str(value if value is not None else "")
