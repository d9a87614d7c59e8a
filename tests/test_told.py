"""What dashboards tell of denials, of every mailbox at once, of parties that no record names, and of a case as a whole."""

import pytest

from tests.test_figures import NOW, ROOT, figure, row, shown, write
from workbench.splunkd import Splunkd

ANNA, DENIED = "anna@a.example", "denied@a.example"
BARRED = {"mailbox_key": DENIED, "actor_key": "admin@a.example"}
GRANTS = [
    row("barred", 300, 0, deny="true", **BARRED),
    row("barred", 200, 0, deny="true", grant_action="revoke", **BARRED),
    row("barred", 100, 0, **BARRED),
]
CHANGES = [
    {"row_id": f"d{what}", "change": what, "explained": "no", "time": NOW - ago, "tenant": "t", "deny": "true",
     "provider": "exchange_online", "mailbox_key": DENIED, "grantee_key": ANNA, "right": "full_access",
     "access": "none", "delegation_score": 0, "delegation_level": "informational"}
    for what, ago in (("new", 60), ("gone", 50))
]  # fmt: skip


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with Splunkd(ROOT, tmp_path_factory.mktemp("told"), clock=lambda: NOW) as running:
        write(running, "delegation_watch:grant", GRANTS)
        write(running, "delegation_watch:change", CHANGES)
        yield running


@pytest.mark.parametrize(
    ("view", "source", "tokens"),
    [
        ("overview", "ds_changes", {}),
        ("mailbox", "ds_history", {"mailbox": DENIED}),
        ("identity", "ds_received", {"identity": ANNA}),
        ("hunt", "ds_list", {"field": "mailbox", "value": DENIED, "text": "*"}),
    ],
)
def test_a_denial_is_no_right_that_was_given_and_its_end_none_that_was_taken(splunkd, view, source, tokens):
    told = [one["What"] for one in shown(splunkd, view, source, **tokens) if one["Mailbox"] == DENIED]
    assert told == ["sweep: denial lifted", "sweep: denied", "given", "denial lifted", "denied"]


def test_who_denies_gives_nothing(splunkd):
    assert figure(splunkd, "identity", "ds_figures", "gave", identity=BARRED["actor_key"]) == 1
    days = shown(splunkd, "identity", "ds_days", identity=BARRED["actor_key"])
    assert sum(int(day["gave"]) for day in days) == 1
    assert sum(int(day["denials"]) for day in days) == 2
