"""The cases of tests/cases as what a stand-in for splunkd is given: events of each kind, grant rows, lookups, state.

A line of tests/cases/<search>/ is one case. What it consists of:
  records    audit records, Windows events, what a sweep tells of the directory, as inputs and add-ons bring them
  before, sweep    what the sweep of the day before and that of the day saw: rows of an inventory
  rows       grant rows as docs/fields.md describes them, before names are resolved and scores given; `ago` in minutes
  changes    what a comparison of two sweeps found; `state`: delegations that stand
  people, directory, vip, approvals, register, baseline    lines of these lookups
Each case has a tenant of its own, and on premises a domain of its own, so that no case sees another's rows.
"""

import json
import pathlib
import re
from datetime import datetime, timezone

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
# 2026-03-02 12:00 UTC: the records of the cases are of that morning.
INDEXED = 1772452800
DAY = 86400
COLLECTED = INDEXED + 8 * 60
# When a sweep saw what it saw, and when its events were indexed: the second one ends just before the records come.
SWEEPS = {"before": (INDEXED - DAY, INDEXED - DAY), "sweep": (INDEXED - 7 * 3600, INDEXED - 25 * 60)}
ROW = {
    "provider": "exchange_online", "grant_action": "grant", "operation": "Add-MailboxPermission", "status": "success",
    "grantee_kind": "user", "actor_kind": "user", "relation": "third_party",
}  # fmt: skip
CHANGE = {"provider": "exchange_online", "grantee_kind": "user", "explained": "no", "change": "new", "access": "own"}
STATE = {"provider": "exchange_online", "grantee_kind": "user", "status": "standing", "access": "own",
         "delegation_score": 50, "delegation_level": "medium"}  # fmt: skip
LOOKUPS = ("people", "directory", "vip", "approvals", "register", "baseline")
# By what a record has; all others are of Office 365.
SOURCETYPES = {"event": "gws:reports:admin", "delegation_watch_directory": "delegation:directory"}
KINDS = ("full_access", "send_as", "send_on_behalf", "folders", "gmail_delegates")


class Case:
    """One case: where it is from, whether its search must find it, and what it consists of."""

    def __init__(self, folder, kind, given, number):
        self.folder, self.fires, self.given = folder, kind == "fires", given
        self.id = f"{folder}: {given['case']}"
        self.tenant = f"00000000-0000-4000-9000-{number:08}0000"
        self.domain = f"corp{number}"

    def events(self):
        """The audit records, each under the case's own tenant; Windows events under its own domain."""
        for number, record in enumerate(self.given.get("records", ())):
            if isinstance(record, str) and record.lstrip().startswith("<Event"):
                source = "XmlWinEventLog:" + re.search("<Channel>(.*?)</Channel>", record)[1]
                yield self._event(self._of_domain(record), "XmlWinEventLog", source=source)
            elif isinstance(record, str):
                yield self._event(record, "o365:management:activity")
            else:
                kinds = (kind for mark, kind in SOURCETYPES.items() if mark in record)
                text = json.dumps(self._moved(record, number), ensure_ascii=False)
                yield self._event(text, next(kinds, "o365:management:activity"))

    def sweep(self, name):
        """The events of the sweep `before` or of the sweep `sweep`; none where the case has no sweeps."""
        if "sweep" not in self.given:
            return
        began, at = SWEEPS[name]
        for row in self.given.get(name, ()):
            snapshot = {"delegation_watch_inventory": row["kind"], "time": iso(began), "columns": row["columns"]}
            yield self._event({**snapshot, "sweep": name, "tenant": self.tenant}, "delegation:snapshot", began, at)
        gmail = any(row["kind"] == "gmail" for row in self.given["sweep"])
        yield self._event({
            "delegation_watch_sweep": name, "provider": "workspace" if gmail else "o365", "tenant": self.tenant,
            "input": self.id, "started": iso(began - 60), "ended": iso(at), "status": "complete", "scope": "all",
            "kinds": KINDS, "folders": ("root", "inbox", "calendar"), "mailboxes": 9, "covered": 9, "failed": (),
            "skipped": (), "audit": {"unified": True, "bypassed": (), "disabled": ()},
        }, "delegation:sweep", at, at)  # fmt: skip

    def _event(self, data, sourcetype, time=INDEXED - 3600, at=INDEXED, source=None):
        text = data if isinstance(data, str) else json.dumps(data)
        return {"time": time, "indextime": at, "host": "h", "index": "main", "source": source or self.id,
                "sourcetype": sourcetype, "data": text}  # fmt: skip

    def _moved(self, record, number):
        """The record in the case's tenant and with an id of its own: cases may share records."""
        tenant = record.get("OrganizationId") or record.get("id", {}).get("customerId") or record.get("tenant")
        moved = json.loads(json.dumps(record).replace(tenant, self.tenant)) if isinstance(tenant, str) else dict(record)
        return {**moved, "Id": f"{self.tenant[:-4]}{number:04}"} if "Id" in moved else moved

    def _of_domain(self, text):
        """The text with names, SIDs and GUIDs of the case's own domain: each stands for one object alone."""
        number = self.domain[len("corp") :]
        text = re.sub(r"\bcorp(?=\.example\.com|,DC=)|\bCORP\b", self.domain, text)
        return re.sub(r"(?<=\{)[0-9A-F]{8}(?=-)", f"{number:0>8}", re.sub(r"(S-1-5-21-)\d+", rf"\g<1>{number}", text))

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


def iso(time):
    """A time as the inputs write it."""
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_cases():
    """(folder, `fires` or `quiet`, what it consists of) of each line."""
    for folder in sorted(path.name for path in CASES.iterdir() if path.is_dir()):
        for kind in ("fires", "quiet"):
            for line in (CASES / folder / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines():
                yield folder, kind, json.loads(line)


ALL = [Case(*read, number) for number, read in enumerate(read_cases(), 1)]


def evidence(found):
    """Search → the cases that its rows come from: told by the event's source, else by tenant or domain."""
    by_tenant = {case.tenant: case.id for case in ALL}
    by_domain = {case.domain: case.id for case in ALL}
    ids = {case.id for case in ALL}
    names = {}
    for search, rows in found.items():
        seen = names.setdefault(search, set())
        for row in rows:
            told = row.get("evidence")
            seen.update(ids.intersection(told if isinstance(told, list) else [told]))
            seen.update(filter(None, [by_tenant.get(row.get("tenant"))]))
            seen.update(by_domain[one] for one in re.findall(r"corp\d+", json.dumps(row)) if one in by_domain)
    return names
