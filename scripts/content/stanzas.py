"""From the pages of docs/detections to what ships: the stanzas of the detections, and the text that alerts carry."""

import csv
import io
import json
import pathlib
import uuid
from typing import Any, Dict, Iterator, List

from scripts.content.pages import (
    FOLDER,
    NEW_ROWS,
    SECTIONS,
    STANDING,
    WINDOW,
    Page,
    flat,
    pages,
    responses,
    with_commands,
)

CONF = "default/savedsearches.conf"
GUIDE = "lookups/delegation_watch_guide.csv"
MARK = "# Detections. Made by scripts/detections.py from docs/detections: change a page, and run it.\n"
VERSION = 1
PUBLISHED = 1795564800  # 2026-11-25, when the detections had their present form
_NAMES = uuid.UUID("5f0ad0a6-5a3c-4b8e-9d55-6a0f3f6c1a10")  # what detection ids are made from, beside their names
_ALERT_SEVERITY = {"low": "2", "medium": "3", "high": "4", "critical": "5"}
_DATA_SOURCES = ["o365:management:activity", "gws:reports:admin", "gws:reports:token"]
# When a detection runs, by its number, so that not all start in the same minute; its time range; its throttling.
_SCHEDULES: Dict[str, Dict[str, str]] = {
    NEW_ROWS: {
        "dispatch.earliest_time": "-8d",
        "dispatch.latest_time": "+1d",
        "dispatch.index_earliest": "-20m@m",
        "dispatch.index_latest": "-10m@m",
        "alert.suppress.period": "24h",
    },
    WINDOW: {"dispatch.earliest_time": "-3d", "dispatch.latest_time": "+1d", "alert.suppress.period": "4d"},
    STANDING: {"dispatch.earliest_time": "-1d", "dispatch.latest_time": "now", "alert.suppress.period": "30d"},
}
_DRILLDOWNS = (
    (
        "The rows of this case",
        '`delegation_watch_grants` | search case_key="$case_key$" OR ((mailbox_key="$mailbox_name$" OR '
        'mailbox="$mailbox_name$") (actor_key="$actor_name$" OR grantee_key="$grantee_name$"))',
    ),
    (
        "The records themselves",
        '`delegation_watch_sources` ("$record_id$" OR ("$mailbox_name$" "$grantee_name$"))',
    ),
    (
        "Every right on this mailbox",
        '| `delegation_watch_state` | search mailbox_key="$mailbox_name$" status=standing',
    ),
    (
        "All that the grantee can open",
        '| `delegation_watch_state` | search grantee_key="$grantee_name$" status=standing',
    ),
    ("What the actor granted", '`delegation_watch_grants` | search actor_key="$actor_name$"'),
)  # fmt: skip


def made(root: pathlib.Path) -> Dict[str, str]:
    """Path and text of every file that is made, wholly or in part, from the pages; PageError for a faulty page."""
    found = pages(root)
    conf = (root / CONF).read_text(encoding="utf-8").partition(MARK)[0].rstrip()
    files = {CONF: f"{conf}\n\n{MARK}\n" + "\n".join(map(_stanza, found, range(len(found)))), GUIDE: _guide(found)}
    files[f"{FOLDER}/README.md"] = _index(found)
    table = responses(root)
    for page in found:
        path = f"{FOLDER}/{page.name}.md"
        files[path] = with_commands((root / path).read_text(encoding="utf-8"), page, table)
    return files


def _stanza(page: Page, number: int) -> str:
    lines = [f"[{page.rule}]"]
    for key, value in _settings(page, number):
        lines.append(f"{key} = " + " \\\n".join(value.splitlines()))
    return "\n".join(lines) + "\n"


def _settings(page: Page, number: int) -> Iterator["tuple[str, str]"]:
    told = {name: flat(text) for name, text in page.sections.items()}
    severity, kind = page.settings["severity"], page.settings["type"]
    what_to_do = f"{told['How to verify']} {told['How to respond']}"
    yield (
        "description",
        f"{page.finds} Known to be benign: {told['Known to be benign']} What to do: {what_to_do} "
        f"Cannot see: {told['What it cannot see']}",
    )
    yield "search", page.search
    yield from {"disabled": "1", "enableSched": "1", "cron_schedule": _cron(page, number)}.items()
    yield from {"realtime_schedule": "0", "allow_skew": "0", **_SCHEDULES[page.settings["runs"]]}.items()
    yield from {
        "alert_type": "number of events",
        "alert_comparator": "greater than",
        "alert_threshold": "0",
        "counttype": "number of events",
        "relation": "greater than",
        "quantity": "0",
        "alert.digest_mode": "0",
        "alert.track": "1",
        "alert.severity": _ALERT_SEVERITY[severity],
        "alert.suppress": "1",
        "alert.suppress.fields": "case_key",
        "action.correlationsearch.enabled": "1",
        "action.correlationsearch.label": page.rule,
        "action.correlationsearch.annotations": json.dumps(_annotations(page)),
        "action.correlationsearch.detection_type": "ebd",
        "action.correlationsearch.metadata": json.dumps(_metadata(page)),
        "action.notable": "1" if kind == "TTP" else "0",
        "action.notable.param.rule_title": page.settings["headline"],
        "action.notable.param.rule_description": "$delegation_found$ $delegation_reason$",
        "action.notable.param.security_domain": "identity",
        "action.notable.param.severity": severity,
        "action.notable.param.nes_fields": "actor_name,grantee_name,mailbox_name",
        "action.notable.param.next_steps": json.dumps({"version": 1, "data": what_to_do}),
        "action.notable.param.drilldown_searches": json.dumps(list(_drilldowns())),
        "action.risk": "1",
        "action.risk.param._risk_message": "$delegation_found$ $delegation_reason$",
        "action.risk.param._risk": json.dumps(list(_risk(page))),
        "action.risk.param._risk_score": "0",
        "action.risk.param.verbose": "0",
        "request.ui_dispatch_app": "delegation_watch",
    }.items()


def _cron(page: Page, number: int) -> str:
    minute = 1 + 7 * number % 58
    every = {NEW_ROWS: f"{minute % 9 + 1}-{minute % 9 + 51}/10 * * * *", WINDOW: f"{minute} * * * *"}
    return every.get(page.settings["runs"], f"{minute} 5 * * *")


def _annotations(page: Page) -> Dict[str, List[str]]:
    return {
        "analytic_story": ["Mailbox Delegation"],
        "mitre_attack": page.techniques,
        "kill_chain_phases": ["Installation", "Actions on Objectives"],
        "cis20": ["CIS 6"],
        "nist": ["DE.CM", "DE.AE", "PR.AA"],
        "data_source": _DATA_SOURCES,
        "type": [page.settings["type"]],
    }


def _metadata(page: Page) -> Dict[str, Any]:
    detection_id = uuid.uuid5(_NAMES, page.name)
    told = {"deprecated": "0", "detection_id": str(detection_id), "detection_version": str(VERSION)}
    return {**told, "publish_time": PUBLISHED}


def _drilldowns() -> Iterator[Dict[str, str]]:
    for name, search in _DRILLDOWNS:
        yield {
            "name": name,
            "search": search,
            "earliest_offset": "$info_min_time$",
            "latest_offset": "$info_max_time$",
        }


def _risk(page: Page) -> Iterator[Dict[str, Any]]:
    for who, points in page.risk:
        yield {"risk_object_field": f"{who}_name", "risk_object_type": "user", "risk_score": points}
    yield {"threat_object_field": "src", "threat_object_type": "ip_address"}


def _guide(found: List[Page]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["detection", "delegation_finds", *SECTIONS.values()])
    for page in found:
        writer.writerow([page.name, page.finds, *(flat(page.sections[section]) for section in SECTIONS)])
    return buffer.getvalue()


def _index(found: List[Page]) -> str:
    lines = [
        "# Detections",
        "",
        "One page for each search that alerts: the search itself, what it cannot see, what is harmless and how to",
        "leave it out, how to verify, how to respond. The same text is in the search's description and in each alert.",
        "What all of them have in common, licence, retention, noise, response: [questions](../questions.md).",
        "Made by `scripts/detections.py`.",
        "",
        "| detection | finds | severity | runs |",
        "|---|---|---|---|",
    ]
    lines += (
        f"| [{page.title}]({page.name}.md) | {page.finds.partition('. ')[0].rstrip('.')} | {page.settings['severity']} "
        f"({page.settings['type']}) | {page.settings['runs']} |"
        for page in found
    )
    return "\n".join(lines) + "\n"
