"""Exchange's admin APIs: rows, pages and refusals as the vendor gives them."""

import pytest

from tests.workbench.tenants.microsoft import ADA, BEN, INFO, Client, message, running
from workbench.tenants import Rule
from workbench.tenants.entra import EXCHANGE, GRAPH
from workbench.tenants.standing import Account, MailboxRight


@pytest.fixture
def tenant():
    with running() as made:
        yield made


@pytest.fixture
def client(tenant):
    with Client(tenant) as made:
        yield made


@pytest.fixture(scope="module")
def still():
    """A client of a tenant that no test changes."""
    with running() as made, Client(made) as client:
        yield client


def rows(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["value"]


def column(answer, name):
    return [row[name] for row in rows(answer)]


# rows


def test_mailboxes_are_listed_with_what_identifies_them(still):
    found = rows(still.exchange("Get-Mailbox", ResultSize="Unlimited"))
    assert [row["UserPrincipalName"] for row in found] == [ADA, BEN, INFO]
    info = found[2]
    assert (info["RecipientTypeDetails"], info["Name"], info["Identity"]) == ("SharedMailbox", "InfoBox", "InfoBox")
    assert info["EmailAddresses"] == [f"SMTP:{INFO}"]
    assert info["EmailAddresses@odata.type"] == "#Collection(String)"
    assert info["GrantSendOnBehalfTo"] == [found[0]["Name"]]


def test_mailboxes_can_be_of_one_kind_or_one_name(still):
    assert column(still.exchange("Get-Mailbox", RecipientTypeDetails="SharedMailbox"), "Name") == ["InfoBox"]
    by_id = rows(still.exchange("Get-EXOMailbox", Identity="INFO@x.example"))[0]
    by_object = rows(still.exchange("Get-Mailbox", Identity=by_id["ExternalDirectoryObjectId"]))[0]
    assert by_id == by_object


def test_delegates_names_come_when_they_are_asked_for(still):
    asked = {"Identity": INFO, "IncludeGrantSendOnBehalfToWithDisplayNames": True}
    assert rows(still.exchange("Get-Mailbox", **asked))[0]["GrantSendOnBehalfToWithDisplayNames"] == [
        {"DisplayName": "Ada Lund", "PrimarySmtpAddress": ADA}
    ]


def test_a_mailboxs_permissions_begin_with_self_and_join_rights_in_one_element(still):
    found = rows(still.exchange("Get-MailboxPermission", Identity=INFO))
    assert [(row["User"], row["AccessRights"], row["Deny"], row["IsInherited"]) for row in found] == [
        ("NT AUTHORITY\\SELF", ["FullAccess, ReadPermission"], False, False),
        (ADA, ["FullAccess, ChangePermission"], False, False),
        ("S-1-5-21-9-9-9-1", ["FullAccess"], False, False),
        (BEN, ["FullAccess"], True, False),
        ("Team", ["FullAccess"], False, True),
    ]
    assert {row["Identity"] for row in found} == {"InfoBox"}
    assert {row["PrimarySmtpAddress"] for row in found} == {""}


def test_a_recipients_permissions_say_allow_and_nothing_of_inheritance(still):
    found = rows(still.exchange("Get-RecipientPermission", Identity=INFO, ResultSize="Unlimited"))
    assert [(row["Trustee"], row["AccessRights"]) for row in found] == [
        ("NT AUTHORITY\\SELF", ["SendAs"]),
        (BEN, ["SendAs"]),
    ]
    assert {row["AccessControlType"] for row in found} == {"Allow"}
    assert "IsInherited" not in found[0]


def test_send_as_of_all_mailboxes_can_be_asked_at_once(still):
    found = rows(still.exchange("Get-RecipientPermission", ResultSize="Unlimited"))
    assert {row["Identity"] for row in found if row["Trustee"] == BEN} == {"InfoBox"}
    assert len({row["Identity"] for row in found}) == 3


def test_a_folder_has_default_and_anonymous_and_who_was_given_it(still):
    found = rows(still.exchange("Get-MailboxFolderPermission", Identity=f"{ADA}:\\Posteingang"))
    assert [(row["User"], row["AccessRights"], row["SharingPermissionFlags"]) for row in found] == [
        ("Default", ["None"], None),
        ("Anonymous", ["None"], None),
        ("Ben Moss", ["Editor"], ["Delegate", "CanViewPrivateItems"]),
    ]
    assert {row["FolderName"] for row in found} == {"Posteingang"}


def test_default_sees_availability_on_a_calendar_unless_it_was_changed(still):
    ben = rows(still.exchange("Get-MailboxFolderPermission", Identity=f"{BEN}:\\Calendar"))
    ada = rows(still.exchange("Get-MailboxFolderPermission", Identity=f"{ADA}:\\kalender"))
    assert (ben[0]["AccessRights"], ada[0]["AccessRights"]) == (["AvailabilityOnly"], ["Reviewer"])


@pytest.mark.parametrize("identity", [ADA, f"{ADA}:", f"{ADA}:\\", f"{ADA}:\\Top of Information Store"])
def test_the_root_has_several_names(still, identity):
    assert column(still.exchange("Get-MailboxFolderPermission", Identity=identity), "FolderName")[0].startswith("Top")


def test_a_folder_is_found_by_its_id(still):
    statistics = rows(still.exchange("Get-MailboxFolderStatistics", Identity=ADA))
    for row in statistics:
        asked = f"{ADA}:{row['FolderId']}"
        name = column(still.exchange("Get-MailboxFolderPermission", Identity=asked), "FolderName")[0]
        assert name == row["Name"].split("\\")[-1]


def test_statistics_tell_what_a_folder_is_in_any_language(still):
    found = rows(still.exchange("Get-MailboxFolderStatistics", Identity=ADA))
    assert [(row["FolderType"], row["FolderPath"]) for row in found][:4] == [
        ("Root", "/Top of Information Store"),
        ("Inbox", "/Posteingang"),
        ("Calendar", "/Kalender"),
        ("SentItems", "/Gesendete Elemente"),
    ]
    assert found[4]["FolderPath"] == "/Projekte\uf8ffAlt"
    inbox = still.exchange("Get-MailboxFolderStatistics", Identity=ADA, FolderScope="Inbox")
    assert column(inbox, "Name") == ["Posteingang"]


def test_a_folders_user_may_be_shown_by_address(client, tenant):
    tenant.faults.folder_user = "upn"
    assert column(client.exchange("Get-MailboxFolderPermission", Identity=f"{ADA}:\\Posteingang"), "User")[2] == BEN


def test_an_account_whose_audit_is_bypassed_is_told(client, tenant):
    tenant.standing.accounts[BEN].bypassed = True
    found = rows(client.exchange("Get-MailboxAuditBypassAssociation", ResultSize="Unlimited"))
    assert [row["AuditBypassEnabled"] for row in found] == [False, True, False]


def test_forwarding_is_told_and_where_to_by_the_name_of_the_recipient(client, tenant):
    tenant.standing.accounts[ADA].forwards_to = "smtp:ada@elsewhere.example"
    tenant.standing.accounts[BEN].forwards_within = "Outside"
    tenant.standing.contacts["Outside"] = "contact@elsewhere.example"
    ada, ben, _ = rows(client.exchange("Get-Mailbox", ResultSize="Unlimited"))
    assert (ada["ForwardingSmtpAddress"], ada["ForwardingAddress"]) == ("smtp:ada@elsewhere.example", None)
    assert (ben["ForwardingSmtpAddress"], ben["ForwardingAddress"]) == (None, "Outside")
    [contact] = rows(client.exchange("Get-Recipient", Identity="outside"))
    assert contact["PrimarySmtpAddress"] == "contact@elsewhere.example"
    assert contact["RecipientTypeDetails"] == "MailContact"
    assert client.exchange("Get-Recipient", Identity="nobody").status_code == 404


def test_the_audits_own_switch_is_told(client, tenant):
    name = "UnifiedAuditLogIngestionEnabled"
    assert column(client.exchange("Get-AdminAuditLogConfig"), name) == [True]
    tenant.faults.audit_off = True
    assert column(client.exchange("Get-AdminAuditLogConfig"), name) == [False]
    assert column(client.exchange("Get-OrganizationConfig"), "AuditDisabled") == [False]


def test_a_grant_shows_as_soon_as_it_is_given(client, tenant):
    tenant.standing.grant(MailboxRight(ADA, BEN))
    assert BEN in column(client.exchange("Get-MailboxPermission", Identity=ADA), "User")


def test_only_selected_columns_come(still):
    found = rows(still.exchange("Get-Mailbox", Identity=INFO, select="Name,EmailAddresses"))
    assert set(found[0]) == {"Name", "EmailAddresses", "EmailAddresses@odata.type"}


# pages


def test_pages_are_followed_by_posting_the_same_body_again(client):
    first = client.exchange("Get-Mailbox", prefer="odata.maxpagesize=2", ResultSize="Unlimited")
    link = first.json()["@odata.nextLink"]
    second = client.exchange("Get-Mailbox", link, prefer="odata.maxpagesize=2", ResultSize="Unlimited")
    assert column(first, "UserPrincipalName") + column(second, "UserPrincipalName") == [ADA, BEN, INFO]
    assert "@odata.nextLink" not in second.json()
    assert client.session.get(link).status_code == 501


def test_result_size_cuts_off_and_warns(still):
    answer = still.exchange("Get-Mailbox", ResultSize=2)
    assert len(rows(answer)) == 2
    assert "more results available" in answer.json()["@adminapi.warnings"][0]
    assert "@odata.nextLink" not in answer.json()


def test_without_result_size_a_thousand_rows_come(client, tenant):
    for number in range(1000):
        tenant.standing.add(Account(f"user{number}@x.example"))
    answer = client.exchange("Get-Mailbox")
    assert len(rows(answer)) == 1000
    assert answer.json()["@adminapi.warnings"]


@pytest.mark.parametrize("word", ["endless", "loop", "empty_next"])
def test_pages_can_be_strange(client, tenant, word):
    tenant.faults.plan = [Rule("exchange/invoke", word)]
    answer = client.exchange("Get-Mailbox", ResultSize="Unlimited")
    link = answer.json()["@odata.nextLink"]
    following = client.exchange("Get-Mailbox", link, ResultSize="Unlimited")
    assert bool(rows(answer)) == (word != "empty_next")
    assert column(following, "UserPrincipalName") == [ADA, BEN, INFO]
    assert ("@odata.nextLink" in following.json()) == (word != "empty_next")


# refusals


def test_a_mailbox_that_is_not_there_is_404_in_the_vendors_words(still):
    answer = still.exchange("Get-MailboxPermission", Identity="nobody@x.example")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NotFound")
    kind = "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"
    assert message(answer).startswith(f"Ex6F9304|{kind}|")
    assert "object 'nobody@x.example' couldn't be found" in message(answer)


def test_a_guest_has_no_mailbox(still):
    assert still.exchange("Get-Mailbox", Identity="gus@out.example").status_code == 404


def test_a_folder_that_is_not_there_is_404(still):
    answer = still.exchange("Get-MailboxFolderPermission", Identity=f"{ADA}:\\Inbox")
    assert answer.status_code == 404
    assert f"'{ADA}:\\Inbox' couldn't be found" in message(answer)


def test_a_name_that_two_bear_is_ambiguous(client, tenant):
    tenant.standing.add(Account("ada2@x.example", "Ada Lund"))
    answer = client.exchange("Get-MailboxPermission", Identity="Ada Lund")
    assert answer.status_code == 400
    assert "matches multiple entries" in message(answer)


def test_a_parameter_that_there_is_not_is_refused_by_name(still):
    answer = still.exchange("Get-MailboxPermission", Identity=ADA, BogusParameter=1)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Invalid Operation")
    assert message(answer).endswith("Invalid cmdlet parameters specified. BogusParameter")


def test_a_missing_identity_is_refused(still):
    for cmdlet in ("Get-MailboxPermission", "Get-EXOMailboxPermission", "Get-MailboxFolderPermission"):
        assert "missing mandatory parameters: Identity" in message(still.exchange(cmdlet))


@pytest.mark.parametrize("anchor", [None, "", "UPN:", "somebody", "UPN:ada x"])
def test_a_call_must_say_where_it_is_to_be_routed(still, anchor):
    answer = still.exchange("Get-Mailbox", anchor=anchor)
    assert (answer.status_code, "X-AnchorMailbox" in message(answer)) == (400, True)


def test_the_system_mailbox_is_an_anchor(still):
    anchor = f"APP:SystemMailbox{{bb558c35-97f1-4cb9-8ff7-d53741dc928c}}@{still.tenant.tenant}"
    assert still.exchange("Get-Mailbox", anchor=anchor).status_code == 200


def test_an_ended_or_foreign_token_is_401():
    with running() as tenant, Client(tenant) as client, Client(tenant, GRAPH) as foreign:
        assert foreign.exchange("Get-Mailbox").status_code == 401
        assert client.exchange("Get-Mailbox").status_code == 200
        tenant.faults.skew = 4000
        answer = client.exchange("Get-Mailbox")
        assert answer.status_code == 401
        assert "invalid_token" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("faults", [{"roles": ("Directory.Read.All",)}, {"exchange_role": False}])
def test_without_permission_or_role_it_is_403_and_nul_bytes(faults):
    with running(**faults) as tenant, Client(tenant, EXCHANGE) as client:
        answer = client.exchange("Get-Mailbox")
        assert answer.status_code == 403
        assert set(answer.content) == {0}


def test_a_planned_429_bears_its_retry_after(client, tenant):
    tenant.faults.plan = [Rule("exchange/invoke", "429:4", key="*Get-MailboxPermission*", calls=2)]
    answer = client.exchange("Get-MailboxPermission", Identity=ADA)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "4")
    assert client.exchange("Get-Mailbox").status_code == 200


def test_what_is_not_built_is_501(client, tenant):
    assert client.exchange("Get-TransportRule").status_code == 501
    url = f"{tenant.exchange_root}/adminapi/beta/{tenant.tenant}/InvokeCommand?$filter=x"
    assert client.exchange("Get-Mailbox", url).status_code == 501
    assert len(tenant.unknown) == 2


# the Admin API v2.0


def v2(client, endpoint, cmdlet, **parameters):
    url = f"{client.tenant.exchange_root}/adminapi/v2.0/{client.tenant.tenant}/{endpoint}"
    return client.exchange(cmdlet, url, **parameters)


def test_the_admin_api_has_mailboxes_and_folder_permissions(still):
    assert column(v2(still, "Mailbox", "Get-Mailbox", Identity=INFO), "Name") == ["InfoBox"]
    folder = v2(still, "MailboxFolderPermission", "Get-MailboxFolderPermission", Identity=f"{ADA}:\\Kalender")
    assert column(folder, "User") == ["Default", "Anonymous"]


def test_the_admin_api_has_no_other_cmdlets(client):
    assert v2(client, "Mailbox", "Get-MailboxPermission", Identity=INFO).status_code == 501


@pytest.mark.parametrize(
    "parameters", [{"Identity": f"{ADA}:AAMkAGFi"}, {"Identity": ADA}, {"Identity": f"{ADA}:\\Kalender", "User": INFO}]
)
def test_the_admin_api_takes_what_its_page_documents_alone(still, parameters):
    answer = v2(still, "MailboxFolderPermission", "Get-MailboxFolderPermission", **parameters)
    assert answer.status_code == 400


def test_the_admin_api_has_a_permission_of_its_own():
    with running(roles=("Exchange.ManageAsApp",)) as tenant, Client(tenant) as client:
        assert client.exchange("Get-Mailbox").status_code == 200
        assert v2(client, "Mailbox", "Get-Mailbox").status_code == 403


@pytest.mark.parametrize(("switch", "status"), [(False, 404), (403, 403), (404, 404)])
def test_the_admin_api_may_not_be_available(client, tenant, switch, status):
    tenant.faults.admin_api = switch
    assert v2(client, "Mailbox", "Get-Mailbox").status_code == status
