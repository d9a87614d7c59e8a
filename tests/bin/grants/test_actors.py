"""Who did it, from where and with what: kinds of actors, relation, address, client, session, token."""

import pytest

from tests.bin.grants.records import (
    ALEX,
    ALEX_ID,
    FINANCE,
    FOREST,
    HELPDESK,
    OTHER_TENANT,
    POWERSHELL,
    TENANT,
    app_role,
    empty,
    folder_audit,
    full_access,
    one,
    shown,
    system_grant,
)

SYSTEM_ACTORS = [
    "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)",
    "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.Servicehost)",
    "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.AdminApi.NetCore)",
    "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.Management.ForwardSync)",
    "NT AUTHORITY\\SYSTEM (w3wp)",
    "nt authority\\system (w3wp)",
]


@pytest.mark.parametrize("name", SYSTEM_ACTORS)
def test_the_system_is_the_system_in_either_spelling(name):
    assert shown(one(system_grant(actor=name)), "actor", "actor_kind") == (name, "system")


@pytest.mark.parametrize("user_type", [2, 3, 4])
def test_the_system_is_known_by_name_whatever_its_user_type(user_type):
    record = system_grant(
        actor="NT AUTHORITY\\SYSTEM (MSExchangeMailboxAssistants)", UserType=user_type, ExternalAccess=False
    )
    assert one(record)["actor_kind"] == "system"


def test_the_local_system_of_the_mailbox_audit_is_the_system():
    record = folder_audit(actor="S-1-5-18", UserKey="S-1-5-18", UserType=2, LogonType=1, ExternalAccess=True)
    assert one(record)["actor_kind"] == "system"


PARTNERS = {
    "UserType PartnerTechnician": {"UserType": 9},
    "the same as a word": {"UserType": "PartnerTechnician"},
    "ExternalAccess": {"ExternalAccess": True},
    "ExternalAccess as a word": {"ExternalAccess": "True"},
    "token of another tenant": {"TokenTenantId": OTHER_TENANT},
}


@pytest.mark.parametrize("fields", PARTNERS.values(), ids=PARTNERS)
def test_an_actor_from_outside_the_organisation_is_a_partner(fields):
    assert one(full_access(UserId="tech@partner.example.net", **fields))["actor_kind"] == "partner"


def test_a_delegated_administrator_of_a_mailbox_is_a_partner():
    record = folder_audit(actor="tech@partner.example.net", LogonType=6, ExternalAccess=True)
    assert one(record)["actor_kind"] == "partner"


def test_the_tenant_of_a_partner_is_told():
    assert one(full_access(TokenTenantId=OTHER_TENANT))["actor_tenant"] == OTHER_TENANT


def test_a_token_of_the_own_tenant_makes_no_partner():
    assert one(full_access(TokenTenantId=TENANT))["actor_kind"] == "user"
    assert one(full_access(TokenTenantId=TENANT.upper()))["actor_kind"] == "user"


def test_the_vendors_admin_flag_makes_no_administrator():
    assert one(full_access(UserType=2))["actor_kind"] == "user"


@pytest.mark.parametrize("user_type", ["Regular", 0, "0", "Admin", 2, "2"])
def test_people_are_users_whether_the_type_is_a_number_or_a_word(user_type):
    assert one(full_access(UserType=user_type))["actor_kind"] == "user"


@pytest.mark.parametrize(
    "fields",
    [
        {
            "UserType": 4,
            "UserKey": "Not Available",
            "UserId": "ServicePrincipal_fc8c8125-bc0c-499d-8344-e53c6e3caa81",
        },
        {"UserType": 5, "UserId": "fc8c8125-bc0c-499d-8344-e53c6e3caa81"},
        {"UserType": 6, "UserId": "fc8c8125-bc0c-499d-8344-e53c6e3caa81"},
    ],
    ids=["ServicePrincipal_", "Application", "ServicePrincipal"],
)
def test_an_application_that_acts_is_an_application(fields):
    actor = [{"ID": fields["UserId"], "Type": 2}, {"ID": "ServicePrincipal", "Type": 2}]
    assert one(app_role(Actor=actor, **fields))["actor_kind"] == "application"


def test_the_first_of_the_two_quoted_names_is_the_real_actor():
    name = '"host/Exchange Hosted Organizations/admin.user" on behalf of "host/Exchange Hosted Organizations/user1"'
    assert (
        one(full_access(UserId=name, UserKey=name))["actor"]
        == "host/Exchange Hosted Organizations/admin.user"
    )


SAME = {
    "the same address": (ALEX, ALEX),
    "the same address in other letters": (ALEX, "Alex@Example.COM"),
    "the local part as alias": (ALEX, "alex"),
    "a canonical DN that ends in the alias": (ALEX, FOREST + "Alex"),
    "an alias with a collision suffix": (ALEX, "alex_73cfb10e5c"),
}


@pytest.mark.parametrize(("actor", "grantee"), SAME.values(), ids=SAME)
def test_who_gives_a_right_to_himself_makes_a_self_grant(actor, grantee):
    assert one(full_access(user=grantee, UserId=actor))["relation"] == "self_grant"


def test_the_object_id_in_the_token_ties_a_guid_to_the_actor():
    assert one(full_access(user=ALEX_ID, UserId=ALEX, TokenObjectId=ALEX_ID))["relation"] == "self_grant"


DIFFERENT = {
    "another person": (HELPDESK, ALEX),
    "the same local part in another domain": ("alex@example.org", ALEX),
    "a longer name": (ALEX, "alexander"),
    "a display name": (ALEX, "Alex Doe"),
    "a GUID that no fact ties to the actor": (ALEX, ALEX_ID),
    "everyone": (ALEX, "Default"),
}


@pytest.mark.parametrize(("actor", "grantee"), DIFFERENT.values(), ids=DIFFERENT)
def test_a_grant_to_anyone_else_is_by_a_third_party(actor, grantee):
    assert one(full_access(user=grantee, UserId=actor))["relation"] == "third_party"


def test_who_opens_his_own_mailbox_to_another_is_the_owner():
    assert one(full_access(mailbox=FINANCE, user=ALEX, UserId=FINANCE))["relation"] == "owner"
    assert one(full_access(mailbox=FOREST + "finance", user=ALEX, UserId=FINANCE))["relation"] == "owner"


ADDRESSES = {
    "192.0.2.10:62589": "192.0.2.10",
    "192.0.2.10": "192.0.2.10",
    "[2001:db8:f100:9001::1761:914f]:47114": "2001:db8:f100:9001::1761:914f",
    "[2001:db8::1]": "2001:db8::1",
    "2001:db8::1": "2001:db8::1",
    "::1": "::1",
}


@pytest.mark.parametrize(("written", "address"), ADDRESSES.items(), ids=ADDRESSES)
def test_the_address_is_told_without_port_and_brackets(written, address):
    assert one(full_access(ClientIP=written))["src"] == address
    assert one(folder_audit(ClientIP=written, ClientIPAddress=written))["src"] == address


@pytest.mark.parametrize("written", ["", None])
def test_an_empty_address_is_empty(written):
    assert empty(one(full_access(ClientIP=written))["src"])


def test_records_without_an_address_have_none():
    assert empty(one(system_grant())["src"])


def test_an_aggregated_record_has_its_address_in_the_other_field():
    record = folder_audit(ClientIPAddress="192.0.2.99")
    del record["ClientIP"]
    assert one(record)["src"] == "192.0.2.99"


def test_the_client_is_named_where_its_id_is_known():
    assert one(full_access(AppId=POWERSHELL))["client_app"] == "Exchange Online PowerShell"
    assert (
        one(full_access(AppId="00000006-0000-0ff1-ce00-000000000000"))["client_app"]
        == "Microsoft 365 admin center"
    )


def test_a_client_that_nobody_knows_keeps_its_id():
    assert one(full_access(AppId="c0ffee00-0000-4000-8000-000000000001"))["client_app"] == (
        "c0ffee00-0000-4000-8000-000000000001"
    )


def test_session_and_token_are_found_where_the_record_has_them():
    context = {
        "IssuedAtTime": "2026-03-02T09:10:00",
        "UniqueTokenId": "LqVzINbCskC74Dl3tec2AA",
        "AADSessionId": "001a-session",
    }
    row = one(full_access(SessionId="", AppAccessContext=context))
    assert shown(row, "session_id", "token_id") == ("001a-session", "LqVzINbCskC74Dl3tec2AA")


def test_an_empty_session_is_empty():
    assert empty(one(full_access(SessionId=""))["session_id"])
    assert empty(one(system_grant())["session_id"])


@pytest.mark.parametrize("pair", [(0, "Owner"), (1, "Admin"), (2, "Delegated")], ids=lambda pair: pair[1])
def test_a_logon_type_is_the_same_as_number_and_as_word(pair):
    number, word = (one(folder_audit(LogonType=value))["logon_type"] for value in pair)
    assert number == word
    assert number


def test_a_value_of_another_type_is_not_taken_for_the_one_it_equals():
    one(folder_audit(LogonType=True))
    assert one(folder_audit(LogonType=1))["logon_type"] == "admin"


def test_a_cmdlet_has_no_logon_type():
    assert empty(one(full_access())["logon_type"])


def test_the_organisation_is_told():
    assert one(full_access())["tenant"] == TENANT
    assert one(folder_audit())["tenant"] == TENANT
    assert one(app_role())["tenant"] == TENANT
