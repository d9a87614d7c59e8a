"""Collection health: what it says of the feeds and sweeps is what the ledger has, and each leads to its events."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.test_overview import led

VIEW = "delegation_watch_health"
MADE_UP = "delegation_audit://made_up"
OPERATION = "Add-MailboxPermission"


@pytest.fixture
def troubled(splunkd):
    """A feed that lost records and has a gap, and an operation that came for weeks and no longer does; its tenant."""
    online = "| inputlookup delegation_watch_parts | search provider=exchange_online"
    tenant = splunkd.search(online).rows[0]["tenant"]
    feed = f'input="{MADE_UP}", feed="Audit.General", last_run=now(), lost=3, gaps="a to b: gone"'
    late = "lateness_p50=7200, lateness_max=90000000"
    usual = f'tenant="{tenant}", what="{OPERATION} with an address", first_seen=now()-3456000'
    usual = f"{usual}, last_seen=now()-864000, days=20, count=50"
    for name, values in (("feeds", f"{feed}, {late}"), ("usual", usual)):
        kept = f"outputlookup append=true key_field=_key delegation_watch_{name}"
        splunkd.search(f'| makeresults | eval _key="{MADE_UP}", {values} | {kept}')
    yield tenant
    for name in ("feeds", "usual"):
        kept = f'| inputlookup delegation_watch_{name} | where _key!="{MADE_UP}"'
        splunkd.search(f"{kept} | outputlookup key_field=_key delegation_watch_{name}")


def asked(link):
    """The search that a link opens, and of which time."""
    parts = urlsplit(link)
    given = {key: values[0] for key, values in parse_qs(parts.query, strict_parsing=True).items()}
    assert (parts.path, given.keys()) == ("/app/search/search", {"q", "earliest", "latest"})
    return given["q"], given["earliest"], given["latest"]


def test_it_lists_what_the_ledger_has_and_each_feed_sweep_and_figure_leads_to_its_events(dashboard, splunkd, troubled):
    dashboard.open(VIEW)
    feeds = splunkd.search("| inputlookup delegation_watch_feeds").rows
    listed = dashboard.table("viz_feed")
    assert sorted(row[1] for row in listed) == sorted(row["feed"] for row in feeds)
    parts = splunkd.search("| inputlookup delegation_watch_parts").rows
    assert sorted(row[2] for row in dashboard.table("viz_part")) == sorted(row["part"].split("|")[-1] for row in parts)
    assert dashboard.figure("viz_audit") == 1  # the attack's last act bypasses the audit
    assert dashboard.figure("viz_lost") == sum(int(row["lost"]) for row in feeds) > 0

    place = next(at for at, row in enumerate(listed) if row[0] != MADE_UP)
    query, *span = asked(dashboard.click("viz_feed", row=place, column=2))
    assert f'input="{listed[place][0]}" feed="{listed[place][1]}"' in query
    assert len(splunkd.search(query, *span).rows) > 0
    row = dashboard.table("viz_part")[0]
    query, *span = asked(dashboard.click("viz_part", column=0))
    assert {each["tenant"] for each in splunkd.search(query, *span).rows} == {row[0]}
    query, *_ = asked(dashboard.click("viz_gaps", column=2))
    assert f'input="{MADE_UP}" feed="Audit.General" gaps{{}}.from=*' in query
    assert dashboard.table("viz_blind_list")[0][:3] == [troubled, OPERATION, "an address"]
    sought = {"field": "operation", "value": OPERATION, "text": troubled}
    ever = {"time.earliest": "0", "time.latest": "now"}
    assert led(dashboard.click("viz_blind_list", column=1)) == ("delegation_watch_hunt", {**sought, **ever})

    figures = ("viz_feeds", "viz_lost", "viz_sweeps", "viz_blind", "viz_audit")
    *searches, audit, late = dashboard.leads(*figures, "viz_late")
    told = ("State!=", "lost>0", 'State="overdue"', "where blind=1")
    assert [part in asked(link)[0] for part, link in zip(told, searches)] == [True] * 4
    blind, *span = asked(searches[-1])
    assert OPERATION in splunkd.search(blind, *span).rows[0]
    assert led(audit) == ("delegation_watch_hunt", {"field": "right", "value": "audit_*", **ever})
    assert 'replace(feed, "^Audit\\.", "")="General"' in asked(late)[0]
    assert dashboard.problems() == []
