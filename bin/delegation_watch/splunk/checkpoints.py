"""How far each feed of each input is read: one document a feed in the KV store, which a cluster shares."""

import json
import time
from typing import Any, Dict

from splunklib import client

from .session import SplunkError, one_line

COLLECTION = "delegation_watch_checkpoints"
_FAILED = "the KV store does not answer ({}); it must be enabled on this host"


class Checkpoints:
    """The checkpoints of one input."""

    def __init__(self, service: client.Service, stanza: str):
        self._stanza = stanza
        with one_line(_FAILED):
            try:
                self._data = service.kvstore[COLLECTION].data
            except KeyError:
                raise SplunkError(f"the KV store has no collection {COLLECTION}; is the app installed whole?") from None

    def load(self, feed: str) -> Dict[str, Any]:
        """The state that was stored last for a feed; empty when none was."""
        with one_line(_FAILED):
            found = self._data.query(query=json.dumps({"_key": self._key(feed)}))
        if not found:
            return {}
        try:
            state = json.loads(found[0]["state"])
        except (KeyError, TypeError, ValueError):
            state = None
        if not isinstance(state, dict):
            key = self._key(feed)
            raise SplunkError(f"the checkpoint {key} cannot be read; remove it from {COLLECTION} to begin at start")
        return state

    def store(self, feed: str, state: Dict[str, Any]) -> None:
        """Keep the state; call it only when the events before it are out."""
        document = {"_key": self._key(feed), "state": json.dumps(state), "updated": round(time.time(), 3)}
        with one_line(_FAILED):
            self._data.batch_save(document)

    def _key(self, feed: str) -> str:
        return f"{self._stanza}|{feed}"
