"""A sweep that is ended at any moment goes on where it was, and claims to have read what it has given, and no more."""

import json
import random
import signal
from collections import Counter

import pytest

from tests.soak.conftest import WIDE
from tests.soak.trial import Trial
from workbench.tenants import Office365, Standing, Workspace
from workbench.tenants.standing import Account, FolderRight, Group, MailboxRight, OnBehalf, SendAs

ADMIN = "admin@x.example"
# inventories of rights on mailboxes; what applications may do is told beside them
MAILBOXES = {"Get-MailboxPermission", "Get-RecipientPermission", "Get-Mailbox", "Get-MailboxFolderPermission", "Gmail"}


def groups(names):
    """A group for every four people, of four of them; the first is in the second."""
    made = [Group(f"team{at:04d}@x.example", f"Team {at}", names[at : at + 4]) for at in range(0, len(names), 4)]
    made[1].members.append(made[0].address)
    return made


def office365(count):
    """A tenant with so many mailboxes, and how many delegations stand in it."""
    names = [f"user{number:04d}@x.example" for number in range(count)]
    rights = []
    for owner, other in zip(names, names[1:]):
        rights += [MailboxRight(owner, other), SendAs(owner, other), OnBehalf(owner, other)]
        rights.append(FolderRight(owner, "\\Inbox", other, ("Reviewer",)))
    tenant = Office365(standing=Standing([Account(one) for one in names], rights, groups(names)))
    return tenant, len(rights) + count  # each calendar shows everybody when its owner is busy


def workspace(count):
    """The same of a customer of Workspace."""
    names = [f"user{number:04d}@x.example" for number in range(count)]
    accounts = [Account(ADMIN, kind="workspace", roles=("_SEED_ADMIN_ROLE",))]
    accounts += [Account(one, kind="workspace") for one in names]
    gmail = {owner: [(other, "accepted")] for owner, other in zip(names, names[1:])}
    return Workspace([], standing=Standing(accounts, groups=groups(names), gmail=gmail)), len(gmail)


def what(event):
    """An event without its moment and its sweep."""
    return json.dumps({name: value for name, value in event.items() if name not in ("time", "sweep")}, sort_keys=True)


def sweeps(seen):
    """(the event that closed a sweep, how often each thing was given of it) of each that was closed."""
    closed = {event["delegation_watch_sweep"]: event for event in seen if "delegation_watch_sweep" in event}
    return [(told, Counter(map(what, (event for event in seen if event.get("sweep") == sweep))))
            for sweep, told in closed.items()]  # fmt: skip


TRIALS = {
    "Office 365-KILL": (office365, signal.SIGKILL, 40, 100),
    "Workspace-KILL": (workspace, signal.SIGKILL, 40, 800),
    "Office 365-TERM": (office365, signal.SIGTERM, 10, 100),
    "Workspace-TERM": (workspace, signal.SIGTERM, 10, 800),
}
FEW = list(TRIALS)[:2]


@pytest.mark.parametrize(
    ("vendor", "number", "kills", "mailboxes"),
    [TRIALS[name] for name in (TRIALS if WIDE else FEW)],
    ids=TRIALS if WIDE else FEW,
)
def test_a_sweep_that_is_ended_goes_on_and_claims_what_it_gave(
    tmp_path, full, figures, vendor, number, kills, mailboxes
):
    draw = random.Random(f"sweeps/{number}")
    service, standing = vendor(mailboxes if full else mailboxes // 10)
    wanted, done = (kills, 0) if full else (1, 0)
    with service:
        (tmp_path / "whole").mkdir()
        with Trial.of_sweep(tmp_path / "whole", service) as whole:
            assert whole.run().code == 0, whole.told
        expected = {tuple(told["kinds"]): (told, given) for told, given in sweeps(whole.seen)}
        requests = len(service.requests)
        service.faults.delay = 0.02
        (tmp_path / "ended").mkdir()
        with Trial.of_sweep(tmp_path / "ended", service) as trial:
            while done < wanted:
                done += trial.end(draw.uniform(0, 3), number, service if draw.random() < 0.8 else None) is not None
            ended = trial.run()
        again = len(service.requests) - requests
    assert ended.code == 0, ended.told
    found = sweeps(trial.seen)
    for told, given in found:
        first, due = expected[tuple(told["kinds"])]
        figures.add(f"a sweep ended by {number.name}", len(due - given), sum((given - due).values()))
        assert (told["status"], given.keys()) == ("complete", due.keys())
        for name in ("mailboxes", "covered", "delegations", "skipped", "failed"):
            assert told[name] == first[name]
    inventories = [json.loads(one).get("delegation_watch_inventory") for _, given in expected.values() for one in given]
    assert sum(one in MAILBOXES for one in inventories) == standing
    assert {tuple(told["kinds"]) for told, _ in found} == set(expected)
    # Each sweep costs what a whole one does, and an end what was on its way besides.
    assert again <= requests * (len(found) / 2 + 0.5) + 60 * done
