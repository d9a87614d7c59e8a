"""The sweep through Exchange Online and the stand-in: every delegation once, and an error is never read as "none"."""

import itertools
import json
import time
from collections import defaultdict
from dataclasses import replace
from fnmatch import fnmatch

import pytest
from delegation_watch.sources.errors import RefusedError, SignInError, SourceError
from delegation_watch.sources.exchange import KINDS, ExchangeSweep, Scope
from delegation_watch.sources.exchange_api import ExchangeApi
from delegation_watch.sources.exchange_mailboxes import folder_name
from delegation_watch.sources.feed import Checkpoint, Event
from delegation_watch.sources.health import Tally
from delegation_watch.sources.http import Http
from delegation_watch.sources.inventory import told as said
from delegation_watch.sources.sweep import ATTEMPTS

from tests.bin.sources.ground import token_at
from tests.bin.sources.vendor import attempted
from workbench.tenants import Office365, Rule, Standing, exchange_rows
from workbench.tenants.exchange_cmdlets import Cmdlets
from workbench.tenants.faults import ALL_ROLES
from workbench.tenants.standing import Account, FolderRight, Group, MailboxRight, OnBehalf, SendAs

STAFF = [f"user{number:03d}@x.example" for number in range(30)]
OBJECT = "5d3b1c9e-0000-4000-8000-0000000000"
BOSS, SHARED, DELEGATE, GERMAN = STAFF[0], STAFF[1], STAFF[2], STAFF[3]
TEAM = "team@x.example"
PROJECT, PLAIN = "\\Projects\\A/B", "\\Plain"


def standing():
    accounts = [Account(one, f"Person {number}", object_id=f"{OBJECT}{number:02d}") for number, one in enumerate(STAFF)]
    accounts[1].kind = "shared"
    accounts[3].language = "de"
    accounts[4].audited = False
    accounts[5].bypassed = True
    rights = [
        MailboxRight(BOSS, DELEGATE), MailboxRight(BOSS, STAFF[9], ("ReadPermission", "ChangePermission"), deny=True),
        MailboxRight(STAFF[29], DELEGATE, inherited=True),
        SendAs(SHARED, DELEGATE), SendAs(TEAM, DELEGATE),
        OnBehalf(BOSS, DELEGATE), OnBehalf(BOSS, STAFF[7]), OnBehalf(TEAM, STAFF[8]),
        FolderRight(BOSS, "\\Inbox", "Default", ("Reviewer",)),
        FolderRight(GERMAN, "\\Posteingang", DELEGATE, ("Editor",), "Delegate, CanViewPrivateItems"),
        FolderRight(GERMAN, "\\", "Anonymous", ("FolderVisible", "ReadItems")),
        FolderRight(BOSS, PROJECT, DELEGATE, ("Owner",)),
        FolderRight(BOSS, "\\Unasked", DELEGATE, ("Owner",)),
    ]  # fmt: skip
    return Standing(accounts, rights, groups=[Group(TEAM, "Team", [BOSS])])


EXPECTED = {
    ("Get-MailboxPermission", BOSS, DELEGATE, "FullAccess"),
    ("Get-MailboxPermission", BOSS, STAFF[9], "ReadPermission, ChangePermission"),
    ("Get-MailboxPermission", STAFF[29], DELEGATE, "FullAccess"),
    ("Get-RecipientPermission", SHARED, DELEGATE, "SendAs"),
    ("Get-RecipientPermission", TEAM, DELEGATE, "SendAs"),
    ("Get-Mailbox", BOSS, "Person 2", ""),
    ("Get-Mailbox", BOSS, "Person 7", ""),
    ("Get-Mailbox", TEAM, "Person 8", ""),
    ("Get-MailboxFolderPermission", BOSS + ":\\Inbox", "Default", "Reviewer"),
    ("Get-MailboxFolderPermission", GERMAN + ":\\Posteingang", "Person 2", "Editor"),
    ("Get-MailboxFolderPermission", GERMAN + ":\\", "Anonymous", "FolderVisible, ReadItems"),
    ("Get-MailboxFolderPermission", BOSS + ":" + PROJECT, "Person 2", "Owner"),
}
MAILBOXES = tuple(kind for kind in KINDS if kind != "app_mail")
SCOPE = Scope(MAILBOXES, ("root", "inbox", "sent", PROJECT))


@pytest.fixture
def tenant():
    with Office365(standing=standing()) as running:
        running.started = 0
        yield running
        assert running.unknown == []


def api(tenant):
    http = Http(verify=str(tenant.ca_file), sleep=lambda seconds: None)
    token = token_at(http, tenant, tenant.exchange_root)
    return ExchangeApi(http, tenant.exchange_root, tenant.tenant, token)


def sweep(tenant, scope=SCOPE, **given):
    return ExchangeSweep(api(tenant), tenant.tenant, "delegation_inventory://x", tenant.client_id, scope, **given)


def read(tenant, scope=SCOPE, state=None):
    return list(sweep(tenant, scope).read(state or {}, 0, time.time()))


def until(items, error=SourceError):
    """What came before the error."""
    kept = []
    with pytest.raises(error) as caught:
        kept.extend(iter_into(items, kept))
    return kept, caught.value


def iter_into(items, kept):
    for item in items:
        kept.append(item)
    return ()


def bodies(items, sourcetype):
    return [json.loads(one.raw) for one in items if isinstance(one, Event) and one.sourcetype == sourcetype]


def rows(items):
    """(cmdlet, mailbox, who, rights) of each snapshot; the folders' calendars, open to all by default, left out."""
    names = {account.exchange_name: account.display_name for account in standing().accounts.values()}
    found = []
    for body in bodies(items, "delegation:snapshot"):
        columns = body["columns"]
        for who in columns.get("GrantSendOnBehalfTo") or [columns.get("User") or columns.get("Trustee")]:
            place = (body["delegation_watch_inventory"], columns["Identity"], names.get(who, who))
            found.append((*place, ", ".join(columns.get("AccessRights", []))))
    return found


def closing(items):
    [body] = bodies(items, "delegation:sweep")
    return body


def planned(tenant, *rules):
    tenant.faults.plan = list(rules)


def asks(cmdlet, mailbox="*"):
    return f"*{cmdlet}\"*{mailbox}*"


# what it gives


def test_a_sweep_finds_every_delegation_once_in_whatever_language_the_folders_are_named(tenant):
    items = read(tenant)
    assert sorted(rows(items)) == sorted(EXPECTED)
    told = closing(items)
    assert (told["status"], told["mailboxes"], told["covered"], told["delegations"]) == ("complete", 30, 30, 12)
    assert told["kinds"] == list(MAILBOXES)
    assert (told["folders"], told["scope"]) == (["root", "inbox", "sent", PROJECT], "all")
    assert (told["provider"], told["tenant"], told["client"]) == ("o365", tenant.tenant, tenant.client_id)
    assert told["requests"] == len([one for one in tenant.requests[tenant.started:] if "adminapi" in one.path])


def test_rows_keep_the_vendors_columns_and_name_the_folder_by_type(tenant):
    [body] = [one for one in bodies(read(tenant), "delegation:snapshot")
              if one["columns"]["Identity"] == GERMAN + ":\\Posteingang"]  # fmt: skip
    columns = body["columns"]
    assert (columns["FolderType"], columns["FolderName"]) == ("Inbox", "Posteingang")
    assert columns["SharingPermissionFlags"] == ["Delegate", "CanViewPrivateItems"]
    assert not [name for name in columns if "@odata" in name]


def test_the_sweep_says_where_the_audit_is_off(tenant):
    assert closing(read(tenant))["audit"] == {"unified": True, "bypassed": [STAFF[5]], "disabled": [STAFF[4]]}
    tenant.faults.audit_off = True
    assert closing(read(tenant, Scope(("send_as",))))["audit"]["unified"] is False


def test_only_the_kinds_and_mailboxes_named_are_read(tenant):
    items = read(tenant, Scope(("send_as", "send_on_behalf"), (), (SHARED, BOSS, "nobody@x.example")))
    assert sorted(one[:3] for one in rows(items)) == [
        ("Get-Mailbox", BOSS, "Person 2"), ("Get-Mailbox", BOSS, "Person 7"),
        ("Get-RecipientPermission", SHARED, DELEGATE),
    ]  # fmt: skip
    told = closing(items)
    assert (told["kinds"], told["folders"], told["status"]) == (["send_as", "send_on_behalf"], [], "complete")
    assert told["scope"] == [SHARED, BOSS, "nobody@x.example"]
    assert told["skipped"] == [{"mailbox": "nobody@x.example", "why": "no such mailbox"}]
    assert (told["mailboxes"], told["covered"]) == (3, 2)


def without(monkeypatch, method, seen):
    """Where the stand-in's own rows are `seen` first."""
    whole = getattr(Cmdlets, method)
    monkeypatch.setattr(Cmdlets, method, lambda self, *given: seen(whole(self, *given)))


def test_a_named_mailbox_of_which_nothing_is_shown_is_named_and_not_taken_for_one_without_delegates(
    tenant, monkeypatch
):
    without(monkeypatch, "_accounts", lambda found: [account for account in found if account.upn != BOSS])
    told = closing(read(tenant, Scope(("full_access", "send_on_behalf"), (), (SHARED, BOSS))))
    [failed] = told["failed"]
    assert (failed["mailbox"], told["status"], told["mailboxes"], told["covered"]) == (BOSS, "partial", 2, 1)
    assert "check the scope of the role" in failed["why"]
    with pytest.raises(RefusedError, match="no mailbox; check the scope of the role"):
        read(tenant, Scope(("full_access",), (), (BOSS,)))


def test_groups_without_the_column_of_who_sends_for_them_are_no_answer(tenant, monkeypatch):
    dropped = "GrantSendOnBehalfTo"
    without(monkeypatch, "_groups", lambda found: [{k: row[k] for k in row if k != dropped} for row in found])
    told = closing(read(tenant, Scope(("send_on_behalf", "full_access"))))
    assert told["kinds"] == ["full_access"]
    assert told["failed_kinds"][0]["why"] == "Exchange Online gives no group's GrantSendOnBehalfTo"


def test_pages_are_followed_by_sending_the_same_body_again(tenant):
    tenant.faults.exchange_page = 7
    assert sorted(rows(read(tenant))) == sorted(EXPECTED)


def test_folders_go_by_the_admin_api_where_the_application_may_and_it_is_there(tenant):
    def paths():
        return {one.path.split("/")[-1] for one in tenant.requests[tenant.started :] if "adminapi/v2.0" in one.path}

    read(tenant)
    assert paths() == {"MailboxFolderPermission"}
    tenant.started = len(tenant.requests)
    tenant.faults.roles = tuple(role for role in ALL_ROLES if role != "Exchange.ManageAsAppV2")
    assert sorted(rows(read(tenant))) == sorted(EXPECTED)
    assert paths() == set()
    tenant.started = len(tenant.requests)
    tenant.faults.roles = ("Exchange.ManageAsAppV2",)
    items = read(tenant, Scope(("send_on_behalf", "full_access"), (), (BOSS,)))
    assert sorted(rows(items)) == [("Get-Mailbox", BOSS, "Person 2", ""), ("Get-Mailbox", BOSS, "Person 7", "")]
    assert closing(items)["kinds"] == ["send_on_behalf"]
    assert paths() == {"Mailbox"}


@pytest.mark.parametrize("status", [False, 403, 404])
def test_without_the_admin_api_all_goes_by_the_modules_own_way(tenant, status):
    tenant.faults.admin_api = status
    assert sorted(rows(read(tenant))) == sorted(EXPECTED)
    assert len([one for one in tenant.requests[tenant.started :] if "adminapi/v2.0" in one.path]) <= 4  # at once


# faults that pass


ONCE = ["401", "429:1", "503", "500", "error_in_200", "html", "truncated", "nothing", "nul", "turned", "cut",
        "cut_chunked", "reset", "reset_at_once", "gzip_broken", "gzip_cut", "empty_next", "token_ends"]  # fmt: skip


@pytest.mark.parametrize("word", ONCE)
def test_an_answer_that_goes_wrong_once_costs_nothing_but_another(tenant, word):
    planned(tenant, Rule("exchange/*", word, every=5, tries=1, calls=1 if word == "token_ends" else 0))
    items = read(tenant, SCOPE._replace(mailboxes=tuple(STAFF[:4])))
    assert sorted(rows(items)) == sorted(one for one in EXPECTED if one[1].partition(":")[0] in STAFF[:4])
    assert closing(items)["status"] == "complete"


def test_a_token_that_ends_in_the_middle_is_renewed(tenant):
    planned(tenant, Rule("exchange/invoke", "token_ends", after=30, calls=1))
    assert sorted(rows(read(tenant))) == sorted(EXPECTED)


# errors are never read as "none"


@pytest.mark.parametrize(
    ("word", "why"),
    [("error_in_200", "HTTP 200"), ("truncated", "no whole JSON"), ("turned", "a JSON list"),
     ("loop", "again and again"), ("endless", "again and again"), ("404", "HTTP 404"), ("503", "HTTP 503"),
     ("reset_at_once", "cannot reach")],
)  # fmt: skip
def test_a_mailbox_that_cannot_be_read_is_named_and_not_taken_for_empty(tenant, word, why):
    planned(tenant, Rule("exchange/invoke", word, key=asks("Get-MailboxPermission", BOSS)))
    tenant.faults.exchange_page = 3
    items = read(tenant, SCOPE._replace(kinds=("full_access",)))
    told = closing(items)
    [failed] = told["failed"]
    assert (failed["mailbox"], failed["kind"]) == (BOSS, "full_access")
    assert why in failed["why"]
    assert (told["status"], told["covered"], told["kinds"]) == ("partial", 29, ["full_access"])
    assert [one[1] for one in rows(items)] == [STAFF[29]]


def test_a_mailbox_that_goes_while_the_sweep_runs_is_skipped(tenant):
    def go(items):
        for item in items:
            if isinstance(item, Checkpoint):
                tenant.standing.accounts[STAFF[28]].licensed = False
            yield item

    try:
        items = list(go(sweep(tenant, Scope(("full_access",))).read({}, 0, time.time())))
    finally:
        tenant.standing.accounts[STAFF[28]].licensed = True
    told = closing(items)
    assert told["skipped"] == [{"mailbox": STAFF[28], "why": "gone since the sweep began"}]
    assert (told["covered"], told["failed"], told["status"]) == (29, [], "complete")


@pytest.mark.parametrize("written", ["\\", exchange_rows.BACKSLASH])
def test_a_folder_with_a_backslash_in_its_name_is_read(tenant, monkeypatch, written):
    """Its path would be asked for as that of a folder in another one, which there is not."""
    monkeypatch.setattr(exchange_rows, "WRITTEN_BACKSLASH", written)
    odd = f"\\Projects\\x{exchange_rows.BACKSLASH}y"
    for path in (odd, odd + "\\within"):
        tenant.standing.grant(FolderRight(BOSS, path, DELEGATE, ("Owner",)))
    items = read(tenant, Scope(("folders",), ("\\Projects\\x\\y", "\\Projects\\x\\y\\within"), (BOSS,)))
    assert {one[1] for one in rows(items)} == {BOSS + ":\\Projects\\x\\y", BOSS + ":\\Projects\\x\\y\\within"}
    assert closing(items)["status"] == "complete"


def test_a_folder_is_asked_for_with_a_slash_in_its_name_however_a_stanza_writes_it(tenant):
    items = read(tenant, Scope(("folders",), (folder_name("/projects/a/b"),), (BOSS,)))
    assert [one[1] for one in rows(items)] == [BOSS + ":" + PROJECT]
    assert closing(items)["folders_missing"] == []


def test_a_folder_that_no_mailbox_has_is_told_also_by_a_sweep_that_was_cut_off(tenant):
    scope = Scope(("folders",), ("sent", PROJECT, "\\Projcts"))
    begun = next(one for one in sweep(tenant, scope).read({}, 0, time.time()) if isinstance(one, Checkpoint))
    assert set(begun.state["met"]) == {"sent", PROJECT}
    tally = Tally()
    told = closing(list(said(sweep(tenant, scope).read(begun.state, 0, time.time()), tally)))
    assert (told["folders_missing"], told["status"]) == (["\\Projcts"], "complete")
    assert tally.warnings == ["no mailbox that was read has a folder \\Projcts; check folders of this input"]


def lists_and_does_not_find(tenant, monkeypatch, meanwhile):
    """Exchange does not find the boss's folder of projects, after what `meanwhile` does with the right on it."""
    found = Cmdlets._folder

    def folder(self, text):
        if text == f"{BOSS}:{PLAIN}":
            meanwhile(right)
            text += "?"
        return found(self, text)

    right = FolderRight(BOSS, PLAIN, DELEGATE, ("Owner",))
    tenant.standing.grant(right)
    monkeypatch.setattr(Cmdlets, "_folder", folder)
    return read(tenant, Scope(("folders",), ("root", PLAIN), (BOSS,)))


def test_a_folder_that_is_listed_and_not_found_is_not_taken_for_removed(tenant, monkeypatch):
    told = closing(lists_and_does_not_find(tenant, monkeypatch, lambda right: None))
    [failed] = told["failed"]
    assert (failed["mailbox"], failed["kind"], told["covered"]) == (BOSS, "folders", 0)
    assert failed["why"] == f"Exchange Online lists folder {PLAIN}, and does not find it"


def test_a_folder_that_is_removed_while_its_mailbox_is_read_keeps_the_others_back_no_longer(tenant, monkeypatch):
    told = closing(lists_and_does_not_find(tenant, monkeypatch, tenant.standing.revoke))
    assert (told["failed"], told["covered"], told["status"]) == ([], 1, "complete")


@pytest.mark.parametrize("kind", ["full_access", "send_as", "send_on_behalf", "folders"])
def test_a_kind_that_is_refused_is_named_and_the_others_go_on(tenant, kind):
    cmdlet = {"full_access": "Get-MailboxPermission", "send_as": "Get-RecipientPermission",
              "send_on_behalf": "Get-UnifiedGroup", "folders": "Get-MailboxFolderStatistics"}[kind]  # fmt: skip
    planned(tenant, Rule("exchange/invoke", "403", key=asks(cmdlet)))
    told = closing(read(tenant, SCOPE._replace(kinds=tuple(dict.fromkeys(("send_on_behalf", kind, "full_access"))))))
    assert [one["kind"] for one in told["failed_kinds"]] == [kind]
    assert "Global Reader" in told["failed_kinds"][0]["why"]
    assert told["status"] == "partial"
    assert kind not in told["kinds"]
    assert told["kinds"]


@pytest.mark.parametrize(
    ("count", "pattern"), [(30, "user029@"), (21, "user020@"), (30, "user02?@"), (30, "user01?@")]
)
def test_mailboxes_that_are_refused_behind_others_are_named_and_the_kind_is_read(tenant, count, pattern):
    planned(tenant, Rule("exchange/invoke", "403", key=asks("Get-MailboxPermission", pattern)))
    items = read(tenant, SCOPE._replace(kinds=("full_access",), mailboxes=tuple(STAFF[:count])))
    told, refused = closing(items), [one for one in STAFF[:count] if fnmatch(one, pattern + "*")]
    assert [one["mailbox"] for one in told["failed"]] == refused
    assert (told["status"], told["kinds"], told["failed_kinds"]) == ("partial", ["full_access"], [])
    assert told["covered"] == count - len(refused)
    assert [one[1] for one in rows(items)] == [one for one in (BOSS, BOSS, STAFF[29]) if one in set(STAFF) - {*refused}
                                               and one in STAFF[:count]]  # fmt: skip


def test_a_sweep_that_goes_on_and_is_refused_its_last_mailbox_has_read_the_kind(tenant):
    scope = SCOPE._replace(kinds=("full_access",), mailboxes=tuple(STAFF[:11]))
    states = [item.state for item in sweep(tenant, scope).read({}, 0, time.time()) if isinstance(item, Checkpoint)]
    state = next(one for one in states if str(one.get("last")).endswith(STAFF[9]))
    planned(tenant, Rule("exchange/invoke", "403", key=asks("Get-MailboxPermission")))
    told = closing(read(tenant, scope, state))
    assert [one["mailbox"] for one in told["failed"]] == [STAFF[10]]
    assert (told["kinds"], told["covered"]) == (["full_access"], 10)


def test_a_sweep_that_goes_on_reads_also_who_was_renamed_meanwhile(tenant):
    scope = SCOPE._replace(kinds=("full_access",))
    begun = next(one for one in sweep(tenant, scope).read({}, 0, time.time()) if isinstance(one, Checkpoint))
    renamed = replace(tenant.standing.accounts.pop(STAFF[29]), upn="aaron@x.example")
    tenant.standing.add(renamed)
    tenant.standing.grant(MailboxRight(renamed.upn, DELEGATE))
    items = read(tenant, scope, begun.state)
    assert [(row[1], row[2]) for row in rows(items)] == [("aaron@x.example", DELEGATE)]
    assert closing(items)["status"] == "complete"


def test_a_clock_that_is_set_back_while_the_sweep_runs_makes_nothing_older_than_it(tenant):
    begun = time.time()
    items = list(sweep(tenant, clock=lambda: begun - 600).read({}, 0, begun))
    told = closing(items)
    assert told["started"] == told["ended"]
    assert {item.time for item in items if isinstance(item, Event)} == {begun}


def test_a_list_of_rights_to_send_that_breaks_off_is_no_list(tenant):
    tenant.faults.exchange_page = 10
    planned(tenant, Rule("exchange/invoke", "error_in_200", after=3, key=asks("Get-RecipientPermission")))
    told = closing(read(tenant, Scope(("send_as", "full_access"))))
    assert told["kinds"] == ["full_access"]


@pytest.mark.parametrize("word", ["error_in_200", "html", "403"])
def test_a_tenant_whose_mailboxes_cannot_be_listed_ends_the_sweep_as_failed(tenant, word):
    planned(tenant, Rule("exchange/*", word))
    items, _ = until(sweep(tenant).read({}, 0, time.time()), RefusedError)
    told = closing(items)
    assert (told["status"], told["kinds"], told["covered"]) == ("failed", [], 0)
    assert items[-1] == Checkpoint({})


def test_a_tenant_without_any_mailbox_to_see_is_a_fault_of_the_settings(tenant):
    with Office365(standing=Standing()) as empty:
        _, error = until(sweep(empty).read({}, 0, time.time()), RefusedError)
    assert "shows this application no mailbox" in str(error)


# what is missing, by name


def test_an_application_without_the_permission_is_told_its_name(tenant):
    tenant.faults.roles = ("Directory.Read.All",)
    _, error = until(sweep(tenant).read({}, 0, time.time()), RefusedError)
    assert str(error).endswith(
        "give the application the permission Exchange.ManageAsApp of Office 365 Exchange Online, with admin consent"
    )
    assert "\x00" not in str(error)


def test_an_application_without_a_role_is_told_which_would_do(tenant):
    tenant.faults.exchange_role = False
    _, error = until(sweep(tenant).read({}, 0, time.time()), RefusedError)
    assert "Global Reader" in str(error)


def test_a_secret_that_ended_ends_the_sweep_with_the_remedy(tenant):
    tenant.faults.secret_expired = True
    items, error = until(sweep(tenant).read({}, 0, time.time()), SignInError)
    assert "the secret has expired" in str(error)
    assert closing(items)["status"] == "failed"


# cut off, and on again


@pytest.mark.parametrize("stop", [1, 2, 3, 4, 6, 8])
def test_a_sweep_that_is_cut_off_anywhere_goes_on_without_starting_over(tenant, stop):
    tenant.faults.exchange_page = 20
    first, state = [], {}
    for item in sweep(tenant).read({}, 0, time.time()):
        if isinstance(item, Checkpoint):
            state = json.loads(json.dumps(item.state))
            stop -= 1
            if not stop:
                break
        else:
            first.append(item)
    cut = len(tenant.requests)
    second = read(tenant, state=state)
    assert set(rows([*first, *second])) == EXPECTED
    assert len(rows([*first, *second])) == len(EXPECTED)
    told = closing([*first, *second])
    assert (told["covered"], told["delegations"], told["status"]) == (30, 12, "complete")
    assert told["requests"] >= len([one for one in tenant.requests[tenant.started:] if "adminapi" in one.path]) - 1
    whole = 30 + 30 + 30 * 3
    assert cut - tenant.started + len(tenant.requests) - cut < whole + 60


@pytest.mark.parametrize("wrong", ["role", "secret"])
def test_a_sweep_whose_settings_fail_on_its_way_says_so_and_goes_on_when_they_are_mended(tenant, wrong):
    """Of a large tenant it is two days that would be read again."""
    scope = SCOPE._replace(kinds=("full_access", "send_as"))
    running = sweep(tenant, scope).read({}, 0, time.time())
    first, state = [], {}
    while not state:
        item = next(running)
        first, state = ([*first, item], {}) if isinstance(item, Event) else (first, json.loads(json.dumps(item.state)))
    tenant.faults.exchange_role, tenant.faults.secret_expired = wrong != "role", wrong == "secret"
    items, error = until(sweep(tenant, scope).read(state, 0, time.time()))
    assert ("Global Reader" if wrong == "role" else "the secret has expired") in str(error)
    assert items == []
    tenant.faults.exchange_role, tenant.faults.secret_expired = True, False
    second = read(tenant, scope, state)
    told = closing(second)
    assert (told["delegation_watch_sweep"], told["status"], told["covered"]) == (state["sweep"], "complete", 30)
    assert len(rows([*first, *second])) == told["delegations"] == 5


@pytest.mark.parametrize("changed", [SCOPE._replace(folders=("root", "calendar")), SCOPE._replace(mailboxes=(BOSS,))])
def test_a_sweep_that_is_asked_for_something_else_is_begun_anew(tenant, changed):
    """It would claim to have read folders and mailboxes of which it read only those behind its place."""
    states = [item.state for item in sweep(tenant).read({}, 0, time.time()) if isinstance(item, Checkpoint)]
    told = closing(read(tenant, changed, states[-2]))
    assert told["delegation_watch_sweep"] != states[-2]["sweep"]
    assert closing(read(tenant, SCOPE, states[-2]))["delegation_watch_sweep"] == states[-2]["sweep"]


def test_a_service_that_is_out_ends_the_run_and_what_it_did_not_give_is_asked_again(tenant):
    planned(tenant, Rule("exchange/invoke", "503", key=asks("Get-MailboxFolderStatistics")))
    items, error = until(sweep(tenant).read({}, 0, time.time()))
    assert not bodies(items, "delegation:sweep")
    assert "503" in str(error)
    state = [item for item in items if isinstance(item, Checkpoint)][-1].state
    planned(tenant)
    assert state["part"] == "folders"
    second = read(tenant, state=state)
    events = [item for item in (*items, *second) if isinstance(item, Event)]
    assert set(rows(events)) == EXPECTED
    assert (closing(second)["failed"], closing(second)["covered"]) == ([], 30)


def test_a_host_that_cannot_be_reached_ends_the_run_as_it_is(tenant):
    planned(tenant, Rule("exchange/invoke", "reset_at_once", key=asks("Get-MailboxPermission")))
    items, error = until(sweep(tenant).read({}, 0, time.time()))
    assert "no mailbox can be read at present; the last: cannot reach" in str(error)
    assert not bodies(items, "delegation:sweep")
    planned(tenant)
    state = [item for item in items if isinstance(item, Checkpoint)][-1:]
    told = closing(read(tenant, state=state[0].state if state else {}))
    assert (told["failed"], told["covered"], told["status"]) == ([], 30, "complete")


def test_mailboxes_of_which_none_had_an_answer_are_asked_for_again_when_others_have_one(tenant):
    planned(tenant, Rule("exchange/invoke", "reset_at_once", tries=3, key=asks("Get-MailboxPermission", "user00?@")))
    items = read(tenant, SCOPE._replace(kinds=("full_access",)))
    told = closing(items)
    assert (told["failed"], told["covered"], told["delegations"]) == ([], 30, 3)
    places = [item.state["last"].split() for item in items if isinstance(item, Checkpoint) and item.state.get("last")]
    assert [address for _, address in places] == [STAFF[19], STAFF[29]]


@pytest.mark.parametrize("word", ["reset_at_once", "503"])
@pytest.mark.parametrize("cmdlet", ["Get-MailboxAuditBypassAssociation", "Get-AdminAuditLogConfig"])
def test_an_audit_that_cannot_be_asked_for_keeps_nothing_else_back(tenant, cmdlet, word):
    planned(tenant, Rule("exchange/invoke", word, key=asks(cmdlet)))
    items = read(tenant)
    told = closing(items)
    assert set(rows(items)) == EXPECTED
    assert [(one["kind"], one["part"]) for one in told["failed_kinds"]] == [("audit", "audit")]
    assert (told["status"], told["kinds"], "audit" in told) == ("partial", list(MAILBOXES), False)


@pytest.mark.parametrize("word", ["reset_at_once", "503"])
def test_a_kind_without_an_answer_is_tried_in_several_attempts_and_then_named_and_left(tenant, word):
    planned(tenant, Rule("exchange/invoke", word, key=asks("Get-RecipientPermission")))
    scope = SCOPE._replace(kinds=("send_as", "full_access"))
    items, ended = attempted(sweep(tenant, scope), ATTEMPTS)
    told = closing(items)
    assert ended == ATTEMPTS - 1
    assert [one["kind"] for one in told["failed_kinds"]] == ["send_as"]
    assert (told["status"], told["kinds"]) == ("partial", ["full_access"])
    assert told["requests"] <= len([one for one in tenant.requests if "adminapi" in one.path])


@pytest.mark.parametrize("word", ["reset_at_once", "503"])
def test_one_of_the_mailboxes_named_that_has_no_answer_keeps_the_others_back_no_longer(tenant, word):
    planned(tenant, Rule("exchange/*", word, key=asks("Get-Mailbox", BOSS)))
    scope = SCOPE._replace(kinds=("send_on_behalf", "full_access"), mailboxes=(BOSS, STAFF[29]))
    told = closing(read(tenant, scope))
    assert [(one["mailbox"], one["kind"]) for one in told["failed"]] == [(BOSS, "mailboxes")]
    assert (told["covered"], told["delegations"]) == (1, 1)
    until(sweep(tenant, scope._replace(mailboxes=(BOSS,))).read({}, 0, time.time()))


# when it was read


def test_what_stands_in_the_list_of_mailboxes_bears_the_time_of_the_list_however_late_it_is_given(tenant):
    account = tenant.standing.accounts[SHARED]
    account.forwards_to = "else@y.example"
    ticks = itertools.count(0, 60)
    begun = time.time()
    items = list(sweep(tenant, clock=lambda: begun + next(ticks)).read({}, 0, begun))
    times = defaultdict(list)
    for item, body in zip((one for one in items if isinstance(one, Event)), bodies(items, "delegation:snapshot")):
        columns = body["columns"]
        kind = "on behalf" if "GrantSendOnBehalfTo" in columns else body["delegation_watch_inventory"]
        times[kind, columns["Identity"] == TEAM].append(item.time)
    assert set(times["on behalf", False] + times["Get-Mailbox", False]) == {begun}
    assert len(times["Get-Mailbox", False]) == 1
    assert begun < min(times["Get-MailboxPermission", False])
    assert max(times["Get-MailboxPermission", False]) < min(times["on behalf", True])


def test_a_checkpoint_holds_no_list_of_what_the_audit_leaves_out(tenant):
    for account in tenant.standing.accounts.values():
        account.audited = False
    items = read(tenant, SCOPE._replace(kinds=("full_access", "send_as")))
    assert len(closing(items)["audit"]["disabled"]) == 30
    assert not any(STAFF[20] in json.dumps(item.state) for item in items if isinstance(item, Checkpoint))


def test_a_page_whose_address_ended_is_begun_again_not_left_out(tenant):
    tenant.faults.exchange_page = 20
    state = {}
    for item in sweep(tenant, Scope(("send_as",))).read({}, 0, time.time()):
        state = item.state if isinstance(item, Checkpoint) and item.state.get("page") else state
    assert state["part"] == "send_as"
    planned(tenant, Rule("exchange/invoke", "400", tries=2, key="*skiptoken*Get-RecipientPermission*"))
    found = rows(read(tenant, Scope(("send_as",)), state))
    assert [one for one in tenant.requests if one.status == 400]
    assert {one[1] for one in found} == {SHARED, TEAM}


# folders as a stanza names them


@pytest.mark.parametrize(
    ("given", "name"),
    [("Inbox", "inbox"), (" SENT ", "sent"), ("\\Inbox", "inbox"), ("/Projects/2026/", "\\Projects\\2026"),
     ("\\Posteingang", "inbox"), ("Projects", None), ("\\", "root")],
)  # fmt: skip
def test_folders_are_named_by_kind_or_path(given, name):
    assert folder_name(given) == name
