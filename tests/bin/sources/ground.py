"""A tenant, a backfill that reads what is older than its feed, and records for both."""

import json

from delegation_watch.sources.audit_queries import AuditQueries, asked
from delegation_watch.sources.backfill import BackfillFeed
from delegation_watch.sources.border import BorderedFeed, remedy
from delegation_watch.sources.entra import entra_token
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.health import Tally
from delegation_watch.sources.http import Http
from delegation_watch.sources.nested import body_of
from delegation_watch.sources.odata import OData

from tests.bin.sources.vendor import DAY, NOW, drained, stamp
from workbench.tenants import Faults, Office365, Record

EXCHANGE, ENTRA = "Audit.Exchange", "Audit.AzureActiveDirectory"
BEGUN = NOW - 7 * DAY + 300


def record(number, days_ago, operation="Add-MailboxPermission", kind=1, workload="Exchange", **more):
    moment = NOW - days_ago * DAY
    body = {"CreationTime": stamp(moment), "Id": f"record-{number}", "Operation": operation, "RecordType": kind,
            "Workload": workload, "UserId": "ada@contoso.example", "UserType": 2,
            "Parameters": [{"Name": "Identity", "Value": "info"}], **more}  # fmt: skip
    return Record(moment, EXCHANGE if workload == "Exchange" else ENTRA, body)


TEN = [record(number, 100 - 10 * number) for number in range(10)]


def token_at(http, tenant, root, *clock):
    """A token for the API at one of a stand-in's addresses."""
    return entra_token(http, tenant.uri, tenant.tenant, tenant.client_id, tenant.secret, f"{root}/.default", *clock)


class Ground:
    """A tenant on one side, a backfill on the other, a clock that only tests move in between."""

    def __init__(self, records, **faults):
        faults.setdefault("query_polls", 1)
        self.now = NOW
        self.slept = []
        self.tenant = Office365(records, lambda: self.now, Faults(**faults), lambda record: 60)
        self.until = NOW
        self.early = []
        self.gaps = []
        self.begun = BEGUN
        self.versions = ("v1.0", "beta")
        self.tally = Tally()

    def __enter__(self):
        self.tenant.__enter__()
        self.http = Http(verify=str(self.tenant.ca_file), sleep=self._sleep)
        return self

    def __exit__(self, *error):
        self.http.session.close()
        self.tenant.__exit__(*error)
        assert self.tenant.unknown == []

    def _sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def reader(self, since="-170d", content_type=EXCHANGE, operations=()):
        tenant = self.tenant
        token = token_at(self.http, tenant, tenant.graph_root, lambda: self.now)
        graph = OData(self.http, tenant.graph_root, token, "Microsoft Graph", body_of)
        queries = AuditQueries(graph, content_type, asked(content_type, operations), self.versions)
        late = [Event("{}", BEGUN - 1, None, "Add-MailboxPermission", number) for number in self.early]
        given = [late, Checkpoint({"until": self.until})]
        told = Tally()
        feed = BorderedFeed(Given(given, self.gaps, told), asked(content_type, operations), told, remedy("-170d", ""))
        list(feed.read({"first": self.begun, "begun": self.begun, "until": NOW - DAY}, BEGUN, NOW))
        self.tally = Tally()
        return BackfillFeed(queries, feed, since, self.tally, self._sleep, lambda: self.now)

    def read(self, state=None, **given):
        """A run: (texts of its events, the last checkpoint's state)."""
        return drained(self.reader(**given).read(state or {}, BEGUN, NOW))

    def asked(self, method="POST", path="queries"):
        return [call for call in self.tenant.requests if call.method == method and call.path.endswith(path)]


class Given:
    """A feed that gives what a test says, and misses what it says."""

    def __init__(self, items, gaps=(), tally=None):
        self.items = items
        self.gaps = gaps
        self.tally = tally

    def read(self, state, first, now):
        for gap in self.gaps:
            self.tally.miss(*gap, "it is gone")
        yield from self.items


def numbers(events):
    return [int(json.loads(text)["Id"].partition("-")[2]) for text in events]
