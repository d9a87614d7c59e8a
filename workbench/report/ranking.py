"""The grants, filtered and in order; and one grant as a person reads it."""

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, List, NamedTuple, Optional, Tuple

from workbench.report.reading import Row, moment

LEVELS = ("informational", "low", "medium", "high", "critical")

_MAILBOX_FIELDS = ("mailbox", "mailbox_id", "mailbox_key")
_IDENTITY_FIELDS = (
    "grantee",
    "grantee_id",
    "grantee_key",
    "actor",
    "actor_id",
    "actor_key",
)
# Control characters, and those that turn the direction of writing: a record must not steer the screen.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# What stands in front of the name in Exchange's canonical form, `<forest>/Microsoft Exchange Hosted ...`.
_LONG_NAME = re.compile("^[^/]+/Microsoft Exchange Hosted Organizations/[^/]+/")
_KINDS_OF_GRANTEE = {"everyone": "everyone", "anonymous": "anonymous"}


@dataclass(frozen=True)
class Filters:
    """Which rows are listed. Times in epoch seconds, both included; one without is always within."""

    earliest: Optional[float] = None
    latest: Optional[float] = None
    mailbox: str = ""
    identity: str = ""
    min_level: str = LEVELS[0]

    def keeps(self, row: Row) -> bool:
        """Whether the row is to be listed."""
        at = moment(row)
        return (
            (at is None or self.earliest is None or at >= self.earliest)
            and (at is None or self.latest is None or at <= self.latest)
            and _holds(row, _MAILBOX_FIELDS, self.mailbox)
            and _holds(row, _IDENTITY_FIELDS, self.identity)
            and _rank(row) >= LEVELS.index(self.min_level)
        )


class Factor(NamedTuple):
    """One part of a score."""

    name: str
    points: str
    reason: str


class Finding(NamedTuple):
    """A grant row for reading: plain text without control characters, "" where the row says nothing."""

    score: int
    level: str
    time: str
    parties: str
    what: str
    act: str
    reason: str
    factors: List[Factor]
    evidence: str


def ranked(rows: List[Row], filters: Filters) -> List[Row]:
    """The rows that the filters keep, worst first, then by time."""
    kept = [row for row in rows if filters.keeps(row)]
    return sorted(kept, key=lambda row: (-score(row), moment(row) or 0.0, text(row, "evidence")))


def finding(row: Row) -> Finding:
    """The row as a person reads it."""
    at = moment(row)
    return Finding(
        score=score(row),
        level=text(row, "delegation_level") or LEVELS[0],
        time=utc(at) if at is not None else "no time recorded",
        parties=_parties(row),
        what=_what(row),
        act=_act(row),
        reason=text(row, "delegation_reason"),
        factors=factors(row),
        evidence=text(row, "evidence"),
    )


def factors(row: Row) -> List[Factor]:
    """The parts of the score, from `name|points|reason`."""
    parts = [clean(part).split("|", 2) for part in many(row.get("delegation_factors"))]
    return [Factor(*[*part, "", ""][:3]) for part in parts]


def many(value: Any) -> List[str]:
    """The values of a field that may be multivalue."""
    if value is None or value == "":
        return []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def text(row: Row, name: str) -> str:
    """A field as one clean text."""
    return clean(", ".join(many(row.get(name))))


def clean(value: str) -> str:
    """The text with control characters shown instead of obeyed."""
    return _UNSAFE.sub(lambda found: found.group().encode("unicode_escape").decode(), value)


def score(row: Row) -> int:
    """The row's score, 0 where the app gave none."""
    try:
        return round(float(row.get("delegation_score") or 0))
    except (TypeError, ValueError):
        return 0


def utc(at: float) -> str:
    """A time for reading, in UTC."""
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")


def _holds(row: Row, names: Tuple[str, ...], wanted: str) -> bool:
    return not wanted or any(wanted.lower() in text(row, name).lower() for name in names)


def _rank(row: Row) -> int:
    level = text(row, "delegation_level")
    return LEVELS.index(level) if level in LEVELS else 0


def _parties(row: Row) -> str:
    """`who gets in -> whose mailbox`; the second alone where nobody gets in, as for a setting."""
    mailbox = text(row, "mailbox")
    whose = "every mailbox" if mailbox == "*" else _party(row, "mailbox") or "(mailbox not named)"
    grantee = _party(row, "grantee") or _KINDS_OF_GRANTEE.get(text(row, "grantee_kind"), "")
    return f"{grantee} -> {whose}" if grantee else whose


def _party(row: Row, role: str) -> str:
    """Who it is, and in brackets how the record names them where that is something else."""
    name = _LONG_NAME.sub("", text(row, role) or text(row, role + "_id"))
    key = text(row, role + "_key")
    return f"{key} ({name})" if key and name and key.lower() != name.lower() else name or key


def _what(row: Row) -> str:
    """The act and what it confers: `grant full_access`, `change folder inbox: read`."""
    parts = [text(row, "grant_action"), text(row, "right")]
    folder = text(row, "folder") or text(row, "folder_kind")
    if folder:
        parts.append(f"on {folder}")
    access = text(row, "access")
    if access:
        parts.append(f"({access})")
    if text(row, "deny").lower() in ("1", "true"):
        parts.append("deny")
    return " ".join(part for part in parts if part)


def _act(row: Row) -> str:
    """Who did it, by which operation, from where, and whether it failed."""
    parts = [f"by {_party(row, 'actor') or 'somebody not named'}", text(row, "operation")]
    for label, name in (("from", "src"), ("as", "relation")):
        if text(row, name):
            parts.append(f"{label} {text(row, name).replace('_', ' ')}")
    if text(row, "status") == "failure":
        parts.append("FAILED")
    return ", ".join(part for part in parts if part)
