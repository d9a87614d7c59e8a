"""An answer that trickles: given up like a broken connection, while a slow link and a long pause are waited for."""

import io
import json
import time

import pytest
from delegation_watch.sources.activity_api import ActivityApi
from delegation_watch.sources.errors import UnreachableError
from delegation_watch.sources.feed import Tally
from delegation_watch.sources.http import Http, Patience, origin
from delegation_watch.sources.office365 import Office365Feed
from delegation_watch.sources.trickle import TrickleError, Watched

from tests.bin.sources.ground import token_at
from tests.bin.sources.vendor import drained
from workbench.tenants import Office365, Rule
from workbench.tenants.bulk import Bulk

HASTY = Patience(least=200, span=1.0, network_tries=2)
SECOND_BLOB = 1


class Pieces(io.RawIOBase):
    """A connection that brings so many bytes after so many seconds each; `clock` is its time."""

    def __init__(self, *pieces):
        self._pieces = list(pieces)
        self.now = 1000.0

    def readable(self):
        return True

    def readinto(self, into):
        if not self._pieces:
            return 0
        seconds, count = self._pieces.pop(0)
        self.now += seconds
        into[:count] = b"x" * count
        return count

    def clock(self):
        return self.now


def read(*pieces):
    """How many bytes come through where 100 are due each 10 seconds."""
    given = Pieces(*pieces)
    with io.BufferedReader(Watched(given, 100, 10, given.clock)) as watched:
        return len(watched.read())


@pytest.mark.parametrize(
    "pieces",
    [
        [(119, 1), (1, 5)],
        [(0, 1), (9.9, 5)],
        [(0, 1)] + [(0.1, 1)] * 500,
        [(0, 1000), (119, 1000), (119, 1000)],
        [(0, 100), (10, 100), (10, 100)],
        [(1, 7)] * 10,
    ],
    ids=["a service that thinks", "a short pause", "a slow link", "pauses between much", "just enough", "a short one"],
)
def test_what_takes_its_time_is_waited_for(pieces):
    assert read(*pieces) == sum(count for _, count in pieces)


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([(0, 1)] + [(9, 1)] * 50, "2 of at least 100 bytes in 18 seconds"),
        ([(0, 1)] + [(119, 1)] * 50, "1 of at least 100 bytes in 119 seconds"),
        ([(0, 5000), (10, 5000)] + [(5, 1)] * 50, "2 of at least 100 bytes in 10 seconds"),
    ],
    ids=["by the byte", "a byte for each patience", "later on"],
)
def test_what_trickles_is_given_up(pieces, said):
    with pytest.raises(TrickleError, match=said):
        read(*pieces)


@pytest.fixture
def bulk():
    return Bulk(30, end=time.time() - 60, days=0.1, per_blob=10)


@pytest.fixture
def tenant(bulk):
    with Office365(bulk, subscribed=["Audit.Exchange"]) as running:
        yield running


def test_a_service_that_answers_by_the_byte_is_called_again_and_then_named(tenant):
    url = f"{tenant.uri}/{tenant.tenant}/v2.0/.well-known/openid-configuration"
    tenant.faults.plan = [Rule("entra/discovery", "slow:0.02", calls=1)]
    http = Http(verify=str(tenant.ca_file), sleep=lambda seconds: None, patience=HASTY)
    assert http.call("GET", url, origin(url)).json()["token_endpoint"]
    assert len(tenant.requests) == 2
    tenant.faults.plan = [Rule("entra/discovery", "slow:0.02")]
    said = r"^cannot reach 127\.0\.0\.1:\d+: its answer trickles, \d+ of at least 200 bytes in \d+ seconds$"
    with pytest.raises(UnreachableError, match=said):
        http.call("GET", url, origin(url))
    assert len(tenant.requests) == 4
    http.session.close()


def test_a_blob_that_trickles_keeps_none_of_the_others_back(tenant, bulk):
    patient = Http(verify=str(tenant.ca_file), sleep=lambda seconds: None, patience=HASTY)
    token = token_at(patient, tenant, tenant.api_root)
    api = ActivityApi(patient, tenant.api_root, tenant.tenant, token)
    api.start("Audit.Exchange")
    trickling = bulk.blobs[SECOND_BLOB]
    tenant.faults.plan = [Rule("activity/blob", "slow:0.02", key=f"*{trickling.content_id}*")]
    tally, now = Tally(), time.time()
    events, state = drained(Office365Feed(api, "Audit.Exchange", 2, tally).read({}, now - 86400, now))
    kept = {bulk.identity(number) for blob in bulk.blobs if blob is not trickling for number in blob.numbers}
    assert {json.loads(text)["Id"] for text in events} == kept
    [failed] = tally.failed
    assert trickling.content_id in failed
    assert "its answer trickles" in failed
    tenant.faults.plan = []
    events, _ = drained(Office365Feed(api, "Audit.Exchange", 2, Tally()).read(state, now - 86400, now), state)
    assert {json.loads(text)["Id"] for text in events} == set(bulk.identities()) - kept
    patient.session.close()
