"""Entra's operations: applications let into mailboxes, members of groups, and roles that can give mailbox rights."""

import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from .columns import add_error, to_grantee
from .fields import EVERY_MAILBOX, Row
from .members import member_row
from .office import modified
from .parties import GUID, Party, party, relation
from .rights import APP_ROLE_IDS, DIRECTORY_ROLES, app_scope
from .shapes import Body
from .values import text_of

Reader = Callable[[Row, Body], List[Row]]

_SCOPE = re.compile(r"Scope:\s*([^,\]]+)")
_CONSENT = re.compile(r"ConsentType:\s*(\w+)")


def _application(properties: Dict[str, Tuple[str, str]], body: Body) -> Tuple[Optional[str], Optional[str]]:
    """(name, id) of the application that gets in."""
    either = {name: new or old for name, (new, old) in properties.items()}
    name = either.get("ServicePrincipal.DisplayName") or either.get("ServicePrincipal.Name")
    identifier = either.get("ServicePrincipal.AppId") or either.get("ServicePrincipal.ObjectID")
    identifier = identifier or _named_id(body) or None
    return name or _target(body) or identifier, identifier


def _named_id(body: Body) -> Optional[str]:
    """The id of the application that a record is about: its ObjectId, or the first object id among its targets."""
    object_id = str(body.get("ObjectId") or "")
    return object_id if GUID.match(object_id) else _object_id(body.get("Target"))


def _target(body: Body) -> Optional[str]:
    """The name of the first target (type 1); Entra mixes strings into these lists now and then."""
    targets = body.get("Target")
    for entry in targets if isinstance(targets, list) else ():
        if isinstance(entry, dict) and entry.get("Type") == 1 and entry.get("ID"):
            return str(entry["ID"])
    return None


def _object_id(entries: Any) -> Optional[str]:
    """The object id among the entries of Actor: `User_<guid>` is followed by the bare one, both of type 2."""
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("Type") == 2 and re.fullmatch(r"[0-9a-f-]{36}", str(entry.get("ID"))):
            return str(entry["ID"])
    return None


def _rows(
    row: Row, action: str, scopes: List[str], who: Tuple[Optional[str], Optional[str]], mailbox: str
) -> List[Row]:
    rows = []
    for native in scopes:
        name, access = app_scope(native)
        if access:
            one = dict(row, grant_action=action, right="app_mail", right_native=name, access=access)
            one.update(mailbox=mailbox, relation=relation(row["actor"], None, who[0], mailbox))
            one.update(grantee=who[0], grantee_id=who[1], grantee_kind="application")
            if not who[0]:
                add_error(one, "no application named")
            rows.append(one)
    return rows


def app_role(action: str) -> Reader:
    """Application permission given to, or taken from, a service principal: it reaches every mailbox."""

    def read(row: Row, body: Body) -> List[Row]:
        properties = modified(body)
        row["actor_id"] = _object_id(body.get("Actor")) or row["actor_id"]
        role = next((value for value in properties.get("AppRole.Value", ("", "")) if value), "")
        if not role:
            role = next((APP_ROLE_IDS[value] for value in properties.get("AppRole.Id", ("", ""))
                         if value in APP_ROLE_IDS), "")  # fmt: skip
        return _rows(row, action, [role] if role else [], _application(properties, body), EVERY_MAILBOX)

    return read


def delegated(action: str) -> Reader:
    """Delegated permission grants: for all users (AllPrincipals) or for the one who consented."""

    def read(row: Row, body: Body) -> List[Row]:
        properties = modified(body)
        row["actor_id"] = _object_id(body.get("Actor")) or row["actor_id"]
        new, old = properties.get("DelegatedPermissionGrant.Scope", ("", ""))
        consent = " ".join(properties.get("DelegatedPermissionGrant.ConsentType", ("", "")))
        mailbox = EVERY_MAILBOX if "AllPrincipals" in consent else row["actor"]
        before = old.split()
        scopes = [scope for scope in new.split() if scope not in before] if action == "grant" else before or new.split()
        return _rows(row, action, scopes, _application(properties, body), mailbox)

    return read


def consent(row: Row, body: Body) -> List[Row]:
    """Consent to application.: the scopes stand in the text of ConsentAction.Permissions."""
    properties = modified(body)
    row["actor_id"] = _object_id(body.get("Actor")) or row["actor_id"]
    text = properties.get("ConsentAction.Permissions", ("", ""))[0]
    after = text.rpartition("=>")[2]
    scopes = [scope for listing in _SCOPE.findall(after) for scope in listing.split()]
    everyone = "AllPrincipals" in _CONSENT.findall(after) or properties.get(
        "ConsentContext.IsAdminConsent", ("", ""))[0].lower() == "true"  # fmt: skip
    return _rows(row, "grant", list(dict.fromkeys(scopes)), _application(properties, body),
                 EVERY_MAILBOX if everyone else row["actor"])  # fmt: skip


_TYPED = re.compile(r"(User|ServicePrincipal|Group)_[0-9a-f-]{36}", re.IGNORECASE)
_KINDS = {"user": "user", "serviceprincipal": "application", "group": "group"}


def _targeted(body: Body) -> Party:
    """Who a record is about, by its Target list: type 5 is a user principal name, 1 a display name, 2 object ids."""
    listed = body.get("Target")
    entries = listed if isinstance(listed, list) else []
    targets = [entry for entry in entries if isinstance(entry, dict) and entry.get("ID")]
    named = {str(entry.get("Type")): str(entry["ID"]) for entry in reversed(targets)}
    typed = next((found.group(1) for found in map(_TYPED.match, (str(entry["ID"]) for entry in targets)) if found), "")
    name = named.get("5") or named.get("1") or text_of(body.get("ObjectId"))
    who = party(name or _object_id(targets))
    known = _KINDS.get(typed.lower(), "unknown")
    kind = known if who.kind in ("unknown", "user") and known != "unknown" else who.kind
    return Party(who.name, _object_id(targets), kind)


def _either(properties: Dict[str, Tuple[str, str]], name: str) -> Optional[str]:
    new, old = properties.get(name, ("", ""))
    return new or old or None


def directory_role(action: str) -> Reader:
    """Add/Remove member to a role, as far as the role can read mail or give itself the right to.

    The role is told by its template id, since names differ ("Company Administrator" is the Global Administrator); on
    a removal it stands in the old values.
    """

    def read(row: Row, body: Body) -> List[Row]:
        properties = modified(body)
        row["actor_id"] = _object_id(body.get("Actor")) or row["actor_id"]
        template = (_either(properties, "Role.TemplateId") or _either(properties, "Role.ObjectID") or "").lower()
        role = DIRECTORY_ROLES.get(template)
        if role is None:
            return []
        row.update(grant_action=action, right="role", right_native=role, access="own", mailbox=EVERY_MAILBOX)
        to_grantee(row, _targeted(body))
        if not row["grantee"]:
            add_error(row, "no one named who gets the role")
        return [row]

    return read


def group_member(action: str, native: str) -> Reader:
    """Members and owners of Entra's groups; the group stands in the properties, the member among the targets."""

    def read(row: Row, body: Body) -> List[Row]:
        properties = modified(body)
        row["actor_id"] = _object_id(body.get("Actor")) or row["actor_id"]
        group_id = _either(properties, "Group.ObjectID")
        group = _either(properties, "Group.DisplayName") or group_id
        return [member_row(row, action, group, group_id, _targeted(body), native)]

    return read


OPERATIONS: Dict[str, Reader] = {
    "Add member to role.": directory_role("grant"),
    "Add eligible member to role.": directory_role("grant"),
    "Add scoped member to role.": directory_role("grant"),
    "Remove member from role.": directory_role("revoke"),
    "Remove eligible member from role.": directory_role("revoke"),
    "Remove scoped member from role.": directory_role("revoke"),
    "Add member to group.": group_member("grant", "member"),
    "Remove member from group.": group_member("revoke", "member"),
    "Add owner to group.": group_member("grant", "owner"),
    "Remove owner from group.": group_member("revoke", "owner"),
    "Add app role assignment to service principal.": app_role("grant"),
    "Remove app role assignment from service principal.": app_role("revoke"),
    "Add delegated permission grant.": delegated("grant"),
    "Remove delegated permission grant.": delegated("revoke"),
    "Consent to application.": consent,
}
