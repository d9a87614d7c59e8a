"""What searches cost: the collecting ones read the operations that matter, once; all others read the summary alone.

A count stands in for time: how many events a search had to read, after the index told by words and by its own fields
which ones may fit. The hour is made up; its shares are those of a large tenant, where most records are of people who
read their own mail, sign in, and open files.
"""

import itertools
import json
import pathlib

import pytest

from scripts.content import App
from tests.bin.grants.records import accessed, app_role, audited, cmdlet, entra, full_access, group_change, user_ids
from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
SYSTEM = "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)"
SIGN_IN = {**entra("UserLoggedIn", {}, target=user_ids()), "RecordType": 15}
FILE = {"CreationTime": "2026-03-02T09:15:30", "Id": "f", "Operation": "FileAccessed", "RecordType": 6,
        "Workload": "SharePoint", "UserId": "ann@example.com", "ObjectId": "https://example.com/a.docx"}  # fmt: skip
# Records of one hour in thousandths, those that matter last: what a search must read is a few in a hundred.
EVERYDAY = [
    (600, accessed(logon_type=0)), (80, audited("Send", logon_type=0)), (90, audited("SoftDelete", logon_type=0)),
    (90, FILE), (70, SIGN_IN), (25, cmdlet("Set-Mailbox", {"Identity": "a", "ProhibitSendQuota": "1"}, UserId=SYSTEM)),
    (15, cmdlet("Set-MailboxPlan", {"Identity": "a"}, UserId=SYSTEM)),
]  # fmt: skip
RIGHTS = [(6, full_access()), (3, app_role()), (4, group_change()), (5, cmdlet("New-InboxRule", {"Mailbox": "a"}))]
USES = [(9, accessed(logon_type=2))]
ACCOUNTS = [(3, entra("Update user.", {"AccountEnabled": "[false]"}))]
THOUSANDS = 2


def number(*parts):
    return THOUSANDS * sum(part if isinstance(part, int) else part[0] for part in parts)


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("home"), clock=lambda: NOW) as splunkd:
        records = [record for share, record in (*EVERYDAY, *RIGHTS, *USES, *ACCOUNTS) for _ in range(share)]
        splunkd.index({
            "time": NOW - 3600, "indextime": NOW - 600, "host": "h", "index": "main", "source": "audit",
            "sourcetype": "o365:management:activity", "data": json.dumps({**record, "Id": f"r{place}"}),
        } for place, record in enumerate(itertools.chain.from_iterable([records] * THOUSANDS)))  # fmt: skip
        yield splunkd


def scanned(splunkd, name):
    """How many audit records a search reads, over all time."""
    spl = App(ROOT).conf("savedsearches")[name]["search"]
    return splunkd.search(spl, earliest="0", now=NOW).scanned.get("main", 0)


@pytest.mark.parametrize(
    ("name", "kinds"),
    {"Collect grants": RIGHTS, "Collect uses": USES, "Learn accounts": ACCOUNTS,
     "Learn identities": [(70, SIGN_IN), *RIGHTS, *ACCOUNTS]}.items(),
)  # fmt: skip
def test_a_collecting_search_reads_what_matters_to_it_and_no_more(hour, name, kinds):
    assert scanned(hour, f"Delegation Watch - {name}") == number(*kinds)


def test_the_collecting_searches_together_read_a_few_in_a_hundred_records_beside_sign_ins():
    total = number(*EVERYDAY, *RIGHTS, *USES, *ACCOUNTS)
    assert total == 1000 * THOUSANDS
    assert number(*RIGHTS, *USES, *ACCOUNTS) <= total * 0.03


COLLECTING = {"Collect grants", "Collect uses", "Learn accounts", "Learn identities"}
READING = [
    name
    for name, stanza in App(ROOT).conf("savedsearches").items()
    if not name.startswith("Delegation Watch - Backfill")
    and name.rpartition(" - ")[2] not in COLLECTING
    and not stanza["search"].startswith("|")
]


@pytest.mark.parametrize("name", READING)
def test_every_other_search_reads_no_audit_record(hour, name):
    assert scanned(hour, name) == 0


def test_no_view_reads_audit_records():
    raw = ("sources", "records", "uses", "account_records", "identity_sources")
    found = [where for where, spl in App(ROOT).spl() if "ml" in where.rpartition(".")[2]
             and any(f"`delegation_watch_{name}`" in spl for name in raw)]  # fmt: skip
    assert found == []
