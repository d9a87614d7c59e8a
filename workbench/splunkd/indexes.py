"""The indexes that are there: Splunk's own, those of indexes.conf, and those made over REST."""

from __future__ import annotations

from typing import Dict, Iterator

from workbench.conf import Conf

_BUILT_IN = ("_audit", "_internal", "_introspection", "history", "main", "summary")


class Indexes:
    """Names of indexes; what REST makes is kept in the local layer's indexes.conf."""

    def __init__(self, conf: Conf):
        self._conf = conf

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def add(self, name: str) -> None:
        """Make an index."""
        self._conf.update("indexes", name, {"homePath": f"$SPLUNK_DB/{name}/db"})

    def remove(self, name: str) -> bool:
        """Forget one; False for those that cannot go."""
        return name not in _BUILT_IN and self._conf.remove("indexes", name)

    def _names(self) -> Dict[str, None]:
        return dict.fromkeys(sorted((*_BUILT_IN, *self._conf.stanzas("indexes"))))
