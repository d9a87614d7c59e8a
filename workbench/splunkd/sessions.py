"""Session keys: one for people, and one for each process while it runs."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import Dict, Iterator, Optional


class Sessions:
    """Keys and the user each stands for."""

    def __init__(self) -> None:
        self._users: Dict[str, str] = {}

    def issue(self, user: str) -> str:
        """A new key for the user."""
        key = secrets.token_urlsafe(48)
        self._users[key] = user
        return key

    def user(self, key: str) -> Optional[str]:
        """The user behind a key, or None when it is unknown or withdrawn."""
        return self._users.get(key)

    def end(self, key: str) -> None:
        """Withdraw a key."""
        self._users.pop(key, None)

    @contextmanager
    def issued(self, user: str = "splunk-system-user") -> Iterator[str]:
        """A key that is good as long as the block runs."""
        key = self.issue(user)
        try:
            yield key
        finally:
            del self._users[key]
