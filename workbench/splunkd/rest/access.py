"""Who asks and what they may: current-context, users, roles and capabilities; and the capabilities calls need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Tuple

from workbench.splunkd.rest.messages import Call, Endpoints, Entry, Feed, RestError, page
from workbench.splunkd.users import User

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

# Endpoint -> capabilities of which one is needed to read, and to write (authorize.conf.spec; REST reference).
# What indexing by receivers/simple needs is [unverified]. Where limits.conf has enable_install_apps, apps/local may ask
# for install_apps too (authorize.conf.spec, edit_local_apps), by default it does not.
NEEDED: Dict[str, Tuple[Tuple[str, ...], Tuple[str, ...]]] = {
    "storage/passwords": (
        ("list_storage_passwords", "edit_storage_passwords", "admin_all_objects"),
        ("edit_storage_passwords", "admin_all_objects"),
    ),
    "apps/local": ((), ("edit_local_apps",)),
    "data/indexes": ((), ("indexes_edit",)),
    "receivers/simple": ((), ("edit_tcp",)),
    "search/jobs": ((), ("search",)),
    "search/v2/jobs": ((), ("search",)),
}


def check_capability(user: User, endpoint: str, method: str) -> None:
    """Refuse a call for which the user has none of the capabilities."""
    needed = NEEDED.get(endpoint, ((), ()))[method != "GET"]
    if needed and not set(needed) & set(user.capabilities):
        raise RestError(
            403,
            f"You (user={user.name}) do not have permission to perform this operation "
            f"(requires capability: {' OR '.join(needed)}).",
        )


def check_write(splunkd: Splunkd, call: Call, kind: str, name: str) -> None:
    """Refuse the change of a shared object to those whom default.meta does not let. Private ones are their owner's."""
    user, owner = call.who, call.namespace.owner
    if call.namespace.private:
        if owner != user.name and "admin_all_objects" not in user.capabilities:
            raise RestError(403, f"User '{user.name}' cannot write in the context of user '{owner}'")  # [unverified]
    elif not splunkd.sharing.may(user.roles, kind, "write"):
        held, allowed = ", ".join(user.roles), ", ".join(splunkd.sharing.roles(kind, "write"))
        raise RestError(  # [unverified] the end of the text
            403,
            f"User '{user.name}' with roles {{ {held} }} cannot write: /nobody/{splunkd.app}/{kind}/{name} "
            f"{{ write : [ {allowed} ] }}",
        )


def _content(splunkd: Splunkd, user: User) -> Dict[str, Any]:
    return {
        "username": user.name, "realname": "", "email": "", "type": "Splunk", "defaultApp": "search",
        "roles": list(user.roles), "capabilities": user.capabilities, "tz": str(splunkd.tz),
    }  # fmt: skip


def _context(splunkd: Splunkd, call: Call) -> Feed:
    _read_only(call)
    entry = Entry("context", "authentication/current-context", _content(splunkd, call.who), ("list",))
    return Feed("authentication/current-context", "system", [entry])


def _users(splunkd: Splunkd, call: Call) -> Feed:
    _read_only(call)
    users = {user.name: user for user in splunkd.users.people()}
    names = call.path or list(users)
    if any(name not in users for name in names):
        raise RestError(404, f"Could not find object id={names[0]}")
    entries = [Entry(name, "authentication/users", _content(splunkd, users[name]), ("list",)) for name in names]
    return page(entries, call, "authentication/users", "system")


def _roles(splunkd: Splunkd, call: Call) -> Feed:
    _read_only(call)
    known = splunkd.users.roles()
    names = call.path or list(known)
    if any(name not in known for name in names):
        raise RestError(404, f"Could not find object id={names[0]}")
    entries = [Entry(name, "authorization/roles", {"capabilities": sorted(known[name])}, ("list",)) for name in names]
    return page(entries, call, "authorization/roles", "system")


def _capabilities(splunkd: Splunkd, call: Call) -> Feed:
    _read_only(call)
    every = sorted({name for names in splunkd.users.roles().values() for name in names})
    entry = Entry("capabilities", "authorization/capabilities", {"capabilities": every}, ("list",))
    return Feed("authorization/capabilities", "system", [entry])


def _read_only(call: Call) -> None:
    if call.method != "GET":
        raise RestError(501, "The stand-in's users and roles are set where it is started.")


ENDPOINTS: Endpoints = {
    "authentication/current-context": (_context, True),
    "authentication/users": (_users, True),
    "authorization/roles": (_roles, True),
    "authorization/capabilities": (_capabilities, True),
}
