"""A page of a proxy, or nothing, in place of an answer: one line says which address gave what, and where to look."""

import json
import time
from functools import partial

import pytest
import requests
from delegation_watch.sources import inventory
from delegation_watch.sources.errors import SourceError
from delegation_watch.sources.feed import Event
from delegation_watch.sources.foreign import described, foreign
from delegation_watch.sources.inventory import read_inventory_stanza, sweeps_of
from delegation_watch.sources.inventory_trial import try_out
from delegation_watch.sources.settings import read_account, read_stanza
from delegation_watch.sources.trial import try_out as try_feed

from workbench.tenants import Office365, Rule, Standing, Workspace
from workbench.tenants.standing import Account, Group

PORTAL = 'answered HTTP 200 with a page of HTML ("Sign in to the guest network"); check '
NOTHING = "answered HTTP 200 with an empty text; check "
CALLED = "and whether a proxy or a captive portal answers in its place"
TOKENS = ("entra/discovery", "entra/token", "google/token")


def answer(body, kind="", status=200):
    made = requests.Response()
    made.status_code, made.url, made._content = status, "https://api.test/v1/things?key=1", body
    made.headers["Content-Type"] = kind
    return made


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        (b"<html><body>Sign in</body></html>", "", 'a page of HTML ("Sign in")'),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><head><title>\n Blocked &amp; logged </title></head><p>x", "",
         'a page of HTML ("Blocked & logged")'),
        (b"<p>Go <b>away</b></p><script>var x = 1;</script>", "text/html", 'a page of HTML ("Go away")'),
        (b"<html></html>", "", "a page of HTML (without a word)"),
        (b"<html>" + b"word " * 1000, "", f'a page of HTML ("{("word " * 16).strip()}")'),
        (b"<html>\x1b[31mred\x07\r\nERROR forged</html>", "", 'a page of HTML ("[31mred ERROR forged")'),
        (b'<?xml version="1.0"?><Error/>', "", "XML"),
        (b" \r\n", "", "an empty text"),
        (b"", "", "an empty text"),
        (b"\x00" * 9, "", "NUL bytes"),
        (b'{"value": [', "", "text that is no whole JSON"),
        (b"[" * 100_000, "", "text that is no whole JSON"),
        (b"upstream connect error", "", "text that is no whole JSON"),
        (b"[]", "", "a JSON list"),
        (b"{}", "", "a JSON object that holds nothing of what is due"),
        (b'"ok"', "", "a single JSON value"),
    ],
)  # fmt: skip
def test_what_an_answer_is_in_a_few_words(body, kind, told):
    assert described(answer(body, kind)).replace("  ", " ") == told


def test_the_line_names_the_address_without_its_query():
    line = foreign(answer(b"", status=407), "api_root")
    assert line == f"https://api.test/v1/things answered HTTP 407 with an empty text; check api_root, {CALLED}"


def standing():
    accounts = [Account("ada@x.example"), Account("admin@g.example", kind="workspace", roles=("_SEED_ADMIN_ROLE",))]
    accounts += [Account("pia@g.example", kind="workspace")]
    return Standing(accounts, groups=[Group("team@x.example", "Team", ["ada@x.example"])],
                    gmail={"pia@g.example": [("admin@g.example", "accepted")]})  # fmt: skip


@pytest.fixture(scope="module")
def office365():
    with Office365(standing=standing()) as running:
        yield running


@pytest.fixture(scope="module")
def workspace():
    with Workspace([], standing=standing()) as running:
        yield running


@pytest.fixture
def service(request, office365, workspace):
    """Whose endpoint goes wrong; afterwards nothing does."""
    made = workspace if request.param in GOOGLE else office365
    made.endpoint = request.param
    yield made
    made.faults.__init__()
    assert made.unknown == []


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    for name in ("Http", "GmailSweep", "GoogleDirectorySweep"):
        monkeypatch.setattr(inventory, name, partial(getattr(inventory, name), sleep=lambda seconds: None))


GOOGLE = ("google/token", "directory/users", "gmail/batch", "reports/list")
services = pytest.mark.parametrize("service", [*TOKENS, "exchange/invoke", "graph/users", "directory/users"],
                                   indirect=True)  # fmt: skip


def input_of(service):
    """(provider, settings, secret) of its account."""
    if hasattr(service, "key_file"):
        known = {"subject": service.subject, "customer": service.customer, "api_root": service.uri}
        known.update(cloud="custom", ca_file=str(service.ca_file))
        return "workspace", known, json.dumps(service.key_file())
    known = dict(service.roots)
    known.update(tenant=service.tenant, client_id=service.client_id, ca_file=str(service.ca_file))
    return "o365", {"cloud": "custom", **known}, service.secret


def address_of(service):
    """Where the endpoint is that goes wrong."""
    names = {"activity": "api_root", "graph": "graph_root", "exchange": "exchange_root"}
    return getattr(service, names.get(service.endpoint.split("/")[0], "uri"))


def refused(work, *args):
    with pytest.raises(SourceError) as caught:
        work(*args)
    return str(caught.value)


def swept(service):
    """What a run of the inventory tells: errors that ended a sweep, and what the closing events name."""
    provider, settings, secret = input_of(service)
    stanza = read_inventory_stanza({"provider": provider, "account": "hq"})
    told = []
    for feed in sweeps_of(stanza, read_account("hq", settings, provider), secret, "delegation_inventory://x"):
        try:
            events = [json.loads(one.raw) for one in feed.reader.read({}, 0, time.time()) if isinstance(one, Event)]
            told += [one["why"] for key in ("failed", "failed_kinds") for one in events[-1][key]]
        except SourceError as error:
            told.append(str(error))
    return told


@services
@pytest.mark.parametrize(("word", "said"), [("html", PORTAL), ("nothing", NOTHING)])
def test_an_inventory_is_not_saved_and_does_not_run_without_a_word(service, word, said):
    service.faults.plan = [Rule(service.endpoint, word)]
    provider, settings, secret = input_of(service)
    account = read_account("hq", settings, provider)
    line = refused(try_out, read_inventory_stanza({"provider": provider, "account": "hq"}), account, secret)
    told = swept(service)
    for text in (line, *(one for one in told if "answered" in one)):
        assert address_of(service) + "/" in text
        assert said in text
        assert CALLED in text
        assert "\n" not in text
        assert secret not in text
    assert [one for one in told if said in one]


@pytest.mark.parametrize("service", ["gmail/batch"], indirect=True)
def test_a_page_in_place_of_a_batch_is_told_of_each_mailbox(service):
    service.faults.plan = [Rule("gmail/batch", "html")]
    told = swept(service)
    assert len(told) == 2
    assert all(f"no answer of Gmail: {service.uri}/batch/gmail/v1 {PORTAL}" in one for one in told)


@pytest.mark.parametrize("service", [*TOKENS, "activity/list", "reports/list"], indirect=True)
@pytest.mark.parametrize("word", ["html", "turned"])
def test_a_feed_is_not_saved(service, word):
    service.faults.plan = [Rule(service.endpoint, word)]
    provider, settings, secret = input_of(service)
    given = {"provider": provider, "account": "hq",
             "content_types": "admin" if provider == "workspace" else "Audit.Exchange"}  # fmt: skip
    line = refused(try_feed, read_stanza(given), read_account("hq", settings, provider), secret)
    where = "token_uri in the key file" if service.endpoint == "google/token" else "the account's cloud"
    if word == "turned" and service.endpoint == "activity/list":
        assert line.endswith("no list where a list is due")
    else:
        assert (PORTAL if word == "html" else "HTTP 200 with a JSON list; check ") + where in line


@pytest.mark.parametrize("service", ["entra/token"], indirect=True)
def test_a_token_endpoint_that_is_out_ends_no_sweep_as_failed(service):
    service.faults.plan = [Rule("entra/token", "503:0")]
    provider, settings, secret = input_of(service)
    stanza = read_inventory_stanza({"provider": provider, "account": "hq"})
    for feed in sweeps_of(stanza, read_account("hq", settings, provider), secret, "delegation_inventory://x"):
        items = []
        with pytest.raises(SourceError):
            items.extend(feed.reader.read({}, 0, time.time()))
        assert items == []
