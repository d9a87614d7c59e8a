"""Checkpoints in the KV store and accounts in their conf: each input's own, and clear words where there are none."""

import json

import pytest
from delegation_watch.splunk.checkpoints import COLLECTION, Checkpoints
from delegation_watch.splunk.session import SplunkError, account_settings, connect

STATE = {"until": 1795176000.25, "seen": {"a": 1.5, "é": 2}, "first": 0}


def test_a_state_comes_out_as_it_went_in_and_the_last_one_counts(service):
    checkpoints = Checkpoints(service, "delegation_audit://one")
    checkpoints.store("Audit.Exchange", {"until": 1})
    checkpoints.store("Audit.Exchange", STATE)
    assert checkpoints.load("Audit.Exchange") == STATE
    assert Checkpoints(service, "delegation_audit://one").load("Audit.Exchange") == STATE


def test_what_was_never_stored_is_empty(service):
    assert Checkpoints(service, "delegation_audit://new").load("Audit.Exchange") == {}


def test_each_feed_of_each_input_has_its_own(splunkd, service):
    for stanza in ("a", "b"):
        for feed in ("admin", "login"):
            Checkpoints(service, stanza).store(feed, {"is": stanza + feed})
    for stanza in ("a", "b"):
        for feed in ("admin", "login"):
            assert Checkpoints(service, stanza).load(feed) == {"is": stanza + feed}
    keys = [document["_key"] for document in splunkd.kvstore.collection(COLLECTION).query()]
    assert len(keys) == len(set(keys))


def test_a_state_of_some_megabytes_fits(service):
    state = {"until": 1, "seen": {f"{number:024x}": 1795176000.123 for number in range(50_000)}}
    checkpoints = Checkpoints(service, "delegation_audit://large")
    checkpoints.store("token", state)
    assert checkpoints.load("token") == state


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "null"])
def test_a_state_that_is_damaged_is_told_and_never_taken_for_a_first_run(splunkd, service, text):
    checkpoints = Checkpoints(service, "delegation_audit://damaged")
    checkpoints.store("admin", {"until": 1})
    [key] = [document["_key"] for document in splunkd.kvstore.collection(COLLECTION).query()
             if "damaged" in document["_key"]]  # fmt: skip
    service.kvstore[COLLECTION].data.update(key, json.dumps({"state": text, "updated": 1}))
    with pytest.raises(SplunkError, match=r"checkpoint .*admin.* cannot be read; remove"):
        checkpoints.load("admin")


def test_a_session_that_splunkd_does_not_know_is_one_line(splunkd):
    stranger = connect({"server_uri": splunkd.uri, "session_key": "nobody"})
    with pytest.raises(SplunkError, match=r"^the KV store does not answer \([^\n]+\)"):
        Checkpoints(stranger, "x").load("admin")
    with pytest.raises(SplunkError, match=r"^cannot read delegation_watch_accounts\.conf: [^\n]+$"):
        account_settings(stranger, "hq")


def test_an_account_is_read_from_the_apps_conf(splunkd, service):
    splunkd.conf.update("delegation_watch_accounts", "hq", {"provider": "o365", "tenant": "t"})
    settings = account_settings(service, "hq")
    assert (settings["provider"], settings["tenant"]) == ("o365", "t")


@pytest.mark.parametrize("name", ["nobody", "no/body", "no body", "é"])
def test_an_account_that_is_not_there_is_named(service, name):
    with pytest.raises(SplunkError, match=f"there is no account {name}; set it up in delegation_watch_accounts.conf"):
        account_settings(service, name)


# the memory of a feed, in segments of their own


def segments(splunkd, stanza):
    documents = splunkd.kvstore.collection(COLLECTION).query({"feed": f"{stanza}|Audit.Exchange|memory"})
    return sorted(int(document["number"]) for document in documents)


def remembering(first, **segments):
    return {"until": 1, "memory": {"key": "ab", "first": first, "segments": segments}}


def test_segments_add_up_from_checkpoint_to_checkpoint(service):
    checkpoints = Checkpoints(service, "delegation_audit://memory")
    for number in range(0, 250, 5):
        checkpoints.store("Audit.Exchange", remembering(0, **{str(number + more): "AAAA" for more in range(5)}))
    checkpoints.store("Audit.Exchange", remembering(0, **{"249": "BBBB"}))
    state = Checkpoints(service, "delegation_audit://memory").load("Audit.Exchange")
    kept = state["memory"].pop("segments")
    assert state == {"until": 1, "memory": {"key": "ab", "first": 0}}
    assert kept == {**{str(number): "AAAA" for number in range(249)}, "249": "BBBB"}


def test_segments_that_are_of_no_use_any_more_are_removed_also_by_a_later_run(splunkd, service):
    stanza = "delegation_audit://forgetful"
    Checkpoints(service, stanza).store("Audit.Exchange", remembering(0, **{str(n): "AAAA" for n in range(6)}))
    checkpoints = Checkpoints(service, stanza)
    checkpoints.load("Audit.Exchange")
    checkpoints.store("Audit.Exchange", remembering(4, **{"6": "AAAA"}))
    assert segments(splunkd, stanza) == [4, 5, 6]


def test_a_segment_whose_state_was_not_stored_any_more_counts_all_the_same(splunkd, service):
    """Its events are out: a run was killed between the two."""
    stanza = "delegation_audit://killed"
    checkpoints = Checkpoints(service, stanza)
    checkpoints.store("Audit.Exchange", remembering(0, **{"0": "AAAA"}))
    key = f"{stanza}|Audit.Exchange|memory"
    splunkd.kvstore.collection(COLLECTION).insert({"_key": f"{key}|1", "feed": key, "number": 1, "digests": "BBBB"})
    assert checkpoints.load("Audit.Exchange")["memory"]["segments"] == {"0": "AAAA", "1": "BBBB"}


def test_segments_of_what_a_state_no_longer_has_are_removed_and_those_of_others_stay(splunkd, service):
    stanza = "delegation_inventory://ended"
    Checkpoints(service, stanza).store("Audit.Exchange", remembering(0, **{"0": "AAAA", "1": "AAAA"}))
    Checkpoints(service, stanza).store("other", remembering(0, **{"0": "AAAA"}))
    checkpoints = Checkpoints(service, stanza)
    checkpoints.load("Audit.Exchange")
    checkpoints.load("other")
    checkpoints.store("Audit.Exchange", {})
    assert segments(splunkd, stanza) == []
    assert checkpoints.load("other")["memory"]["segments"] == {"0": "AAAA"}


def test_the_segments_of_one_feed_are_no_others(service):
    for stanza in ("a", "a|b"):
        Checkpoints(service, stanza).store("b|admin", remembering(0, **{"0": stanza}))
    assert Checkpoints(service, "a").load("b|admin")["memory"]["segments"] == {"0": "a"}
