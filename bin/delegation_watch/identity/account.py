"""What records tell of accounts and mailboxes: made, disabled, deleted, invited, privileged, shared.

A row is one fact of one record, with the operation that shows it. The inventory knows more and knows it for sure; these
facts are what is known before its next sweep, or where there is none.
"""

from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from ..grants.errors import Unreadable
from ..grants.office import STATUS, cmdlet, modified
from ..grants.parties import party
from ..grants.rights import DIRECTORY_ROLES
from ..grants.shapes import Body, load, office_body, parameters, workspace_events
from ..grants.values import epoch, flag, listed, text_of, writable

Row = Dict[str, Any]
Told = Iterator[Tuple[str, str]]  # (fact, value)
ACCOUNT_FIELDS: Tuple[str, ...] = ("_time", "tenant", "identity", "fact", "value", "source_operation")


def _always(*told: Tuple[str, str]) -> Callable[[Body], Told]:
    return lambda body: iter(told)


def _made(body: Body) -> Told:
    yield "created", text_of(body.get("CreationTime")) or ""
    yield "enabled", "true"
    yield "deleted", "false"


def _updated(body: Body) -> Told:
    """Update user.: the properties that changed; values are JSON lists of one."""
    properties = modified(body)
    if "AccountEnabled" in properties:
        yield "enabled", str(flag(next(iter(listed(properties["AccountEnabled"][0])), ""))).lower()
    department = next(iter(listed(properties.get("Department", ("", ""))[0])), "")
    if department:
        yield "department", department


def _role(body: Body) -> Told:
    """Only roles that reach mail count here; that one was taken away does not tell that no other is left."""
    properties = modified(body)
    template = next(filter(None, properties.get("Role.TemplateId", ())), "").lower()
    if template in DIRECTORY_ROLES:
        yield "privileged", "true"


_ENTRA: Dict[str, Callable[[Body], Told]] = {
    "add user": _made,
    "invite external user": _always(("kind", "guest")),
    "update user": _updated,
    "enable account": _always(("enabled", "true")),
    "disable account": _always(("enabled", "false")),
    "delete user": _always(("deleted", "true"), ("enabled", "false")),
    "hard delete user": _always(("deleted", "true"), ("enabled", "false")),
    "restore user": _always(("deleted", "false"), ("enabled", "true")),
    "add member to role": _role,
}
_KINDS = {"shared": "shared", "room": "room", "equipment": "equipment", "regular": "user"}


def _mailbox(body: Body) -> Told:
    """New-Mailbox's switches and Set-Mailbox's Type."""
    given = cmdlet(body)
    kind = _KINDS.get((given.get("type") or "").lower())
    kind = next((name for name in ("shared", "room", "equipment") if name in given and flag(given[name])), kind)
    if kind:
        yield "mailbox_kind", kind


# What names the mailbox; a shared one has no sign-in name, and is made by its address or no more than a name.
_NAMED = ("microsoftonlineservicesid", "userprincipalname", "identity", "primarysmtpaddress")
_CMDLETS = frozenset(("new-mailbox", "set-mailbox", "enable-mailbox", "new-remotemailbox", "set-remotemailbox"))
_WORKSPACE: Dict[str, Tuple[Tuple[str, str], ...]] = {
    "CREATE_USER": (("enabled", "true"), ("deleted", "false")),
    "SUSPEND_USER": (("enabled", "false"),),
    "UNSUSPEND_USER": (("enabled", "true"),),
    "DELETE_USER": (("deleted", "true"), ("enabled", "false")),
    "UNDELETE_USER": (("deleted", "false"), ("enabled", "true")),
    "ASSIGN_ROLE": (("privileged", "true"),),
    "GRANT_ADMIN_PRIVILEGE": (("privileged", "true"),),
}


def account_rows(raw: str, time: Optional[str] = None) -> List[Row]:
    """The facts on accounts in one record's text, columns ACCOUNT_FIELDS; none for what cannot be read."""
    if raw[:1] != "{":
        return []
    try:
        record = load(raw)
        body = office_body(record)
        if body is not None:
            found = list(_office(body))
            tenant = text_of(body.get("OrganizationId"))
            return _rows(found, tenant, body.get("Operation"), body.get("CreationTime"), time)
        events = workspace_events(record) or []
    except Unreadable:
        return []
    rows: List[Row] = []
    for activity, event in events:
        identity = activity["id"]
        found = list(_workspace(event, text_of(identity.get("time")) or ""))
        rows += _rows(found, text_of(identity.get("customerId")), event.get("name"), identity.get("time"), time)
    return rows


def _office(body: Body) -> Iterator[Tuple[str, str, str]]:
    if STATUS.get(str(body.get("ResultStatus")).strip().lower(), "success") == "failure":
        return
    operation = (text_of(body.get("Operation")) or "").strip().rstrip(".").lower()
    if operation in _CMDLETS:
        given = cmdlet(body)
        who = next(filter(None, map(given.get, _NAMED)), None) or text_of(body.get("ObjectId"))
        told: Told = _mailbox(body)
    elif operation in _ENTRA:
        who, told = text_of(body.get("ObjectId")), _ENTRA[operation](body)
    else:
        return
    if who:
        for fact, value in told:
            yield who, fact, value
        if "#EXT#" in who.upper() and operation in _ENTRA:
            yield who, "kind", "guest"


def _workspace(event: Body, moment: str) -> Iterator[Tuple[str, str, str]]:
    name = str(event.get("name"))
    given = parameters(event) if name in _WORKSPACE else {}
    who = text_of(given.get("USER_EMAIL"))
    if not who or text_of(given.get("ROLE_NAME")) not in (None, "_SEED_ADMIN_ROLE"):
        return
    for fact, value in _WORKSPACE[name]:
        yield who, fact, value
    if name == "CREATE_USER":
        yield who, "created", moment


def _rows(
    found: List[Tuple[str, str, str]], tenant: Optional[str], operation: Any, own: Any, given: Optional[str]
) -> List[Row]:
    if not found:
        return []
    try:
        moment: Any = epoch(own)
    except ValueError:
        moment = given
    return [
        writable({"_time": moment, "tenant": tenant, "identity": party(who).name, "fact": fact, "value": value,
                  "source_operation": text_of(operation)})
        for who, fact, value in dict.fromkeys(found) if value and party(who).name
    ]  # fmt: skip
