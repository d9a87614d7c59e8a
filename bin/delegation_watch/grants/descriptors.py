"""Security descriptors in SDDL, as far as they let somebody into a mailbox: who has which right by which entry.

Sources: "Security Descriptor String Format" and "ACE Strings" (order of the fields, letters of rights, aliases of
SIDs); the rights' GUIDs Send-As and Receive-As of the Active Directory schema; the access masks of a mailbox's own
descriptor as Microsoft's example of setting them writes them (article 304935: full access 1, send as 2, associated
external account 4, and the standard rights).
"""

import re
from typing import Dict, FrozenSet, Iterator, NamedTuple, Tuple


class Entry(NamedTuple):
    """One entry that allows something: whose (a SID), the right and what it allows, as the descriptor writes it."""

    sid: str
    right: str
    access: str
    native: str


_DACL = re.compile(r"D:[A-Z]*((?:\([^()]*\))*)")
_ACE = re.compile(r"\(([^()]*)\)")
# Letters of the rights that matter, as bits; a right may be a number as well. GA and FA stand for everything.
_BITS: Dict[str, int] = {
    "CC": 0x1, "DC": 0x2, "LC": 0x4, "CR": 0x100, "SD": 0x10000, "RC": 0x20000, "WD": 0x40000, "WO": 0x80000,
    "GA": 0x10000000,
}  # fmt: skip
_SEND_AS = "ab721a54-1e2f-11d0-9819-00aa0040529b"
_RECEIVE_AS = "ab721a56-1e2f-11d0-9819-00aa0040529b"
Rights = Dict[int, Tuple[str, str]]
_EVERYTHING: Rights = {_BITS["GA"]: ("full_access", "own")}
_STANDARD: Rights = {_BITS["WD"]: ("change_permission", "own"), _BITS["WO"]: ("change_owner", "own")}
# Of a mailbox's own descriptor, and of its directory object, where no single right is named: every extended one.
_MAILBOX: Rights = {
    0x1: ("full_access", "own"), 0x2: ("send_as", "send"), 0x4: ("external_account", "own"), **_STANDARD, **_EVERYTHING,
}  # fmt: skip
_DIRECTORY: Rights = {_BITS["CR"]: ("full_access", "own"), **_STANDARD, **_EVERYTHING}
_EXTENDED: Dict[str, Tuple[str, str]] = {_SEND_AS: ("send_as", "send"), _RECEIVE_AS: ("full_access", "own")}
# Aliases of those who stand for many. Of the others in a descriptor (SELF, administrators, operators, SYSTEM, …)
# Windows and Exchange put the entries there; accounts of one's own stand as SIDs.
_ALIASES: Dict[str, str] = {"WD": "S-1-1-0", "AU": "S-1-5-11", "AN": "S-1-5-7"}
# Relative ids below this are Windows' own accounts and groups (Domain Admins is 512).
_FIRST_OWN = 1000

ATTRIBUTES: FrozenSet[str] = frozenset(("ntsecuritydescriptor", "msexchmailboxsecuritydescriptor"))


def entries(attribute: str, sddl: str) -> Iterator[Entry]:
    """The entries of a descriptor that let one's own accounts, or many, into the mailbox; inherited ones are left out.

    An inherited entry was not made on this mailbox. Text that is no descriptor gives none.
    """
    found = _DACL.search(sddl)
    for ace in _ACE.findall(found.group(1)) if found else ():
        fields = ace.split(";")
        if len(fields) < 6 or fields[0] not in ("A", "OA") or "ID" in _pairs(fields[1]) or "IO" in _pairs(fields[1]):
            continue
        sid = _sid(fields[5])
        if sid:
            for right, access in dict.fromkeys(_rights(attribute.lower(), fields[2], fields[3].lower())):
                yield Entry(sid, right, access, f"({ace})")


def _pairs(letters: str) -> Tuple[str, ...]:
    return tuple(letters[at : at + 2] for at in range(0, len(letters), 2))


def _sid(text: str) -> str:
    if text in _ALIASES:
        return _ALIASES[text]
    domain, _, relative = text.rpartition("-")
    own = domain.startswith("S-1-5-21-") and relative.isdecimal() and int(relative) >= _FIRST_OWN
    return text if own or text in _ALIASES.values() else ""


def _rights(attribute: str, letters: str, guid: str) -> Iterator[Tuple[str, str]]:
    mask = _mask(letters)
    if attribute == "msexchmailboxsecuritydescriptor":
        known: Rights = _MAILBOX
    elif guid:
        if mask & _BITS["CR"] and guid in _EXTENDED:
            yield _EXTENDED[guid]
        return  # a single property or extended right that reaches no mail
    else:
        known = _DIRECTORY
    yield from (right for bit, right in known.items() if mask & bit)


def _mask(text: str) -> int:
    if text.lower().startswith("0x"):
        try:
            return int(text, 16)
        except ValueError:
            return 0
    return sum(_BITS.get(pair, 0) for pair in set(_pairs(text)))
