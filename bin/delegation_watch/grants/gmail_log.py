"""Gmail's own log of messages: a delegate's use of a mailbox, and the mail that invites a delegate.

Sources: the BigQuery schema of Gmail logs for `delegate_user_email`; published subjects of the invitation. No public
record shows either inside an event of the Reports API [unverified], so both are looked for by name at any depth.
"""

import re
from typing import Any, Dict, Iterator, List

from .columns import add_error, to_grantee
from .fields import Row
from .parties import party
from .shapes import Body
from .values import text_of

# The organisation's name stands where Google's product is called Gmail. Other languages are not known.
_INVITATION = re.compile(r"^(?P<owner>.+?) has granted you access to their .*account", re.IGNORECASE)
# event_info.mail_event_type of a message that arrives. Later events, as when it is opened, tell of the same message.
_RECEIVED = "2"
# Where a message that arrived may say at whom: what it is in decides, since senders have an address as well.
_ARRIVED_AT = ("destination.address", "to", "event_info.address")
_DEPTH = 30
# Names of Google's wrapping of nested values, which say nothing of what is inside.
_WRAPPERS = frozenset(("messagevalue", "multimessagevalue", "parameter", "parameters"))


def nested(value: Any, within: str = "", depth: int = 0) -> Dict[str, List[str]]:
    """Name → texts of parameters at any depth: `parameter` lists of named values, plain objects, lists of them.

    Each stands under its own name, and under that of what it is in, as `destination.address`.
    """
    found: Dict[str, List[str]] = {}
    if depth > _DEPTH:
        return found
    if isinstance(value, list):
        parts = [nested(item, within, depth + 1) for item in value]
    elif isinstance(value, dict):
        parts = list(_parts(value, within, depth))
    else:
        parts = []
    for part in parts:
        for name, texts in part.items():
            found.setdefault(name, []).extend(texts)
    return found


def _parts(value: Body, within: str, depth: int) -> Iterator[Dict[str, List[str]]]:
    named = value["name"].lower() if isinstance(value.get("name"), str) else None
    for key, item in value.items():
        if isinstance(item, (dict, list)):
            yield nested(item, named or (within if key.lower() in _WRAPPERS else key.lower()), depth + 1)
    if named:
        told = next((value[key] for key in ("value", "intValue", "multiValue") if value.get(key) is not None), None)
        leaves = {named: told}
    else:
        leaves = {key.lower(): item for key, item in value.items() if not isinstance(item, (dict, list))}
    for name, item in leaves.items():
        text = text_of(item)
        if text:
            yield {name: [text], f"{within}.{name}": [text]}


def delivery(row: Row, activity: Body, given: Dict[str, Any]) -> List[Row]:
    """A message: a row when a delegate handled it, or when it invites one."""
    told = nested(given)
    for delegate in told.get("delegate_user_email", []):
        used = dict(row, grant_action="use", right="gmail_delegate", right_native=row["operation"], access="send",
                    mailbox=row["actor"], mailbox_id=row["actor_id"])  # fmt: skip
        to_grantee(used, party(delegate))
        return [dict(used, actor=delegate, actor_id=None, actor_kind="user", relation=None)]
    invitation = next((found for found in map(_INVITATION.match, told.get("subject", [])) if found), None)
    if invitation is None or told.get("mail_event_type", [_RECEIVED])[0] != _RECEIVED:
        return []
    # Only the owner's own session can invite; the event's actor and address are those of the mail.
    owner = invitation.group("owner").strip()
    row.update(grant_action="grant", right="gmail_delegate", right_native="invitation", access="send", mailbox=owner,
               actor=owner, actor_id=None, actor_kind="user", src=None)  # fmt: skip
    arrived = (told.get(name, []) for name in _ARRIVED_AT)
    to_grantee(row, party(next((addresses[0] for addresses in arrived if addresses), None)))
    if not row["grantee"]:
        add_error(row, "invitation without the address it went to")
    return [row]
