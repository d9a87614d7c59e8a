"""What an administrator and the inventory tell of people: directory events, sweeps of Gmail's delegates, the VIP list.

The forms are those of docs/state.md; every fact is one of the set's directory.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, Iterator, List, Tuple

from workbench.evaluation.set import Labelled
from workbench.tenants.records import utc

Person = Dict[str, str]

_SOURCES = {"o365": "delegation_inventory://office365", "workspace": "delegation_inventory://workspace"}
_ROLES = {"Help Desk": "Exchange Administrator", "Super Admin": "Super Admin"}
_MAILBOXES = ("user", "shared", "room", "workspace")


def directory_events(labelled: Labelled, people: Iterable[Person], time: float) -> Iterator[Dict[str, Any]]:
    """One event for each person, as a sweep at `time` would write it."""
    for person in people:
        google = person["kind"] == "workspace"
        body = {"delegation_watch_directory": "user", "time": utc(time) + "Z", **_facts(person)}
        body["tenant"] = labelled.customer if google else labelled.tenant
        yield _event(_SOURCES["workspace" if google else "o365"], "delegation:directory", time, body)


def sweep_events(labelled: Labelled, standing: List[Dict[str, Any]], time: float) -> Iterator[Dict[str, Any]]:
    """A sweep of all Gmail delegates at `time`: each that stands, and that nothing was left out."""
    source = _SOURCES["workspace"]
    for body in standing:
        yield _event(source, "delegation:snapshot", time, {**body, "time": utc(time) + "Z"})
    closing = {
        "delegation_watch_sweep": f"sweep-{time:.0f}", "provider": "workspace", "tenant": labelled.customer,
        "input": source, "started": utc(time - 60) + "Z", "ended": utc(time + 60) + "Z", "status": "complete",
        "kinds": ["gmail_delegates"], "folders": [], "scope": "all", "mailboxes": 1, "covered": 1, "failed": [],
        "skipped": [], "audit": {"unified": True, "bypassed": [], "disabled": []},
    }  # fmt: skip
    yield _event(source, "delegation:sweep", time, closing)


def vip_rows(people: Iterable[Person]) -> List[Dict[str, str]]:
    """The VIP list as an administrator writes it: addresses."""
    chosen = (person for person in people if person["vip"] == "true")
    return [{"identity": person["upn"].lower(), "note": person["title"]} for person in chosen]


def delegation(columns: Dict[str, str]) -> Tuple[str, str]:
    """Mailbox and delegate of a row of Gmail's delegates, in small letters."""
    named = {name.lower(): str(value).lower() for name, value in columns.items()}
    return named.get("user") or named["delegator"], named.get("delegateaddress") or named["delegateemail"]


def _facts(person: Person) -> Dict[str, Any]:
    identity, kind, role = person["upn"].lower(), person["kind"], _ROLES.get(person["title"])
    ids = {
        person["object_id"]: "profile_id" if kind == "workspace" else "guid", person["exchange_name"]: "name",
        person["mailbox_guid"]: "mailbox_guid", person["sid"]: "sid", person["display_name"]: "display_name",
        **dict.fromkeys(person["aliases"].split(";"), "alias"),
    }  # fmt: skip
    if kind == "workspace":
        ids = {one: form for one, form in ids.items() if form in ("profile_id", "alias")}
    return {
        "identity": identity,
        "kind": "guest" if kind == "guest" else "user",
        "mailbox_kind": {"workspace": "user"}.get(kind, kind) if kind in _MAILBOXES else "none",
        "enabled": person["enabled"] == "true",
        "created": person["created"] or None,
        "department": person["department"] or None,
        "manager": person["manager"].lower() or None,
        "privileged": role is not None,
        "display_name": person["display_name"],
        "roles": [role] if role else [],
        "ids": [{"id": one.lower(), "kind": form} for one, form in ids.items() if one and one.lower() != identity],
    }


def _event(source: str, sourcetype: str, time: float, body: Dict[str, Any]) -> Dict[str, Any]:
    told = {"host": "workbench", "source": source, "sourcetype": sourcetype, "index": "main", "time": time}
    return {**told, "data": json.dumps(body, ensure_ascii=False)}
