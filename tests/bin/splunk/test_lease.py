"""One collector at a time: who holds the lease, who leaves, and who takes over from a dead one."""

import json
import os
import subprocess
import sys
import threading
import time
import uuid

import pytest
from delegation_watch.splunk import lease as module
from delegation_watch.splunk.lease import COLLECTION, Lease, TakenError
from delegation_watch.splunk.session import SplunkError

QUICK = {"beat": 0.05, "life": 1.0, "look": 0.02}


@pytest.fixture
def stanza():
    """A name that no other test uses."""
    return f"delegation_audit://{uuid.uuid4().hex[:8]}"


@pytest.fixture
def held(splunkd, stanza):
    """The lease's document, None when there is none."""

    def read():
        documents = splunkd.kvstore.collection(COLLECTION).query({"_key": stanza})
        return documents[0] if documents else None

    return read


def leave_behind(service, stanza, **changes):
    """A lease whose holder does not count any more."""
    document = {"_key": stanza, "holder": "other", "host": "other", "machine": "other", "pid": 1, "count": 7, **changes}
    service.kvstore[COLLECTION].data.insert(json.dumps(document))


def test_it_is_taken_counted_up_and_given_back(service, stanza, held, wait_for):
    with Lease(service, stanza, **QUICK) as lease:
        first = held()
        assert first["pid"] == os.getpid()
        wait_for(lambda: held()["count"] > first["count"] + 1)
        lease.check()
    assert held() is None
    with Lease(service, stanza, **QUICK):
        pass


def test_it_is_given_back_though_it_is_just_being_counted_up(service, stanza, held, monkeypatch):
    lease = Lease(service, stanza, **QUICK)
    save, writing = lease._data.batch_save, threading.Event()

    def slowly(document):
        writing.set()
        time.sleep(0.3)
        return save(document)

    monkeypatch.setattr(lease._data, "batch_save", slowly)
    with lease:
        assert writing.wait(60)
    time.sleep(0.5)
    assert held() is None


def test_it_is_given_back_also_when_the_run_fails(service, stanza, held):
    with pytest.raises(ZeroDivisionError), Lease(service, stanza, **QUICK):
        raise ZeroDivisionError
    assert held() is None


def test_a_second_collector_says_who_the_first_is_and_leaves(service, stanza, held):
    with Lease(service, stanza, **{**QUICK, "life": 60}):
        holder = held()["holder"]
        told = f"another process collects this input: {os.getpid()} on "
        with pytest.raises(TakenError, match=told), Lease(service, stanza, **{**QUICK, "life": 60}):
            pass
        assert held()["holder"] == holder


def test_a_kv_store_that_is_still_starting_is_waited_for(service, splunkd, stanza, held):
    splunkd.kvstore.ready = False
    threading.Timer(0.5, lambda: setattr(splunkd.kvstore, "ready", True)).start()
    with Lease(service, stanza, **QUICK):
        assert held()["pid"] == os.getpid()


def test_a_kv_store_that_never_starts_is_named(service, splunkd, stanza, monkeypatch):
    monkeypatch.setattr(splunkd.kvstore, "ready", False)
    said = r"the KV store does not answer \(HTTP 503 .*initializing.*\); it must be enabled on this host"
    with pytest.raises(SplunkError, match=said), Lease(service, stanza, away=0.3, look=0.05):
        pass


def test_a_lease_that_was_made_though_the_answer_did_not_arrive_is_had_at_once(service, stanza, held, monkeypatch):
    slept = []
    lease = Lease(service, stanza, life=1, look=0.02, sleep=slept.append)
    insert = lease._data.insert

    def made(document):
        monkeypatch.undo()
        insert(document)
        raise ConnectionResetError("no answer")

    monkeypatch.setattr(lease._data, "insert", made)
    with lease:
        assert (held()["pid"], slept) == (os.getpid(), [0.02])


def test_a_holder_is_watched_from_when_it_is_seen_however_long_the_kv_store_took(service, stanza):
    leave_behind(service, stanza)
    lease = Lease(service, stanza, **QUICK)
    made, begun = lease._made, time.monotonic()

    def late():
        if time.monotonic() - begun < 1.5:
            time.sleep(1.5)
        return made()

    lease._made = late
    with lease:
        assert time.monotonic() - begun >= 2.5


def test_each_input_has_its_own(service, stanza):
    with Lease(service, stanza, **QUICK), Lease(service, stanza + "2", **QUICK):
        pass


@pytest.mark.parametrize("clock", [0, 4e9], ids=["in 1970", "in 2096"])
def test_a_holder_that_stands_still_is_taken_for_dead_whatever_its_clock_said(service, stanza, held, clock):
    leave_behind(service, stanza, updated=clock)
    begun = time.monotonic()
    with Lease(service, stanza, **QUICK):
        assert time.monotonic() - begun >= 1
        assert held()["pid"] == os.getpid()


def test_a_holder_of_this_machine_whose_process_is_gone_is_not_waited_for(service, stanza):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    leave_behind(service, stanza, machine=module._machine(), pid=ended.pid)

    def wait(seconds):
        raise AssertionError("it was waited for")

    with Lease(service, stanza, life=60, sleep=wait):
        pass


@pytest.mark.skipif(not module._machine(), reason="this system does not tell itself from another one")
def test_a_process_of_another_machine_is_never_judged_by_its_number(service, stanza):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    leave_behind(service, stanza, pid=ended.pid)
    begun = time.monotonic()
    with Lease(service, stanza, **QUICK):
        assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("before", ["nobody", "a dead holder"])
def test_of_many_that_start_at_once_one_gets_it(service, stanza, wait_for, before):
    if before != "nobody":
        leave_behind(service, stanza)
    life = 60 if before == "nobody" else 5
    got, left, together = [], [], threading.Barrier(6)

    def start():
        together.wait()
        try:
            with Lease(service, stanza, **{**QUICK, "life": life}):
                got.append(1)
                wait_for(lambda: len(got) + len(left) == 6)
        except TakenError:
            left.append(1)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(left)) == (1, 5)


def test_whoever_watches_through_an_outage_gives_the_holder_time_to_count_again(service, splunkd, stanza, held):
    leave_behind(service, stanza)
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds
        splunkd.kvstore.ready = not 10 < now[0] < 120
        if now[0] >= 125:  # five seconds later, as holders do
            service.kvstore[COLLECTION].data.batch_save({**held(), "count": 8})

    lease = Lease(service, stanza, look=2.5, clock=lambda: now[0], sleep=sleep)
    with pytest.raises(TakenError, match="another process collects this input"), lease:
        pass
    assert held()["holder"] == "other"


def test_who_stood_still_for_too_long_finds_the_lease_gone_before_it_stores_a_checkpoint(service, stanza, held):
    now = [0.0]
    with Lease(service, stanza, beat=60, life=1, clock=lambda: now[0]) as lease:
        service.kvstore[COLLECTION].data.batch_save({**held(), "holder": "other"})
        lease.check()
        now[0] = 2.0
        with pytest.raises(TakenError, match="another process collects this input now"):
            lease.check()
    assert held()["holder"] == "other"


def test_a_lease_that_somebody_removed_by_hand_is_written_again(service, stanza, held, wait_for):
    with Lease(service, stanza, **QUICK) as lease:
        service.kvstore[COLLECTION].data.delete(query=json.dumps({"_key": stanza}))
        wait_for(held)
        assert held()["pid"] == os.getpid()
        lease.check()
