"""Google's HTTP batches: many GETs in one multipart/mixed POST, each with a token of its own.

Answers are matched by their Content-ID, never by their order; a part that does not come back whole is not there.
Source: Gmail API, "Batching requests".
"""

import json
import re
import secrets
from email.parser import BytesParser
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

MOST = 50  # Google takes 100 and advises 50
_ID = re.compile(r"^<response-p(\d+)>$")
_STATUS = re.compile(r"^HTTP/\d(?:\.\d)? (\d{3})\b")


class Reply(NamedTuple):
    """The answer to one part: its status, and its JSON, None where there is none."""

    status: int
    body: Any


def compose(calls: List[Tuple[str, str]]) -> Tuple[str, bytes]:
    """(Content-Type, body) of the batch of these (path, token)."""
    boundary = "batch_" + secrets.token_hex(16)
    lines: List[str] = []
    for number, (path, token) in enumerate(calls):
        lines += [f"--{boundary}", "Content-Type: application/http", f"Content-ID: <p{number}>", ""]
        lines += [f"GET {path} HTTP/1.1", f"Authorization: Bearer {token}", "Accept: application/json", "", ""]
    lines += [f"--{boundary}--", ""]
    return f'multipart/mixed; boundary="{boundary}"', "\r\n".join(lines).encode("ascii")


def replies(content_type: str, body: bytes) -> Dict[int, Reply]:
    """The answers by the place of their calls; what is cut off, doubled or no answer is left out."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser().parsebytes(head + body)
    found: Dict[int, Reply] = {}
    doubled: Set[int] = set()
    parts: Any = message.get_payload() if message.is_multipart() else []
    for part in parts:
        named = _ID.match(str(part.get("Content-ID", "")).strip())
        reply = _reply(part.get_payload(decode=True)) if named else None
        if named and reply:
            number = int(named.group(1))
            if number in found:
                doubled.add(number)
            found[number] = reply
    return {number: reply for number, reply in found.items() if number not in doubled}


def _reply(text: Any) -> Optional[Reply]:
    head, _, body = bytes(text or b"").replace(b"\r\n", b"\n").partition(b"\n\n")
    status = _STATUS.match(head.decode("latin-1"))
    if not status:
        return None
    try:
        value = json.loads(body) if body.strip() else None
    except (ValueError, RecursionError):
        return None
    return Reply(int(status.group(1)), value)
