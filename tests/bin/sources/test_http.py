"""Calls over the network: what is told of a host that cannot be reached or is not trusted, and whose errors end it."""

import os
import threading

import pytest
import requests
from delegation_watch.sources.errors import RefusedError, SettingsError, UnreachableError
from delegation_watch.sources.http import Http, Token, origin

from tests.bin.sources.vendor import Answer
from workbench.tenants import Office365

URL = "https://manage.test/x"


@pytest.fixture(scope="module")
def tenant():
    with Office365([]) as running:
        yield running


@pytest.fixture
def call():
    """Call an address over a real socket: call(url, verify) -> status."""
    made = []

    def go(url, verify):
        http = Http(verify=verify, sleep=lambda seconds: None)
        made.append(http.session)
        return http.call("GET", url, origin(url)).status_code

    yield go
    for session in made:
        session.close()


def test_a_certificate_of_the_authority_in_ca_file_is_trusted(call, tenant):
    assert call(f"{tenant.uri}/{tenant.tenant}/v2.0/.well-known/openid-configuration", str(tenant.ca_file)) == 200


def test_a_certificate_of_nobody_known_is_refused_at_once(call, tenant):
    with pytest.raises(UnreachableError) as caught:
        call(tenant.uri, True)
    assert "the certificate of 127.0.0.1" in str(caught.value)
    assert "is not trusted" in str(caught.value)
    assert "check ca_file" in str(caught.value)


def test_a_ca_file_that_is_not_there_or_no_certificate_is_named(call, tenant, tmp_path):
    with pytest.raises(SettingsError, match="cannot use the certificates in ca_file"):
        call(tenant.uri, str(tmp_path / "none.pem"))
    (tmp_path / "odd.pem").write_text("-----BEGIN CERTIFICATE-----\nno certificate")
    with pytest.raises((SettingsError, UnreachableError), match="ca_file"):
        call(tenant.uri, str(tmp_path / "odd.pem"))


def test_nothing_but_a_file_of_certificates_is_read_as_one_nor_told_apart(tenant, tmp_path, monkeypatch):
    monkeypatch.chdir(tenant.ca_file.parent)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "big").write_bytes(tenant.ca_file.read_bytes() + b" " * 1_000_000)
    paths = ["/etc/passwd", "/etc/shadow", "/nowhere", "/dev/zero", "/proc/self/environ", "/", "a\0b",
             str(tmp_path / "pipe"), str(tmp_path / "big"), tenant.ca_file.name]  # fmt: skip
    said = set()
    for path in paths:
        with pytest.raises(SettingsError) as caught:
            Http(verify=path)
        said.add(str(caught.value).replace(repr(path), "PATH"))
    assert len(said) == 1
    assert Http(verify=str(tenant.ca_file))


def test_a_port_where_nobody_listens_is_one_short_line(call):
    with pytest.raises(UnreachableError, match=r"^cannot reach 127\.0\.0\.1:9: [^<]*Connection refused$"):
        call("https://127.0.0.1:9", True)


def test_a_connection_that_ends_in_the_middle_of_tls_is_tried_again(collector):
    ended = requests.exceptions.SSLError("EOF occurred in violation of protocol (_ssl.c:2396)")
    collector.vendor.on("GET", URL, ended, ended, Answer("ok"))
    assert collector.http.call("GET", URL, origin(URL)).text == "ok"
    collector.vendor.on("GET", URL, ended)
    with pytest.raises(UnreachableError, match=r"manage\.test"):
        collector.http.call("GET", URL, origin(URL))


def test_an_answer_shorter_than_was_announced_is_tried_again(collector):
    short, whole = Answer("[1, 2", 200, {"Content-Length": "6"}), Answer("[1, 2]", 200, {"Content-Length": "6"})
    collector.vendor.on("GET", URL, short, whole)
    assert collector.http.call("GET", URL, origin(URL)).text == "[1, 2]"
    collector.vendor.on("GET", URL, short)
    with pytest.raises(UnreachableError, match=r"cannot reach manage\.test: it broke off in the middle of its answer"):
        collector.http.call("GET", URL, origin(URL))


def test_an_address_beside_the_one_agreed_on_is_not_called(collector):
    with pytest.raises(RefusedError, match="refused to call"):
        collector.http.call("GET", URL, origin("https://manage.test:8443"))
    assert collector.vendor.calls == []


def test_a_netrc_file_does_not_take_the_tokens_place(collector, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    collector.vendor.on("GET", URL, Answer("ok"))
    collector.http.call("GET", URL, origin(URL), headers={"Authorization": "Bearer t"})
    assert collector.vendor.calls[0].headers["Authorization"] == "Bearer t"


def test_redirects_are_refused_whatever_they_ask_for(collector):
    for status in (300, 301, 302, 303, 304, 307, 308):
        collector.vendor.on("GET", URL, Answer("", status, {"Location": URL + "y"}))
        with pytest.raises(RefusedError, match="redirect"):
            collector.http.call("GET", URL, origin(URL))
    assert {call.url for call in collector.vendor.calls} == {URL}


def test_a_token_is_fetched_once_for_all_threads():
    fetched = []
    barrier = threading.Barrier(8)

    def fetch():
        fetched.append(1)
        return f"t{len(fetched)}", 3600.0

    token = Token(fetch, clock=lambda: 0.0)
    got = []

    def use():
        barrier.wait()
        got.append(token.get())
        barrier.wait()
        got.append(token.get(stale="t1"))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(got)) == ["t1", "t2"]
    assert len(fetched) == 2


def test_a_token_of_short_life_is_used_more_than_once():
    fetched, now = [], [0.0]

    def fetch():
        fetched.append(1)
        return f"t{len(fetched)}", now[0] + 60

    token = Token(fetch, clock=lambda: now[0])
    assert [token.get() for _ in range(3)] == ["t1", "t1", "t1"]
    now[0] = 59.0
    assert token.get() == "t2"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Manage.Office.com", ("https", "manage.office.com", 443)),
        ("HTTPS://manage.office.com:443/a?b", ("https", "manage.office.com", 443)),
        ("https://[::1]:8443/", ("https", "::1", 8443)),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, expected):
    assert origin(url) == expected


@pytest.mark.parametrize("url", ["", "manage.test", "http://a", "ftp://a", "https://", "https://a:b", "https://a:99999",
                                 "https://u@a", "https://:443", "https://[::1"])  # fmt: skip
def test_what_is_no_https_address_is_refused(url):
    with pytest.raises(SettingsError, match="is no https address"):
        origin(url)
