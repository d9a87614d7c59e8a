"""What stands: by hand, and after the made-up organisation's records."""

import pytest

from tests.workbench.tenants.conftest import NOW, bodies, parameters
from workbench.tenants.aftermath import standing_after
from workbench.tenants.standing import (
    Account,
    FolderRight,
    Group,
    MailboxRight,
    OnBehalf,
    SendAs,
    Standing,
)

ADA, INFO = "ada@x.example", "info@x.example"


@pytest.fixture
def standing():
    ada = Account(ADA, "Ada", aliases=("a@x.example",), language="de")
    inbox = FolderRight(ADA, "\\Posteingang", "Default")
    rights = [MailboxRight(INFO, ADA), SendAs(INFO, ADA), OnBehalf(INFO, ADA), inbox]
    return Standing(
        [ada, Account(INFO, kind="shared"), Account("g@y", kind="guest")],
        rights=rights,
        groups=[Group("team@x.example", members=[ADA])],
    )


def test_ids_that_are_not_given_are_drawn_from_the_address(standing):
    again = Account(ADA)
    assert standing.accounts[ADA].object_id == again.object_id != again.mailbox_guid
    assert Account(INFO).object_id != again.object_id


def test_an_account_is_found_by_every_name_in_any_case(standing):
    ada = standing.accounts[ADA]
    for name in ("ADA@X.example", "a@x.example", ada.object_id.upper(), ada.mailbox_guid, ada.sid, ada.dn, "ada"):
        assert standing.find(name) == [ada]
    assert standing.find("nobody") == []


def test_two_accounts_of_one_display_name_are_both_found(standing):
    standing.add(Account("ada2@x.example", "Ada"))
    assert len(standing.find("Ada")) == 2


def test_mailboxes_are_those_that_exchange_keeps(standing):
    assert [account.upn for account in standing.mailboxes()] == [ADA, INFO]
    standing.accounts[ADA].licensed = False
    assert [account.upn for account in standing.mailboxes()] == [INFO]


def test_rights_are_given_and_taken_back_while_it_runs(standing):
    other = SendAs(INFO.upper(), "bob@x.example")
    standing.grant(other)
    assert standing.of(SendAs, INFO) == [SendAs(INFO, ADA), other]
    standing.revoke(SendAs(INFO, "BOB@x.example"))
    assert standing.of(SendAs, INFO) == [SendAs(INFO, ADA)]


def test_a_second_right_for_the_same_party_takes_the_place_of_the_first(standing):
    standing.grant(MailboxRight(INFO, ADA, ("ReadPermission",)))
    assert standing.of(MailboxRight, INFO) == [MailboxRight(INFO, ADA, ("ReadPermission",))]
    standing.grant(MailboxRight(INFO, ADA, deny=True))
    assert len(standing.of(MailboxRight, INFO)) == 2


def test_folders_bear_the_mailboxs_language(standing):
    assert standing.paths(standing.accounts[ADA]) == ["\\", "\\Posteingang", "\\Kalender", "\\Gesendete Elemente"]


# after the organisation's records


def test_what_stands_is_the_same_each_time(organisation):
    one, two = standing_after(organisation), organisation.standing
    assert one is not two
    assert (one.accounts, one.groups, one.gmail) == (two.accounts, two.groups, two.gmail)
    for mailbox in two.mailboxes():
        for kind in (MailboxRight, SendAs, OnBehalf, FolderRight):
            assert one.of(kind, mailbox.upn) == two.of(kind, mailbox.upn)


def test_everyone_of_the_organisation_is_in_it(organisation):
    accounts = organisation.standing.accounts.values()
    assert {row["upn"] for row in organisation.people} == {a.upn for a in accounts if a.kind != "discovery"}
    assert {a.kind for a in accounts} == {"user", "shared", "room", "guest", "workspace", "discovery"}
    assert all(account.created < organisation.start for account in accounts)


def test_what_the_attacker_left_stands_and_what_he_took_back_does_not(organisation):
    standing, people = organisation.standing, organisation.directory
    actor = people.helpdesk[-1]
    assert {right.trustee for right in standing.of(SendAs, people.cfo.upn)} == {actor.upn, people.outsider.upn}
    assert not [r for r in standing.of(MailboxRight, people.cfo.upn) if r.grantee == actor.upn]
    opened = [r for r in standing.of(FolderRight, people.chief.upn) if r.user == "Default"]
    inbox = "\\" + people.chief.folder("inbox")
    assert {(r.folder, r.rights) for r in opened} >= {(inbox, ("Reviewer",)), ("\\", ("Reviewer",))}
    assert standing.accounts[actor.upn].bypassed


def test_each_grant_on_a_mailbox_stands_as_its_last_record_left_it(organisation):
    standing = organisation.standing
    last = {}
    for operation in ("Add-MailboxPermission", "Remove-MailboxPermission"):
        for body in bodies(organisation, operation, ResultStatus="True", UserType=2):
            given = parameters(body)
            key = (standing.find(given["Identity"])[0].upn, standing.find(given["User"])[0].upn, given.get("Deny"))
            last.setdefault(key, []).append((body["CreationTime"], operation))
    assert len(last) > 50
    for (mailbox, grantee, deny), acts in last.items():
        there = [r for r in standing.of(MailboxRight, mailbox) if r.grantee == grantee and r.deny == (deny == "True")]
        assert bool(there) == (max(acts)[1] == "Add-MailboxPermission")


def test_some_delegations_are_older_than_any_record(organisation):
    granted = {
        (organisation.standing.find(given["Identity"])[0].upn, organisation.standing.find(given["User"])[0].upn)
        for given in map(parameters, bodies(organisation, "Add-MailboxPermission", UserType=2))
    }
    shared = [person.upn for person in organisation.directory.shared]
    standing = {(r.mailbox, r.grantee) for upn in shared for r in organisation.standing.of(MailboxRight, upn)}
    assert standing - granted


def test_a_denied_right_stands_as_denied(organisation):
    mailbox = organisation.directory.shared[0].upn
    assert any(right.deny for right in organisation.standing.of(MailboxRight, mailbox))


def test_gmail_delegates_are_the_attackers_and_some_from_before(organisation):
    attackers = organisation.directory.workspace[1].upn
    given = [(owner, delegate) for owner, found in organisation.standing.gmail.items() for delegate, _ in found]
    assert len([pair for pair in given if pair[1] == attackers]) == 3
    assert len([pair for pair in given if pair[1] != attackers]) == 4
    assert {status for found in organisation.standing.gmail.values() for _, status in found} == {"accepted"}


def test_an_account_may_be_made_with_a_time_of_its_own():
    assert Account(ADA, created=NOW).created == NOW
