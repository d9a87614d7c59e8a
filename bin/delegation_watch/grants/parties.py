"""People, groups and applications as records name them: which kind, which id, and whether two names are one.

No lookup happens here: what a name alone does not tell stays `unknown`.
"""

import functools
import re
from typing import Dict, FrozenSet, NamedTuple, Optional, Tuple

GUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", re.IGNORECASE)
_SID = re.compile(r"^S-1-\d+(-\d+)*$", re.IGNORECASE)
# How Exchange writes a folder's member whom the directory no longer knows: `NT:S-1-5-21-…`, `NT User:DOMAIN\\name`.
_ORPHAN = re.compile(r"^NT(?: User)?:(?=\S)", re.IGNORECASE)
_SUFFIX = re.compile(r"_[0-9a-f]{10}$")
_ON_BEHALF = re.compile(r'^"([^"]+)" on behalf of "[^"]*"$', re.IGNORECASE)
_SYSTEM = re.compile(
    r"^(NT AUTHORITY\\(SYSTEM|NETWORK SERVICE)\b.*|S-1-5-18|.*applicationaccount@.*\.prod\.outlook\.com|"
    r"devilfish-applicationaccount.*)$",
    re.IGNORECASE,
)
_SYSTEM_MAILBOX = re.compile(
    r"(^|/)(DiscoverySearchMailbox|SystemMailbox|HealthMailbox|FederatedEmail|Migration)[.{]?", re.IGNORECASE
)

# Principals that stand for many, by the names that cmdlets, mailbox audit and inventory use. S-1-1-0 and S-1-5-7
# are the well-known SIDs of Everyone and Anonymous; real mailbox-audit records write Everyone with S-1-1-0. The names
# in other languages are those of folder permissions in a mailbox of that language; scripts of administrators show the
# German ones, the rest are [unverified].
_PRINCIPALS: Dict[str, str] = {
    "default": "everyone",
    "everyone": "everyone",
    "s-1-1-0": "everyone",
    "s-1-5-11": "everyone",
    "nt authority\\authenticated users": "everyone",
    "authenticated users": "everyone",
    "anonymous": "anonymous",
    "anonymous logon": "anonymous",
    "nt authority\\anonymous logon": "anonymous",
    "s-1-5-7": "anonymous",
    "standard": "everyone", "par défaut": "everyone", "predeterminado": "everyone", "predefinito": "everyone",
    "padrão": "everyone", "standaard": "everyone", "domyślne": "everyone", "既定": "everyone", "默认": "everyone",
    "anonym": "anonymous", "anonyme": "anonymous", "anónimo": "anonymous", "anonimo": "anonymous",
    "anônimo": "anonymous", "anoniem": "anonymous", "匿名": "anonymous",
    "nt authority\\self": "mailbox_self",
    "self": "mailbox_self",
    "s-1-5-10": "mailbox_self",
    "member@local": "group",
    "owner@local": "group",
    "discovery management": "group",
    "organization management": "group",
    "recipient management": "group",
    "ediscovery manager": "group",
    "compliance management": "group",
    "exchange servers": "system",
    "exchange trusted subsystem": "system",
    "exchange services": "system",
    "managed availability servers": "system",
}  # fmt: skip


class Party(NamedTuple):
    """Someone as a record names them: `name` as recorded, `id` where the name is a stable one, and the kind."""

    name: Optional[str]
    id: Optional[str]
    kind: str


NOBODY = Party(None, None, "unknown")


@functools.lru_cache(maxsize=65536)
def party(text: Optional[str]) -> Party:
    """Read the name of a delegate, a trustee or a mailbox.

    Kinds come from the name alone: `everyone anonymous mailbox_self group system guest user application`, and
    `unknown` for a GUID, an alias, a display name or a distinguished name, which may be any of them. An orphan is
    named by its SID.
    """
    if text is None or not text.strip():
        return NOBODY
    name = _ORPHAN.sub("", text.strip())
    last = last_element(name)
    kind = _PRINCIPALS.get(name.casefold()) or _PRINCIPALS.get(last.casefold())
    if kind is None:
        kind = _kind(name, last)
    return Party(name, last if GUID.match(last) or _SID.match(last) else None, kind)


def _kind(name: str, last: str) -> str:
    if _SYSTEM.match(name) or name.upper().startswith("NT AUTHORITY\\"):
        return "system"
    if "#EXT#" in name.upper():
        return "guest"
    if name.startswith("ServicePrincipal_"):
        return "application"
    if name.endswith("$") and "@" not in name:
        return "system"  # the account of a computer
    return "user" if "@" in last else "unknown"


@functools.lru_cache(maxsize=65536)
def last_element(name: str) -> str:
    """The last element of a canonical or legacy distinguished name, and any other name as it is."""
    if name.lower().startswith("/o="):
        return name.rsplit("=", 1)[-1]
    if name.upper().startswith("CN="):
        return re.split(r"(?<!\\),", name, maxsplit=1)[0][3:].replace("\\", "")
    return name.replace("\\/", "/").rsplit("/", 1)[-1] if "/" in name else name


@functools.lru_cache(maxsize=65536)
def mailbox(
    identity: Optional[str], object_id: Optional[str] = None
) -> Tuple[Optional[str], Optional[str], Optional[str]]:
    """(name, id, kind) of a mailbox: Identity first, since ObjectId may be any recipient's Name.

    The kind is `system` for the mailboxes that Exchange keeps for itself, else None: the name does not tell.
    """
    who = party(identity or object_id)
    stable = who.id or (object_id if object_id and GUID.match(object_id) else None)
    return who.name, stable, "system" if who.name and _SYSTEM_MAILBOX.search(who.name) else None


@functools.lru_cache(maxsize=65536)
def _keys(name: str) -> Tuple[str, str]:
    """(whole, alias) by which a name is compared, case-folded, without the suffix of a name collision."""
    whole = _SUFFIX.sub("", last_element(name)).casefold()
    return whole, whole.partition("@")[0]


@functools.lru_cache(maxsize=65536)
def same(one: Optional[str], other: Optional[str]) -> bool:
    """Whether two names are the same party: equal, or the address of one is the alias or Name of the other."""
    if not one or not other:
        return False
    whole, alias = _keys(one)
    other_whole, other_alias = _keys(other)
    if whole == other_whole:
        return True
    return alias == other_alias and ("@" in whole) != ("@" in other_whole)


def same_domain(address: Optional[str], *others: Optional[str]) -> bool:
    """Whether an address is of the same domain as one of the others."""
    domain = (address or "").rpartition("@")[2].casefold()
    return any(domain == (other or "").rpartition("@")[2].casefold() for other in others if "@" in (other or ""))


@functools.lru_cache(maxsize=65536)
def relation(actor: Optional[str], actor_id: Optional[str], grantee: Optional[str], mailbox: Optional[str]) -> str:
    """`owner` when the actor gives rights on his own mailbox, `self_grant` when to himself, else `third_party`.

    Names that cannot be compared (a GUID with an address) count as third parties; once identities are resolved
    the searches decide again.
    """
    if same(actor, mailbox) or same(actor_id, mailbox):
        return "owner"
    return "self_grant" if same(actor, grantee) or same(actor_id, grantee) else "third_party"


_USER_TYPES = {"3": "partner", "4": "system", "5": "application", "6": "application", "8": "system", "9": "partner",
               "dcadmin": "partner", "system": "system", "application": "application",
               "serviceprincipal": "application", "partnertechnician": "partner"}  # fmt: skip
_APP_DISPLAY: FrozenSet[str] = frozenset(("not available", "not applicable"))


@functools.lru_cache(maxsize=65536)
def actor(
    user_id: Optional[str], user_key: Optional[str], object_id: Optional[str], user_type: str, external: bool
) -> Party:
    """Who did it. `external` is ExternalAccess, or a token from another tenant.

    The id is the object id of the token (TokenObjectId) where the record has it, else the PUID or object id of UserKey.

    UserType alone decides nothing: SYSTEM writes 2 and 3, each human's Exchange cmdlet is 2. Datacenter staff and
    delegated administrators are both `partner`: the record does not tell them apart, and neither is system noise.
    """
    if not user_id:
        return NOBODY
    behalf = _ON_BEHALF.match(user_id)
    name = behalf.group(1) if behalf else user_id
    kind = party(name).kind
    if name.casefold() in _APP_DISPLAY:
        kind = "system" if user_type == "4" else "application"
    elif kind not in ("system", "application"):
        kind = _USER_TYPES.get(user_type.lower(), "partner" if external else "user")
    return Party(name, object_id or _stable(user_key, user_id), kind)


def _stable(user_key: Optional[str], user_id: str) -> Optional[str]:
    """The PUID or object id in UserKey; Entra appends the domain to it, and some records repeat UserId instead."""
    if not user_key or user_key == user_id or user_key.startswith("Not ") or "\\" in user_key:
        return None
    return user_key.partition("@")[0]
