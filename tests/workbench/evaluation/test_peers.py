"""Each rule of a peer, by a record that it must alert on and one that it must not. All records are synthetic."""

import pytest

from workbench.evaluation.peers import PEERS, Seen

VIPS = frozenset({"ceo@contoso.example"})
HELP = "help@contoso.example"


def record(operation, parameters=None, at=0.0, by=HELP, **fields):
    listed = [{"Name": name, "Value": value} for name, value in (parameters or {}).items()]
    body = {"Operation": operation, "UserId": by, "ResultStatus": "True", "Parameters": listed, **fields}
    return Seen(at, body)


def full(user="eve@contoso.example", rights="FullAccess", **more):
    return record("Add-MailboxPermission", {"Identity": "ann", "User": user, "AccessRights": rights}, **more)


def role(rights="Reviewer", user="Default", operation="Set-MailboxFolderPermission"):
    return record(operation, {"Identity": "ann:\\Inbox", "User": user, "AccessRights": rights})


def shared(name, member="Everyone", rights="ReadAny, Visible", operation="ModifyFolderPermissions", **more):
    parent = {"Name": name, "MemberUpn": member, "MemberRights": rights, "Path": f"\\{name}"}
    return record(operation, Item={"ParentFolder": parent}, **more)


def changed(operation, *values):
    listed = [{"Name": "p", "NewValue": value, "OldValue": "[]"} for value in values]
    return record(operation, ModifiedProperties=listed)


def rule(**parameters):
    return record("New-InboxRule", parameters, ObjectId=f"ann\\{parameters.get('Name', 'rule')}")


def reads(owner="ann@contoso.example", paths=("\\Inbox",), **fields):
    folders = [{"Path": path} for path in paths]
    return record("MailItemsAccessed", MailboxOwnerUPN=owner, Folders=folders, **{"LogonType": 2, **fields})


def bind(client, count=3, throttled="False", kind=0):
    listed = [{"Name": "MailAccessType", "Value": "Bind"}, {"Name": "IsThrottled", "Value": throttled}]
    return reads(ClientAppId=client, OperationCount=count, OperationProperties=listed, LogonType=kind)


def google(name):
    return Seen(0.0, {"actor": {"email": "root@contoso.example"}, "events": [{"name": name}]})


def windows(cmdlet, mailbox):
    return Seen(0.0, {"xml": f"<Channel>MSExchange Management</Channel><Data>{cmdlet}</Data><Data>{mailbox}</Data>"})


SYSTEM = "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)"
EXCHANGE, FULL_ACCESS_AS_APP = "00000002-0000-0ff1-ce00-000000000000", "dc890d15-9560-4a4c-9b7f-a736ec74ec40"
EWS = f'[{{"ResourceAppId":"{EXCHANGE}","EntitlementId":"{FULL_ACCESS_AS_APP}"}}]'
MAIL_READ = '[{"EntitlementId":"810c84a8-4a9e-49e6-bf7d-12d183f40d01"}]'
API = {"ClientInfoString": "Client=WebServices;ExchangeWebServices"}
CONSENT = "Consent to application."
GRANTED = "Add app role assignment to service principal."

# peer, rule, what it alerts on, what it leaves alone
EACH = (
    ("Splunk ESCU", "Elevated Mailbox Permission Assigned", full(), full(rights="FullAccess,ReadPermission")),
    ("Splunk ESCU", "Mailbox Folder Read Permission Granted", role("Reviewer"), role("Editor")),
    ("Splunk ESCU", "Mailbox Folder Read Permission Assigned", shared("Posteingang"), shared("Calendar")),
    ("Splunk ESCU", "Mailbox Inbox Folder Shared with All Users", shared("Inbox"), shared("Inbox", rights="Visible")),
    ("Splunk ESCU", "ApplicationImpersonation Role Assigned",
     record("New-ManagementRoleAssignment", {"Role": "ApplicationImpersonation"}),
     record("New-ManagementRoleAssignment", {"Role": "Application Mail.Read"})),
    ("Splunk ESCU", "FullAccessAsApp Permission Assigned", changed("Update application.", EWS), changed(GRANTED, EWS)),
    ("Splunk ESCU", "Mailbox Read Access Granted to Application",
     changed("Update application.", MAIL_READ), changed("Update application.", EWS)),
    ("Splunk ESCU", "Mail Permissioned Application Consent Granted by User",
     changed(CONSENT, "IsAdminConsent: False, Scope: Mail.Read"),
     changed(CONSENT, "IsAdminConsent: False, Scope: Mail.ReadBasic.All")),
    ("Splunk ESCU", "OAuth App Mailbox Access via EWS or Graph API", reads(**API), reads()),
    ("Splunk ESCU", "Mailbox Email Forwarding, New Email Forwarding Rule",
     record("Set-Mailbox", {"ForwardingSmtpAddress": "smtp:a@b.example"}), record("Set-Mailbox", {"Type": "Shared"})),
    ("Splunk ESCU", "Email New Inbox Rule", rule(MoveToFolder="News"), rule(MarkAsRead="True")),
    ("Splunk ESCU", "BEC Email Hiding Rule",
     rule(Name=".", MarkAsRead="True"), rule(Name="Newsletters", MarkAsRead="True")),
    ("Elastic", "M365 Exchange Mailbox High-Risk Permission Delegated", full(), full(UserType=3)),
    ("Elastic", "M365 Exchange Management Group Role Assignment",
     record("New-ManagementRoleAssignment", {"Role": "x"}), record("Remove-ManagementRoleAssignment", {"Role": "x"})),
    ("Elastic", "M365 Exchange Mailbox Audit Logging Bypass",
     record("Set-MailboxAuditBypassAssociation"), record("Set-MailboxAuditBypassAssociation", ResultStatus="False")),
    ("Elastic", "M365 Exchange Mailbox Accessed by Unusual Client",
     bind("11111111-2222-4333-8444-555555555555"), bind("11111111-2222-4333-8444-555555555555", kind=2)),
    ("Elastic", "M365 Exchange Mailbox Items Accessed Excessively", bind("", 100), bind("", 99)),
    ("Elastic", "M365 Exchange Inbox Forwarding Rule Created",
     rule(ForwardTo="eve@fabrikam.example"), rule(ForwardTo="bob@contoso.example")),
    ("Elastic", "M365 Exchange Inbox Phishing Evasion Rule Created",
     rule(SubjectContainsWords="payment", DeleteMessage="True"),
     rule(SubjectContainsWords="payment", MarkAsRead="True")),
    ("Elastic", "M365 Exchange Inbox Rule with Obfuscated Name", rule(Name="..."), rule(Name="v1.2")),
    ("Elastic", "M365 Identity Illicit Consent Grant", record(CONSENT), record("Add application.")),
    ("Elastic", "Application Added to Google Workspace Domain",
     google("AUTHORIZE_API_CLIENT_ACCESS"), google("REMOVE_API_CLIENT_ACCESS")),
    ("Microsoft Sentinel, rules", "Rare and potentially high-risk Office operations", full(), full(by=SYSTEM)),
    ("Microsoft Sentinel, rules", "Mail.Read Permissions Granted to Application",
     changed(GRANTED, "Mail.Read"), changed(GRANTED, "Files.Read")),
    ("Microsoft Sentinel, rules", "Exchange AuditLog Disabled",
     record("Set-AdminAuditLogConfig", {"AdminAuditLogEnabled": "False"}),
     record("Set-AdminAuditLogConfig", {"UnifiedAuditLogIngestionEnabled": "False"})),
    ("Microsoft Sentinel, rules", "API access granted to a new client (Google Workspace)",
     google("AUTHORIZE_API_CLIENT_ACCESS"), google("CREATE_USER")),
    ("Microsoft Sentinel, rules", "VIP Mailbox manipulation (Exchange Server)",
     windows("Add-MailboxPermission", "ceo@contoso.example"), windows("Add-MailboxPermission", "ann@contoso.example")),
    ("Sentinel, hunting queries", "Admin grants himself access to a mailbox", full(user=HELP), full()),
    ("Sentinel, hunting queries", "Full mailbox access granted", full(), full(by=SYSTEM)),
    ("Sentinel, hunting queries", "Application granted EWS permissions", changed(GRANTED, "full_access_as_app"),
     changed(GRANTED, "Mail.Read")),
    ("Sentinel, hunting queries", "Anomalous access to other users' mailboxes",
     reads(paths=[f"\\{number}" for number in range(6)]), reads()),
    ("Sentinel, hunting queries", "Non-owner mailbox login",
     record("MailboxLogin", LogonType=2), record("MailboxLogin", LogonType=0)),
    ("Datadog", "Full access to a mailbox", full(), full(rights="ReadPermission")),
    ("Datadog", "SendAs permission", record("Add-RecipientPermission"), record("Remove-RecipientPermission")),
    ("Datadog", "Folder permission for Default or Anonymous", role(), role(user="eve@contoso.example")),
    ("Sigma", "Inbox rule that forwards or suppresses", rule(MarkAsRead="True"), rule(MoveToFolder="News")),
    ("Sigma", "App role added", record(GRANTED), record("Add application.")),
    ("Sigma", "Google Workspace granted domain API access",
     google("AUTHORIZE_API_CLIENT_ACCESS"), google("CREATE_USER")),
    ("Panther", "External forwarding",
     record("Set-Mailbox", {"ForwardingAddress": "a"}), record("Set-InboxRule", {"ForwardTo": "a"})),
    ("Google SecOps", "Mail read by an API client", reads(ClientInfoString="Client=REST;"), reads(**API)),
    ("Hawk", "Sensitive mailbox permissions", full(),
     full(user="Discovery Management", by=SYSTEM, ObjectId="DiscoverySearchMailbox{D919BA05}")),
    ("ManageEngine", "Elevated mailbox permission", full(rights="ChangeOwner"), full(rights="ReadPermission")),
)  # fmt: skip
# Rules over several records have tests of their own below.
SEVERAL = {
    ("Splunk ESCU", "Multiple Mailboxes Accessed via API"),
    ("rulehound d5bf3e", "Mailbox tampering within a minute"),
}


def found(peer, name, *events):
    rules = {(one.name, each.name): each for one in PEERS for each in one.rules}
    return list(rules[peer, name].finds(events, VIPS))


@pytest.mark.parametrize(("peer", "name", "alerts", "quiet"), EACH, ids=[f"{case[0]}: {case[1]}" for case in EACH])
def test_a_rule_alerts_on_what_it_names_and_on_nothing_else(peer, name, alerts, quiet):
    assert found(peer, name, alerts) == [alerts]
    assert found(peer, name, quiet) == []


def test_every_rule_is_tried():
    assert {(one.name, rule.name) for one in PEERS for rule in one.rules} == {case[:2] for case in EACH} | SEVERAL


def test_a_rule_reads_the_operations_that_it_alerts_on():
    by_name = {(one.name, each.name): each for one in PEERS for each in one.rules}
    on_cloud = [case for case in EACH if by_name[case[:2]].provider != "exchange_server"]
    assert [case[:2] for case in on_cloud if case[2].operation not in by_name[case[:2]].reads] == []


def test_elastic_alerts_on_the_first_grant_of_an_account_in_fourteen_days():
    days = (0, 1, 13, 30)
    events = [full(at=day * 86400.0) for day in days]
    seen = found("Elastic", "M365 Exchange Mailbox High-Risk Permission Delegated", *events)
    assert [event.time / 86400 for event in seen] == [0, 30]


def test_escu_counts_mailboxes_of_one_application_within_ten_minutes():
    quick = [reads(owner=f"u{n}@contoso.example", at=n * 60.0, ClientAppId="app", **API) for n in range(7)]
    slow = [event._replace(time=event.time * 10) for event in quick]
    assert len(found("Splunk ESCU", "Multiple Mailboxes Accessed via API", *quick)) == 2
    assert found("Splunk ESCU", "Multiple Mailboxes Accessed via API", *slow) == []


def test_rulehound_wants_all_three_by_one_user_within_a_minute():
    three = [shared("Inbox", operation="AddFolderPermissions"), record("UpdateInboxRules", at=20.0), reads(at=50.0)]
    name = "Mailbox tampering within a minute"
    assert found("rulehound d5bf3e", name, *three) == [three[-1]]
    late = [*three[:2], three[2]._replace(time=90.0)]
    assert found("rulehound d5bf3e", name, *late) == []


def test_sentinel_hunts_only_for_pairs_that_the_day_before_did_not_show():
    paths = [f"\\{number}" for number in range(6)]
    events = [reads(paths=paths, at=day * 86400.0) for day in range(2)]
    assert found("Sentinel, hunting queries", "Anomalous access to other users' mailboxes", *events) == events[:1]


def test_a_peer_is_asked_only_where_it_reads_the_operation():
    peers = {peer.name: peer for peer in PEERS}
    assert peers["Datadog"].reads("exchange_online", "Add-MailboxPermission")
    assert not peers["Datadog"].reads("exchange_server", "Add-MailboxPermission")
    assert not peers["Datadog"].reads("exchange_online", "AddFolderPermissions")
