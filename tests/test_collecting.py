"""What the collecting searches take from the index: Windows events by source, and the use of rights summed up."""

import json
import pathlib

import pytest

from tests.bin.grants.records import (
    ALEX,
    ALEX_ID,
    FINANCE,
    HELPDESK,
    accessed,
    audited,
    cmdlet,
    entra,
    full_access,
    user_ids,
)
from tests.bin.grants.windows_records import EVERY_EVENT, GRANT, changed, cmdlet_ran, script
from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
INDEXED = 1772452800  # 2026-03-02 12:00 UTC; the records are of that morning
SOURCES = {
    "cmdlet": "XmlWinEventLog:MSExchange Management",
    "cmdlet, classic": "WinEventLog:MSExchange Management",
    "4103": "XmlWinEventLog:Microsoft-Windows-PowerShell/Operational",
    "4104": "XmlWinEventLog:Microsoft-Windows-PowerShell/Operational",
    "5136": "XmlWinEventLog:Security",
    "5136, classic": "WinEventLog:Security",
    "group": "XmlWinEventLog:Security",
}
USES = [
    *(accessed(Id=f"read-{number}") for number in range(3)),
    accessed(Id="owner", logon_type=0),
    accessed(Id="sent folder", paths=("\\Sent Items",)),
    accessed(Id="projects", paths=("\\Mars", "\\Venus", "\\Sent Items")),
    audited("SendAs", Id="sent", SendAsUserSmtp=FINANCE),
]


ACCOUNTS = [
    entra("Disable account.", {}, target=user_ids(HELPDESK), ObjectId=HELPDESK, Id="account-1"),
    entra("Update user.", {"Department": '["Finance"]'}, target=user_ids(HELPDESK), ObjectId=HELPDESK, Id="account-2"),
    entra("Update user.", {"Department": '["finance"]'}, target=user_ids(FINANCE, ALEX_ID), ObjectId=FINANCE,
          Id="account-3"),
    cmdlet("Set-Mailbox", {"Identity": FINANCE, "Type": "Shared"}, Id="account-4"),
    full_access(user=HELPDESK, Id="grant"),
]  # fmt: skip


def event(source, sourcetype, data, time=INDEXED - 3600):
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    return {"time": time, "indextime": INDEXED, "host": "h", "index": "main", "source": source,
            "sourcetype": sourcetype, "data": text}  # fmt: skip


@pytest.fixture(scope="module")
def summary(tmp_path_factory):
    """The rows of the summary, by the operation of their records."""
    with Splunkd(ROOT, tmp_path_factory.mktemp("collecting"), clock=lambda: INDEXED) as splunkd:
        splunkd.index(event(SOURCES[name], "WinEventLog", text) for name, text in EVERY_EVENT.items())
        noise = (changed("description"), script("Get-Mailbox"), cmdlet_ran("Get-Mailbox", GRANT))
        splunkd.index(event("XmlWinEventLog:Security", "XmlWinEventLog", text) for text in noise)
        splunkd.index([event("XmlWinEventLog:Application", "XmlWinEventLog", EVERY_EVENT["cmdlet"])])
        for record in USES + ACCOUNTS:
            splunkd.index([event("delegation_audit://o365", "o365:management:activity", record)])
        splunkd.run_saved_search("Delegation Watch - Learn identities", INDEXED + 6 * 60)
        splunkd.run_saved_search("Delegation Watch - Learn accounts", INDEXED + 7 * 60)
        splunkd.run_saved_search("Delegation Watch - Collect grants", INDEXED + 8 * 60)
        splunkd.run_saved_search("Delegation Watch - Collect uses", INDEXED + 10 * 60)
        rows = splunkd.search("`delegation_watch_grants`", now=INDEXED + 1800).rows
    return rows


def test_each_kind_of_windows_event_becomes_a_scored_row(summary):
    rows = [row for row in summary if row["provider"] == "exchange_server"]
    assert sorted(row["evidence"] for row in rows) == sorted(SOURCES.values())
    assert all(row["delegation_score"] for row in rows)


def test_a_classic_event_has_the_time_that_splunk_gave_it(summary):
    (row,) = [row for row in summary if row["evidence"] == SOURCES["cmdlet, classic"]]
    assert float(row["time"]) == INDEXED - 3600


def test_use_is_summed_up_by_delegate_mailbox_and_kind_of_folder_record_by_record(summary):
    found = {
        (row["operation"], row.get("folder_kind"), row["use_count"]) for row in summary if row["grant_action"] == "use"
    }
    assert found == {
        ("MailItemsAccessed", "inbox", "3"), ("MailItemsAccessed", "sent", "2"), ("MailItemsAccessed", "other", "1"),
        ("SendAs", None, "1"),
    }  # fmt: skip
    assert {(row["grantee_key"], row["mailbox_key"]) for row in summary if row["grant_action"] == "use"} == {
        (ALEX, FINANCE)
    }


def test_what_the_stream_tells_of_accounts_stands_with_the_grant_and_with_its_source(summary):
    (row,) = [row for row in summary if row.get("record_id") == "grant"]
    assert (row["grantee_enabled"], row["mailbox_kind"], row["kin"]) == ("false", "shared", "department")
    assert row["grantee_source"] in ("Disable account.", "Update user.")


def test_who_changed_the_directory_is_known_by_what_the_exchange_log_told_of_his_sid(summary):
    rows = [row for row in summary if row["operation"] == "5136 publicDelegates"]
    assert {(row["actor"], row["actor_key"]) for row in rows} == {
        ("CORP\\admin", "corp.example.com/users/administrator")
    }
    assert {row["grant_key"] for row in rows} != {None}
    assert len({row["grant_key"] for row in rows}) == 1
