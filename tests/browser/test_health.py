"""Collection health: what it says of the feeds and sweeps is what the ledger has."""

VIEW = "delegation_watch_health"


def test_it_lists_every_feed_and_every_kind_of_sweep_of_the_ledger(dashboard, splunkd):
    dashboard.open(VIEW)
    feeds = splunkd.search("| inputlookup delegation_watch_feeds").rows
    assert sorted(row[1] for row in dashboard.table("viz_feed")) == sorted(row["feed"] for row in feeds)
    parts = splunkd.search("| inputlookup delegation_watch_parts").rows
    assert sorted(row[2] for row in dashboard.table("viz_part")) == sorted(row["part"].split("|")[-1] for row in parts)
    assert dashboard.figure("viz_audit") == 1  # the attack's last act bypasses the audit
    assert dashboard.figure("viz_lost") == sum(int(row["lost"]) for row in feeds)
