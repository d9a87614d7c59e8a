"""Facts from records that name a recipient in several ways at once: made, renamed, given an address, put in a group."""

from typing import Dict, Iterator, Optional, Tuple

from ..grants.office import cmdlet, modified
from ..grants.parties import GUID, last_element, party
from ..grants.shapes import Body
from ..grants.values import listed, text_of
from .fact import Fact

# Cmdlet parameter → kind of id. Sources: New-Mailbox, Enable-Mailbox, Set-Mailbox.
_PARAMETERS: Dict[str, str] = {
    "name": "name", "alias": "alias", "displayname": "display_name", "primarysmtpaddress": "alias",
    "windowsemailaddress": "alias", "emailaddresses": "alias", "externaldirectoryobjectid": "guid",
    "exchangeguid": "mailbox_guid", "samaccountname": "alias",
}  # fmt: skip
_UPN = ("microsoftonlineservicesid", "userprincipalname", "windowsliveid")
_CMDLETS = frozenset((
    "new-mailbox", "enable-mailbox", "set-mailbox", "new-mailuser", "set-mailuser", "new-remotemailbox",
    "enable-remotemailbox", "set-remotemailbox", "set-user",
))  # fmt: skip

# Property of Entra's "Add user." and "Update user." → kind of id; values are JSON lists of one or more.
_PROPERTIES: Tuple[Tuple[str, str], ...] = (
    ("DisplayName", "display_name"),
    ("MailNickname", "alias"),
    ("ProxyAddresses", "alias"),
    ("Mail", "alias"),
    ("SecurityIdentifier", "sid"),
    ("OnPremisesSecurityIdentifier", "sid"),
)
_USERS = frozenset(("add user", "update user", "invite external user"))
_GROUPS = frozenset(("add group", "update group", "add member to group", "remove member from group"))


def named(body: Body) -> Iterator[Fact]:
    """The facts of a record of these kinds; none of any other."""
    operation = (text_of(body.get("Operation")) or "").strip().rstrip(".").lower()
    if operation == "new-serviceprincipal":
        yield from _application(body)
    elif operation in _CMDLETS:
        yield from _recipient(body)
    elif operation in _USERS:
        yield from _user(body)
    elif operation in _GROUPS:
        yield from _group(body)


def _recipient(body: Body) -> Iterator[Fact]:
    """A cmdlet that makes or changes a recipient: its user principal name, or the address it was called with."""
    given = cmdlet(body)
    upn = next((given[name] for name in _UPN if given.get(name)), None) or given.get("identity")
    if not upn or "@" not in upn or ":" in upn:
        return
    kind = party(upn).kind
    for parameter, id_kind in _PARAMETERS.items():
        for value in listed(given.get(parameter)):
            yield Fact(_address(value), id_kind, upn, kind)
    if body.get("ObjectId") and str(body.get("Operation", "")).lower().startswith(("new-", "enable-")):
        name = last_element(text_of(body["ObjectId"]) or "")
        yield Fact(name, "guid" if GUID.match(name) else "name", upn, kind)


def _application(body: Body) -> Iterator[Fact]:
    """New-ServicePrincipal: how Exchange knows an application, by its id and its service principal's object id."""
    given = cmdlet(body)
    name = given.get("displayname")
    for parameter in ("appid", "objectid", "serviceid"):
        yield Fact(given.get(parameter), "guid", name, "application")


def _address(text: str) -> Optional[str]:
    """An address without its type; None for one that is not of mail, as `X500:/o=…`."""
    kind, mark, value = text.partition(":")
    if not mark:
        return text
    return value if kind.lower() in ("smtp", "sip") else None


def _user(body: Body) -> Iterator[Fact]:
    user = text_of(body.get("ObjectId")) or ""
    if "@" not in user:
        return
    properties = modified(body)
    for name, id_kind in _PROPERTIES:
        for value in listed(properties.get(name, ("", ""))[0]):
            yield Fact(_address(value), id_kind, user, party(user).kind)


def _group(body: Body) -> Iterator[Fact]:
    """A group's object id and the name it is shown under."""
    properties = modified(body)
    name = next(filter(None, properties.get("Group.DisplayName", ())), None)
    guid = next(filter(None, properties.get("Group.ObjectID", ())), None)
    if name and guid and GUID.match(guid):
        yield Fact(guid, "guid", name, "group")
