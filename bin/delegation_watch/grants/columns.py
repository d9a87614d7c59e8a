"""How a reader fills the columns of a row: whose mailbox, who gets in, what could not be read. No record shapes."""

from typing import Any, Optional

from .fields import Row
from .parties import Party, mailbox, relation
from .values import text_of


def on_mailbox(row: Row, identity: Optional[str], object_id: Any = None) -> None:
    """Fill in whose mailbox it is."""
    named = object_id if isinstance(object_id, str) else text_of(object_id)
    row["mailbox"], row["mailbox_id"], row["mailbox_kind"] = mailbox(identity, named)


def to_grantee(row: Row, who: Party) -> None:
    """Fill in who gets in, and how he stands to the actor and the mailbox."""
    row["grantee"], row["grantee_id"], row["grantee_kind"] = who
    row["relation"] = relation(row["actor"], row["actor_id"], who.name, row["mailbox"])


def add_error(row: Row, message: str) -> None:
    """Tell what could not be read; what was told before stays."""
    row["parse_error"] = f"{row['parse_error']}; {message}" if row["parse_error"] else message


def missing(row: Row, **parameters: Any) -> None:
    """Tell which of the parameters a grant needs are absent."""
    absent = ", ".join(name for name, value in parameters.items() if not value)
    if absent:
        add_error(row, "record without " + absent)
