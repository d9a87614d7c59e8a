"""The Overview: what its figures count, what its inputs change, where its drill-downs lead."""

import re
from urllib.parse import parse_qs, urlsplit

VIEW = "delegation_watch_overview"
NOW = "| search status=\"standing\" access!=\"none\" access!=\"availability\" | where grantee_key!=mailbox_key"


def led(link):
    """View and tokens of a link."""
    parts = urlsplit(link)
    tokens = {key[len("form.") :]: values[0] for key, values in parse_qs(parts.query).items()}
    return parts.path.rpartition("/")[2], tokens


def landed(dashboard, *panels):
    """Where a click on each of these panels leads: the dashboard's own name, and its tokens."""
    links = [led(link) for link in dashboard.leads(*panels)]
    return {panel: (view[len("delegation_watch_") :], given) for panel, (view, given) in zip(panels, links)}


def test_its_figures_are_those_of_the_state_and_what_changed_tells_how_it_is_known(dashboard, splunkd):
    dashboard.open(VIEW)
    standing = len(splunkd.search(f"| `delegation_watch_state` {NOW}").rows)
    unexplained = len(splunkd.search(f"| `delegation_watch_state` {NOW} | search explained=no").rows)
    assert dashboard.figure("viz_standing") == standing > 0
    assert dashboard.figure("viz_unexplained") == unexplained > 0
    # The exposure of 30 days ends with what stands today.
    sources = dashboard.tab.evaluate("__studio.definition.dataSources")
    days = sources["ds_standing"]["options"]["query"].replace("$provider|s$", '"*"')
    last = splunkd.search(days + sources["ds_exposed"]["options"]["query"]).rows[-1]
    assert sum(int(last[level]) for level in ("critical", "high", "medium", "low", "informational")) == standing
    assert {dashboard.panels()[name]["state"] for name in ("viz_trend", "viz_exposed")} == {"ok"}
    rows = dashboard.table("viz_changes")
    assert {row[1] for row in rows} <= {"given", "set", "taken back", "sweep: new", "sweep: gone", "sweep: changed"}
    assert any(re.search("sweep", row[-1]) for row in rows)


def test_another_cloud_runs_every_search_anew_and_another_time_those_of_grants_alone(dashboard):
    dashboard.open(VIEW)
    before = dashboard.figure("viz_standing")
    assert landed(dashboard, "viz_cloud") == {"viz_cloud": ("exposure", {"provider": "exchange_online"})}
    again = dashboard.choose("Cloud", "Google Workspace")
    assert {run["id"] for run in again} == {run["id"] for run in dashboard.searches()}
    assert all('provider="workspace"' in run["query"] for run in again if not run.get("base"))
    assert 0 < dashboard.figure("viz_standing") < before
    assert dashboard.problems(("ok", "empty")) == []
    again = dashboard.choose_time("Last 7 days")
    assert {run["id"] for run in again} == {"ds_grants", "ds_figures", "ds_trend", "ds_worst"}
    assert {run["earliest"] for run in again} == {"-7d@h"}


def test_its_cases_figures_and_charts_lead_to_what_they_tell_of_with_time_and_cloud_kept(dashboard, splunkd):
    span = {"form.time.earliest": "-14d", "form.time.latest": "now"}
    dashboard.open(VIEW, **span, **{"form.provider": "exchange_online"})
    row = dashboard.table("viz_worst")[0]
    mailbox, delegate, case = row[3], row[4], row[-1]
    kept = {"time.earliest": "-14d", "time.latest": "now"}
    assert led(dashboard.click("viz_worst", column=3)) == ("delegation_watch_mailbox", {"mailbox": mailbox, **kept})
    assert led(dashboard.click("viz_worst", column=4)) == ("delegation_watch_identity", {"identity": delegate, **kept})
    view, tokens = led(dashboard.click("viz_worst", column=0))
    chosen = {"provider": "exchange_online", "level": "20", "case": case}
    assert (view, tokens) == ("delegation_watch_alerts", {**chosen, **kept})
    online = {"provider": "exchange_online"}
    wanted = {
        "viz_high": ("alerts", {**online, **kept, "level": "70"}),
        "viz_recent": ("alerts", {**online, "level": "40", "time.earliest": "-24h", "time.latest": "now"}),
        "viz_standing": ("review", online), "viz_unexplained": ("review", {**online, "explained": "no"}),
        "viz_health": ("health", {}), "viz_trend": ("alerts", {**online, **kept, "level": "20"}),
        "viz_exposed": ("exposure", online), "viz_cloud": ("exposure", online),
    }  # fmt: skip
    assert landed(dashboard, *wanted) == wanted
    # A bar names its own right or kind, and its level; the legend names none, and leads nowhere.
    dashboard.panel("viz_right").locator(".highcharts-legend-item").first.click()
    bars = landed(dashboard, "viz_right", "viz_kind")
    assert len(dashboard.links()) == 3 + len(wanted) + len(bars)
    assert dashboard.problems() == []
    counted = {}
    for panel, token, field in (("viz_right", "right", "right"), ("viz_kind", "kind", "grantee_kind")):
        view, tokens = bars[panel]
        assert (view, tokens["provider"], set(tokens)) == ("review", "exchange_online", {"provider", token, "level"})
        of = {"provider": tokens["provider"], field: tokens[token], "delegation_level": tokens["level"]}
        counted[panel] = len(splunkd.search(f"| `delegation_watch_state` {NOW} | search {terms(of)}").rows)
    # The list there is what the bar counts, and no more.
    dashboard.open("delegation_watch_review", **{f"form.{name}": value for name, value in bars["viz_right"][1].items()})
    assert listed(dashboard) == counted["viz_right"] > 0
    assert {row[4].split(" ")[0] for row in dashboard.table("viz_list")} == {bars["viz_right"][1]["right"]}
    dashboard.choose("Right", "Any")
    dashboard.choose("Kind of delegate", bars["viz_kind"][1]["kind"])
    dashboard.choose("Level", bars["viz_kind"][1]["level"].capitalize())
    assert listed(dashboard) == counted["viz_kind"] > 0


def terms(wanted):
    """Fields and values as terms of a search."""
    return " ".join(f'{field}="{value}"' for field, value in wanted.items())


def listed(dashboard):
    """How many rows Review's list has, on all its pages."""
    return [run["rows"] for run in dashboard.searches() if run["id"] == "ds_list"][-1]
