"""Gmail's own log of messages: a delegate's use of a mailbox, and the mail that invites a delegate.

Sources: the BigQuery schema of Gmail logs for `delegate_user_email`; published subjects of the invitation. No public
record shows either inside an event of the Reports API [unverified], so both are looked for by name at any depth.
"""

import re
from typing import Any, Dict, List

from .columns import to_grantee
from .fields import Row
from .parties import party
from .shapes import Body
from .values import text_of

# The organisation's name stands where Google's product is called Gmail. Other languages are not known.
_INVITATION = re.compile(r"^(?P<owner>.+?) has granted you access to their .*account", re.IGNORECASE)
_DEPTH = 30


def nested(value: Any, depth: int = 0) -> Dict[str, List[str]]:
    """Name → texts of parameters at any depth: `parameter` lists of named values, plain objects, lists of them."""
    found: Dict[str, List[str]] = {}
    if depth > _DEPTH:
        return found
    if isinstance(value, list):
        parts = [nested(item, depth + 1) for item in value]
    elif isinstance(value, dict):
        parts = [nested(item, depth + 1) for item in value.values() if isinstance(item, (dict, list))]
        if isinstance(value.get("name"), str):
            told = next((value[key] for key in ("value", "intValue", "multiValue") if value.get(key) is not None), None)
            parts.append({value["name"].lower(): [text for text in [text_of(told)] if text]})
        else:
            plain = {name: text_of(item) for name, item in value.items() if not isinstance(item, (dict, list))}
            parts.append({name.lower(): [text] for name, text in plain.items() if text})
    else:
        parts = []
    for part in parts:
        for name, texts in part.items():
            found.setdefault(name, []).extend(texts)
    return found


def delivery(row: Row, activity: Body, given: Dict[str, Any]) -> List[Row]:
    """A message: a row when a delegate handled it, or when it invites one."""
    told = nested(given)
    for delegate in told.get("delegate_user_email", []):
        used = dict(row, grant_action="use", right="gmail_delegate", right_native=row["operation"], access="send",
                    mailbox=row["actor"], mailbox_id=row["actor_id"])  # fmt: skip
        to_grantee(used, party(delegate))
        return [dict(used, actor=delegate, actor_id=None, actor_kind="user", relation=None)]
    invitation = next((found for found in map(_INVITATION.match, told.get("subject", [])) if found), None)
    if invitation is None:
        return []
    row.update(grant_action="grant", right="gmail_delegate", right_native="invitation", access="send",
               mailbox=invitation.group("owner").strip())  # fmt: skip
    to_grantee(row, party(next(iter(told.get("address", []) or told.get("to", [])), None)))
    return [row]
