"""An approval that counts for nothing is told, with its line and the remedy."""

import pathlib

from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
WHOLE = {"mailbox": "a@example.com", "grantee": "b@example.com", "right": "full_access", "owner": "c@example.com",
         "expires": "2026-12-31"}  # fmt: skip


def test_an_approval_without_owner_or_end_is_told_with_its_line(tmp_path):
    csv_lines = [WHOLE, {**WHOLE, "expires": ""}, {**WHOLE, "owner": ""}]
    with Splunkd(ROOT, tmp_path, clock=lambda: NOW) as splunkd:
        splunkd.search("| outputlookup delegation_watch_approvals", now=NOW, rows=csv_lines)
        splunkd.search(
            "| outputlookup delegation_watch_register", now=NOW, rows=[WHOLE, {**WHOLE, "expires": "next year"}]
        )
        found = splunkd.run_saved_search("Delegation Watch - Check tables", NOW).rows
    assert [(row["what"], row["problem"].partition(":")[0]) for row in found] == [
        ("delegation_watch_approvals line 3", "has no end"),
        ("delegation_watch_approvals line 4", "has no owner"),
        ("delegation_watch_register a@example.com b@example.com", "has no end"),
    ]
