"""SIGTERM: at once while nothing is half done, else when it is."""

import os
import signal

import pytest
from delegation_watch.splunk.stopping import Stopped, Stopping


@pytest.fixture
def stopping():
    before = signal.getsignal(signal.SIGTERM)
    yield Stopping()
    signal.signal(signal.SIGTERM, before)


def test_a_process_that_waits_ends_at_once(stopping):
    with pytest.raises(Stopped) as caught:
        os.kill(os.getpid(), signal.SIGTERM)
    assert caught.value.code == 143


def test_what_was_begun_is_brought_to_its_end(stopping):
    stopping.begin()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        stopping.end()


def test_nobody_asked_and_nothing_happens(stopping):
    stopping.begin()
    stopping.end()
