"""storage/passwords: secrets by realm and user name, in memory only; a stopped stand-in has forgotten them."""

from __future__ import annotations

import threading
from typing import Dict, List, Optional, Tuple

Key = Tuple[str, str]


def entry_name(realm: str, username: str) -> str:
    """The entity's name as splunkd writes it: `realm:username:`, colons inside either escaped."""
    parts = (part.replace(":", "\\:") for part in (realm, username))
    return "{}:{}:".format(*parts)


class Passwords:
    """A small store that several threads may use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stored: Dict[Key, str] = {}

    def put(self, realm: str, username: str, password: str) -> None:
        """Store or replace one."""
        with self._lock:
            self._stored[(realm, username)] = password

    def create(self, realm: str, username: str, password: str) -> bool:
        """Store one that is not there yet; False when it is."""
        with self._lock:
            if (realm, username) in self._stored:
                return False
            self._stored[(realm, username)] = password
            return True

    def remove(self, key: Key) -> None:
        """Forget one."""
        with self._lock:
            del self._stored[key]

    def items(self) -> List[Tuple[Key, str]]:
        """All of them, by realm and user name."""
        with self._lock:
            return sorted(self._stored.items())

    def find(self, name: str) -> Optional[Key]:
        """The key whose entity name this is; the last colon may be missing."""
        wanted = name if name.endswith(":") else name + ":"
        return next((key for key, _ in self.items() if entry_name(*key) == wanted), None)
