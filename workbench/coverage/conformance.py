"""How many conformance cases exercise what: only cases that come out right count."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Dict, Iterable, Set

from workbench.conf.files import parse
from workbench.coverage.uses import Use, noted, settings_of_lookup, settings_of_props
from workbench.oracle import judge, read_cases


def counted(files: Iterable[Path]) -> Dict[Use, int]:
    """For each use the number of cases that have it."""
    counts: Dict[Use, int] = Counter()
    for path in files:
        for case in read_cases(path):
            with noted() as uses:
                verdict, _ = judge(case)
            if verdict == "right":
                for use in uses | _settings(case):
                    counts[use] += 1
    return counts


def _settings(case: Any) -> Set[Use]:
    """The settings of lookups and props that a case brings with it."""
    env = case.get("env") or {}
    found: Set[Use] = set()
    for stanza in (env.get("lookups") or {}).values():
        found |= settings_of_lookup(stanza)
    for stanza in (env.get("props") or {}).values():
        found |= settings_of_props({name: str(value) for name, value in stanza.items()})
    if "phase" in case:
        for stanza in parse(f"[case]\n{case['props']}", str(case["id"])).values():
            found |= settings_of_props(stanza)
    return found
