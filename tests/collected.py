"""What tests of the ledger share: what inputs tell, and a stand-in for splunkd that holds it."""

import json
from datetime import datetime, timezone
from itertools import groupby
from operator import itemgetter

NOW = 1772452800  # 2026-03-02 12:00 UTC
DAY, HOUR, MINUTE = 86400, 3600, 60
TENANT, OTHER = "5b2f0c1e-7a44-4f0e-9a31-0d6c2a9e4b10", "0c4e7d52-3b1f-4d8a-8e60-91f7a2b5c3d4"
FEED = "delegation_audit://o365 Audit.Exchange"
SOUND = {"unified": True, "bypassed": [], "disabled": []}


def iso(time):
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def health(time, **known):
    """As an input tells it: what has no value is left out."""
    told = {
        "delegation_watch_health": "feed", "time": iso(time), "input": "delegation_audit://o365",
        "feed": "Audit.Exchange", "provider": "o365", "tenant": TENANT, "every": 300, "status": "ok",
        "from": iso(time - 300), "until": iso(time), "events": 10,
        "duplicates": 0, "blobs": 1, "pages": 1, "unreadable": 0, "lost": 0, "losses": [], "gaps": [], "failures": [],
        "latest_record": iso(time - 1800), "lateness": {"p50": 1800, "p95": 3600, "max": 4000},
        "operations": {"Add-MailboxPermission": 10}, "seconds": 2, **known,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def record(number, time, **more):
    return {
        "CreationTime": iso(time)[:-1], "Id": f"00000000-0000-4000-8000-{number:012}",
        "Operation": "Add-MailboxPermission", "OrganizationId": TENANT, "RecordType": 1, "ResultStatus": "True",
        "UserKey": "1", "UserType": 2, "Version": 1,
        "Workload": "Exchange", "UserId": "helpdesk@example.com", "ObjectId": "a@example.com", "ExternalAccess": False,
        "Parameters": [{"Name": "Identity", "Value": "a@example.com"}, {"Name": "User", "Value": "b@example.com"},
                       {"Name": "AccessRights", "Value": "FullAccess"}], **more,
    }  # fmt: skip


class Collected:
    """A stand-in for splunkd that holds what an input wrote, with the app's searches run by hand."""

    def __init__(self, splunkd):
        self.splunkd = splunkd

    def _index(self, time, sourcetype, bodies, host="h"):
        self.splunkd.index(
            {"time": time, "indextime": time, "host": host, "index": "main", "source": "delegation_audit://o365",
             "sourcetype": sourcetype, "data": json.dumps(body)} for body in bodies
        )  # fmt: skip

    def ran(self, time, *feeds, host="h", **known):
        """A run of each of these feeds, or of one."""
        self._index(time, "delegation:health", [health(time, **feed) for feed in feeds or [known]], host)
        self.splunkd.run_saved_search("Delegation Watch - Keep ledger", time + 8 * MINUTE)

    def swept(self, time, audit=SOUND, **known):
        """A sweep that ended; `audit` None where it could not be read."""
        self._index(time, "delegation:sweep", [{
            "delegation_watch_sweep": "s", "provider": "o365", "tenant": TENANT, "started": iso(time),
            "ended": iso(time), "status": "complete", "kinds": ["full_access"],
            "input": "delegation_inventory://o365", "folders": [], **({"audit": audit} if audit else {}),
            "scope": "all", "mailboxes": 100, "skipped": [], "failed": [], "failed_kinds": [], **known,
        }])  # fmt: skip
        self.splunkd.run_saved_search("Delegation Watch - Keep sweeps", time + 26 * MINUTE)

    def usual(self, time, *records):
        self._index(time, "o365:management:activity", records)
        self.splunkd.run_saved_search("Delegation Watch - Collect grants", time + 10 * MINUTE)
        self.splunkd.run_saved_search("Delegation Watch - Learn what usually comes", time + 75 * MINUTE)

    def problems(self, now):
        rows = self.splunkd.run_saved_search("Delegation Watch - Collection health", now).rows
        return {what: "; ".join(row["problem"] for row in of) for what, of in groupby(rows, itemgetter("what"))}

    def alerts(self, now):
        """Which problems alert now, of those that `problems` tells; each by what it is about and its kind."""
        before = len(self.splunkd.alerts)
        self.problems(now)
        return [(row["what"], row["kind"]) for alert in self.splunkd.alerts[before:] for row in alert.rows]

    def parts(self):
        rows = self.splunkd.search("| inputlookup delegation_watch_parts", now=NOW).rows
        return sorted(row["part"].split("|")[-1] for row in rows)

    def last_runs(self):
        """The runs that the setup page lists, one for each feed."""
        return self.splunkd.search("search `delegation_watch_last_runs`", now=NOW + DAY).rows

    def ledger(self):
        (row,) = self.splunkd.search("| inputlookup delegation_watch_feeds", now=NOW).rows
        return row
