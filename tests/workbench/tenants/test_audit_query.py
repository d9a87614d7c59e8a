"""Microsoft Graph's audit log query: made, waited for, read; truncated, failed or absent when told so."""

import pytest

from tests.workbench.tenants.conftest import HOUR, NOW, exchange_record
from tests.workbench.tenants.microsoft import Client, running
from workbench.tenants import Record, Rule
from workbench.tenants.entra import EXCHANGE

PATH = "security/auditLog/queries"
WHOLE = {"filterStartDateTime": "2026-11-19T12:00:00Z", "filterEndDateTime": "2026-11-20T12:00:00Z"}


def cmdlet(number, hours_ago, operation="Add-MailboxPermission", workload="Exchange", record_type=1):
    body = {"Id": f"admin-{number}", "Operation": operation, "RecordType": record_type, "Workload": workload}
    body.update({"UserId": "ada@x.example", "UserType": 2, "ObjectId": "InfoBox", "ClientIP": "192.0.2.1:7"})
    return Record(NOW - hours_ago * HOUR, "Audit.Exchange", body)


RECORDS = [
    cmdlet(0, 1),
    cmdlet(1, 2, "Set-Mailbox"),
    cmdlet(2, 20),
    cmdlet(3, 3, "Add member to role.", "AzureActiveDirectory", 8),
    cmdlet(4, 170 * 24),
    cmdlet(5, 181 * 24),
]


def tenant_of(**more):
    return running(RECORDS, **more)


@pytest.fixture
def tenant():
    with tenant_of() as made:
        yield made


@pytest.fixture
def client(tenant):
    with Client(tenant) as made:
        yield made


def post(client, version="v1.0", **asked):
    return client.session.post(f"{client.tenant.graph_root}/{version}/{PATH}", json=asked)


def made(client, **asked):
    answer = post(client, **{**WHOLE, **asked})
    assert answer.status_code == 201, answer.text
    return answer.json()


def waited(client, number, looks=2):
    return [client.graph(f"{PATH}/{number}").json() for _ in range(looks)]


def found(client, **asked):
    number = made(client, **asked)["id"]
    waited(client, number)
    return [row["id"] for row in client.graph(f"{PATH}/{number}/records").json()["value"]]


# one query


def test_the_queries_that_were_made_are_listed(client, tenant):
    number = made(client)["id"]
    assert [row["id"] for row in client.graph(PATH).json()["value"]] == [number]
    tenant.faults.audit_log_absent = {"v1.0": 404}
    assert client.graph(PATH).status_code == 404


def test_a_query_is_made_waited_for_and_read(client):
    query = made(client, displayName="backfill")
    assert (query["status"], query["displayName"]) == ("notStarted", "backfill")
    assert client.graph(f"{PATH}/{query['id']}/records").json()["value"] == []
    assert [look["status"] for look in waited(client, query["id"])] == ["notStarted", "succeeded"]
    rows = client.graph(f"{PATH}/{query['id']}/records").json()["value"]
    assert [row["id"] for row in rows] == ["admin-0", "admin-1", "admin-2", "admin-3"]


def test_a_record_says_what_it_is_and_bears_the_raw_record(client):
    number = made(client, operationFilters=["Set-Mailbox"])["id"]
    waited(client, number)
    row = client.graph(f"{PATH}/{number}/records").json()["value"][0]
    assert (row["auditLogRecordType"], row["operation"], row["service"]) == ("exchangeAdmin", "Set-Mailbox", "Exchange")
    assert row["createdDateTime"] == "2026-11-20T10:00:00Z"
    data = dict(row["auditData"])
    assert data.pop("@odata.type") == "#microsoft.graph.security.exchangeAdminAuditRecord"
    assert data == RECORDS[1].body


def test_the_raw_record_may_lie_under_dynamic_properties(client, tenant):
    tenant.faults.audit_data = "dynamic"
    number = made(client, operationFilters=["Set-Mailbox"])["id"]
    waited(client, number)
    data = client.graph(f"{PATH}/{number}/records").json()["value"][0]["auditData"]
    assert set(data) == {"@odata.type", "dynamicProperties"}
    inner = {name: value for name, value in data["dynamicProperties"].items() if name[0] != "@"}
    assert inner == RECORDS[1].body


def test_lists_of_a_record_may_have_their_type_beside_them(tenant):
    RECORDS[1].body["Parameters"] = [{"Name": "Identity", "Value": "info"}]
    tenant.faults.audit_data = "annotated"
    with Client(tenant) as client:
        number = made(client, operationFilters=["Set-Mailbox"])["id"]
        waited(client, number)
        data = client.graph(f"{PATH}/{number}/records").json()["value"][0]["auditData"]
    assert data["Parameters@odata.type"] == "#Collection(String)"
    assert {name: value for name, value in data.items() if "@odata." not in name} == RECORDS[1].body


def test_records_come_in_pages(client):
    number = made(client)["id"]
    waited(client, number)
    first = client.graph(f"{PATH}/{number}/records", top=3).json()
    second = client.graph(first["@odata.nextLink"]).json()
    assert len(first["value"]) + len(second["value"]) == 4
    assert "@odata.nextLink" not in second


# filters


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"recordTypeFilters": ["azureActiveDirectory"]}, ["admin-3"]),
        ({"recordTypeFilters": ["ExchangeAdmin"], "operationFilters": ["set-mailbox"]}, ["admin-1"]),
        ({"operationFilters": ["Set-Mailbox", "Add member to role."]}, ["admin-1", "admin-3"]),
        ({"filterStartDateTime": "2026-11-20T10:00:00Z"}, ["admin-0", "admin-1"]),
        ({"filterEndDateTime": "2026-11-20T10:00:00Z"}, ["admin-2", "admin-3"]),
        ({"filterStartDateTime": "2026-11-20T11:00:00+01:00"}, ["admin-0", "admin-1"]),
        ({"serviceFilter": "AzureActiveDirectory"}, ["admin-3"]),
        ({"userPrincipalNameFilters": ["bob@x.example"]}, []),
        ({"keywordFilter": "ROLE"}, ["admin-3"]),
        ({"filterStartDateTime": "2026-01-01T00:00:00Z", "keywordFilter": "admin-4"}, ["admin-4"]),
        ({"filterStartDateTime": "2026-01-01T00:00:00Z", "keywordFilter": "admin-5"}, []),
    ],
)
def test_filters_are_kept_to(client, asked, expected):
    assert found(client, **asked) == expected


def test_what_is_not_published_yet_is_not_found():
    with tenant_of(lag=lambda record: 90 * 60) as tenant, Client(tenant) as client:
        assert "admin-0" not in found(client)


@pytest.mark.parametrize(
    "asked",
    [
        {"colour": "blue"},
        {"filterStartDateTime": "yesterday"},
        {"filterStartDateTime": "2026-11-19T12:00:00"},
        {"filterStartDateTime": "2026-11-19 12:00:00Z"},
        {"filterStartDateTime": "2026-11-19"},
        {"filterStartDateTime": "2026-11-31T12:00:00Z"},
        {"filterStartDateTime": None},
        {"filterStartDateTime": WHOLE["filterEndDateTime"]},
        {"recordTypeFilters": "exchangeAdmin"},
        {"recordTypeFilters": ["exchange"]},
    ],
)
def test_a_query_that_makes_no_sense_is_400(client, asked):
    assert post(client, **{**WHOLE, **asked}).status_code == 400


def test_a_query_that_there_is_not_is_404(client):
    assert client.graph(f"{PATH}/nothing").status_code == 404


# what goes wrong


@pytest.mark.parametrize("outcome", ["failed", "cancelled", "running"])
def test_a_query_may_end_otherwise_or_never(client, tenant, outcome):
    tenant.faults.query_outcome = outcome
    number = made(client)["id"]
    assert waited(client, number, 3)[-1]["status"] == outcome
    assert client.graph(f"{PATH}/{number}/records").json()["value"] == []


def test_a_query_may_take_looks_and_time(client, tenant):
    tenant.faults.query_polls, tenant.faults.query_seconds = 4, 300
    number = made(client)["id"]
    states = [look["status"] for look in waited(client, number, 5)]
    assert states == ["notStarted", "running", "running", "running", "running"]
    tenant.faults.skew = 300
    assert waited(client, number, 1)[0]["status"] == "succeeded"


def test_a_query_may_succeed_although_it_was_cut_off(client, tenant):
    tenant.faults.record_limit = 3
    number = made(client)["id"]
    last = waited(client, number)[-1]
    assert (last["status"], last["isRecordCountLimitExceeded"], last["recordCountLimit"]) == ("succeeded", True, 3)
    assert len(client.graph(f"{PATH}/{number}/records").json()["value"]) == 3
    narrow = made(client, filterStartDateTime="2026-11-20T09:30:00Z")["id"]
    assert waited(client, narrow)[-1]["isRecordCountLimitExceeded"] is False


def test_a_version_may_be_absent(client, tenant):
    tenant.faults.audit_log_absent = {"v1.0": 400}
    assert post(client, **WHOLE).status_code == 400
    assert "segment 'auditLog'" in post(client, **WHOLE).json()["error"]["message"]
    assert post(client, version="beta", **WHOLE).status_code == 201
    tenant.faults.audit_log_absent = {"beta": 404}
    assert post(client, version="beta", **WHOLE).status_code == 404


def test_queries_can_be_throttled(client, tenant):
    tenant.faults.plan = [Rule("graph/query", "429:30", calls=1)]
    answer = post(client, **WHOLE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert answer.json()["error"]["code"] == "TooManyRequests"
    assert post(client, **WHOLE).status_code == 201


# who asks


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("AuditLogsQuery.Read.All", 4),
        ("AuditLogsQuery-Exchange.Read.All", 3),
        ("AuditLogsQuery-Entra.Read.All", 1),
        ("AuditLogsQuery-SharePoint.Read.All", 0),
    ],
)
def test_a_permission_opens_its_workload(role, expected):
    with tenant_of(roles=(role,)) as tenant, Client(tenant) as client:
        assert len(found(client)) == expected


def test_without_a_permission_it_is_403():
    with tenant_of(roles=("Directory.Read.All",)) as tenant, Client(tenant) as client:
        assert post(client, **WHOLE).json()["error"]["code"] == "Authorization_RequestDenied"


def test_a_token_for_another_api_is_401(tenant):
    with Client(tenant, EXCHANGE) as client:
        assert post(client, **WHOLE).status_code == 401


def test_a_record_without_a_type_is_found_too():
    with running([exchange_record(1, 2)]) as tenant, Client(tenant) as client:
        assert found(client) == ["record-1"]
