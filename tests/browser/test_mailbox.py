"""Mailbox: from a name or a part of one to who can open it, what they did with it, and the next question."""

from tests.browser.test_overview import landed, led

VIEW = "delegation_watch_mailbox"
BOX = "ada.brandt@harbourfinch.example"
ADMIN = "maarten.hendriks@harbourfinch.example"
ADDRESS = "203.0.113.66"
DRAWN = ("ok", "empty")
# Everything that is syntax somewhere: SPL, a token, a wildcard, markup, and text that runs the other way.
HOSTILE = '"| delete \\ $time.latest$ % <b>x</b> \u202e'


def test_a_part_of_a_name_finds_the_mailbox_and_a_click_opens_it(dashboard):
    dashboard.open(VIEW)
    dashboard.write("Mailbox (* for all)", "ADA.BR")
    assert [row[0] for row in dashboard.table("viz_choose")] == [BOX]
    assert dashboard.panels()["viz_list"]["state"] == "empty"
    assert "choose one above" in dashboard.text("viz_list")
    dashboard.click("viz_choose", column=0)
    assert dashboard.tokens()["mailbox"] == BOX
    standing = dashboard.table("viz_list")
    assert standing
    assert {row[9] for row in standing} <= {BOX, "*"}
    assert {row[7] for row in dashboard.table("viz_history")} <= {BOX, "*"}
    dashboard.write("Mailbox (* for all)", HOSTILE)
    assert dashboard.table("viz_choose") == []
    assert dashboard.problems(DRAWN) == []


def follow(dashboard, link):
    """Go where a drill-down leads, as Splunk Web does."""
    view, tokens = led(link)
    return dashboard.open(view, **{f"form.{name}": value for name, value in tokens.items()})


def heads(dashboard, name):
    """The heads of a table's columns."""
    return [each.strip() for each in dashboard.panel(name).locator("[data-test=head-cell]").all_inner_texts()]


def under(dashboard, name, *wanted):
    """The cells of a table below these heads, a row each."""
    at = heads(dashboard, name)
    return [tuple(row[at.index(head)] for head in wanted) for row in dashboard.table(name)]


def shows(dashboard, figures):
    """A click on each of these figures leaves in a list what it counts, and says so beside the time."""
    for name, (listed, only) in figures.items():
        assert dashboard.click(name) is None
        assert dashboard.tokens()["only"] == only
        source = dashboard.tab.evaluate(f"__studio.definition.visualizations.{listed}.dataSources.primary")
        rows = [run["rows"] for run in dashboard.searches() if run["id"] == source][-1]
        assert rows == dashboard.figure(name), name


def test_an_analyst_is_two_clicks_from_an_alert_to_all_that_is_known_of_it(dashboard):
    """The demo's attack: an administrator lets himself send as somebody of finance, reads her mail, and sends."""
    dashboard.open("delegation_watch_alerts", **{"form.time.earliest": "-14d@d", "form.time.latest": "now"})
    cases = under(dashboard, "viz_cases", "Mailbox", "Delegate", "Actor", "Right")
    # What he gave himself before is in the same case, unless midnight was between.
    (alert, *_) = (at for at, case in enumerate(cases) if case[:3] == (BOX, ADMIN, ADMIN) and "send_as" in case[3])
    day = under(dashboard, "viz_cases", "When")[alert][0][:10]
    follow(dashboard, dashboard.click("viz_cases", row=alert, column=3))
    assert {run["earliest"] for run in dashboard.searches() if run["id"] == "ds_rows"} == {"-14d@d"}
    # Who can open it, since when, through whom; an application that reaches every mailbox among them.
    ways = under(dashboard, "viz_list", "Delegate", "Right", "Since", "Through", "Giver", "Known")
    assert (ADMIN, "send_as", day, "directly", ADMIN, "a record") in ways
    assert [way for way in ways if way[1] == "app_mail" and way[3] == "every mailbox of the organisation"]
    # What the delegate did with it.
    did = under(dashboard, "viz_uses_list", "Delegate", "Did", "From")
    assert {(ADMIN, "SendAs", ADDRESS), (ADMIN, "MailItemsAccessed", ADDRESS)} <= set(did)
    assert dashboard.problems(DRAWN) == []
    hunt = ("hunt", {"field": "mailbox", "value": BOX, "time.earliest": "-14d@d", "time.latest": "now"})
    assert landed(dashboard, "viz_uses", "viz_days") == {"viz_uses": hunt, "viz_days": hunt}
    shows(dashboard, {"viz_unexplained": ("viz_list", "unexplained"), "viz_hidden": ("viz_rules", "set"),
                      "viz_ways": ("viz_list", "*")})  # fmt: skip
    dashboard.choose("Show", "Ways in that nothing explains")
    assert dashboard.click("viz_delegates") is None
    assert dashboard.tokens()["only"] == "*"
    giver = [way[4] for way in ways].index(ADMIN)
    follow(dashboard, dashboard.click("viz_list", row=giver, column=7))
    # What else that actor touched.
    gave = under(dashboard, "viz_gave_list", "Mailbox", "Delegate")
    assert {mailbox for mailbox, _ in gave} - {BOX}
    read = under(dashboard, "viz_uses_list", "Mailbox", "Did")
    assert ("ada.ricci@harbourfinch.example", "MailItemsAccessed") in read
    assert (ADDRESS,) in under(dashboard, "viz_from", "From")
    assert dashboard.problems(DRAWN) == []
