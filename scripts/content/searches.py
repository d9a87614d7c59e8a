"""Checks of the saved searches: when they run, and that a detection says all that an analyst needs."""

import json
import re
from typing import Any, Dict, Iterator, List, Set

from scripts.content.app import App
from scripts.content.pages import PageError, case_folder
from scripts.content.stanzas import made

DETECTION = re.compile(r"Delegation Watch - (.+) - Rule")
TECHNIQUE = "T1098.002"
# setting: its form. Splunk's own settings and Enterprise Security's, which are inert without it.
REQUIRED = {
    "action.correlationsearch.annotations": r"\{.*\}",
    "action.correlationsearch.enabled": "1|true",
    "action.correlationsearch.label": ".+",
    "action.notable": "0|1|true|false",
    "action.notable.param.drilldown_searches": r"\[.*\]",
    "action.notable.param.rule_description": ".+",
    "action.notable.param.rule_title": ".+",
    "action.notable.param.security_domain": "access|identity|threat|audit",
    "action.notable.param.severity": "informational|low|medium|high|critical",
    "action.risk": "1|true",
    "action.risk.param._risk": r"\[.*\]",
    "action.risk.param._risk_message": ".+",
    "alert.suppress": "1|true",
    "alert.suppress.fields": r".*\bcase_key\b.*",
    "alert.suppress.period": r"\d+[smhd]",
    "cron_schedule": ".+",
    "description": ".+",
    "disabled": "1|true",
    "enableSched": "1|true",
    "search": ".+",
}
# What an analyst is told, in the description: which findings are harmless, and what to do about the others.
TOLD = ("Known to be benign:", "What to do:")
CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
MOST_RUNS_AN_HOUR = 12  # AppInspect warns beyond


def true(value: str) -> bool:
    """Whether Splunk takes a setting for true."""
    return value.strip().lower() in ("1", "true", "t", "yes")


def cron_values(field: str, low: int, high: int) -> Set[int]:
    """The values of one field of a cron line; raises ValueError for a field that is none."""
    values: Set[int] = set()
    for part in field.split(","):
        match = re.fullmatch(r"(\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?", part)
        if not match:
            raise ValueError(field)
        first = low if match[1] == "*" else int(match[2])
        last = high if match[1] == "*" or (match[4] and not match[3]) else int(match[3] or first)
        if not low <= first <= last <= high:
            raise ValueError(field)
        values.update(range(first, last + 1, int(match[4] or 1)))
    return values


def schedules_are_sound(app: App) -> Iterator[str]:
    """Every scheduled search has a cron line, runs 12 times an hour at most, and bounds its time."""
    for name, keys in app.conf("savedsearches").items():
        if not true(keys.get("enableSched", "")):
            continue
        fields = keys.get("cron_schedule", "").split()
        try:
            if len(fields) != len(CRON_RANGES):
                raise ValueError(" ".join(fields))
            values = [cron_values(field, *bounds) for field, bounds in zip(fields, CRON_RANGES)]
        except ValueError as wrong:
            yield f"[{name}]: cron_schedule has a wrong field: {wrong}"
        else:
            if len(values[0]) > MOST_RUNS_AN_HOUR:
                yield f"[{name}]: runs {len(values[0])} times an hour, {MOST_RUNS_AN_HOUR} is the most"
        for bound in ("dispatch.earliest_time", "dispatch.latest_time"):
            if not keys.get(bound):
                yield f"[{name}]: {bound} is missing"
            elif keys[bound].startswith("rt"):
                yield f"[{name}]: {bound} makes it a real-time search"


def detections(app: App) -> Dict[str, Dict[str, str]]:
    """The searches that raise findings, by name."""
    return {name: keys for name, keys in app.conf("savedsearches").items() if DETECTION.fullmatch(name)}


def parsed(keys: Dict[str, str], key: str, empty: Any) -> Any:
    """A setting's JSON; `empty` when it is none, which another line of the check then tells."""
    try:
        return json.loads(keys.get(key, ""))
    except ValueError:
        return empty


def detection_faults(keys: Dict[str, str]) -> Iterator[str]:
    """What one detection lacks."""
    for key, form in REQUIRED.items():
        if not re.fullmatch(form, keys.get(key, ""), flags=re.DOTALL | re.IGNORECASE):
            yield f"{key} is missing or not of the form {form}"
    for words in TOLD:
        if words not in keys.get("description", ""):
            yield f'description does not say "{words}"'
    annotations = parsed(keys, "action.correlationsearch.annotations", {})
    if TECHNIQUE not in annotations.get("mitre_attack", []):
        yield f"annotations name no mitre_attack {TECHNIQUE}"
    if "TTP" in annotations.get("type", ["TTP"]) and not true(keys.get("action.notable", "")):
        yield "action.notable is off; only a detection of type Anomaly raises risk alone"
    drilldowns: List[Dict[str, str]] = parsed(keys, "action.notable.param.drilldown_searches", [])
    if not drilldowns or not all({"name", "search"} <= drilldown.keys() for drilldown in drilldowns):
        yield "drilldown_searches is no JSON list of objects with name and search"
    risks: List[Dict[str, Any]] = parsed(keys, "action.risk.param._risk", [])
    if not risks or not all("risk_object_field" in risk or "threat_object_field" in risk for risk in risks):
        yield "_risk is no JSON list of risk or threat objects"


def detections_are_complete(app: App) -> Iterator[str]:
    """Every detection ships disabled, throttled, annotated, explained, and with a way to look further."""
    for name, keys in detections(app).items():
        for fault in detection_faults(keys):
            yield f"[{name}]: {fault}"


def detections_have_cases(app: App) -> Iterator[str]:
    """Every detection has events that must fire and events that must not; no folder lacks its search."""
    cases = app.root / "tests" / "cases"
    for folder in sorted(map(case_folder, detections(app))):
        for kind in ("fires", "quiet"):
            if not any((cases / folder).glob(f"{kind}*")):
                yield f"tests/cases/{folder}: no file {kind}*"
    searches = {case_folder(name) for name in app.conf("savedsearches")}
    for path in sorted(cases.glob("*")):
        if path.is_dir() and path.name not in searches:
            yield f"tests/cases/{path.name}: no search has this name"


def detections_match_their_pages(app: App) -> Iterator[str]:
    """Every detection is made from its page, and so is what its alerts tell; none was changed by hand."""
    for name in detections(app):
        if not app.text(f"docs/detections/{case_folder(name)}.md"):
            yield f"[{name}]: docs/detections/{case_folder(name)}.md does not exist"
    if app.conf("savedsearches"):
        try:
            files = made(app.root)
        except (PageError, OSError) as wrong:
            yield str(wrong)
            return
        for path, text in files.items():
            if app.text(path) != text:
                yield f"{path}: does not agree with the pages; run scripts/detections.py"


SEARCHES = (schedules_are_sound, detections_are_complete, detections_have_cases, detections_match_their_pages)
