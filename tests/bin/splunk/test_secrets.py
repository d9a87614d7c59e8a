"""Secrets in storage/passwords: stored in parts, read whole or not at all."""

import json
import uuid

import pytest
from delegation_watch.splunk.secrets import read_secret, write_secret
from delegation_watch.splunk.session import SplunkError, connect

KEY_FILE = json.dumps({"private_key": "-----BEGIN\n" + "A b\n" * 500, "client_email": "é@x"}, indent=2)


@pytest.fixture
def account():
    """A name that no other test uses."""
    return f"account-{uuid.uuid4().hex[:8]}"


def parts(splunkd, account):
    return {name: value for (realm, name), value in splunkd.passwords.items()
            if realm == "delegation_watch" and name.startswith(account + "#")}  # fmt: skip


@pytest.mark.parametrize(
    "secret",
    [
        "s", "x" * 237, "x" * 238, "x" * 239, "y" * 5000, KEY_FILE, "a:b::c", "<&>\"'%+ ;#=é😀", " blanks around ",
        "line\nends\n", "x" * 238 + " " * 300 + "y", "windows\r\nline\rends", "tab\t",
    ],
)  # fmt: skip
def test_a_secret_comes_out_as_it_went_in(service, account, secret):
    write_secret(service, account, secret)
    assert read_secret(service, account) == secret


def test_no_part_is_longer_than_old_splunk_encrypts_and_the_checksum_stands_in_front(splunkd, service, account):
    write_secret(service, account, "x" * 600)
    stored = parts(splunkd, account)
    assert sorted(stored) == [f"{account}#{number}" for number in range(3)]
    assert max(map(len, stored.values())) == 255
    assert stored[f"{account}#0"].index(":") == 16


def test_more_than_ten_parts_stay_in_order(service, account):
    secret = "".join(f"{number:05}" for number in range(800))
    write_secret(service, account, secret)
    assert read_secret(service, account) == secret


@pytest.mark.parametrize(("before", "after"), [(3000, 10), (10, 3000), (600, 610)])
def test_a_secret_takes_the_place_of_the_one_before(splunkd, service, account, before, after):
    write_secret(service, account, "a" * before)
    write_secret(service, account, "b" * after)
    assert read_secret(service, account) == "b" * after
    assert not any("a" * 20 in part for part in parts(splunkd, account).values())


def test_a_secret_stored_for_certain_addresses_is_read_for_these_alone(service, account):
    hq = {"provider": "o365", "cloud": "custom", "authority": "https://login.example"}
    write_secret(service, account, "s3cr3t", hq)
    assert read_secret(service, account, {**hq, "authority": "HTTPS://login.example/ ", "tenant": "any"}) == "s3cr3t"
    for other in ({**hq, "authority": "https://evil.example"}, {**hq, "api_root": "https://evil.example"}, {}, None):
        with pytest.raises(SplunkError, match="the account's addresses have changed since"):
            read_secret(service, account, other)
    write_secret(service, account, "by hand")
    assert read_secret(service, account, hq) == "by hand"


@pytest.mark.parametrize("stopped_after", [1, 2, 3])
def test_a_rotation_that_stopped_half_way_gives_an_error_and_no_mixed_secret(splunkd, service, account, stopped_after):
    write_secret(service, account, "new" * 400)
    new = parts(splunkd, account)
    write_secret(service, account, "old" * 400)
    for number in range(stopped_after):
        splunkd.set_secret("delegation_watch", f"{account}#{number}", new[f"{account}#{number}"])
    with pytest.raises(SplunkError, match=f"the stored secret of account {account} is incomplete, or"):
        read_secret(service, account)


def test_a_part_that_is_missing_or_left_over_gives_an_error(splunkd, service, account):
    write_secret(service, account, "x" * 1000)
    splunkd.set_secret("delegation_watch", f"{account}#9", "left over")
    with pytest.raises(SplunkError, match="incomplete"):
        read_secret(service, account)
    splunkd.passwords.remove(("delegation_watch", f"{account}#9"))
    splunkd.passwords.remove(("delegation_watch", f"{account}#1"))
    with pytest.raises(SplunkError, match="incomplete"):
        read_secret(service, account)


def test_a_part_of_blanks_alone_gives_an_error(splunkd, service, account):
    splunkd.set_secret("delegation_watch", f"{account}#0", "   ")
    with pytest.raises(SplunkError, match=f"account {account}"):
        read_secret(service, account)


def test_an_account_without_a_secret_is_told_so(service, account):
    with pytest.raises(SplunkError, match=f"no secret is stored for account {account}"):
        read_secret(service, account)


def test_secrets_of_other_accounts_and_other_apps_are_not_taken(splunkd, service, account):
    write_secret(service, account, "mine")
    write_secret(service, account + "#2", "of an account of an odd name")
    splunkd.set_secret("another_app", f"{account}#1", "theirs")
    splunkd.set_secret("delegation_watch", f"{account}#x", "odd")
    splunkd.set_secret("delegation_watch", account, "odd")
    assert read_secret(service, account) == "mine"


def test_a_session_that_splunkd_does_not_know_is_one_line(splunkd, account):
    stranger = connect({"server_uri": splunkd.uri, "session_key": "nobody"})
    with pytest.raises(SplunkError, match=r"^cannot read storage/passwords: [^\n]+$"):
        read_secret(stranger, account)
