"""Exposure: its figures count what its lists show, of the cloud that was chosen, and lead to who and where."""

from tests.browser.test_overview import landed, led

VIEW = "delegation_watch_exposure"


def test_a_figure_counts_what_its_list_shows_and_a_delegate_leads_on(dashboard):
    dashboard.open(VIEW)
    for figure in ("viz_everyone", "viz_outside", "viz_applications", "viz_orphans"):
        assert dashboard.figure(figure) == len(dashboard.table(f"{figure}_list")) > 0
    guest = dashboard.table("viz_outside_list")[0]
    assert led(dashboard.click("viz_outside_list", column=2)) == ("delegation_watch_identity", {"identity": guest[2]})
    assert led(dashboard.click("viz_outside_list", column=3)) == ("delegation_watch_mailbox", {"mailbox": guest[3]})
    assert landed(dashboard, "viz_mailboxes") == {"viz_mailboxes": ("review", {"provider": "*"})}
    found = {}
    for figure, reach in (("viz_everyone", "everyone"), ("viz_outside", "outside"), ("viz_applications", "application"),
                          ("viz_orphans", "orphan")):  # fmt: skip
        assert led(dashboard.click(figure)) == ("delegation_watch_review", {"provider": "*", "reach": reach})
        found[reach] = dashboard.figure(figure)
    dashboard.open("delegation_watch_review", **{"form.reach": "outside"})
    assert [row[2:4] for row in dashboard.table("viz_list")] == [[guest[3], guest[2]]]
    for option, reach in (("Everyone at once", "everyone"), ("Orphans: gone or disabled", "orphan")):
        dashboard.choose("Open to", option)
        assert dashboard.figure("viz_open") == found[reach]


def test_another_cloud_shows_its_own_delegates_alone(dashboard):
    dashboard.open(VIEW)
    everywhere = dashboard.figure("viz_mailboxes")
    again = dashboard.choose("Cloud", "Google Workspace")
    assert {run["id"] for run in again} == {run["id"] for run in dashboard.searches()}
    assert 0 < dashboard.figure("viz_mailboxes") < everywhere
    most = dashboard.table("viz_most")
    assert {row[3] for row in most} == {"app_mail", "gmail_delegate"}
    assert [row[2] for row in most if row[3] == "app_mail"] == ["every"]
    assert most[0][2] == "every"
    assert dashboard.problems(("ok", "empty")) == []
