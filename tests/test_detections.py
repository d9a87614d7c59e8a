"""Each search of the app, over the cases that it must and must not find, through the commands and the schedule."""

import json
import pathlib

import pytest

from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
# 2026-03-02 12:00 UTC: the records of the cases are of that morning.
INDEXED = 1772452800
COLLECTING = ("Delegation Watch - Learn identities", "Delegation Watch - Collect grants")
DETECTIONS = {
    "high_risk_grant": "Delegation Watch - High-risk grant - Rule",
    "folder_opened_to_everyone": "Delegation Watch - Folder opened to everyone - Rule",
}


def cases_of(folder):
    for kind in ("fires", "quiet"):
        for line in (CASES / folder / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            yield kind, case["case"], case["records"]


def events_of(name, records):
    for record in records:
        workspace = isinstance(record, dict) and "event" in record
        yield {
            "time": INDEXED - 3600, "indextime": INDEXED, "host": "h", "index": "main", "source": name,
            "sourcetype": "gws:reports:admin" if workspace else "o365:management:activity",
            "data": record if isinstance(record, str) else json.dumps(record, ensure_ascii=False),
        }  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What each folder's cases lead to: name of the search or `rows` → the cases seen in its results."""
    found = {}
    for folder in sorted(path.name for path in CASES.iterdir() if path.is_dir()):
        with Splunkd(ROOT, tmp_path_factory.mktemp(folder), clock=lambda: INDEXED) as splunkd:
            for _, name, records in cases_of(folder):
                splunkd.index(events_of(name, records))
            for name in COLLECTING:
                splunkd.run_saved_search(name, INDEXED + 8 * 60)
            for name in DETECTIONS.values():
                splunkd.run_saved_search(name, INDEXED + 27 * 60)
            summary = splunkd.search("`delegation_watch_grants`", now=INDEXED + 1800)
            seen = {"rows": [row["evidence"] for row in summary.rows]}
            for alert in splunkd.alerts:
                for row in alert.rows:
                    evidence = row["evidence"]
                    seen.setdefault(alert.search, []).extend(evidence if isinstance(evidence, list) else [evidence])
            found[folder] = seen
    return found


def all_cases():
    for folder in ("collect_grants", *DETECTIONS):
        for kind, name, _ in cases_of(folder):
            yield pytest.param(folder, kind, name, id=f"{folder}: {name}")


@pytest.mark.parametrize(("folder", "kind", "name"), list(all_cases()))
def test_each_case_is_found_or_left_alone(ran, folder, kind, name):
    seen = ran[folder].get(DETECTIONS.get(folder, "rows"), [])
    assert (name in seen) == (kind == "fires")


def test_the_schedule_takes_each_event_once_and_alerts_once_a_case(tmp_path):
    name, records = next((name, records) for kind, name, records in cases_of("high_risk_grant") if kind == "fires")
    with Splunkd(ROOT, tmp_path, clock=lambda: INDEXED) as splunkd:
        for search in (*COLLECTING, DETECTIONS["high_risk_grant"]):
            splunkd.conf.set("savedsearches", search, "disabled", "0")
        splunkd.index(events_of(name, records))
        splunkd.run_schedule(INDEXED, INDEXED + 45 * 60)
        rows = splunkd.search("index=summary", now=INDEXED + 45 * 60).rows
        assert [row["evidence"] for row in rows] == [name]
        assert [alert.search for alert in splunkd.alerts] == [DETECTIONS["high_risk_grant"]]


def test_every_scheduled_search_has_cases():
    folders = {path.name for path in CASES.iterdir() if path.is_dir()}
    assert folders == {"collect_grants", *DETECTIONS}
