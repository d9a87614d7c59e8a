"""Who there is at the Workspace customer, as its stand-ins ask: users, groups, administrators' roles, mailboxes.

What a role may read: support.google.com/a/answer/1219251 (privileges; those of the console go for the API as well) and
/a/answer/2405986 (Google's own roles). That a role of one's own may read roles at all is [unverified]: to create and
assign them is a super administrator's alone.
"""

from __future__ import annotations

from typing import Dict, List, Mapping, Optional, Sequence, Tuple, Union

from workbench.tenants.faults import GoogleFaults
from workbench.tenants.standing import Account, Group, Standing

SUPER_ADMIN = "_SEED_ADMIN_ROLE"
# Google's own role -> what whoever holds it may read
_PREBUILT: Mapping[str, Sequence[str]] = {
    SUPER_ADMIN: ("reports", "users", "groups", "roles"),
    "_GROUPS_ADMIN_ROLE": ("users", "groups"),
    "_USER_MANAGEMENT_ADMIN_ROLE": ("users",),
    "_HELP_DESK_ADMIN_ROLE": ("users",),
}
_GOOGLES_NAMES = {"Super Admin": SUPER_ADMIN}  # what the console calls a role, and the API


def roles_of(holder: Union[Account, Group]) -> Tuple[str, ...]:
    """The roles that are given to an account or a group, by the names that the API has for them."""
    return tuple(_GOOGLES_NAMES.get(name, name) for name in holder.roles)


class GooglePeople:
    """A view of a `Standing` and of the switches that concern users; read at each request.

    `own_roles` are the customer's: by name, what whoever holds it may read. A role that is nowhere may read nothing.
    """

    def __init__(
        self, standing: Standing, faults: GoogleFaults, own_roles: Optional[Mapping[str, Sequence[str]]] = None
    ) -> None:
        self.standing = standing
        self._faults = faults
        self._reads = {**(own_roles or {}), **_PREBUILT}

    def user(self, key: str) -> Optional[Account]:
        """The user of an address, alias or id, in any case."""
        account = self.standing.accounts.get(key.lower())
        if account and account.kind == "workspace":
            return account
        wanted = key.lower()
        for one in self.standing.of_google():
            if wanted == one.object_id.lower() or wanted in [alias.lower() for alias in one.aliases]:
                return one
        return None

    def users(self) -> List[Account]:
        """All users in the order of their addresses."""
        return sorted(self.standing.of_google(), key=lambda one: one.upn.lower())

    def groups(self) -> List[Group]:
        """The groups of the customer's domains, in the order of their addresses."""
        domains = {one.upn.rpartition("@")[2].lower() for one in self.standing.of_google()}
        found = [one for one in self.standing.groups.values() if one.address.rpartition("@")[2].lower() in domains]
        return sorted(found, key=lambda one: one.address.lower())

    def may_read(self, address: str, what: str) -> bool:
        """Whether a user holds an administrator's role with the privilege to read this: users, groups and so on."""
        account = self.user(address)
        return account is not None and any(what in self._reads.get(role, ()) for role in roles_of(account))

    def archived(self, account: Account) -> bool:
        """Whether a user is archived."""
        return account.upn.lower() in self._faults.archived

    def has_gmail(self, address: str) -> bool:
        """Whether Gmail serves this user: licensed, neither suspended nor archived, the service on."""
        account = self.user(address)
        if account is None or not account.enabled or not account.licensed or self.archived(account):
            return False
        return account.upn.lower() not in self._faults.no_gmail

    def refusal(self, address: str) -> str:
        """Why no token is given in this user's name, empty when it is."""
        if address.lower() in self._faults.refusals:
            return self._faults.refusals[address.lower()]
        account = self.standing.accounts.get(address.lower())
        return "" if account and account.kind == "workspace" else "Invalid email or User ID"

    def roles(self) -> Dict[str, str]:
        """Ids by the names of all roles that are held, the super administrators' first."""
        holders: List[Union[Account, Group]] = [*self.standing.of_google(), *self.groups()]
        names = {name for one in holders for name in roles_of(one)} - {SUPER_ADMIN}
        return {name: str(15087294523654145 + place) for place, name in enumerate([SUPER_ADMIN, *sorted(names)])}
