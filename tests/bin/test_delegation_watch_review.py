"""The review page's REST, end to end: what stands, and its approvals in the register."""

import json
import re
import time

import pytest
import requests
from delegation_watch.splunk import review
from delegation_watch.splunk.rest import Request
from delegation_watch.splunk.session import connect

from scripts.content import App
from tests.bin.rest import REVIEW, ROOT, Asker, lines, refusal, started

APPROVAL = {"mailbox": "CEO@x.example", "grantee": "anna@x.example", "right": "full_access", "owner": "Pia",
            "note": "her assistant", "expires": "2099-12-31"}  # fmt: skip


@pytest.fixture(scope="module")
def splunkd(tmp_path_factory):
    with started(tmp_path_factory.mktemp("splunk")) as running:
        yield running


@pytest.fixture(scope="module")
def ask(splunkd):
    return Asker(splunkd)


@pytest.fixture
def state(splunkd):
    rows = [
        {"_key": "1", "grant_key": "1", "status": "standing", "tenant": "t", "provider": "exchange_online",
         "mailbox_key": "ceo@x.example", "grantee_key": "anna@x.example", "right": "full_access",
         "delegation_score": "80", "actor_key": "olaf@x.example"},
        {"_key": "2", "grant_key": "2", "status": "standing", "tenant": "t", "provider": "workspace",
         "mailbox_key": "ben@x.example", "grantee_key": "<b>o'neil\"|$x$@x.example", "right": "gmail_delegate",
         "delegation_score": "90"},
        {"_key": "3", "grant_key": "3", "status": "gone", "tenant": "t", "mailbox_key": "old@x.example",
         "grantee_key": "anna@x.example", "right": "full_access", "delegation_score": "99"},
        {"_key": "4", "grant_key": "4", "status": "standing", "tenant": "t", "mailbox_key": "ben@x.example",
         "grantee_key": "default", "right": "folder", "access": "availability", "delegation_score": "0"},
        {"_key": "5", "grant_key": "5", "status": "standing", "tenant": "t", "mailbox_key": "ben@x.example",
         "grantee_key": "ben@x.example", "right": "full_access", "access": "own", "delegation_score": "0"},
    ]  # fmt: skip
    people = [{"_key": "p", "tenant": "t", "identity": "anna@x.example", "kind": "user", "enabled": "false"}]
    splunkd.search("| outputlookup key_field=_key delegation_watch_state", rows=rows)
    splunkd.search("| outputlookup key_field=_key delegation_watch_people", rows=people)
    yield
    for name in ("register", "state", "people", "members"):
        splunkd.kvstore.collection(f"delegation_watch_{name}").clear()


def stands(splunkd, grantee, **more):
    """Put one more delegation of the mailbox into the state."""
    row = {"_key": "more", "grant_key": "more", "status": "standing", "tenant": "t", "mailbox_key": "ceo@x.example",
           "grantee_key": grantee, "right": "full_access", **more}  # fmt: skip
    splunkd.search("| outputlookup append=true key_field=_key delegation_watch_state", rows=[row])


def keys(said):
    return [one["grant_key"] for one in said["delegations"]]


def test_what_stands_is_listed_the_most_dangerous_first_with_what_is_known(ask, state):
    said = ask("GET", "review", user="reviewer")[1]
    assert (keys(said), said["total"], said["user"]) == (["2", "1"], 2, "reviewer")
    assert said["delegations"][1]["grantee_facts"] == {"kind": "user", "enabled": "false"}
    assert said["delegations"][0]["grantee_key"] == "<b>o'neil\"|$x$@x.example"
    assert keys(ask("GET", "review?search=CEO")[1]) == ["1"]
    assert keys(ask("GET", "review?provider=workspace")[1]) == ["2"]
    assert keys(ask("GET", 'review?provider={"$ne":""}')[1]) == []  # a value, never a part of the query
    assert refusal(ask("POST", 'review/approvals/{"$ne":""}/withdraw', {"entered": "1.000"}))[0] == 404
    assert keys(ask("GET", "review?offset=1&count=1")[1]) == ["1"]
    for count in ("many", "\u0663", "9" * 5000, "-1"):
        assert refusal(ask("GET", f"review?count={count}"))[0] == 400
    assert refusal(ask("GET", "review?approval=all"))[0] == 400


def test_a_page_reads_no_more_of_all_that_stands_than_it_takes(splunkd, state, monkeypatch):
    for number in range(6):
        stands(splunkd, f"d{number}@x.example", _key=f"d{number}", grant_key=f"d{number}", delegation_score=70 - number)
    monkeypatch.setattr(review, "_PAGE", 4)
    kept, read = splunkd.kvstore.collection(review.STATE), []
    real = kept.query
    monkeypatch.setattr(kept, "query", lambda *given, **more: read.append(real(*given, **more)) or read[-1])
    service = connect({"server_uri": splunkd.uri, "session_key": splunkd.session_key})

    def page(**query):
        read.clear()
        asked = {name: str(value) for name, value in query.items()}
        return review.Review(None).delegations(Request("GET", [], asked, {}, "admin", (), service, service))

    said = page(count=2)
    assert (keys(said), said["total"], said["more"]) == (["2", "1"], 4, True)
    assert [len(one) for one in read] == [4, 2]  # what decides of some, and the whole of what is shown
    assert set().union(*read[0]) == {"_key", "grant_key", "mailbox_key", "grantee_key", "right"}
    assert [name for name in review._SHOWN if said["delegations"][1][name]] == [
        "grant_key", "tenant", "provider", "mailbox_key", "grantee_key", "right", "actor_key", "delegation_score"
    ]  # fmt: skip
    last = page(count=3, offset=6)
    assert (keys(last), last["total"], last["more"]) == (["d4", "d5"], 8, False)
    assert page(count=2, search="D5@X")["total"] == 1


def test_the_kv_store_has_the_order_of_the_page_in_an_index():
    index = json.loads(App(ROOT).conf("collections")[review.STATE]["accelerated_fields.by_score"])
    asked = [part.partition(":")[::2] for part in review._ORDER.split(",")]
    assert list(index.items()) == [("status", 1), *((name, int(way)) for name, way in asked)]


def test_an_approval_has_an_owner_a_reason_an_end_and_the_name_of_who_gave_it(splunkd, ask, state):
    status, said = ask("POST", "review/approvals", APPROVAL, user="reviewer")
    assert (status, said["approval"]["entered_by"], said["approval"]["mailbox"]) == (200, "reviewer", "ceo@x.example")
    assert keys(ask("GET", "review?approval=current")[1]) == ["1"]
    assert keys(ask("GET", "review?approval=none")[1]) == ["2"]
    assert [one["owner"] for one in ask("GET", "review/approvals")[1]["approvals"]] == ["Pia"]
    (kept,) = splunkd.search("| inputlookup delegation_watch_register").rows
    assert (kept["owner"], kept["expires"], kept["entered_by"]) == ("Pia", "2099-12-31", "reviewer")
    assert splunkd.run_saved_search("Delegation Watch - Check tables").rows == []
    spl = '| makeresults | eval mailbox_key="ceo@x.example", grantee_key="anna@x.example", right="full_access"'
    (judged,) = splunkd.search(f"{spl} | `delegation_watch_approved(mailbox_key, grantee_key)`").rows
    assert (judged["approval"], judged["approval_owner"]) == ("current", "Pia")
    assert 'user="reviewer" action="approval approved" outcome="success" mailbox="ceo@x.example"' in lines(splunkd)


@pytest.mark.parametrize(
    "change", [{"owner": ""}, {"note": " "}, {"expires": ""}, {"expires": "2020-01-01"}, {"expires": "2099-02-30"},
               {"expires": "\uff12\uff10\uff19\uff19-12-31"},
               {"expires": "soon"}, {"right": "everything"}, {"mailbox": ""}, {"grantee": "a\nb"},
               {"note": "x" * 1001}],
)  # fmt: skip
def test_an_approval_without_one_of_these_is_refused(splunkd, ask, state, change):
    assert refusal(ask("POST", "review/approvals", {**APPROVAL, **change}))[0] == 400
    assert splunkd.kvstore.collection("delegation_watch_register").all() == []


def test_parties_with_odd_names_can_be_approved_as_they_are(splunkd, ask, state):
    odd = '<b>o\'neil"\\|`$x$`\u202e@x.example'
    stands(splunkd, odd)
    given = {**APPROVAL, "grantee": odd, "owner": 'Pia "P" | \\', "note": "`x`|$y$"}
    said = ask("POST", "review/approvals", given)[1]
    assert said["approval"]["grantee"] == odd
    assert ask("GET", "review/approvals")[1]["approvals"][0]["grantee"] == odd
    last = lines(splunkd).splitlines()[-1]
    assert 'owner="Pia \\"P\\" | \\\\"' in last
    asked = [{"mailbox_key": "ceo@x.example", "grantee_key": odd, "right": "full_access"}]
    (judged,) = splunkd.search("| `delegation_watch_approved(mailbox_key, grantee_key)`", rows=asked).rows
    assert (judged["approval"], judged["approval_owner"]) == ("current", given["owner"])


def test_sent_twice_it_is_one_and_what_somebody_changed_meanwhile_is_not_overwritten(splunkd, ask, state):
    first = ask("POST", "review/approvals", APPROVAL)[1]
    again = ask("POST", "review/approvals", APPROVAL)[1]
    assert (first["changed"], again["changed"], again["approval"]) == (True, False, first["approval"])
    seen = first["approval"]["entered"]
    changed = ask("POST", "review/approvals", {**APPROVAL, "owner": "Olaf", "entered": seen}, user="reviewer")[1]
    assert changed["approval"]["owner"] == "Olaf"
    status, text = refusal(ask("POST", "review/approvals", {**APPROVAL, "owner": "Rita", "entered": seen}))
    assert (status, text) == (
        409, "reviewer has entered an approval for this meanwhile; look at it and try again"
    )  # fmt: skip
    key = changed["approval"]["key"]
    assert refusal(ask("POST", f"review/approvals/{key}/withdraw", {"entered": seen}))[0] == 409
    told = {"entered": changed["approval"]["entered"], "reason": "left the company"}
    assert ask("POST", f"review/approvals/{key}/withdraw", told)[0] == 200
    assert refusal(ask("POST", f"review/approvals/{key}/withdraw", told))[0] == 404
    assert refusal(ask("POST", "review/approvals", {**APPROVAL, "entered": seen}))[0] == 409
    assert splunkd.kvstore.collection("delegation_watch_register").all() == []
    assert 'action="approval withdrawn" outcome="success"' in lines(splunkd)


def told(ask, user="admin"):
    """What the history holds of each thing that was done, the first in front, without its time."""
    found = ask("GET", "review/history", user=user)[1]["history"][::-1]
    return [{name: value for name, value in one.items() if name != "_time" and value} for one in found]


def test_each_thing_that_is_done_to_an_approval_stays_in_the_summary_index(splunkd, ask, state):
    before = len(told(ask))
    made = ask("POST", "review/approvals", APPROVAL, user="reviewer")[1]["approval"]
    changes = {"owner": 'Olaf "\\', "note": "CHG-2 `x` $y$ | delete", "entered": made["entered"]}
    changed = ask("POST", "review/approvals", {**APPROVAL, **changes}, user="reviewer")[1]["approval"]
    gone = {"entered": changed["entered"], "reason": "left the company"}
    ask("POST", f"review/approvals/{made['key']}/withdraw", gone)
    pair = {"mailbox_key": "ceo@x.example", "grantee_key": "anna@x.example", "right": "full_access",
            "approval_expires": "2099-12-31"}  # fmt: skip
    assert told(ask)[before:] == [
        {"approval_action": "approved", "reviewer": "reviewer", **pair, "approval_owner": "Pia",
         "reason": "her assistant"},
        {"approval_action": "changed", "reviewer": "reviewer", **pair, "approval_owner": changes["owner"],
         "reason": changes["note"], "before": "Pia until 2099-12-31"},
        {"approval_action": "withdrawn", "reviewer": "admin", **pair, "approval_owner": changes["owner"],
         "reason": "left the company", "before": f"{changes['owner']} until 2099-12-31"},
    ]  # fmt: skip
    raw = [one["_raw"] for one in splunkd.search('search index=summary source="delegation_watch:approval"').rows]
    as_props_conf_reads_it = re.compile(r'\{"time": [0-9]{10}\.[0-9]{3}, "')
    assert [one for one in raw if not as_props_conf_reads_it.match(one)] == []


def test_nothing_is_approved_that_cannot_be_traced(splunkd, ask, state):
    kept = splunkd.conf.stanza("macros", "delegation_watch_summary_index")
    splunkd.conf.update("macros", "delegation_watch_summary_index", {"definition": "gone"})
    status, text = refusal(ask("POST", "review/approvals", APPROVAL, user="reviewer"))
    splunkd.conf.update("macros", "delegation_watch_summary_index", {"definition": kept["definition"]})
    assert status == 502
    assert text.startswith("cannot write into the summary index")
    assert splunkd.kvstore.collection("delegation_watch_register").all() == []


def test_nobody_approves_what_he_was_given_or_gave_himself(splunkd, ask, state):
    splunkd.users.add("anna@x.example", "p", ("user",), (REVIEW,))
    splunkd.users.add("Olaf@x.example", "p", ("user",), (REVIEW,))
    before = len(told(ask))
    assert refusal(ask("POST", "review/approvals", APPROVAL, user="anna@x.example")) == (
        403, "You are the delegate yourself (as anna@x.example); somebody else must approve it"
    )  # fmt: skip
    assert refusal(ask("POST", "review/approvals", APPROVAL, user="Olaf@x.example")) == (
        403, "You granted this yourself (as Olaf@x.example); somebody else must approve it"
    )  # fmt: skip
    assert splunkd.kvstore.collection("delegation_watch_register").all() == []
    assert [(one["approval_action"], one["reviewer_party"]) for one in told(ask)[before:]] == [
        ("refused", "the delegate"), ("refused", "the grantor")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "more", [None, {"status": "gone"}, {"access": "none"}, {"access": "own", "deny": "true"}, {"right": "send_as"}],
    ids=["nothing", "gone", "nothing opened", "denied", "another right"],
)  # fmt: skip
def test_nobody_approves_ahead_what_does_not_stand(splunkd, ask, state, more):
    """Whoever could, might give the right himself afterwards."""
    if more:
        stands(splunkd, "bob@x.example", **more)
    status, text = refusal(ask("POST", "review/approvals", {**APPROVAL, "grantee": "bob@x.example"}, user="reviewer"))
    assert status == 409
    assert text.startswith("bob@x.example has no right full_access on ceo@x.example that stands; approve what the page")
    assert "the lookup delegation_watch_approvals" in text
    assert splunkd.kvstore.collection("delegation_watch_register").all() == []


def test_an_approval_of_what_no_longer_stands_is_withdrawn_but_not_prolonged(splunkd, ask, state):
    held = ask("POST", "review/approvals", APPROVAL)[1]["approval"]
    stands(splunkd, "anna@x.example", _key="1", grant_key="1", status="gone")
    longer = {**APPROVAL, "expires": "2099-12-30", "entered": held["entered"]}
    assert refusal(ask("POST", "review/approvals", longer))[0] == 409
    gone = {"entered": held["entered"], "reason": "taken back"}
    assert ask("POST", f"review/approvals/{held['key']}/withdraw", gone)[0] == 200


def test_who_gives_a_right_after_he_approved_it_is_told(splunkd, ask, state):
    ask("POST", "review/approvals", APPROVAL, user="reviewer")
    splunkd.search("| inputlookup delegation_watch_register | eval mailbox=upper(mailbox) "
                   "| outputlookup key_field=_key delegation_watch_register")  # fmt: skip
    stands(splunkd, "anna@x.example", actor_key="Reviewer")  # a second one of the same parties, as of another folder
    rows = splunkd.run_saved_search("Delegation Watch - Check tables").rows
    about = [row for row in rows if row["what"] == "delegation_watch_register CEO@X.EXAMPLE anna@x.example"]
    assert [(row["problem"], row["remedy"]) for row in about] == [
        ("is entered by who gave it, reviewer", "let somebody else approve it")
    ]  # fmt: skip


FLAGGED = {
    ("delegation_watch_register ceo@x.example anna@x.example", "is entered by who may be its own delegate, anna"),
    ("approval of anna@x.example on ceo@x.example, full_access", "was approved, and anna is perhaps the delegate"),
    ("approval of anna@x.example on ceo@x.example, full_access", "was refused, and anna@x.example is the delegate"),
}


def test_who_may_be_a_party_by_name_is_not_stopped_and_flagged_wherever_the_approval_is_seen(splunkd, ask, state):
    for name in ("anna", "anna@x.example"):
        splunkd.users.add(name, "p", ("user",), (REVIEW,))
    ask("POST", "review/approvals", APPROVAL, user="anna@x.example")
    said = ask("POST", "review/approvals", APPROVAL, user="anna")[1]
    assert said["party"] == "perhaps the delegate"
    assert ask("GET", "review?search=ceo")[1]["delegations"][0]["approval"]["party"] == "perhaps the delegate"
    assert told(ask)[-1]["reviewer_party"] == "perhaps the delegate"
    for later in (1, 23 * 3600):  # a run that comes late tells it as well; the alert is suppressed for a day
        rows = splunkd.run_saved_search("Delegation Watch - Check tables", time.time() + later).rows
        assert {(row["what"], row["problem"]) for row in rows} >= FLAGGED


@pytest.mark.parametrize(
    ("memberships", "party"),
    [
        ([("team@x.example", "reviewer", "standing")], "a member of the delegate"),
        ([("team@x.example", "Reviewer@x.example", "standing")], "perhaps a member of the delegate"),
        ([("team@x.example", "inner@x.example", "standing"), ("inner@x.example", "reviewer", "standing")],
         "a member of the delegate"),
        ([("team@x.example", "inner@x.example", "gone"), ("inner@x.example", "reviewer", "standing")], ""),
        ([("team@x.example", "reviewer", "gone"), ("other@x.example", "reviewer", "standing")], ""),
    ],
    ids=["himself", "by name", "through a group within it", "through one that left", "no more"],
)  # fmt: skip
def test_a_member_of_the_group_that_is_the_delegate_is_flagged(splunkd, ask, state, memberships, party):
    """Members are as the search Keep group members keeps them; tests/test_members.py shows that it does."""
    rows = [{"_key": f"{group}|{member}", "tenant": "t", "group": group, "member": member, "status": status}
            for group, member, status in memberships]  # fmt: skip
    splunkd.search("| outputlookup key_field=_key delegation_watch_members", rows=rows)
    stands(splunkd, "team@x.example")
    said = ask("POST", "review/approvals", {**APPROVAL, "grantee": "team@x.example"}, user="reviewer")[1]
    assert (said["changed"], said["party"]) == (True, party)
    assert told(ask)[-1].get("reviewer_party", "") == party
    (shown,) = ask("GET", "review?search=team", user="reviewer")[1]["delegations"]
    assert shown["approval"]["party"] == party
    alerts = {row["problem"] for row in splunkd.run_saved_search("Delegation Watch - Check tables").rows}
    assert not party or f"was approved, and reviewer is {party}" in alerts


def test_an_approval_that_a_search_wrote_is_changed_in_its_place(splunkd, ask, state):
    row = {"mailbox": "ceo@x.example", "grantee": "anna@x.example", "right": "full_access", "owner": "Old",
           "expires": "2098-01-01"}  # fmt: skip
    splunkd.search("| outputlookup append=true delegation_watch_register", rows=[row])
    assert refusal(ask("POST", "review/approvals", APPROVAL)) == (
        409, "Somebody has entered an approval for this meanwhile; look at it and try again"
    )  # fmt: skip
    assert ask("POST", "review/approvals", {**APPROVAL, "expires": "2097-01-01", "entered": ""})[0] == 200
    (kept,) = splunkd.kvstore.collection("delegation_watch_register").all()
    assert (kept["owner"], kept["expires"]) == ("Pia", "2097-01-01")


def test_of_several_of_the_same_parties_the_one_that_counts_is_shown_and_changed(splunkd, ask, state):
    rows = [{**APPROVAL, "mailbox": "ceo@x.example", "note": "", **changes} for changes in (
        {"owner": "", "expires": "2099-12-31"}, {"owner": "Old", "expires": "2098-01-01"}, {"expires": "next year"},
        {"owner": "Older", "expires": "2097-01-01"})]  # fmt: skip
    splunkd.search("| outputlookup append=true delegation_watch_register", rows=rows)
    (found,) = ask("GET", "review?search=ceo")[1]["delegations"]
    assert (found["approval"]["owner"], found["approval"]["state"]) == ("Old", "current")
    assert ask("POST", "review/approvals", {**APPROVAL, "entered": found["approval"]["entered"]})[0] == 200
    assert ask("GET", "review?search=ceo")[1]["delegations"][0]["approval"]["owner"] == "Pia"
    assert len(splunkd.kvstore.collection("delegation_watch_register").all()) == 4


def test_a_reviewer_cannot_write_the_register_by_another_way(splunkd, state):
    url = f"{splunkd.uri}/servicesNS/nobody/delegation_watch/storage/collections/data/delegation_watch_register"
    headers = {"Authorization": f"Splunk {splunkd.sessions.issue('reviewer')}"}
    given = {"verify": str(splunkd.ca_file), "headers": headers, "timeout": 60}
    assert requests.get(url, **given).status_code == 200
    assert requests.post(url, json={**APPROVAL, "entered_by": "somebody"}, **given).status_code == 403


def test_an_approval_of_the_lookup_file_counts_too(splunkd, ask, state):
    parties = {"mailbox": "ben@x.example", "grantee": "<b>o'neil\"|$x$@x.example", "right": "gmail_delegate"}
    line = {**parties, "owner": "Eva", "expires": "2099-01-01"}
    splunkd.search("| outputlookup delegation_watch_approvals", rows=[line])
    (found,) = ask("GET", "review?approval=current")[1]["delegations"]
    assert (found["approval"]["owner"], found["approval"]["key"]) == ("Eva", "")
    splunkd.search("| outputlookup delegation_watch_approvals", rows=[{**line, "expires": "2001-01-01"}])
    assert ask("GET", "review?approval=ended")[1]["total"] == 1
