"""Exchange's own roles: who may search, export or impersonate mailboxes or give such rights, and within which scope.

RBAC for Applications is the successor of ApplicationImpersonation: a role such as `Application Mail.Read`, assigned
with `-App`, of which Entra knows nothing. What limits it are management scopes and application access policies, so
widening or removing those is read as well. Sources: pages of the cmdlets; role-based access control for applications.
"""

from typing import Any, Callable, Dict, List, Optional, Tuple

from .columns import add_error, to_grantee
from .fields import EVERY_MAILBOX, Row
from .mailbox_audit import used
from .office import cmdlet
from .parties import last_element, party
from .rights import MAIL_ROLES, ROLE_GROUPS
from .shapes import Body
from .values import each_of, listed, text_of

Reader = Callable[[Row, Body], List[Row]]

# Parameters that name who holds a role, and what they say of its kind.
_ROLE_HOLDERS = {"user": "", "member": "", "members": "", "securitygroup": "group", "app": "application",
                 "policy": "", "computer": ""}  # fmt: skip
_SCOPES = ("customrecipientwritescope", "customresourcescope", "recipientorganizationalunitscope",
           "recipientrelativewritescope", "recipientadministrativeunitscope", "recipientgroupscope",
           "exclusiverecipientwritescope")  # fmt: skip
_UNLIMITED = {"": "none", "$null": "none"}  # a scope that is taken away: the role reaches every mailbox


def _every_mailbox(row: Row, action: str, right: str, native: Optional[str], access: str, **more: Any) -> Row:
    return dict(row, grant_action=action, right=right, right_native=native, access=access, mailbox=EVERY_MAILBOX,
                **more)  # fmt: skip


def role_assignment(action: str) -> Reader:
    """Management roles that open mailboxes: assigned, put into a role group, or taken away."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        holders: List[Tuple[Optional[str], str]] = [
            (name, kind) for key, kind in _ROLE_HOLDERS.items() for name in listed(given.get(key))
        ]
        scope = next((_UNLIMITED.get(given[key] or "", given[key]) for key in _SCOPES if key in given), None)
        rows = []
        for native, (right, access) in _wanted(given, action, scope):
            for holder, kind in holders or [(given.get("name"), "group" if "roles" in given else "")]:
                one = _every_mailbox(row, action, right, native, access, inheritance=scope)
                to_grantee(one, party(holder))
                if one["grantee_kind"] == "unknown" and kind:
                    one["grantee_kind"] = kind
                if not holder and action == "grant":
                    add_error(one, "role without anyone who holds it")
                rows.append(one)
        return rows

    return read


def _wanted(given: Dict[str, Any], action: str, scope: Optional[str]) -> List[Tuple[str, Tuple[str, str]]]:
    """(role as written, (right, access)) of each role that matters.

    A role of the organisation's own, given to an application, may hold any permission and counts as reading; so does
    an assignment whose scope changes and whose name does not tell its role.
    """
    roles = listed(given.get("role")) + listed(given.get("roles"))
    named = (given.get("identity") or "").rpartition("\\")[2].rpartition("/")[2]
    if not roles:  # Set- and Remove-ManagementRoleAssignment name the assignment, which begins with its role
        roles = sorted((role for role in MAIL_ROLES if named.lower().startswith(role)), key=len)[-1:]
    wanted = [(native, MAIL_ROLES[native.lower()]) for native in roles if native.lower() in MAIL_ROLES]
    if not wanted and roles and given.get("app"):
        wanted = [(native, ("app_mail", "read")) for native in roles]
    if not wanted and action == "change" and scope and named:
        wanted = [(named, ("role", "read"))]
    return wanted


def new_role(row: Row, body: Body) -> List[Row]:
    """New-ManagementRole: a copy of a role that opens mailboxes, under another name. It confers nothing until given."""
    given = cmdlet(body)
    parent = (given.get("parent") or "").lower()
    if parent not in MAIL_ROLES:
        return []
    native = f"{given.get('name')}, a copy of {given['parent']}"
    one = _every_mailbox(row, "setting", MAIL_ROLES[parent][0], native, "none")
    to_grantee(one, party(None))
    return [one]


# Cmdlets that open mailboxes, or give the right to: a role that gains one does so for all who hold it.
_OPENING = frozenset((
    "add-mailboxpermission", "add-recipientpermission", "add-mailboxfolderpermission", "set-mailboxfolderpermission",
    "set-mailbox", "new-mailboxexportrequest", "search-mailbox", "new-mailboxsearch", "new-compliancesearchaction",
    "new-managementroleassignment", "add-rolegroupmember", "set-mailboxauditbypassassociation", "new-inboxrule",
))  # fmt: skip


def role_entry(row: Row, body: Body) -> List[Row]:
    """Add-ManagementRoleEntry: a role gains a cmdlet, `Role\\Cmdlet`. Source: its parameter Identity."""
    given = cmdlet(body)
    entry = given.get("identity") or text_of(body.get("ObjectId")) or ""
    role, _, name = entry.rpartition("\\")
    if name.lower() not in _OPENING:
        return []
    one = _every_mailbox(row, "change", "role", f"{role} gains {name}", "own")
    to_grantee(one, party(None))
    return [one]


def role_group_members(action: str, parameter: str) -> Reader:
    """Who is put into a role group, or taken out; what a group of the organisation's own can do counts as reading."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        group = given.get("identity") or text_of(body.get("ObjectId"))
        known = ROLE_GROUPS.get(last_element(group or "").replace(" ", "").lower(), "read")
        if known == "none":
            return []
        rows = []
        for name in each_of(given.get(parameter)):
            rows.append(_every_mailbox(row, action, "role", group, known))
            to_grantee(rows[-1], party(name))
            if not (name and group):
                add_error(rows[-1], "role group without " + ("its name" if name else "a member"))
        return rows

    return read


def case_admin(action: str) -> Reader:
    """Add-/Remove-/Update-eDiscoveryCaseAdmin: who may search all mailboxes in every case."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        rows = []
        for name in each_of(given.get("user") or given.get("users")):
            rows.append(_every_mailbox(row, action, "role", "eDiscovery Administrator", "read"))
            to_grantee(rows[-1], party(name))
            if not name:
                add_error(rows[-1], "record without User")
        return rows

    return read


def scope(access: str) -> Reader:
    """New-/Set-/Remove-ManagementScope: which mailboxes a role reaches. Whether it got wider, the record can't tell."""

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        name = given.get("identity") or given.get("name") or text_of(body.get("ObjectId"))
        limit = given.get("recipientrestrictionfilter") or given.get("recipientroot")
        one = _every_mailbox(row, "setting", "role", f"scope {name}" + (f": {limit}" if limit else ""), access)
        to_grantee(one, party(None))
        return [one]

    return read


def access_policy(row: Row, body: Body) -> List[Row]:
    """New-/Set-/Remove-ApplicationAccessPolicy: what keeps an application with mail permissions to some mailboxes.

    Removed, the application reaches every mailbox again. The identity of a policy is `tenant\\appid:scope;id`.
    """
    given = cmdlet(body)
    identity = given.get("identity") or text_of(body.get("ObjectId")) or ""
    removed = str(row["operation"]).lower().startswith("remove")
    apps = listed(given.get("appid")) or [identity.rpartition("\\")[2].partition(":")[0]]
    rows = []
    for app in apps:
        limit = f"{given.get('accessright') or 'policy'} to {given.get('policyscopegroupid')}"
        limit = "policy removed" if removed else limit
        rows.append(_every_mailbox(row, "setting", "app_mail", limit, "read" if removed else "none"))
        to_grantee(rows[-1], party(app)._replace(kind="application"))
    return rows


def service_principal(row: Row, body: Body) -> List[Row]:
    """New-ServicePrincipal: Exchange gets to know an application, which may be given roles and mailboxes then."""
    given = cmdlet(body)
    one = _every_mailbox(row, "setting", "app_mail", "New-ServicePrincipal", "none")
    to_grantee(one, party(given.get("displayname") or given.get("appid"))._replace(
        id=given.get("objectid") or given.get("serviceid") or given.get("appid"), kind="application"))  # fmt: skip
    return [one]


# Cmdlets that read mailboxes by a role: the parameter that names them, and where the mail goes. Sources: their pages.
_READ_BY_ROLE: Dict[str, Tuple[str, str]] = {
    "New-MailboxExportRequest": ("mailbox", "filepath"),
    "Search-Mailbox": ("identity", "targetmailbox"),
    "New-MailboxSearch": ("sourcemailboxes", "targetmailbox"),
    "New-ComplianceSearch": ("exchangelocation", "name"),
    "New-ComplianceSearchAction": ("searchname", "export"),
}


def read_by_role(source: str, target: str) -> Reader:
    """A search or an export of mailboxes: the use of a role that someone was given before, a row for each mailbox.

    An action on a search names the search, not its mailboxes.
    """

    def read(row: Row, body: Body) -> List[Row]:
        given = cmdlet(body)
        to = given.get(target)
        rows = []
        for name in each_of(given.get(source)):
            everyone = source == "searchname" or (name or "").lower() in ("", "all")
            one = dict(row, mailbox=EVERY_MAILBOX if everyone else name)
            one["right_native"] = f"{row['operation']} {name or ''} to {to}" if to else row["operation"]
            rows.append(used(one, "role", "read"))
        return rows

    return read


OPERATIONS: Dict[str, Reader] = {
    "New-ManagementRoleAssignment": role_assignment("grant"),
    "Set-ManagementRoleAssignment": role_assignment("change"),
    "Remove-ManagementRoleAssignment": role_assignment("revoke"),
    "New-RoleGroup": role_assignment("grant"),
    "New-ManagementRole": new_role,
    "Add-ManagementRoleEntry": role_entry,
    "Add-RoleGroupMember": role_group_members("grant", "member"),
    "Remove-RoleGroupMember": role_group_members("revoke", "member"),
    "Update-RoleGroupMember": role_group_members("replace", "members"),
    "Add-eDiscoveryCaseAdmin": case_admin("grant"),
    "Remove-eDiscoveryCaseAdmin": case_admin("revoke"),
    "Update-eDiscoveryCaseAdmin": case_admin("replace"),
    "New-ManagementScope": scope("none"),
    "Set-ManagementScope": scope("read"),
    "Remove-ManagementScope": scope("none"),
    "New-ApplicationAccessPolicy": access_policy,
    "Set-ApplicationAccessPolicy": access_policy,
    "Remove-ApplicationAccessPolicy": access_policy,
    "New-ServicePrincipal": service_principal,
    **{name: read_by_role(source, target) for name, (source, target) in _READ_BY_ROLE.items()},
}
