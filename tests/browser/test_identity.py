"""Identity: who it is, what it can open, gave and did, and the way from there to a mailbox or an address."""

from urllib.parse import parse_qs, urlsplit

VIEW = "delegation_watch_identity"
ADMIN = "maarten.hendriks@harbourfinch.example"
DRAWN = ("ok", "empty")
HOSTILE = '"| delete \\ $time.latest$ % <b>x</b> \u202e'


def asked(link):
    """The dashboard that a link leads to, and the tokens it hands on."""
    parts = urlsplit(link)
    return parts.path.rpartition("/")[2], {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_one_administrator_is_told_from_all_others_and_leads_on(dashboard):
    span = {"form.time.earliest": "-14d@d", "form.time.latest": "now"}
    dashboard.open(VIEW, **{"form.identity": ADMIN.upper(), **span})
    assert [row[0] for row in dashboard.table("viz_choose")] == [ADMIN]
    assert "administrator" in dashboard.text("viz_choose")
    gave = dashboard.table("viz_gave_list")
    assert {row[7] for row in gave} == {ADMIN}
    assert {row[5] for row in dashboard.table("viz_open")} == {ADMIN}
    address = next(row[0] for row in dashboard.table("viz_from"))
    assert asked(dashboard.click("viz_gave_list", gave[0][3])) == (
        "delegation_watch_mailbox",
        {"form.mailbox": gave[0][3], **span},
    )
    assert asked(dashboard.click("viz_from", address)) == (
        "delegation_watch_hunt",
        {"form.field": "src", "form.value": address, **span},
    )
    dashboard.click("viz_gave_list", gave[0][4])
    assert dashboard.tokens()["identity"] == gave[0][4]
    assert dashboard.problems(DRAWN) == []


def test_a_name_that_is_syntax_elsewhere_is_a_name_here(dashboard):
    dashboard.open(VIEW, **{"form.identity": HOSTILE})
    assert dashboard.problems(DRAWN) == []
    assert dashboard.table("viz_choose") == []
    assert "Enter less of it" in dashboard.text("viz_choose")
