"""The reports that are run by hand, over a small state."""

import json
import pathlib

import pytest

from workbench.spl.commands import combining
from workbench.splunkd import Splunkd

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
BASE = {"tenant": "t", "provider": "exchange_online", "status": "standing", "known_by": "snapshot", "access": "own",
        "grantee_kind": "user", "first_seen": NOW - 86400, "last_seen": NOW}  # fmt: skip
STATE = [
    {**BASE, "mailbox_key": "ceo@a.example", "grantee_key": "eve@a.example", "right": "full_access",
     "delegation_score": 80, "delegation_level": "high", "baseline": 1},
    {**BASE, "mailbox_key": "cfo@a.example", "grantee_key": "eve@a.example", "right": "send_as",
     "delegation_score": 60, "delegation_level": "medium", "granted": NOW - 3600},
    {**BASE, "mailbox_key": "hr@a.example", "grantee_key": "bob@a.example", "right": "full_access",
     "delegation_score": 50, "delegation_level": "medium"},
    {**BASE, "mailbox_key": "old@a.example", "grantee_key": "bob@a.example", "right": "full_access",
     "delegation_score": 90, "status": "gone"},
    {**BASE, "mailbox_key": "*", "grantee_key": "app-1", "grantee_kind": "application", "right": "app_mail",
     "delegation_score": 20},
]  # fmt: skip
USE = {"time": NOW - 600, "row_id": "u1", "tenant": "t", "grant_action": "use", "mailbox_key": "hr@a.example",
       "grantee_key": "bob@a.example", "right": "folder", "access": "read", "use_count": 3,
       "status": "success"}  # fmt: skip
OTHER = {**USE, "time": NOW - 300, "row_id": "u3", "mailbox_key": "old@a.example"}
REFUSED = {**USE, "row_id": "u2", "mailbox_key": "cfo@a.example", "grantee_key": "eve@a.example", "status": "failure"}


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("hunts"), clock=lambda: NOW) as running:
        rows = [{**row, "_key": str(number), "grant_key": str(number)} for number, row in enumerate(STATE)]
        running.search("| outputlookup append=true key_field=_key delegation_watch_state", now=NOW, rows=rows)
        running.index(
            [{"time": use["time"], "indextime": NOW, "host": "h", "index": "summary", "sourcetype": "stash",
              "source": "delegation_watch:grant", "data": json.dumps(use)} for use in (USE, REFUSED, OTHER)]
        )  # fmt: skip
        yield running


def hunt(splunkd, name):
    return splunkd.run_saved_search(f"Delegation Watch - {name}", NOW).rows


def test_standing_rights_come_by_danger_with_what_explains_them(splunkd):
    found = [(row["mailbox_key"], row["explained"]) for row in hunt(splunkd, "Standing rights by danger")]
    assert found == [("ceo@a.example", "baseline"), ("cfo@a.example", "event"), ("hr@a.example", "no"), ("*", "no")]


def test_who_opens_most_mailboxes_comes_first_and_who_opens_every_one_before(splunkd):
    found = [(row["grantee_key"], str(row["mailboxes"])) for row in hunt(splunkd, "Who opens most mailboxes")]
    assert found == [("app-1", "every"), ("eve@a.example", "2"), ("bob@a.example", "1")]


def test_a_right_that_was_used_and_not_only_tried_is_not_among_those_that_nobody_uses(splunkd, monkeypatch):
    """However many newer uses of others there are: what a subsearch adds ends at Splunk's limit, with no message."""
    monkeypatch.setattr(combining, "MAX_ADDED", 1)
    found = [row["mailbox_key"] for row in hunt(splunkd, "Rights that nobody uses")]
    assert found == ["ceo@a.example", "cfo@a.example"]
