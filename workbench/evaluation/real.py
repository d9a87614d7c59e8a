"""Real records, where they are collected beside the project: read, judged and asked of the peers as they stand.

Labels are those of the collection's index: `our_reading` where the source's own label is wrong, else the source's. No
directory, no VIP list and no baseline goes with them, so a score here is what a single record says by itself.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from workbench.collect import APP
from workbench.errors import BadInput
from workbench.evaluation.peers import PEERS, Seen
from workbench.exports import read
from workbench.splunkd import Splunkd

FOLDER = APP.parent / "shared"
_WHOLE = ("exports/dataset", "datasets/workspace_invictus", "datasets/workspace_scubagoggles")
_SINGLE = ("records/o365", "records/workspace")
_NO_RECORDS = (".txt", ".md", ".tsv", "LICENSE")
_ATTACK, _HARMLESS, _UNKNOWN = "attack", "harmless", "unknown"
_LABELS = {"yes": _ATTACK, "no": _HARMLESS}


class Labelled(NamedTuple):
    """A real record that confers something: what it is called, its label, its highest score, which peers alert."""

    operation: str
    right: str
    label: str
    score: float
    peers: Tuple[str, ...]


class Real(NamedTuple):
    """All real records: how many files and records, which could not be read, and those that confer something."""

    files: int
    records: int
    unreadable: List[str]
    judged: List[Labelled]


def run(folder: Path, home: Path) -> Optional[Real]:
    """What the app makes of the real records in `folder`; None where there are none. `home` is an empty folder."""
    if not folder.is_dir():
        return None
    labels = dict(_labels(folder))
    files = [path for name in (*_SINGLE, *_WHOLE) for path in _files(folder / name)]
    rows, unreadable = [], []
    for path in files:
        for record in read(path, str(path.relative_to(folder))):
            if record.problem:
                unreadable.append(record.source)
            else:
                rows.append({"_raw": record.raw, "source": record.source})
    with Splunkd(APP, home) as splunkd:
        for learn in ("delegation_watch_learn", "delegation_watch_learn_accounts"):
            splunkd.search(f"| `{learn}`", rows=rows)
        found = splunkd.search("| `delegation_watch_replay`", rows=rows).rows
    unreadable += [str(row["evidence"]) for row in found if row.get("parse_error")]
    return Real(len(files), len(rows), unreadable, _judged(found, rows, labels))


def _files(folder: Path) -> List[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.is_file() and not path.name.endswith(_NO_RECORDS))


def _labels(folder: Path) -> Iterator[Tuple[str, str]]:
    """(file, label) of each single record: whether it is part of an attack, as the index tells."""
    for name in _SINGLE:
        index = folder / name / "INDEX.tsv"
        if not index.is_file():
            raise BadInput(f"{index}: missing, so the labels of the records beside it are not known")
        with index.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                yield f"{name}/{row['file']}", _LABELS.get(str(row.get("our_reading")), _UNKNOWN)


def _judged(found: List[Dict[str, Any]], rows: List[Dict[str, str]], labels: Dict[str, str]) -> List[Labelled]:
    """The single records that confer something, the worst first."""
    raws = {row["source"]: row["_raw"] for row in rows}
    worst: Dict[str, Dict[str, Any]] = {}
    for row in found:
        confers = row.get("right") and row.get("access") != "none" and row.get("grant_action") not in ("revoke", "use")
        source = str(row.get("evidence"))
        if confers and _file(source) in labels and _score(row) >= _score(worst.get(source, {})):
            worst[source] = row
    judged = [
        Labelled(
            str(row.get("operation")), str(row.get("right")), labels[_file(source)], _score(row),
            _alerting(raws[source]),
        )
        for source, row in worst.items()
    ]
    return sorted(judged, key=lambda one: (one.label, -one.score, one.operation))


def _alerting(raw: str) -> Tuple[str, ...]:
    """The peers that alert on a record by itself."""
    try:
        seen = Seen(0.0, json.loads(raw))
    except ValueError:
        return ()
    return tuple(peer.name for peer in PEERS if any(list(rule.finds([seen], frozenset())) for rule in peer.rules))


def _file(source: str) -> str:
    return source.partition(":")[0]


def _score(row: Dict[str, Any]) -> float:
    return float(row.get("delegation_score") or 0)
