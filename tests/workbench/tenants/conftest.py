"""A clock to turn, small sets of records, and clients that speak to the stand-ins as a collector would."""

import json
from datetime import datetime, timezone

import msal
import pytest
import requests

from workbench.tenants import Office365, Organisation, Record, Workspace

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc).timestamp()
HOUR = 3600


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now


class Feed:
    """The Management Activity API through an authorised session; answers are requests' own."""

    def __init__(self, tenant, token):
        self.uri = tenant.api_root
        self._root = f"{self.uri}/api/v1.0/{tenant.tenant}/activity/feed/"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(tenant.ca_file)
        self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path, **query):
        return self._session.get(path if "://" in path else self._root + path, params=query)

    def post(self, path, **query):
        return self._session.post(self._root + path, params=query)

    def content(self, **query):
        return self.get("subscriptions/content", contentType="Audit.Exchange", **query)

    def close(self):
        self._session.close()


@pytest.fixture
def clock():
    return Clock()


def exchange_record(number, hours_ago):
    return Record(NOW - hours_ago * HOUR, "Audit.Exchange", {"Id": f"record-{number}", "Operation": "Send"})


def six_records():
    return [exchange_record(number, 2 + number / 2) for number in range(6)]


@pytest.fixture
def records():
    """Six Exchange records, one each half hour back from two hours ago: six blobs."""
    return six_records()


def sign_in(tenant, secret=None, client_id=None, authority=None):
    """msal's own client, as the input uses it."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(tenant.ca_file)
        application = msal.ConfidentialClientApplication(
            client_id or tenant.client_id,
            client_credential=secret or tenant.secret,
            authority=authority or f"{tenant.uri}/{tenant.tenant}",
            instance_discovery=False,
            http_client=session,
        )
        return application.acquire_token_for_client([f"{tenant.api_root}/.default"])


def token_of(tenant, api=None):
    """A token without msal's discovery: for the API at that address, by itself for the audit feed."""
    form = {"grant_type": "client_credentials", "client_id": tenant.client_id, "client_secret": tenant.secret}
    form["scope"] = f"{api or tenant.api_root}/.default"
    return post_form(tenant, f"{tenant.uri}/{tenant.tenant}/oauth2/v2.0/token", form).json()["access_token"]


@pytest.fixture
def tenant(records, clock):
    """Office 365 with those records, published after one minute, Audit.Exchange subscribed."""
    with Office365(records, clock=clock, lag=lambda record: 60) as running:
        running.subscriptions["Audit.Exchange"] = "enabled"
        yield running


@pytest.fixture
def feed(tenant):
    client = Feed(tenant, token_of(tenant))
    yield client
    client.close()


@pytest.fixture(scope="session")
def still_tenant():
    """A tenant of the same records that no test changes."""
    with Office365(six_records(), clock=Clock(), lag=lambda record: 60) as running:
        running.subscriptions["Audit.Exchange"] = "enabled"
        yield running


@pytest.fixture(scope="session")
def still_feed(still_tenant):
    """Its feed."""
    client = Feed(still_tenant, token_of(still_tenant))
    yield client
    client.close()


@pytest.fixture(scope="session")
def organisation():
    return Organisation(7, datetime(2026, 11, 20, 12, 0))


def activity(number, minutes_ago, application="admin"):
    moment = NOW - minutes_ago * 60
    stamp = datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    identity = {"time": stamp, "uniqueQualifier": str(number), "applicationName": application}
    return Record(moment, f"workspace:{application}", {"id": identity, "events": [{"name": "CREATE_USER"}]})


def five_activities():
    return [activity(number, 60 + 10 * number) for number in range(5)]


@pytest.fixture
def customer(clock):
    """Workspace with five admin activities, one each ten minutes back from an hour ago."""
    with Workspace(five_activities(), clock=clock) as running:
        yield running


@pytest.fixture(scope="session")
def still_customer():
    """The same; no test changes it."""
    with Workspace(five_activities(), clock=Clock()) as running:
        yield running


def claims_of(customer, key, **changes):
    claims = {
        "iss": key["client_email"],
        "sub": customer.subject,
        "scope": "https://www.googleapis.com/auth/admin.reports.audit.readonly",
        "aud": key["token_uri"],
        "iat": int(NOW),
        "exp": int(NOW) + 3600,
    }
    claims.update(changes)
    return claims


def post_form(customer, url, form):
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url, data=form, verify=str(customer.ca_file))



def as_json(path):
    return json.loads(path.read_text(encoding="utf-8-sig"))


def bodies(organisation, operation, **wanted):
    found = [record.body for record in organisation.records if record.body.get("Operation") == operation]
    return [body for body in found if all(body.get(name) == value for name, value in wanted.items())]


def parameters(body):
    return {entry["Name"]: entry["Value"] for entry in body["Parameters"]}
