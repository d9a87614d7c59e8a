"""One connection to splunkd for many requests, made anew when splunkd closed it."""

import threading

import pytest
from delegation_watch.splunk import line as module
from delegation_watch.splunk.checkpoints import COLLECTION
from delegation_watch.splunk.session import connect


@pytest.fixture
def made(monkeypatch):
    """The connections made since."""
    connections = []
    make = module._connect
    monkeypatch.setattr(module, "_connect", lambda url: connections.append(make(url)) or connections[-1])
    yield connections
    for connection in connections:
        connection.close()


def test_requests_share_a_connection_and_threads_do_not(service, made):
    data = service.kvstore[COLLECTION].data
    for _ in range(5):
        data.query(query="{}", limit=1)
    assert len(made) == 1
    thread = threading.Thread(target=lambda: data.query(query="{}", limit=1))
    thread.start()
    thread.join()
    assert len(made) == 2


def test_a_connection_that_splunkd_has_closed_is_made_anew(service, made):
    data = service.kvstore[COLLECTION].data
    data.query(query="{}", limit=1)
    for number in range(2):
        made[number].sock.shutdown(2)
        assert data.query(query="{}", limit=1) is not None
    assert len(made) == 3


def test_a_refusal_leaves_the_connection_in_order(service, made):
    data = service.kvstore[COLLECTION].data
    for _ in range(3):
        with pytest.raises(Exception, match="404"):
            data.query_by_id("nobody")
        assert data.query(query="{}", limit=1) is not None
    assert len(made) == 1


def test_a_session_of_another_splunkd_is_another_connection(splunkd, made):
    one, other = (connect({"server_uri": splunkd.uri, "session_key": splunkd.session_key}) for _ in range(2))
    one.kvstore[COLLECTION].data.query(query="{}", limit=1)
    other.kvstore[COLLECTION].data.query(query="{}", limit=1)
    assert len(made) == 2
