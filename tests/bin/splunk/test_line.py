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
    whole = module.Line._whole

    def noted(line, answer, body, connection):
        if connection is not None and connection not in connections:
            connections.append(connection)
        return whole(line, answer, body, connection)

    monkeypatch.setattr(module.Line, "_whole", noted)
    return connections


def test_requests_share_a_connection_and_threads_do_not(service, made):
    data = service.kvstore[COLLECTION].data
    for _ in range(5):
        data.query(query="{}", limit=1)
    assert len(made) == 1  # the service is this test's own
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
