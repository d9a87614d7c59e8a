"""What a run came to, and how that compares with what the organisation knows of the attack. Nothing is run here."""

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Set, Tuple

from workbench.report.ranking import Filters, factors, ranked, score, text
from workbench.report.reading import Row, moment
from workbench.splunkd import FiredAlert

# Steps of an attack that give nobody access, and why not; the app reads who is given access.
NO_GRANT: Dict[str, str] = {
    "UserLoginFailed": "a sign-in gives nobody a right",
    "UserLoggedIn": "a sign-in gives nobody a right",
    "login_success": "a sign-in gives nobody a right",
    "MailItemsAccessed": "reading mail uses a right and gives none",
    "SendAs": "sending mail uses a right and gives none",
}
ALERTED, SCORED, MISSED, NONE = "alerted", "scored", "missed", "no grant"
_WORST_FIRST = (MISSED, ALERTED, SCORED, NONE)


@dataclass(frozen=True)
class Outcome:
    """A whole run.

    older: records indexed from the export; collected: records by input; feeds: how many the inputs keep their place
    in; sourcetypes: events of the index by sourcetype; identities: ids that were learnt; rows: the scored rows of the
    summary, each once; truth: as Organisation.truth; threshold: the score that alerts.
    """

    older: int
    collected: Dict[str, int]
    feeds: int
    sourcetypes: Dict[str, int]
    identities: int
    rows: List[Row]
    alerts: List[FiredAlert]
    truth: List[Dict[str, Any]]
    threshold: int

    @property
    def cases(self) -> Set[str]:
        """The cases that raised an alert."""
        return {text(row, "case_key") for alert in self.alerts for row in alert.rows}

    def alerted(self) -> List[Row]:
        """The worst row of each case that raised an alert, worst first."""
        worst: Dict[str, Row] = {}
        for row in ranked([row for row in self.rows if text(row, "case_key") in self.cases], Filters()):
            worst.setdefault(text(row, "case_key"), row)
        return list(worst.values())


@dataclass
class Deed:
    """One act of the attack, which may show as several records.

    state: the worst of its records' states; rows: those that the app made of it; rank: the place of the worst row
    among all rows (1 where none is worse), 0 where there is none.
    """

    provider: str
    step: int
    label: str
    operation: str
    records: int = 0
    rows: List[Row] = field(default_factory=list)
    states: Set[str] = field(default_factory=set)
    rank: int = 0

    @property
    def state(self) -> str:
        """`missed` when one of its records is, else `alerted` when one is."""
        return next(state for state in _WORST_FIRST if state in self.states)

    @property
    def score(self) -> int:
        """The highest score among its rows."""
        return max(map(score, self.rows), default=0)

    @property
    def why(self) -> str:
        """What its worst row starts from, or why it is no grant."""
        if not self.rows:
            return NO_GRANT.get(self.operation, "")
        worst = max(self.rows, key=score)
        return next((factor.reason for factor in factors(worst)), "")


@dataclass(frozen=True)
class Everyday:
    """The scored rows that are no part of the attack; `loud` are those in an alert."""

    rows: List[Row]
    loud: List[Row]

    @property
    def highest(self) -> int:
        """The highest score among those that raised no alert."""
        return max((score(row) for row in self.rows if row not in self.loud), default=0)


def compare(outcome: Outcome) -> Tuple[List[Deed], Everyday]:
    """The acts of the attack in the order in which they are told, and everything else that was scored.

    A record of the attack is `missed` when it gives access and no scored row tells of it.
    """
    cases = outcome.cases
    scores = [score(row) for row in outcome.rows]
    by_record: Dict[str, List[Row]] = {}
    for row in outcome.rows:
        by_record.setdefault(_row_key(row), []).append(row)
    deeds: Dict[Tuple[str, int, str], Deed] = {}
    for entry in outcome.truth:
        given = (str(entry["provider"]), int(entry["step"]), str(entry["label"]))
        deed = deeds.setdefault(given, Deed(*given, operation=str(entry["operation"])))
        found = by_record.pop(_truth_key(entry), [])
        deed.records += 1
        deed.rows += found
        deed.states.add(_state(found, cases, deed.operation))
    for deed in deeds.values():
        deed.rank = 1 + sum(each > deed.score for each in scores) if deed.rows else 0
    rest = [row for rows in by_record.values() for row in rows]
    return list(deeds.values()), Everyday(rest, [row for row in rest if text(row, "case_key") in cases])


def _state(found: List[Row], cases: Set[str], operation: str) -> str:
    if any(text(row, "case_key") in cases for row in found):
        return ALERTED
    if found:
        return SCORED
    return NONE if operation in NO_GRANT else MISSED


def _row_key(row: Row) -> str:
    if row.get("provider") != "workspace":
        return text(row, "record_id")
    return _act(text(row, "operation"), moment(row))


def _truth_key(entry: Dict[str, Any]) -> str:
    if entry["provider"] != "workspace":
        return str(entry["id"])
    return _act(str(entry["operation"]), float(entry["time"]))


def _act(operation: str, time: Optional[float]) -> str:
    """Google's records bear no id of their own; operation and millisecond tell one act from another."""
    return f"{operation} {time:.3f}" if time is not None else operation
