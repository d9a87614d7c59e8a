"""Who may see and change an app's objects: metadata/default.meta, by kind of object (the name of its .conf file)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, List, Sequence

from workbench.conf.files import parse

_ACCESS = re.compile(r"(read|write)\s*:\s*\[([^\]]*)\]")


class Sharing:
    """The rules of one app; without a file its objects are its own, read by all and written by administrators."""

    def __init__(self, app_dir: Path):
        path = app_dir / "metadata" / "default.meta"
        self._meta = parse(path.read_text(encoding="utf-8"), path.name) if path.is_file() else {}

    def exported(self, kind: str) -> bool:
        """Whether other apps see objects of the kind."""
        return self._rules(kind).get("export") == "system"

    def roles(self, kind: str, right: str) -> List[str]:
        """The roles with a right (`read` or `write`); `*` are all."""
        found = dict(_ACCESS.findall(self._rules(kind).get("access", "read : [ * ], write : [ admin ]")))
        return [role.strip() for role in found.get(right, "").split(",") if role.strip()]

    def may(self, roles: Sequence[str], kind: str, right: str) -> bool:
        """Whether somebody with these roles has the right."""
        allowed = self.roles(kind, right)
        return "*" in allowed or bool(set(allowed) & set(roles))

    def _rules(self, kind: str) -> Dict[str, str]:
        return {**self._meta.get("", {}), **self._meta.get(kind, {})}
