"""The Directory API of one customer: users, groups, their members, roles and who holds them, page by page.

Rules: Directory API reference (users.list, users.get, groups.list, members.list, roles.list, roleAssignments.list).
What a stale page token, a page too large and a strange customer are answered with is [unverified]. Only the parameters
that are named below are built, the others are 501.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any, Callable, Dict, FrozenSet, List, Tuple

from flask import Response, jsonify, request

from workbench.tenants.faults import GoogleFaults
from workbench.tenants.fieldmask import FieldMaskError, masked
from workbench.tenants.google_errors import error_body, planned
from workbench.tenants.google_people import SUPER_ADMIN, GooglePeople, roles_of
from workbench.tenants.records import milliseconds
from workbench.tenants.served import Served, has, only
from workbench.tenants.service_account import GROUPS, ROLES, USERS, ServiceAccount
from workbench.tenants.standing import Account, Group

_ROOT = "/admin/directory/v1"
_USUAL = "fields alt prettyPrint pageToken maxResults"
_FULL = "https://www.googleapis.com/auth/admin.directory."
Item = Dict[str, Any]

def _names(text: str) -> FrozenSet[str]:
    return frozenset(text.split())


# What a resource may hold; a field mask that names anything else is refused.
_USER = _names(
    """kind id etag primaryEmail name isAdmin isDelegatedAdmin lastLoginTime creationTime agreedToTerms suspended
    archived changePasswordAtNextLogin ipWhitelisted emails organizations relations aliases nonEditableAliases
    languages customerId orgUnitPath isMailboxSetup isEnrolledIn2Sv isEnforcedIn2Sv includeInGlobalAddressList
    suspensionReason deletionTime recoveryEmail recoveryPhone"""
)
_GROUP = _names("kind id etag email name description directMembersCount adminCreated aliases nonEditableAliases")
_MEMBER = _names("kind etag id email role type status delivery_settings")
_ROLE = _names("kind etag roleId roleName roleDescription isSystemRole isSuperAdminRole rolePrivileges")
_GIVEN = _names("kind etag roleAssignmentId roleId assignedTo assigneeType scopeType orgUnitId condition")


class _DirectoryError(Exception):
    def __init__(self, status: int, reason: str, text: str) -> None:
        self.status = status
        self.body = error_body(status, reason, text)


class GoogleDirectory:
    """The people of one customer; adds its routes to a `Served`."""

    def __init__(
        self, site: Served, account: ServiceAccount, people: GooglePeople, faults: GoogleFaults, customer: str
    ) -> None:
        self._account = account
        self._people = people
        self._faults = faults
        self._customer = customer
        site.speech["directory"] = planned
        routes: Tuple[Tuple[str, str, Callable[..., Item]], ...] = (
            ("users", "/users", self._users),
            ("user", "/users/<key>", self._user),
            ("groups", "/groups", self._groups),
            ("members", "/groups/<key>/members", self._members),
            ("roles", "/customer/<customer>/roles", self._roles),
            ("assignments", "/customer/<customer>/roleassignments", self._assignments),
        )
        for name, rule, answer in routes:
            site.app.add_url_rule(_ROOT + rule, "directory/" + name, self._answering(answer))

    def _answering(self, answer: Callable[..., Item]) -> Callable[..., Response]:
        def answered(**key: str) -> Response:
            try:
                return jsonify(answer(**key))
            except FieldMaskError as wrong:
                refused = _DirectoryError(400, "invalidParameter", str(wrong))
            except _DirectoryError as error:
                refused = error
            response = jsonify(refused.body)
            response.status_code = refused.status
            return response

        return answered

    def _admit(self, what: str, *scopes: str) -> None:
        """Refuse a token without one of the scopes, and a subject without the privilege to read this."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        grant = self._account.grant(token) if scheme == "Bearer" else None
        if grant is None:
            raise _DirectoryError(401, "authError", "Invalid Credentials")
        if not grant.scopes & set(scopes):
            raise _DirectoryError(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        if not self._people.may_read(grant.subject, what):
            raise _DirectoryError(403, "forbidden", "Not Authorized to access this resource/api")

    def _belongs(self, customer: str) -> None:
        if not customer:
            raise _DirectoryError(400, "badRequest", "Bad Request")
        if customer not in (self._customer, "my_customer"):
            raise _DirectoryError(403, "forbidden", "Not Authorized to access this resource/api")

    def _users(self) -> Item:
        only(_USUAL + " customer orderBy sortOrder projection")
        self._admit("users", USERS, _FULL + "user")
        self._belongs(request.args.get("customer", ""))
        return self._page("users", [self._shown(one) for one in self._people.users()], _USER, 500)

    def _user(self, key: str) -> Item:
        only("fields alt prettyPrint projection")
        self._admit("users", USERS, _FULL + "user")
        account = self._people.user(key)
        if account is None:
            raise _DirectoryError(404, "notFound", "Resource Not Found: userKey")
        return masked(self._shown(account), request.args.get("fields", ""), _USER)

    def _groups(self) -> Item:
        only(_USUAL + " customer orderBy sortOrder")
        self._admit("groups", GROUPS, _FULL + "group")
        self._belongs(request.args.get("customer", ""))
        return self._page("groups", [_group(one) for one in self._people.groups()], _GROUP, 200)

    def _members(self, key: str) -> Item:
        only(_USUAL + " roles includeDerivedMembership")
        self._admit("groups", GROUPS, _FULL + "group", _FULL + "group.member", _FULL + "group.member.readonly")
        wanted = key.lower()
        group = next((one for one in self._people.groups() if wanted in (one.address.lower(), _id(one))), None)
        if group is None:
            raise _DirectoryError(404, "notFound", "Resource Not Found: groupKey")
        derived = request.args.get("includeDerivedMembership") == "true"
        found = self._derived(group, {}) if derived else group.members
        return self._page("members", [self._member(name) for name in found], _MEMBER, 200)

    def _derived(self, group: Group, seen: Dict[str, None]) -> List[str]:
        """Its members and those of the groups within it, each once."""
        for name in group.members:
            inner = self._people.standing.groups.get(name.lower())
            if name not in seen:
                seen[name] = None
                self._derived(inner, seen) if inner else None
        return list(seen)

    def _roles(self, customer: str) -> Item:
        only(_USUAL)
        self._admit("roles", ROLES, _FULL + "rolemanagement")
        self._belongs(customer)
        roles = [
            {"kind": "admin#directory#role", "roleId": key, "roleName": name, "isSystemRole": name.startswith("_"),
             "isSuperAdminRole": name == SUPER_ADMIN}
            for name, key in self._people.roles().items()
        ]  # fmt: skip
        return self._page("items", roles, _ROLE, 100)

    def _assignments(self, customer: str) -> Item:
        only(_USUAL + " roleId userKey")
        self._admit("roles", ROLES, _FULL + "rolemanagement")
        self._belongs(customer)
        ids = self._people.roles()
        held = [(one.object_id, ids[name], "user") for one in self._people.users() for name in roles_of(one)]
        held += [(_id(one), ids[name], "group") for one in self._people.groups() for name in roles_of(one)]
        given = [
            {"kind": "admin#directory#roleAssignment", "roleAssignmentId": str(9000 + place), "roleId": role,
             "assignedTo": who, "assigneeType": kind, "scopeType": "CUSTOMER"}
            for place, (who, role, kind) in enumerate(held)
        ]  # fmt: skip
        return self._page("items", given, _GIVEN, 200)

    def _page(self, key: str, items: List[Item], known: FrozenSet[str], most: int) -> Item:
        size = request.args.get("maxResults", "100")
        if not size.isdigit() or not 1 <= int(size) <= most:
            raise _DirectoryError(400, "invalid", f"Invalid value '{size}'. It must be within the range: [1, {most}]")
        length = min(int(size), self._faults.page_size or most)
        asked = sorted((name, value) for name, value in request.args.items() if name != "pageToken")
        digest = hashlib.sha256(repr((request.path, asked)).encode()).hexdigest()[:16]
        start = self._place(digest)
        if has("endless") and start >= len(items):
            start = 0  # the listing begins anew
        end = start if has("empty_next") and not request.args.get("pageToken") else start + length
        page: Item = {"kind": f"admin#directory#{key}", "etag": f'"{digest}{start}"'}
        if items[start:end]:
            page[key] = items[start:end]
        if end < len(items) or has("endless") or has("loop"):
            token = json.dumps([start if has("loop") else end, digest]).encode()
            page["nextPageToken"] = base64.urlsafe_b64encode(token).decode()
        return masked(page, request.args.get("fields", ""), frozenset(("kind", "etag", key, "nextPageToken")), known)

    def _place(self, digest: str) -> int:
        token = request.args.get("pageToken")
        if token is None:
            return 0
        try:
            start, belongs = json.loads(base64.urlsafe_b64decode(token))
        except (ValueError, binascii.Error):
            start, belongs = 0, ""
        if belongs != digest or self._faults.stale_pages:
            raise _DirectoryError(400, "invalid", "Invalid Input: pageToken")
        return int(start)

    def _shown(self, one: Account) -> Item:
        first, _, last = one.display_name.partition(" ")
        user: Item = {
            "kind": "admin#directory#user", "id": one.object_id, "primaryEmail": one.upn,
            "name": {"givenName": first, "familyName": last, "fullName": one.display_name},
            "isAdmin": SUPER_ADMIN in roles_of(one), "isDelegatedAdmin": bool(set(roles_of(one)) - {SUPER_ADMIN}),
            "creationTime": milliseconds(one.created), "agreedToTerms": True, "suspended": not one.enabled,
            "archived": self._people.archived(one), "customerId": self._customer,
            "orgUnitPath": f"/{one.department}", "isMailboxSetup": one.licensed,
        }  # fmt: skip
        if one.aliases:
            user["aliases"] = list(one.aliases)
        if one.department:
            user["organizations"] = [{"title": one.title, "primary": True, "department": one.department}]
        if one.manager:
            user["relations"] = [{"value": one.manager, "type": "manager"}]
        return user

    def _member(self, name: str) -> Item:
        """A member by his address; `*` stands for everyone of the customer, who has none."""
        base = {"kind": "admin#directory#member", "role": "MEMBER", "status": "ACTIVE"}
        if name == "*":
            return {**base, "id": self._customer, "type": "CUSTOMER"}
        account = self._people.user(name)
        group = self._people.standing.groups.get(name.lower())
        kind = "USER" if account else ("GROUP" if group else "EXTERNAL")
        outside = hashlib.sha256(name.encode()).hexdigest()[:21]
        key = account.object_id if account else (_id(group) if group else outside)
        return {**base, "id": key, "email": name, "type": kind}


def _group(one: Group) -> Item:
    return {"kind": "admin#directory#group", "id": _id(one), "email": one.address, "name": one.display_name,
            "directMembersCount": str(len(one.members)), "adminCreated": True}  # fmt: skip


def _id(group: Group) -> str:
    """Groups bear ids of lower-case letters and digits."""
    return "0" + group.object_id.replace("-", "")[:14]
