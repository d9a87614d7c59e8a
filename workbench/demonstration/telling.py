"""A run in words: what was collected, the alerts, and how they compare with what the organisation knows."""

import json
from collections import Counter
from itertools import groupby
from typing import Dict, List

from rich.text import Text

from workbench.demonstration.outcome import ALERTED, MISSED, NONE, SCORED, Deed, Everyday, Outcome, compare
from workbench.report.ranking import finding, many, score
from workbench.report.terminal import Terminal, show_findings

PROVIDERS = {"exchange_online": "Office 365", "workspace": "Google Workspace"}
STYLES = {ALERTED: "bold red", SCORED: "yellow", MISSED: "bold white on red", NONE: "dim"}


def tell(outcome: Outcome, terminal: Terminal) -> None:
    """All of it: collected, alerts, comparison."""
    terminal.line("Collected", "bold")
    for line in collected(outcome):
        terminal.line(line, indent=2)
    terminal.line()
    terminal.line("Alerts", "bold")
    for name, count in Counter(alert.search for alert in outcome.alerts).items():
        terminal.line(f"{count:>3}  {name}", indent=2)
    findings = [finding(row) for row in outcome.alerted()]
    show_findings(findings, len(findings), terminal)
    terminal.line()
    _tell_comparison(outcome, terminal)


def alert_lines(outcome: Outcome) -> List[str]:
    """The rows of the alerts as JSON, one object a line, worst first."""
    rows = [{"search": alert.search, "time": alert.time, **row} for alert in outcome.alerts for row in alert.rows]
    return [
        json.dumps(
            {**row, "delegation_score": score(row), "delegation_factors": many(row.get("delegation_factors"))},
            ensure_ascii=False,
        )
        for row in sorted(rows, key=score, reverse=True)
    ]


def collected(outcome: Outcome) -> List[str]:
    """What came in, and what became of it."""
    inputs = [f"{count:,} records by delegation_audit://{name}" for name, count in outcome.collected.items()]
    indexed = ", ".join(f"{count:,} {name}" for name, count in outcome.sourcetypes.items())
    unreadable = sum(1 for row in outcome.rows if row.get("parse_error"))
    return [
        f"{outcome.older:,} records from an export of the older days",
        f"{', '.join(inputs)}, from {outcome.feeds} feeds",
        f"indexed: {indexed}",
        f"{outcome.identities:,} ids learnt, {len(outcome.rows):,} rows on delegations scored, {unreadable} unreadable",
    ]


def _tell_comparison(outcome: Outcome, terminal: Terminal) -> None:
    deeds, everyday = compare(outcome)
    terminal.line("What the organisation knows of the attack, and what became of it", "bold")
    width = max(len(_act(deed)) for deed in deeds)
    for provider, acts in groupby(deeds, key=lambda deed: deed.provider):
        terminal.line(PROVIDERS.get(provider, provider), indent=2)
        for deed in acts:
            said = verdict(deed, len(outcome.rows), outcome.threshold)
            terminal.styled(Text.assemble(f"{_act(deed):<{width}}  ", (said, STYLES[deed.state])), indent=4)
    terminal.line()
    for line in totals(deeds, everyday, outcome.threshold):
        terminal.line(line)


def _act(deed: Deed) -> str:
    return f"{deed.step}  {deed.label}" + (f" ({deed.records} records)" if deed.records > 1 else "")


def verdict(deed: Deed, rows: int, threshold: int) -> str:
    """What became of one act."""
    placed = f"score {deed.score}, rank {deed.rank} of {rows:,} rows"
    said: Dict[str, str] = {
        ALERTED: f"alert: {placed}",
        SCORED: f"below {threshold}: {placed}: {deed.why}",
        MISSED: f"MISSED: {deed.operation} gives access, and no row tells of it",
        NONE: f"no grant: {deed.why}",
    }
    return said[deed.state]


def totals(deeds: List[Deed], everyday: Everyday, threshold: int) -> List[str]:
    """The balance, in acts of the attack and in rows of everyday."""
    states = Counter(deed.state for deed in deeds)
    grants = [deed for deed in deeds if deed.state != NONE]
    quiet = len(everyday.rows) - len(everyday.loud)
    return [
        f"{len(grants)} of the attack's {len(deeds)} acts change who has access: {states[ALERTED]} raised an alert, "
        f"{states[SCORED]} scored below {threshold}, {states[MISSED]} missed.",
        f"{len(everyday.rows):,} rows tell of everyday changes: {len(everyday.loud)} raised an alert, {quiet:,} did "
        f"not (highest score {everyday.highest}).",
    ]
