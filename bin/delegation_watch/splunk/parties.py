"""Whether whoever approves a delegation is a party to it: the delegate, or who granted it."""

from typing import Iterable, NamedTuple, Optional, Tuple

DELEGATE, GRANTOR, MEMBER = "the delegate", "the grantor", "a member of the delegate"
# With whom an approval would have nobody else in it.
BARRED = {DELEGATE: "You are the delegate yourself", GRANTOR: "You granted this yourself"}


class Party(NamedTuple):
    """Which party a reviewer is, or None; `sure` when the very name or address agrees, not only what is before an @."""

    role: str
    sure: bool

    def __str__(self) -> str:
        return self.role if self.sure else f"perhaps {self.role}"


def party_of(reviewer: Iterable[str], parties: Iterable[Tuple[str, str]]) -> Optional[Party]:
    """The party that a reviewer, by all his names, is surely; else the one that he may be.

    parties: (role, name), of which the first counts most.
    """
    given = [(role, name.lower()) for role, name in parties if name]
    own = {name.lower() for name in reviewer if name}
    short = {_short(name) for name in own}
    found = [Party(role, True) for role, name in given if name in own]
    found += [Party(role, False) for role, name in given if _short(name) in short]
    return found[0] if found else None


def _short(name: str) -> str:
    """An account's name without its domain: anna of anna@x.example and of X\\anna."""
    return name.rpartition("\\")[2].partition("@")[0]
