"""The file of certificates that an account may trust in place of those that come with the app.

Whoever sets up an account names it, and may have no other business on this host: so nothing but a file of certificates
is ever read whole, and what else lies in its place is not told apart.
"""

import os
import stat
from typing import Union

from .errors import SettingsError

_LONGEST = 1_000_000
_MARK = b"-----BEGIN CERTIFICATE-----"


def trusted(verify: Union[bool, str]) -> Union[bool, str]:
    """What to verify by, as it was given; SettingsError where it is the path of no file of certificates."""
    if isinstance(verify, bool):
        return True
    text = _text(verify) if os.path.isabs(verify) else b""
    if _MARK not in text or len(text) > _LONGEST:
        raise SettingsError(
            f"cannot use the certificates in ca_file: {verify!r} is no file of certificates that Splunk can read "
            "on this host; give the whole path of a file with PEM certificates, of at most 1 MB"
        )
    return verify


def _text(path: str) -> bytes:
    """The content of a file; nothing where it cannot be read, or is a folder, a pipe or a device, which may not end."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read(_LONGEST + 1)
    except (OSError, ValueError):
        return b""
