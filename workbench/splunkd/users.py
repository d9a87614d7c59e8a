"""Users, their roles and what these may do, as far as the endpoints here and the app's own ask for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Dict, FrozenSet, List, Optional, Sequence, Set

from workbench.conf import Conf
from workbench.conf.files import true

# Capabilities of authorize.conf that the endpoints here ask for, by the roles that have them. That sc_admin has
# edit_local_apps follows from what the Admin Config Service asks for to install apps; of Classic it is [unverified].
_ROLES: Dict[str, FrozenSet[str]] = {
    "admin": frozenset((
        "admin_all_objects", "edit_local_apps", "edit_storage_passwords", "edit_tcp", "indexes_edit",
        "list_storage_passwords", "search", "schedule_search",
    )),
    "sc_admin": frozenset((
        "edit_local_apps", "edit_storage_passwords", "indexes_edit", "list_storage_passwords", "search",
        "schedule_search",
    )),
    "power": frozenset(("search", "schedule_search")),
    "user": frozenset(("search",)),
}  # fmt: skip
SYSTEM = "splunk-system-user"
_ROLE, _CAPABILITY = "role_", "capability::"
_WORD = re.compile(r"\(|\)|[^\s()]+")

Roles = Dict[str, Set[str]]


@dataclass(frozen=True)
class User:
    """Somebody who may sign in; `more` are capabilities that no role of theirs gives."""

    name: str
    password: str
    roles: Sequence[str]
    more: FrozenSet[str]
    known: Callable[[], Roles]

    @property
    def capabilities(self) -> List[str]:
        """Everything that this user may do."""
        known = self.known()
        return sorted(self.more.union(*(known[role] for role in self.roles)))

    def has(self, expression: str) -> bool:
        """Whether the user has what an expression of capabilities asks for: names, `and`, `or`, parentheses."""
        return holds(expression, set(self.capabilities))


class Users:
    """The users of one stand-in. The system's own user, which its processes run as, may do what an admin may."""

    def __init__(self, conf: Conf) -> None:
        self._conf = conf
        self._users: Dict[str, User] = {SYSTEM: User(SYSTEM, "", ("admin",), frozenset(), self.roles)}

    def add(self, name: str, password: str, roles: Sequence[str] = ("user",), more: Sequence[str] = ()) -> User:
        """A new user; `more` are capabilities beside those of the roles."""
        self._users[name] = user = User(name, password, tuple(roles), frozenset(more), self.roles)
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

    def roles(self) -> Roles:
        """Capabilities by role: Splunk's own, and those of the app's authorize.conf that it declares."""
        stanzas = self._conf.stanzas("authorize")
        known: Roles = {role: set(capabilities) for role, capabilities in _ROLES.items()}
        declared = {name[len(_CAPABILITY) :] for name in stanzas if name.startswith(_CAPABILITY)}
        declared.update(*_ROLES.values())
        for name, settings in stanzas.items():
            if name.startswith(_ROLE):
                held = known.setdefault(name[len(_ROLE) :], set())
                held.update(key for key, value in settings.items() if key in declared and _enabled(value))
        for name, settings in stanzas.items():
            for role in filter(None, re.split(r"[;,\s]+", settings.get("importRoles", ""))):
                known[name[len(_ROLE) :]] |= known.get(role, set())
        return known


def _enabled(value: str) -> bool:
    return value.strip().lower() == "enabled" or true(value)


def holds(expression: str, held: Set[str]) -> bool:
    """An expression of restmap.conf's `capability`; an empty one always holds. `and` binds before `or` [unverified]."""
    words = [*_WORD.findall(expression), ""]

    def either() -> bool:
        found = both()
        while words[0].lower() == "or":
            words.pop(0)
            found = both() or found
        return found

    def both() -> bool:
        found = one()
        while words[0].lower() == "and":
            words.pop(0)
            found = one() and found
        return found

    def one() -> bool:
        word = words.pop(0)
        if word != "(":
            return word in held
        found = either()
        words.pop(0)
        return found

    return not expression.strip() or either()
