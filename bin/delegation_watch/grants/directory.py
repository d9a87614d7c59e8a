"""Entra's operations that let an application into mailboxes: app roles, delegated permissions, consent."""

import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from .exchange import add_error
from .fields import EVERY_MAILBOX, Row
from .office import modified
from .parties import GUID, relation
from .rights import APP_ROLE_IDS, app_scope
from .shapes import Body

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


OPERATIONS: Dict[str, Reader] = {
    "Add app role assignment to service principal.": app_role("grant"),
    "Remove app role assignment from service principal.": app_role("revoke"),
    "Add delegated permission grant.": delegated("grant"),
    "Remove delegated permission grant.": delegated("revoke"),
    "Consent to application.": consent,
}
