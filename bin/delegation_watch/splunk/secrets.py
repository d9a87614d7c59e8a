"""Secrets in Splunk's own storage, storage/passwords, and nowhere else.

Older Splunk encrypts at most 255 characters, so a secret is kept in numbered parts with its checksum in front. A reader
that meets a half-written rotation sees a checksum that does not fit, and gets an error in place of a mixed secret.
"""

import hashlib
import json
from typing import Any, Dict, Mapping

from splunklib import client

from .. import APP
from .session import SplunkError, one_line

_PART = 255


def write_secret(service: client.Service, name: str, secret: str) -> None:
    """Store a secret, in place of the one there was."""
    text = f"{_checksum(secret)}:{secret}"
    parts = [text[at : at + _PART] for at in range(0, len(text), _PART)]
    stored = _stored(service, name)
    for number, part in enumerate(parts):
        if number in stored:
            stored.pop(number).update(password=part)
        else:
            service.storage_passwords.create(part, f"{name}#{number}", APP)
    for leftover in stored.values():
        leftover.delete()


def read_secret(service: client.Service, name: str) -> str:
    """The secret of an account; SplunkError when there is none, or only a part of one."""
    with one_line("cannot read storage/passwords: {}"):
        # As JSON: line ends and parts of blanks alone do not survive the XML that splunklib reads entities from.
        answer = service.get("storage/passwords", count=-1, search=f"realm={APP}", output_mode="json")
    entries = (entry["content"] for entry in json.loads(answer["body"].read())["entry"])
    stored = {_number(entry, name): str(entry.get("clear_password") or "") for entry in entries}
    text = "".join(stored[number] for number in sorted(number for number in stored if number >= 0))
    checksum, _, secret = text.partition(":")
    if not text:
        raise SplunkError(f"no secret is stored for account {name}")
    if checksum != _checksum(secret):
        raise SplunkError(f"the stored secret of account {name} is incomplete; store it again")
    return secret


def delete_secret(service: client.Service, name: str) -> bool:
    """Remove a secret, whole or not; whether there was one."""
    stored = _stored(service, name)
    for part in stored.values():
        part.delete()
    return bool(stored)


def secret_states(service: client.Service) -> Dict[str, str]:
    """By account, whether its secret is `stored` or only `incomplete`; no secret is in it."""
    answer = service.get("storage/passwords", count=-1, search=f"realm={APP}", output_mode="json")
    parts: Dict[str, Dict[int, str]] = {}
    for entry in json.loads(answer["body"].read())["entry"]:
        name = str(entry["content"].get("username")).rpartition("#")[0]
        number = _number(entry["content"], name)
        if number >= 0:
            parts.setdefault(name, {})[number] = str(entry["content"].get("clear_password") or "")
    return {name: "stored" if _whole(found) else "incomplete" for name, found in parts.items()}


def _whole(parts: Mapping[int, str]) -> bool:
    checksum, _, secret = "".join(parts[number] for number in sorted(parts)).partition(":")
    return checksum == _checksum(secret)


def _checksum(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def _stored(service: client.Service, name: str) -> Dict[int, Any]:
    items = service.storage_passwords.list(count=-1, search=f"realm={APP}")
    return {_number(item.content, name): item for item in items if _number(item.content, name) >= 0}


def _number(content: Mapping[str, Any], name: str) -> int:
    """Which part of the account's secret an entry is; -1 when it is none."""
    stem, _, number = str(content.get("username")).rpartition("#")
    return int(number) if content.get("realm") == APP and stem == name and number.isdecimal() else -1
