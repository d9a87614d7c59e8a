"""Folders of a mailbox: the path as recorded and what kind of folder it is, in the languages of Outlook.

A folder is looked up by the first element of its path, so `\\Inbox\\Projects` is `other`, and only `\\Inbox` is
`inbox`. The names stand in folder_names.
"""

import functools
import re
import unicodedata
from typing import Dict, Optional, Tuple

from .folder_names import FOLDER_NAMES, KINDS


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold().replace("’", "'")


_KINDS: Dict[str, str] = {
    _folded(name.lstrip("?")): kind
    for names in FOLDER_NAMES.values()
    for kind, alternatives in zip(KINDS, names)
    for name in filter(None, alternatives.split("|"))
}
_WELL_KNOWN = re.compile(r"[\\/]+")


@functools.lru_cache(maxsize=65536)
def folder_kind(path: Optional[str]) -> Optional[str]:
    """`root inbox calendar contacts sent other` of a folder's path; None when no path is given.

    The empty path, `\\` and `/` are the root (Top of Information Store).
    """
    if path is None:
        return None
    parts = [part for part in _WELL_KNOWN.split(path) if part.strip()]
    if not parts:
        return "root"
    return _KINDS.get(_folded(parts[0]), "other") if len(parts) == 1 else "other"


@functools.lru_cache(maxsize=65536)
def split_identity(identity: str) -> Tuple[str, str]:
    """(mailbox, folder path) of a folder cmdlet's Identity: `ann@example.com:\\Inbox`.

    A mailbox alone, or with `:` or `:\\`, means the root; what follows the colon may also be a folder id.
    Source: Set-MailboxFolderPermission, parameter Identity.
    """
    mailbox, mark, folder = identity.partition(":\\")
    if mark:
        return mailbox, "\\" + folder
    mailbox, mark, folder = identity.rpartition(":")
    if mark and "/" not in folder:
        return mailbox, folder or "\\"
    return identity, "\\"
