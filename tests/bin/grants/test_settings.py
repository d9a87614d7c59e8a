"""Set-Mailbox (send on behalf, forwarding) and audit bypass: settings that work like grants."""

import pytest

from tests.bin.grants.records import ALEX, ALEX_ID, FINANCE, FOREST, cmdlet, empty, one, rows, shown

JO = "jo@example.com"


def behalf(value, **fields):
    return cmdlet("Set-Mailbox", {"Identity": FINANCE, "GrantSendOnBehalfTo": value}, **fields)


def forwarding(**parameters):
    return cmdlet("Set-Mailbox", {"Identity": FINANCE, **parameters})


@pytest.mark.parametrize(
    "grantee",
    [ALEX, ALEX_ID, "Alex Doe", FOREST + "Alex"],
    ids=["UPN", "GUID", "display name", "canonical DN"],
)
def test_a_send_on_behalf_list_replaces_all_earlier_delegates(grantee):
    row = one(behalf(grantee))
    assert shown(row, "grant_action", "right", "access", "mailbox", "grantee") == (
        "replace", "send_on_behalf", "send", FINANCE, grantee,
    )  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [f"{ALEX},{JO}", f"{ALEX}, {JO}", f"{ALEX};{JO}", [ALEX, JO], f'["{ALEX}","{JO}"]'],
    ids=["comma", "comma and blank", "semicolon", "list", "JSON text"],
)
def test_each_delegate_of_the_list_has_a_row(value):
    found = rows(behalf(value))
    assert [row["grantee"] for row in found] == [ALEX, JO]
    assert {row["grant_action"] for row in found} == {"replace"}


@pytest.mark.parametrize("value", ["", None, []], ids=["empty text", "null", "empty list"])
def test_an_empty_list_closes_every_delegate(value):
    row = one(behalf(value))
    assert shown(row, "grant_action", "right", "access", "mailbox") == (
        "replace",
        "send_on_behalf",
        "none",
        FINANCE,
    )
    assert empty(row["grantee"])


def test_a_list_entry_without_value_closes_every_delegate():
    record = cmdlet("Set-Mailbox", [{"Name": "Identity", "Value": FINANCE}, {"Name": "GrantSendOnBehalfTo"}])
    assert shown(rows(record)[0], "grant_action", "access") == ("replace", "none")


EDITS = {
    "hashtable": f"@{{Add={ALEX};Remove={JO}}}",
    "hashtable with quotes": f'@{{Add="{ALEX}"; Remove="{JO}"}}',
    "hashtable, other order and case": f"@{{remove='{JO}';add='{ALEX}'}}",
    "JSON text": f'{{"Add":"{ALEX}","Remove":"{JO}"}}',
    "object": {"Add": ALEX, "Remove": JO},
    "object of lists": {"Add": [ALEX], "Remove": [JO]},
}


@pytest.mark.parametrize("value", EDITS.values(), ids=EDITS)
def test_an_edit_grants_the_added_and_revokes_the_removed(value):
    found = {row["grantee"]: (row["grant_action"], row["right"]) for row in rows(behalf(value))}
    assert found == {ALEX: ("grant", "send_on_behalf"), JO: ("revoke", "send_on_behalf")}


def test_an_edit_with_several_names_gives_each_a_row():
    found = rows(behalf(f"@{{Add={ALEX},{JO}}}"))
    assert [(row["grantee"], row["grant_action"]) for row in found] == [(ALEX, "grant"), (JO, "grant")]


@pytest.mark.parametrize(
    ("value", "grantee"),
    [
        ("drop@example.net", "drop@example.net"),
        ("smtp:drop@example.net", "drop@example.net"),
        ("SMTP:drop@example.net", "drop@example.net"),
    ],
)
def test_forwarding_to_another_domain_goes_to_someone_external(value, grantee):
    row = one(forwarding(ForwardingSmtpAddress=value, DeliverToMailboxAndForward="True"))
    assert shown(row, "right", "grantee", "grantee_kind", "mailbox") == (
        "forwarding",
        grantee,
        "external",
        FINANCE,
    )
    assert row["access"] not in ("none", None, "")


def test_forwarding_within_the_domain_is_not_external():
    row = one(forwarding(ForwardingSmtpAddress="smtp:archive@example.com"))
    assert shown(row, "right", "grantee") == ("forwarding", "archive@example.com")
    assert row["grantee_kind"] != "external"


def test_a_look_alike_domain_is_external():
    for address in ("archive@example.com.example.net", "archive@notexample.com"):
        assert one(forwarding(ForwardingSmtpAddress=address))["grantee_kind"] == "external"


def test_forwarding_to_a_recipient_names_that_recipient():
    row = one(forwarding(ForwardingAddress=FOREST + "Alex"))
    assert shown(row, "right", "grantee") == ("forwarding", FOREST + "Alex")
    assert row["grantee_kind"] != "external"


@pytest.mark.parametrize("name", ["ForwardingSmtpAddress", "ForwardingAddress"])
@pytest.mark.parametrize("value", ["", None])
def test_forwarding_that_is_cleared_confers_nothing(name, value):
    row = one(forwarding(**{name: value}))
    assert shown(row, "right", "access") == ("forwarding", "none")
    assert empty(row["grantee"])


def test_the_form_of_the_admin_center_sets_one_and_clears_the_other():
    record = forwarding(
        ForwardingAddress="", ForwardingSmtpAddress="drop@example.net", DeliverToMailboxAndForward="True"
    )
    granted = [row for row in rows(record) if row["access"] != "none"]
    assert [row["grantee"] for row in granted] == ["drop@example.net"]


def test_both_settings_at_once_give_a_row_each():
    record = forwarding(ForwardingSmtpAddress="drop@example.net", GrantSendOnBehalfTo=ALEX)
    assert sorted(row["right"] for row in rows(record)) == ["forwarding", "send_on_behalf"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"IssueWarningQuota": "49 GB"},
        {"HiddenFromAddressListsEnabled": "True"},
        {"DeliverToMailboxAndForward": "True"},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
def test_a_set_mailbox_that_opens_nothing_gives_no_row(parameters):
    assert rows(forwarding(**parameters)) == []


@pytest.mark.parametrize("value", ["True", True, "$true"])
def test_an_audit_bypass_names_whose_acts_go_unlogged(value):
    record = cmdlet("Set-MailboxAuditBypassAssociation", {"AuditBypassEnabled": value, "Identity": ALEX})
    row = one(record)
    assert shown(row, "right", "grant_action") == ("audit_bypass", "setting")
    assert ALEX in (row["mailbox"], row["grantee"])
    assert row["access"] != "none"


@pytest.mark.parametrize("value", ["False", False, "$false"])
def test_an_audit_bypass_that_is_switched_off_confers_nothing(value):
    record = cmdlet("Set-MailboxAuditBypassAssociation", {"AuditBypassEnabled": value, "Identity": ALEX})
    assert shown(one(record), "right", "access") == ("audit_bypass", "none")
