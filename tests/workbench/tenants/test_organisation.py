"""The made-up organisation: the same bytes each time, and large enough to be honest."""

import ipaddress
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from tests.workbench.tenants.conftest import bodies, parameters
from workbench.errors import BadInput
from workbench.tenants import Organisation
from workbench.tenants.records import utc

END = datetime(2026, 11, 20, 12, 0)
_PRINT_DIGEST = """
import hashlib, json, datetime
from workbench.tenants import Organisation
made = Organisation(7, datetime.datetime(2026, 11, 20, 12, 0), days=5, mailboxes=60)
text = json.dumps([[list(r) for r in made.records], made.people, made.truth])
print(hashlib.sha256(text.encode()).hexdigest())
"""


# the same bytes


def test_same_seed_and_end_give_the_same_bytes_whatever_the_hash_seed(root):
    digests = set()
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
        command = [sys.executable, "-c", _PRINT_DIGEST]
        digests.add(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert len(digests) == 1


def test_another_seed_gives_other_people():
    one, two = (Organisation(seed, END, days=4, mailboxes=40) for seed in (1, 2))
    assert one.tenant != two.tenant
    assert one.people != two.people


def test_an_end_in_another_zone_is_the_same_moment():
    elsewhere = datetime(2026, 11, 20, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert Organisation(1, elsewhere, 4, 40).end == Organisation(1, END, 4, 40).end


def test_too_small_an_organisation_is_refused():
    with pytest.raises(BadInput, match="at least 40 mailboxes and 4 days"):
        Organisation(1, END, days=4, mailboxes=12)


# how much, of what


def test_it_is_large_enough_to_be_honest(organisation):
    assert 18_500 < len(organisation.records) < 21_500
    kinds = Counter(person["kind"] for person in organisation.people)
    assert kinds["user"] + kinds["shared"] + kinds["room"] == 240
    types = Counter(record.body.get("RecordType") for record in organisation.records)
    assert {1, 2, 3, 8, 15, 50} <= set(types)


def test_records_are_oldest_first_and_within_the_time(organisation):
    times = [record.time for record in organisation.records]
    assert times == sorted(times)
    assert organisation.start <= times[0]
    assert times[-1] < organisation.end


def test_a_records_time_is_its_own_creation_time(organisation):
    for record in organisation.office365_records():
        assert record.body["CreationTime"] == utc(record.time)


def test_ids_are_unique(organisation):
    ids = [record.body["Id"] for record in organisation.office365_records()]
    assert len(set(ids)) == len(ids)


def test_most_cmdlets_are_the_systems_own(organisation):
    cmdlets = [r.body for r in organisation.records if r.body.get("RecordType") == 1]
    system = [body for body in cmdlets if body["UserType"] == 3]
    assert len(system) > 0.78 * len(cmdlets)


def test_the_noise_of_the_reference_is_there(organisation):
    discovery = [body for body in bodies(organisation, "Add-MailboxPermission") if body["UserType"] == 3]
    assert {body["UserId"].rsplit(".", 1)[1] for body in discovery} == {"ServiceHost)", "Servicehost)"}
    assert 7 <= len(discovery) <= 31
    changed = bodies(organisation, "ModifyFolderPermissions", ClientIP="::1")
    members = Counter(body["Item"]["ParentFolder"]["MemberUpn"] for body in changed)
    assert members["Everyone"] >= 20
    assert members["Member@local"] >= 3
    closed = [body for body in changed if body["Item"]["ParentFolder"]["MemberUpn"] == "Everyone"]
    assert {body["Item"]["ParentFolder"]["MemberRights"] for body in closed} == {"None"}
    assert len({body["Item"]["ParentFolder"]["Path"].split("\\")[1] for body in closed}) == 3


def test_everyday_delegation_comes_in_every_form(organisation):
    grants = [body for body in bodies(organisation, "Add-MailboxPermission") if body["UserType"] == 2]
    assert len({body["AppId"] for body in grants}) == 3
    assert any(body["ResultStatus"] == "False" for body in grants)
    assert any(parameters(body).get("Deny") == "True" for body in grants)
    assert bodies(organisation, "Remove-MailboxPermission")
    assert bodies(organisation, "Remove-RecipientPermission")
    assert any("GrantSendOnBehalfTo" in parameters(body) for body in bodies(organisation, "Set-Mailbox"))
    forwards = [parameters(body) for body in bodies(organisation, "Set-Mailbox", UserType=2)]
    assert {bool(p["ForwardingSmtpAddress"]) for p in forwards if "ForwardingSmtpAddress" in p} == {True, False}
    flags = [parameters(b).get("SharingPermissionFlags") for b in bodies(organisation, "Add-MailboxFolderPermission")]
    assert "Delegate" in flags


def test_old_mailboxes_have_a_name_and_new_ones_their_object_id(organisation):
    users = [person for person in organisation.people if person["kind"] == "user"]
    new = [person for person in users if person["exchange_name"] == person["object_id"]]
    assert 0.5 < len(new) / len(users) < 0.8
    assert len({person["mailbox_guid"] for person in users}) == len(users)


def test_no_address_is_anybodys(organisation):
    allowed = [
        ipaddress.ip_network(text)
        for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "2a01:111::/32", "::1/128")
    ]
    seen = set()
    for record in organisation.records:
        for name in ("ClientIP", "ClientIPAddress", "ActorIpAddress", "ipAddress"):
            seen.add(record.body.get(name))
    for text in seen - {None}:
        bare = text.split("]")[0].lstrip("[") if "[" in text else text.split(":")[0] if "." in text else text
        address = ipaddress.ip_address(bare)
        assert any(address in network for network in allowed if network.version == address.version), text
