"""A made-up tenant, told of by events and sweeps, for the tests of the searches that keep and compare what stands."""

import json
import pathlib
from datetime import datetime, timezone

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1772452800  # 2026-03-02 12:00 UTC
DAY, MINUTE = 86400, 60
TENANT = "5b2f0c1e-7a44-4f0e-9a31-0d6c2a9e4b10"
KINDS = ["full_access", "send_as", "send_on_behalf", "folders"]
CEO, CFO, ANNA, BEN = "ceo@example.com", "cfo@example.com", "anna@example.com", "ben@example.com"
ANNA_ON_CEO = (CEO, ANNA, "full_access")
FROM_EVENTS = ("Learn identities", "Collect grants", "Keep state from events", "Close replaced delegates")
FROM_SWEEPS = ("Keep directory", "Keep state from sweeps", "Keep sweeps", "Compare sweeps")


def iso(time):
    return datetime.fromtimestamp(time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def cmdlet(number, time, operation, **parameters):
    return {
        "CreationTime": iso(time)[:-1], "Id": f"00000000-0000-4000-8000-{number:012}", "Operation": operation,
        "OrganizationId": TENANT, "RecordType": 1, "ResultStatus": "True", "UserKey": "1003200100000001",
        "UserType": 2, "Version": 1, "Workload": "Exchange", "UserId": "helpdesk@example.com",
        "ObjectId": parameters["Identity"], "ExternalAccess": False,
        "Parameters": [{"Name": name, "Value": value} for name, value in parameters.items()],
    }  # fmt: skip


def full_access(number, time, mailbox, grantee, operation="Add-MailboxPermission"):
    return cmdlet(number, time, operation, Identity=mailbox, User=grantee, AccessRights="FullAccess")


def on_behalf(number, time, mailbox, grantees):
    return cmdlet(number, time, "Set-Mailbox", Identity=mailbox, GrantSendOnBehalfTo=grantees)


def opened(mailbox, grantee, rights="FullAccess"):
    columns = {"Identity": mailbox, "User": grantee, "AccessRights": [rights], "IsInherited": False, "Deny": False}
    return "Get-MailboxPermission", columns


def folder(mailbox, name, grantee, rights):
    columns = {"Identity": f"{mailbox}:\\{name}", "FolderName": name, "User": grantee, "AccessRights": [rights]}
    return "Get-MailboxFolderPermission", columns


OUTSIDE, ELSEWHERE = "smtp:box@outside.example", "smtp:box@elsewhere.example"


def forwards(mailbox, target):
    return "Get-Mailbox", {"Identity": mailbox, "ForwardingSmtpAddress": target, "ForwardingAddress": None,
                           "DeliverToMailboxAndForward": True}  # fmt: skip


def application(name, *roles, person=None):
    return "graph:mailPermissions", {"Application": name, "ServicePrincipalId": name, "PrincipalId": person,
                                     "AppRoles": list(roles), "Scopes": []}  # fmt: skip


def app_role(number, time, name, role):
    changed = {"AppRole.Value": role, "ServicePrincipal.DisplayName": name, "ServicePrincipal.AppId": f"app-{number}"}
    return {
        "CreationTime": iso(time)[:-1], "Id": f"00000000-0000-4000-8000-{number:012}", "OrganizationId": TENANT,
        "Operation": "Add app role assignment to service principal.", "RecordType": 8, "ResultStatus": "Success",
        "UserKey": "1", "UserType": 0, "Version": 1, "Workload": "AzureActiveDirectory", "UserId": "admin@example.com",
        "ObjectId": "https://graph.microsoft.com", "Actor": [{"ID": "admin@example.com", "Type": 5}], "Target": [],
        "ModifiedProperties": [{"Name": key, "NewValue": value, "OldValue": ""} for key, value in changed.items()],
    }  # fmt: skip


class Tenant:
    """A stand-in for splunkd with the app's searches, driven by hand along a made-up clock."""

    def __init__(self, splunkd):
        self.splunkd = splunkd
        self.sweeps = 0

    def _index(self, time, sourcetype, source, bodies):
        self.splunkd.index(
            {"time": time, "indextime": time, "host": "h", "index": "main", "source": source,
             "sourcetype": sourcetype, "data": json.dumps(body)} for body in bodies
        )  # fmt: skip

    def _run(self, names, time):
        """Each search at its first scheduled minute after which its slice of index time holds `time`."""
        delays = {
            "Learn identities": 8, "Collect grants": 10, "Keep state from events": 25, "Close replaced delegates": 26,
            "Keep directory": 8, "Keep state from sweeps": 15, "Compare sweeps": 35, "Keep sweeps": 26,
            "Keep group members": 17,
        }  # fmt: skip
        for name in names:
            self.splunkd.run_saved_search(f"Delegation Watch - {name}", time + delays[name] * MINUTE)

    def records(self, time, *records):
        self._index(time, "o365:management:activity", "delegation_audit://o365", records)
        self._run(FROM_EVENTS, time)

    def sweep(self, time, standing, kinds=KINDS, folders=("root", "inbox", "calendar"), scope="all",
              failed=(), skipped=(), status="complete", audit=None):  # fmt: skip
        self.sweeps += 1
        source, sweep = "delegation_inventory://o365", f"sweep-{self.sweeps}"
        self._index(time, "delegation:snapshot", source, [
            {"delegation_watch_inventory": kind, "time": iso(time), "tenant": TENANT, "sweep": sweep, "columns": row}
            for kind, row in standing
        ])  # fmt: skip
        self._index(time, "delegation:sweep", source, [{
            "delegation_watch_sweep": sweep, "provider": "o365", "tenant": TENANT, "input": source,
            "started": iso(time - 60), "ended": iso(time + 60), "status": status, "kinds": list(kinds),
            "folders": list(folders), "audit": audit or {"unified": True, "bypassed": [], "disabled": []},
            "scope": scope, "mailboxes": 9, "covered": 9 - len(failed) - len(skipped), "delegations": len(standing),
            "failed": [{"mailbox": box, "kind": "full_access", "why": "HTTP 500"} for box in failed],
            "skipped": [{"mailbox": box, "why": "gone"} for box in skipped],
        }])  # fmt: skip
        self._run(FROM_SWEEPS, time)

    def groups(self, time, **members):
        """What a sweep tells of groups, and of which are in which; None where members could not be read."""
        self._index(time, "delegation:directory", "delegation_inventory://o365", [
            {"delegation_watch_directory": "group", "time": iso(time), "tenant": TENANT, "kind": "group",
             "identity": f"{name}@example.com", **({} if inside is None else {
                 "members": [f"{one}@example.com" for one in inside],
                 "nested": [f"{one}@example.com" for one in inside if one in members]})}
            for name, inside in members.items()
        ])  # fmt: skip
        self.keep_members(time)

    def keep_members(self, time):
        """The search takes each slice of the index twice: what an inner group is in is known the second time."""
        for later in (0, 10 * MINUTE):
            self._run(["Keep group members"], time + later)

    def members(self):
        rows = self.splunkd.search("| inputlookup delegation_watch_members where status=standing").rows
        return sorted(f"{row['group'].split('@')[0]}: {row['member'].split('@')[0]}" for row in rows)

    def state(self, now=NOW + 30 * DAY):
        rows = self.splunkd.search("| `delegation_watch_state`", now=now).rows
        return {(row["mailbox_key"], row["grantee_key"], row["right"]): row for row in rows}

    def changes(self):
        rows = self.splunkd.search("`delegation_watch_changes`", now=NOW + 30 * DAY, earliest=0).rows
        return sorted((row["change"], row["explained"], row["mailbox_key"], row["grantee_key"]) for row in rows)


def known(tenant, time, identity, **ids):
    """What a sweep tells of a user: ids by their kind."""
    tenant._index(time, "delegation:directory", "delegation_inventory://o365", [
        {"delegation_watch_directory": "user", "time": iso(time), "tenant": TENANT, "identity": identity,
         "kind": "user", "ids": [{"id": value, "kind": kind} for kind, value in ids.items()]}
    ])  # fmt: skip
    tenant._run(["Learn identities", "Keep directory"], time)
