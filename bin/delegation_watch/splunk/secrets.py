"""Secrets in Splunk's own storage, storage/passwords, and nowhere else.

Older Splunk encrypts at most 255 characters, so a secret is kept in numbered parts with its checksum in front. A reader
that meets a half-written rotation sees a checksum that does not fit, and gets an error in place of a mixed secret.
The checksum also covers whereto the secret is sent, where that was known when it was stored: an account whose addresses
were changed since, by whatever way, gets no secret.
"""

import hashlib
import json
from typing import Any, Dict, List, Mapping, Optional

from splunklib import client

from .. import APP
from .session import SplunkError, one_line

_PART = 255
# What of an account's settings says whereto its secrets are sent.
_WHERETO = ("provider", "cloud", "authority", "api_root", "graph_root", "exchange_root", "ca_file")
Settings = Mapping[str, Any]


def whereto(settings: Settings) -> str:
    """The addresses of an account as one text, the same for the same ones."""
    return json.dumps([_normal(key, str(settings.get(key) or "")) for key in _WHERETO])


def write_secret(service: client.Service, name: str, secret: str, settings: Optional[Settings] = None) -> None:
    """Store a secret, in place of the one there was; with the account's settings, for its present addresses only."""
    text = f"{_checksum(secret, settings)}:{secret}"
    parts = [text[at : at + _PART] for at in range(0, len(text), _PART)]
    stored = _stored(service, name)
    for number, part in enumerate(parts):
        if number in stored:
            stored.pop(number).update(password=part)
        else:
            service.storage_passwords.create(part, f"{name}#{number}", APP)
    for leftover in stored.values():
        leftover.delete()


def read_secret(service: client.Service, name: str, settings: Optional[Settings] = None) -> str:
    """The secret of an account; SplunkError when there is none, only a part of one, or one for other addresses."""
    with one_line("cannot read storage/passwords: {}"):
        # As JSON: line ends and parts of blanks alone do not survive the XML that splunklib reads entities from.
        answer = service.get("storage/passwords", count=-1, search=f"realm={APP}", output_mode="json")
    entries = (entry["content"] for entry in json.loads(answer["body"].read())["entry"])
    stored = {_number(entry, name): str(entry.get("clear_password") or "") for entry in entries}
    text = "".join(stored[number] for number in sorted(number for number in stored if number >= 0))
    if not text:
        raise SplunkError(f"no secret is stored for account {name}")
    if not _fits(text, settings):
        raise SplunkError(
            f"the stored secret of account {name} is incomplete, or the account's addresses have changed since; "
            "store it again"
        )
    return text.partition(":")[2]


def delete_secret(service: client.Service, name: str) -> bool:
    """Remove a secret, whole or not; whether there was one."""
    stored = _stored(service, name)
    for part in stored.values():
        part.delete()
    return bool(stored)


def secret_state(service: client.Service, known: Mapping[str, Settings]) -> Dict[str, str]:
    """Of each secret, by name, whether it is `stored`, or not to be used (`incomplete`); no secret is in it.

    known: the settings that belong to a name.
    """
    answer = service.get("storage/passwords", count=-1, search=f"realm={APP}", output_mode="json")
    parts: Dict[str, Dict[int, str]] = {}
    for entry in json.loads(answer["body"].read())["entry"]:
        name = str(entry["content"].get("username")).rpartition("#")[0]
        number = _number(entry["content"], name)
        if number >= 0:
            parts.setdefault(name, {})[number] = str(entry["content"].get("clear_password") or "")
    texts = {name: "".join(found[number] for number in sorted(found)) for name, found in parts.items()}
    return {name: "stored" if _fits(text, known.get(name)) else "incomplete" for name, text in texts.items()}


def _fits(text: str, settings: Optional[Settings]) -> bool:
    """Whether a stored text is whole and, if it was stored for certain addresses, for these."""
    checksum, _, secret = text.partition(":")
    allowed: List[Optional[Settings]] = [None, settings]
    return checksum in [_checksum(secret, one) for one in allowed]


def _checksum(secret: str, settings: Optional[Settings] = None) -> str:
    covered = secret if settings is None else f"{whereto(settings)}\n{secret}"
    return hashlib.sha256(covered.encode()).hexdigest()[:16]


def _normal(key: str, value: str) -> str:
    value = value.strip() if key == "ca_file" else value.strip().rstrip("/").lower()
    return value or ("commercial" if key == "cloud" else "")


def _stored(service: client.Service, name: str) -> Dict[int, Any]:
    items = service.storage_passwords.list(count=-1, search=f"realm={APP}")
    return {_number(item.content, name): item for item in items if _number(item.content, name) >= 0}


def _number(content: Mapping[str, Any], name: str) -> int:
    """Which part of the account's secret an entry is; -1 when it is none."""
    stem, _, number = str(content.get("username")).rpartition("#")
    return int(number) if content.get("realm") == APP and stem == name and number.isdecimal() else -1
