"""Each search of the app, over the cases that it must and must not find, through the commands and the schedule.

A line of tests/cases/<search>/ is one case. What it consists of:
  records    audit records, which the collecting searches turn into rows, and what a sweep tells of the directory
  rows       grant rows as docs/fields.md describes them, before names are resolved and scores given; `ago` in minutes
  changes    what a comparison of two sweeps found; `state`: delegations that stand
  people, directory, vip, approvals, register, baseline    lines of these lookups
Each case has a tenant of its own, so that no case sees another's rows, and all share one stand-in for splunkd.
"""

import json
import pathlib
from collections import defaultdict

import pytest

from scripts.content.pages import pages
from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
# 2026-03-02 12:00 UTC: the records of the cases are of that morning.
INDEXED = 1772452800
COLLECTED = INDEXED + 8 * 60
COLLECTING = ("Delegation Watch - Learn identities", "Delegation Watch - Collect grants")
DETECTIONS = {page.name: page.rule for page in pages(ROOT)}
# From grant rows on, what the collecting search does with them.
FROM_ROWS = (
    "| `delegation_watch_resolve` | `delegation_watch_facts` | `delegation_watch_kin` | `delegation_watch_unusual` "
    "| delegationrisk summary=true | collect index=`delegation_watch_summary_index` "
    'source="delegation_watch:grant" sourcetype=stash output_format=raw addtime=false'
)
ROW = {
    "provider": "exchange_online", "grant_action": "grant", "operation": "Add-MailboxPermission", "status": "success",
    "grantee_kind": "user", "actor_kind": "user", "relation": "third_party",
}  # fmt: skip
CHANGE = {"provider": "exchange_online", "grantee_kind": "user", "explained": "no", "change": "new", "access": "own"}
STATE = {"provider": "exchange_online", "grantee_kind": "user", "status": "standing", "access": "own",
         "delegation_score": 50, "delegation_level": "medium"}  # fmt: skip
# By what a record has; all others are of Office 365.
SOURCETYPES = {"event": "gws:reports:admin", "delegation_watch_directory": "delegation:directory"}
LOOKUPS = ("people", "directory", "vip", "approvals", "register", "baseline")


class Case:
    """One case: where it is from, whether its search must find it, and what it consists of."""

    def __init__(self, folder, kind, given, number):
        self.folder, self.fires, self.given = folder, kind == "fires", given
        self.id = f"{folder}: {given['case']}"
        self.tenant = f"00000000-0000-4000-9000-{number:08}0000"

    def events(self):
        """The audit records, each under the case's own tenant."""
        for number, record in enumerate(self.given.get("records", ())):
            text = record if isinstance(record, str) else json.dumps(self._moved(record, number), ensure_ascii=False)
            kinds = (kind for mark, kind in SOURCETYPES.items() if isinstance(record, dict) and mark in record)
            yield {
                "time": INDEXED - 3600, "indextime": INDEXED, "host": "h", "index": "main", "source": self.id,
                "sourcetype": next(kinds, "o365:management:activity"), "data": text,
            }  # fmt: skip

    def _moved(self, record, number):
        """The record in the case's tenant and with an id of its own: cases may share records."""
        tenant = record.get("OrganizationId") or record.get("id", {}).get("customerId") or record.get("tenant")
        moved = json.loads(json.dumps(record).replace(tenant, self.tenant)) if isinstance(tenant, str) else dict(record)
        return {**moved, "Id": f"{self.tenant[:-4]}{number:04}"} if "Id" in moved else moved

    def rows(self):
        """The grant rows."""
        for number, row in enumerate(self.given.get("rows", ())):
            own = {"tenant": self.tenant, "row_id": f"{self.id} {number}", "evidence": self.id}
            yield {**ROW, **row, **own, "_time": str(INDEXED - 60 * row.get("ago", 60))}

    def changes(self):
        """The events of a comparison of sweeps."""
        for number, change in enumerate(self.given.get("changes", ())):
            at = INDEXED - 60 * change.get("ago", 60)
            key = f"{self.tenant} {change['mailbox_key']} {change['grantee_key']}"
            told = {"time": at, "row_id": f"{self.id} c{number}", "grant_key": key, "evidence": self.id}
            body = {**told, "tenant": self.tenant, **CHANGE, "delegation_score": 50, **change}
            yield {
                "time": at, "indextime": COLLECTED, "host": "h", "index": "summary", "sourcetype": "stash",
                "source": "delegation_watch:change", "data": json.dumps(body),
            }  # fmt: skip

    def state(self):
        """The documents of the state."""
        for row in self.given.get("state", ()):
            key = f"{self.tenant} {row['mailbox_key']} {row['grantee_key']}"
            yield {"_key": key, "grant_key": key, "tenant": self.tenant, **STATE, "last_seen": INDEXED, **row}

    def lines(self, lookup):
        """Lines of a lookup; a habit is one of the case's tenant."""
        for number, row in enumerate(self.given.get(lookup, ())):
            habit = {"habit": f"{self.tenant}|{row['habit']}"} if "habit" in row else {}
            yield {"_key": f"{self.id} {number}", "tenant": self.tenant, **row, **habit}


def read_cases():
    for folder in sorted(path.name for path in CASES.iterdir() if path.is_dir()):
        for kind in ("fires", "quiet"):
            for line in (CASES / folder / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines():
                yield folder, kind, json.loads(line)


ALL = [Case(*read, number) for number, read in enumerate(read_cases(), 1)]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What all cases lead to: the rows of each search, `rows` being those of the summary."""
    with Splunkd(ROOT, tmp_path_factory.mktemp("cases"), clock=lambda: INDEXED) as splunkd:
        for case in ALL:
            splunkd.index(case.events())
            splunkd.index(case.changes())
        for lookup in LOOKUPS:
            lines = [line for case in ALL for line in case.lines(lookup)]
            splunkd.search(f"| outputlookup append=true delegation_watch_{lookup}", now=INDEXED, rows=lines)
        state = [row for case in ALL for row in case.state()]
        splunkd.search("| outputlookup append=true key_field=_key delegation_watch_state", now=INDEXED, rows=state)
        for name in COLLECTING:
            splunkd.run_saved_search(name, COLLECTED)
        splunkd.search(FROM_ROWS, now=COLLECTED, rows=[row for case in ALL for row in case.rows()])
        found = {"rows": splunkd.search("`delegation_watch_grants`", now=INDEXED + 1800).rows}
        for name in DETECTIONS.values():
            found[name] = splunkd.run_saved_search(name, INDEXED + 27 * 60).rows
    return found


@pytest.fixture(scope="module")
def seen(ran):
    """The same as names: search → the cases that its rows come from."""
    by_tenant = {case.tenant: case.id for case in ALL}
    names = defaultdict(set)
    for search, rows in ran.items():
        for row in rows:
            evidence = row.get("evidence") or by_tenant.get(row.get("tenant"))
            names[search].update(evidence if isinstance(evidence, list) else [evidence])
    return names


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_each_case_is_found_or_left_alone(seen, case):
    assert (case.id in seen[DETECTIONS.get(case.folder, "rows")]) == case.fires


@pytest.mark.parametrize("name", DETECTIONS)
def test_an_alert_says_what_was_found_why_what_is_harmless_and_what_to_do(ran, name):
    rows = ran[DETECTIONS[name]]
    assert rows
    for row in rows:
        told = ("case_key", "actor_name", "grantee_name", "mailbox_name", "tenant", "delegation_score")
        text = ("delegation_found", "delegation_blind", "delegation_benign", "delegation_verify", "delegation_respond")
        assert [field for field in (*told, *text) if not row.get(field)] == []


@pytest.mark.parametrize("name", DETECTIONS)
def test_a_case_is_one_alert(ran, name):
    keys = [row["case_key"] for row in ran[DETECTIONS[name]]]
    assert len(keys) == len(set(keys))


def test_an_alert_names_the_commands_for_its_rights(ran):
    row = next(row for row in ran[DETECTIONS["send_right_on_executives_or_finance"]] if row["right"] == "send_as")
    assert row["delegation_revoke"].startswith("Remove-RecipientPermission")
    assert row["delegation_undo"].startswith("Add-RecipientPermission")


def test_the_schedule_takes_each_event_once_and_alerts_once_a_case(tmp_path):
    case = next(case for case in ALL if case.folder == "high_risk_grant" and case.fires)
    with Splunkd(ROOT, tmp_path, clock=lambda: INDEXED) as splunkd:
        for search in (*COLLECTING, DETECTIONS["high_risk_grant"]):
            splunkd.conf.set("savedsearches", search, "disabled", "0")
        splunkd.index(case.events())
        splunkd.run_schedule(INDEXED, INDEXED + 45 * 60)
        rows = splunkd.search("index=summary", now=INDEXED + 45 * 60).rows
        assert [row["evidence"] for row in rows] == [case.id]
        assert [alert.search for alert in splunkd.alerts] == [DETECTIONS["high_risk_grant"]]


def test_every_scheduled_search_has_cases():
    folders = {path.name for path in CASES.iterdir() if path.is_dir()}
    assert folders == {"collect_grants", *DETECTIONS}
