"""Users, their roles and what these may do, as far as the endpoints here ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, FrozenSet, List, Optional, Sequence

# Capabilities of authorize.conf that the endpoints here ask for, by the roles that have them.
_ROLES: Dict[str, FrozenSet[str]] = {
    "admin": frozenset((
        "admin_all_objects", "edit_storage_passwords", "edit_tcp", "indexes_edit", "list_storage_passwords",
        "search", "schedule_search",
    )),
    "power": frozenset(("search", "schedule_search")),
    "user": frozenset(("search",)),
}  # fmt: skip
SYSTEM = "splunk-system-user"


@dataclass(frozen=True)
class User:
    """Somebody who may sign in; `more` are capabilities that no role of theirs gives."""

    name: str
    password: str
    roles: Sequence[str]
    more: FrozenSet[str] = frozenset()

    @property
    def capabilities(self) -> List[str]:
        """Everything that this user may do."""
        return sorted(self.more.union(*(_ROLES[role] for role in self.roles)))


class Users:
    """The users of one stand-in. The system's own user, which its processes run as, may do what an admin may."""

    def __init__(self) -> None:
        self._users: Dict[str, User] = {SYSTEM: User(SYSTEM, "", ("admin",))}

    def add(self, name: str, password: str, roles: Sequence[str] = ("user",), more: Sequence[str] = ()) -> User:
        """A new user; `more` are capabilities beside those of the roles."""
        self._users[name] = user = User(name, password, tuple(roles), frozenset(more))
        return user

    def get(self, name: str) -> Optional[User]:
        """The user of that name, or None."""
        return self._users.get(name)

    def signed_in(self, name: str, password: str) -> Optional[User]:
        """The user behind a name and a password; the system's own has none to sign in with."""
        user = self._users.get(name)
        return user if user is not None and password and user.password == password else None

    def people(self) -> List[User]:
        """All but the system's own user."""
        return [user for name, user in sorted(self._users.items()) if name != SYSTEM]


def roles() -> Dict[str, List[str]]:
    """Capabilities by role."""
    return {role: sorted(capabilities) for role, capabilities in _ROLES.items()}
