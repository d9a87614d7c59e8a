"""A fact: one id of one identity, as one record claims it."""

from typing import NamedTuple, Optional


class Fact(NamedTuple):
    """One id of one identity."""

    id: Optional[str]
    id_kind: str
    identity: Optional[str]
    identity_kind: str
