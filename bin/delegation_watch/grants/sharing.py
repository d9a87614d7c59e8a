"""Calendars shown to others: published ones, sharing policies, organisation relationships, booking delegates."""

from typing import Callable, Dict, List, Optional

from .columns import missing, on_mailbox, to_grantee
from .fields import EVERY_MAILBOX, Row
from .folders import folder_kind, split_identity
from .office import cmdlet
from .parties import Party, party
from .shapes import Body
from .values import each_of, flag, text_of

Reader = Callable[[Row, Body], List[Row]]

# What a level of detail shows. Sources: Set-MailboxCalendarFolder, DetailLevel; New-SharingPolicy, Domains.
_DETAIL: Dict[str, str] = {
    "availabilityonly": "availability", "limiteddetails": "availability", "fulldetails": "read", "editor": "write",
    "calendarsharingfreebusysimple": "availability", "calendarsharingfreebusydetail": "availability",
    "calendarsharingfreebusyreviewer": "read", "contactssharing": "read",
    "none": "none",
}  # fmt: skip
_RANK = ("none", "availability", "read", "write")


def published_calendar(row: Row, body: Body) -> List[Row]:
    """Set-MailboxCalendarFolder: whoever knows the address of a published calendar sees it, without signing in."""
    given = cmdlet(body)
    if not {"publishenabled", "detaillevel"} & set(given):
        return []
    identity = given.get("identity") or text_of(body.get("ObjectId"))
    owner, folder = split_identity(identity) if identity else (None, None)
    on_mailbox(row, owner)
    told = [f"{name}={given[name.lower()]}" for name in ("PublishEnabled", "DetailLevel", "SearchableUrlEnabled")
            if name.lower() in given]  # fmt: skip
    ended = "publishenabled" in given and not flag(given["publishenabled"])
    access = _DETAIL.get((given.get("detaillevel") or "AvailabilityOnly").lower(), "read")
    row.update(grant_action="revoke" if ended else "grant" if "publishenabled" in given else "change",
               right="folder", right_native=", ".join(told), access=access, folder=folder,
               folder_kind=folder_kind(folder))  # fmt: skip
    to_grantee(row, Party("Anonymous", None, "anonymous"))
    missing(row, Identity=owner)
    return [row]


def sharing_policy(row: Row, body: Body) -> List[Row]:
    """New-/Set-/Remove-SharingPolicy: a row for each domain, `Domain: action, action`; Anonymous is everybody."""
    given = cmdlet(body)
    if str(row["operation"]).lower().startswith("remove"):
        return [_policy(row, None, "policy removed", "none")]
    text = given.get("domains") or ""
    rows = []
    for entry in _entries(text):
        domain, _, actions = entry.partition(":")
        levels = [_DETAIL.get(action.strip().lower(), "read") for action in actions.split(",") if action.strip()]
        access = max(levels, key=_RANK.index, default="read")
        rows.append(_policy(row, domain.strip(), actions.strip(), access))
    if not rows and "enabled" in given:
        rows.append(_policy(row, None, f"Enabled={given['enabled']}", "read" if flag(given["enabled"]) else "none"))
    return rows


def _entries(text: str) -> List[str]:
    """`a: X, Y` entries of a list whose separator is the one between the actions, too."""
    entries: List[str] = []
    for part in (part.strip().strip("\"'") for part in text.replace(";", ",").strip("@{}()").split(",")):
        if ":" in part or not entries:
            entries.append(part)
        else:
            entries[-1] += ", " + part
    return [entry for entry in entries if entry]


def _policy(row: Row, domain: Optional[str], native: str, access: str) -> Row:
    one = dict(row, grant_action="setting", right="sharing_policy", right_native=native, access=access,
               mailbox=EVERY_MAILBOX)  # fmt: skip
    kind = "anonymous" if (domain or "").lower() == "anonymous" else "external" if domain else "unknown"
    to_grantee(one, Party(domain, None, kind))
    return one


def organisation_relationship(row: Row, body: Body) -> List[Row]:
    """New-/Set-OrganizationRelationship: free and busy times for another organisation."""
    given = cmdlet(body)
    if "freebusyaccessenabled" not in given and "freebusyaccesslevel" not in given:
        return []
    level = given.get("freebusyaccesslevel") or "AvailabilityOnly"
    on = flag(given.get("freebusyaccessenabled", "true"))
    access = _DETAIL.get(level.lower(), "availability") if on else "none"
    named = each_of(given.get("domainnames") or given.get("identity"))
    return [_policy(row, domain, f"free and busy times, {level}", access) for domain in named]


def resource_delegates(row: Row, body: Body) -> List[Row]:
    """Set-CalendarProcessing: those who accept bookings of a room; the list stands in place of the one before."""
    given = cmdlet(body)
    if "resourcedelegates" not in given:
        return []
    on_mailbox(row, given.get("identity"), body.get("ObjectId"))
    row.update(grant_action="replace", right="folder", right_native="ResourceDelegates", folder="\\Calendar",
               folder_kind="calendar", sharing_flags="Delegate")  # fmt: skip
    rows = []
    for name in each_of(None if given["resourcedelegates"] == "$null" else given["resourcedelegates"]):
        rows.append(dict(row, access="write" if name else "none"))
        to_grantee(rows[-1], party(name))
    return rows


OPERATIONS: Dict[str, Reader] = {
    "Set-MailboxCalendarFolder": published_calendar,
    "New-SharingPolicy": sharing_policy,
    "Set-SharingPolicy": sharing_policy,
    "Remove-SharingPolicy": sharing_policy,
    "New-OrganizationRelationship": organisation_relationship,
    "Set-OrganizationRelationship": organisation_relationship,
    "Set-CalendarProcessing": resource_delegates,
}
