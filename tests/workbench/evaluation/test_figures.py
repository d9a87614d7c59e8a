"""The arithmetic of the figures, on rows made by hand."""

from types import SimpleNamespace

import pytest

from workbench.evaluation import figures
from workbench.evaluation.peers import Peer, Rule, Seen
from workbench.evaluation.peers.rule import each
from workbench.evaluation.story import EVERYDAY, INTRUSION, Pair, Story

SIZE = figures.Size(mailboxes=500, days=10)


def row(story, score, case="c1", scene="", number=0):
    return {"story": story, "scene": scene, "case_key": case, "delegation_score": str(score), "row_id": f"r{number}"}


def story(name, kind=INTRUSION, technique="T1098.002"):
    return Story(name, kind, technique, "", lambda ledger: None)


def test_an_intrusion_is_caught_by_its_highest_act():
    rows = [row("theft", 40), row("theft", 70), row("slow", 69)]
    alerts = [SimpleNamespace(detection="Self-grant", stories=("theft",))]
    found = figures.recall([story("theft"), story("slow"), story("silent")], rows, alerts)
    assert [(one.name, one.score, one.caught) for one in found] == [
        ("silent", 0, False), ("slow", 69, False), ("theft", 70, True),
    ]  # fmt: skip
    assert found[2].detections == ("Self-grant",)


def test_noise_counts_cases_not_rows():
    rows = [row("joiners", 75), row("joiners", 80), row("joiners", 75, "c2"), row("joiners", 20, "c3")]
    joiners, quiet = figures.noise([story("quiet", EVERYDAY), story("joiners", EVERYDAY)], rows, {"joiners": 9})
    assert joiners == ("joiners", 9, 3, 2, 80)
    assert quiet == ("quiet", 0, 0, 0, 0)


def test_a_row_without_a_case_is_one_by_itself():
    rows = [row("joiners", 75, "", number=1), row("joiners", 75, "", number=2)]
    assert len(figures.cases(rows)) == 2


def test_a_rate_is_of_a_day_and_a_thousand_mailboxes():
    assert SIZE.rate(2) == pytest.approx(0.4)


def test_a_pair_is_right_only_when_the_worse_is_above():
    rows = [row("theft", 70, scene="inbox"), row("theft", 90), row("joiners", 70)]
    found = figures.ordered([Pair("theft", "joiners", ""), Pair("theft/inbox", "joiners", "")], rows)
    assert [one.right for one in found] == [True, False]


def test_the_area_is_the_share_of_pairs_in_order():
    assert figures.area([90, 50], [50, 10]) == pytest.approx(3.5 / 4)
    assert figures.area([90], [10, 20]) == 1


def seen(name, by, story, at=0.0):
    return Seen(at, {"Operation": name, "UserId": by, "ObjectId": "box"}, story)


ADD, SET, GRANT = ({"provider": "exchange_online", "operation": name} for name in ("Add", "Set.", "Grant"))
PEER = Peer("peer", "made up", (Rule("rule", ("Add", "Set"), each(lambda event: event.operation == "Add")),))
ACTS = {"theft": {("exchange_online", "Add")}, "change": {("exchange_online", "Set")}, "other": {("workspace", "Add")}}


def test_a_peer_is_compared_only_on_intrusions_whose_operations_it_reads():
    events = [seen("Add", "eve", "theft"), seen("Set", "eve", "change"), seen("Add", "eve", "other")]
    found = figures.compared(PEER, events, (), ACTS, [row("theft", 70), row("other", 90)])
    assert (found.asked, found.theirs, found.ours) == (("theft", "change"), ("theft",), ("theft",))


def test_a_peer_s_alerts_of_an_actor_on_a_mailbox_are_one_a_day():
    events = [seen("Add", "help", "joiners", at) for at in (0.0, 60.0, 90000.0)]
    assert figures.compared(PEER, events, (), ACTS, []).their_alerts == 2


def test_the_app_s_noise_counts_on_operations_that_the_peer_reads():
    rows = [{**row("joiners", 80, case), **more} for case, more in (("c1", ADD), ("c1", SET), ("c2", GRANT))]
    assert figures.compared(PEER, [], (), ACTS, [*rows, {**row("theft", 90), **ADD}]).our_cases == 1


@pytest.mark.parametrize(("score", "cases", "kept"), [(70, 1, True), (70, 2, False), (69, 0, False)])
def test_recall_and_noise_are_compared_at_once(score, cases, kept):
    events = [seen("Add", "eve", "theft"), seen("Add", "help", "joiners")]
    rows = [row("theft", score), *({**row("joiners", 70, f"c{number}"), **ADD} for number in range(cases))]
    assert figures.compared(PEER, events, (), ACTS, rows).kept is kept
