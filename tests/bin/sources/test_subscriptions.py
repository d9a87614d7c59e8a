"""Subscriptions: what is missing is started, once; what cannot be started keeps nothing else back."""

import pytest
from delegation_watch.sources.activity_api import ActivityApi
from delegation_watch.sources.errors import RefusedError
from delegation_watch.sources.health import Tally
from delegation_watch.sources.http import Http
from delegation_watch.sources.office365 import ensure_subscriptions

from tests.bin.sources.ground import token_at
from tests.bin.sources.vendor import LIST, NOW, START, TENANT, Answer, refusal
from workbench.tenants import Faults, Office365

BOTH = ("Audit.Exchange", "Audit.General")
TOO_OFTEN = "Too many frequent subscription start requests. Please retry again after 14m 56s."


def started(collector):
    return [call.query["contentType"] for call in collector.vendor.to(START)]


def given(collector, *entries):
    collector.vendor.on("GET", LIST, Answer(list(entries)))
    collector.vendor.on("POST", START, Answer({"status": "enabled"}))


def test_what_is_enabled_is_not_started_again(collector):
    given(collector, *({"contentType": name, "status": "enabled", "webhook": None} for name in BOTH))
    assert collector.subscribe(*BOTH) == list(BOTH)
    assert started(collector) == []
    assert collector.tally.warnings == []


def test_an_element_without_a_status_counts_as_enabled(collector):
    given(collector, {"contentType": "Audit.Exchange", "webhook": None}, {"contentType": "Audit.General"})
    collector.subscribe(*BOTH)
    assert started(collector) == []


def test_only_what_is_missing_or_disabled_is_started_and_the_person_told(collector):
    given(collector, {"contentType": "Audit.Exchange", "status": "disabled"}, {"contentType": "DLP.All"})
    assert collector.subscribe("DLP.All", *BOTH) == ["DLP.All", *BOTH]
    assert started(collector) == list(BOTH)
    disabled, missing = collector.tally.warnings
    assert "Audit.Exchange: the subscription was disabled and is started" in disabled
    assert "Audit.General: the subscription was missing and is started" in missing


def test_odd_elements_of_the_list_do_no_harm(collector):
    given(collector, None, "x", {}, {"contentType": "Audit.Exchange", "status": "Enabled"})
    collector.subscribe("Audit.Exchange")
    assert started(collector) == []


def test_a_list_that_is_none_starts_nothing(collector):
    collector.vendor.on("GET", LIST, Answer({"Message": "something else"}))
    with pytest.raises(RefusedError, match="something else"):
        collector.subscribe("Audit.Exchange")
    assert started(collector) == []


@pytest.mark.parametrize(
    "too_soon", [refusal("AF429", 429, TOO_OFTEN), refusal("429", 403, TOO_OFTEN)], ids=["429", "403"]
)
def test_a_start_too_soon_after_another_waits_for_the_next_run_and_keeps_nothing_back(collector, too_soon):
    given(collector)
    collector.vendor.on("POST", START, Answer({}), too_soon)
    assert collector.subscribe(*BOTH) == ["Audit.Exchange"]
    assert collector.slept == []
    assert collector.tally.failed == []
    assert "Audit.General: the subscription was missing" in collector.tally.warnings[1]
    assert "a later run starts it" in collector.tally.warnings[1]


@pytest.mark.parametrize("refused", [(429, "AF429"), (403, "429")])
def test_two_types_that_are_off_are_started_a_quarter_of_an_hour_apart(refused):
    now = [NOW]
    with Office365(clock=lambda: now[0], faults=Faults(start_refusal=refused)) as tenant:
        http = Http(verify=str(tenant.ca_file), sleep=lambda seconds: None)
        api = ActivityApi(http, tenant.api_root, tenant.tenant, token_at(http, tenant, tenant.api_root, lambda: now[0]))
        for seconds, enabled in ((0, BOTH[:1]), (300, BOTH[:1]), (600, BOTH)):
            now[0] += seconds
            tally = Tally()
            assert tuple(ensure_subscriptions(api, dict.fromkeys(BOTH, tally))) == enabled
            assert tally.failed == []
        assert tenant.subscriptions == dict.fromkeys(BOTH, "enabled")
        assert tenant.fired["start_interval"] == 2
        http.session.close()


def test_a_type_that_may_not_be_read_keeps_the_others_not_back(collector):
    given(collector)
    collector.vendor.on("POST", START, refusal("AF10001", 403), Answer({}))
    assert collector.subscribe("DLP.All", "Audit.Exchange") == ["Audit.Exchange"]
    [line] = collector.tally.failed
    assert line.startswith("DLP.All: ")


def test_a_start_survives_a_fault_of_the_server(collector):
    given(collector)
    collector.vendor.on("POST", START, refusal("AF50000", 500), Answer({}))
    assert collector.subscribe("Audit.Exchange") == ["Audit.Exchange"]
    assert len(collector.slept) == 1


def test_start_names_the_publisher_and_sends_no_body(collector):
    given(collector)
    collector.subscribe("Audit.Exchange")
    [call] = collector.vendor.to(START)
    assert call.query == {"contentType": "Audit.Exchange", "PublisherIdentifier": TENANT}
    assert call.body == ""
