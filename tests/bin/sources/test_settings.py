"""Stanzas and accounts: what is given, and what is refused with a line that says what to do."""

from datetime import datetime, timezone

import pytest
from delegation_watch.sources.errors import SettingsError
from delegation_watch.sources.settings import read_account, read_stanza, start_time

from tests.bin.sources.vendor import NOW, TENANT

STANZA = {"provider": "o365", "account": "hq"}
O365 = {"provider": "o365", "tenant": TENANT, "client_id": "app"}
CUSTOM = {**O365, "cloud": "custom", "authority": "https://login.test", "api_root": "https://manage.test:8443"}
GOOGLE = {"provider": "workspace", "subject": "admin@example.com"}


def test_a_stanza_has_defaults_for_all_but_provider_and_account():
    stanza = read_stanza(STANZA)
    assert (stanza.provider, stanza.account, stanza.start, stanza.connections) == ("o365", "hq", "-7d", 4)
    assert stanza.content_types == ("Audit.Exchange", "Audit.AzureActiveDirectory")
    assert read_stanza({**STANZA, "provider": "workspace"}).content_types == ("admin", "login", "token")


def test_content_types_may_be_written_in_any_case_with_blanks_and_twice():
    stanza = read_stanza({**STANZA, "content_types": " audit.exchange,DLP.ALL ,, Audit.Exchange,"})
    assert stanza.content_types == ("Audit.Exchange", "DLP.All")


def test_what_splunkd_adds_to_a_stanza_and_empty_values_do_no_harm():
    given = {**STANZA, "interval": "300", "index": "mail", "start": "", "connections": None, "content_types": " "}
    assert read_stanza(given) == read_stanza(STANZA)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"provider": ""}, "provider is ''; it must be o365 or workspace"),
        ({"provider": "gmail"}, "provider is 'gmail'; it must be o365 or workspace"),
        ({"account": None}, "the input has no account; name one"),
        ({"account": "  "}, "the input has no account; name one"),
        ({"content_types": "Audit.Mail, Audit.Exchange"}, "content_types has Audit.Mail; o365 knows Audit.Exchange, "),
        ({"content_types": "admin"}, "content_types has admin; o365 knows"),
        ({"provider": "workspace", "content_types": "mail"}, "content_types has mail; workspace knows"),
        ({"content_types": ","}, "content_types has nothing"),
        ({"start": "yesterday"}, "start is 'yesterday'; it must be a span like -7d or -31h, or a time like"),
        ({"start": "7d"}, "start is '7d'"),
        ({"start": "-7"}, "start is '-7'"),
        ({"start": "-1y"}, "start is '-1y'"),
        ({"start": "2026-02-30"}, "start is '2026-02-30'"),
        ({"start": "-0d"}, "start is '-0d'"),
        ({"start": "2199-01-01"}, "start is '2199-01-01', which is yet to come"),
        ({"connections": "0"}, "connections is '0'; it must be a number from 1 to 16"),
        ({"connections": "17"}, "connections is '17'"),
        ({"connections": "four"}, "connections is 'four'"),
        ({"connections": "-1"}, "connections is '-1'"),
        ({"connections": "\xb2"}, "connections is '\xb2'"),
        ({"backfill": "long"}, "backfill is 'long'; it must be a span like -7d"),
        ({"backfill": "-90d", "backfill_version": "v2"}, "backfill_version is 'v2'; it must be v1.0 or beta, or empty"),
        ({"provider": "workspace", "backfill": "-90d"}, "backfill is for o365; a workspace input reads up to 180 days"),
    ],
)
def test_a_stanza_that_cannot_be_right_is_refused(change, text):
    with pytest.raises(SettingsError) as caught:
        read_stanza({**STANZA, **change})
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_user_accounts_are_read_as_a_part_of_login():
    given = {**STANZA, "provider": "workspace", "content_types": "user_accounts, admin, login"}
    assert read_stanza(given).content_types == ("login", "admin")


def test_a_backfill_is_read_with_its_operations_and_version():
    given = {**STANZA, "backfill": " -90d", "backfill_operations": "Send, Set-Mailbox,", "backfill_version": "BETA"}
    stanza = read_stanza(given)
    assert (stanza.backfill, stanza.backfill_operations, stanza.backfill_version) == (
        "-90d", ("Send", "Set-Mailbox"), "beta")  # fmt: skip
    assert read_stanza(STANZA).backfill == ""


@pytest.mark.parametrize(
    ("text", "hours"),
    [("-7d", 168), ("-31h", 31), ("-90m", 1.5), ("-3600s", 1), ("-2w", 336), (" -1h ", 1)],
)
def test_a_span_counts_back_from_now(text, hours):
    assert start_time(text, NOW) == NOW - hours * 3600


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T10:00:00Z", (10, 0)),
        ("2026-03-01T10:00:00", (10, 0)),
        ("2026-03-01T10:00", (10, 0)),
        ("2026-03-01 10:00:00", (10, 0)),
        ("2026-03-01T11:30:00+01:30", (10, 0)),
        ("2026-03-01", (0, 0)),
    ],
)
def test_a_time_is_in_utc_unless_it_names_a_zone(text, expected):
    assert datetime.fromtimestamp(start_time(text, NOW), timezone.utc) == datetime(
        2026, 3, 1, *expected, tzinfo=timezone.utc
    )


@pytest.mark.parametrize("given", [O365, CUSTOM, {**O365, "cloud": "gcchigh"}, {**O365, "cloud": ""}])
def test_an_account_of_office_365(given):
    account = read_account("hq", {**given, "disabled": "0", "eai:appName": "x"}, "o365")
    assert (account.name, account.tenant, account.client_id) == ("hq", TENANT, "app")


def test_a_tenant_is_known_by_small_letters_as_records_have_it():
    account = read_account("hq", {**O365, "tenant": TENANT.upper(), "publisher": TENANT.upper()}, "o365")
    assert (account.tenant, account.publisher, account.of) == (TENANT.lower(), TENANT.lower(), [TENANT.lower()])


@pytest.mark.parametrize(
    ("customer", "names"), [("", ["example.com"]), ("my_customer", ["example.com"]), ("C01", ["example.com", "C01"])]
)
def test_a_customer_goes_by_the_domain_of_its_administrator_and_by_its_id(customer, names):
    account = read_account("hq", {**GOOGLE, "customer": customer, "subject": "other@Example.com"}, "workspace")
    assert (account.customer_names, account.of) == (names, [])


def test_an_account_of_workspace_needs_a_subject_only():
    account = read_account("sub", GOOGLE, "workspace")
    assert (account.subject, account.customer) == ("admin@example.com", "")


@pytest.mark.parametrize(
    ("given", "provider", "text"),
    [
        ({**O365, "provider": "workspace"}, "o365", "account hq is for workspace, the input for o365"),
        ({**O365, "tenant": ""}, "o365", "account hq has no tenant"),
        ({"provider": "o365"}, "o365", "account hq has no tenant and no client_id"),
        ({**O365, "tenant": "contoso.com"}, "o365", "account hq: tenant must be the directory's GUID"),
        ({**O365, "tenant": TENANT + "0"}, "o365", "account hq: tenant must be the directory's GUID"),
        ({**O365, "cloud": "china"}, "o365", "cloud is 'china'; it must be commercial, gcc, gcchigh, dod or custom"),
        ({**CUSTOM, "authority": ""}, "o365", "account hq: cloud = custom needs authority"),
        ({**CUSTOM, "api_root": ""}, "o365", "account hq: cloud = custom needs api_root"),
        ({**CUSTOM, "api_root": "http://manage.test"}, "o365", "'http://manage.test' is no https address"),
        ({**CUSTOM, "authority": "login.test"}, "o365", "'login.test' is no https address"),
        ({**CUSTOM, "api_root": "https://manage.test:port"}, "o365", "is no https address"),
        ({**CUSTOM, "api_root": "https://me:pw@manage.test"}, "o365", "is no https address"),
        ({"provider": "workspace"}, "workspace", "account hq has no subject"),
        ({**GOOGLE, "cloud": "custom"}, "workspace", "account hq: cloud = custom needs api_root"),
    ],
)
def test_an_account_that_cannot_be_right_is_refused(given, provider, text):
    with pytest.raises(SettingsError) as caught:
        read_account("hq", given, provider)
    assert text in str(caught.value)
