"""JSON exports: every layout gives the same records, their text unchanged, broken ones kept and counted."""

import json
import tracemalloc

import pytest

from workbench.errors import BadInput
from workbench.exports import read
from workbench.exports.text import BLOCK
from workbench.exports.values import values

RECORD = {
    "CreationTime": "2024-02-04T23:19:46",
    "Operation": "Add-MailboxPermission",
    "RecordType": 1,
    "Workload": "Exchange",
    "UserId": "mallory@contoso.example",
    "Parameters": [
        {"Name": "Identity", "Value": "ceo@contoso.example"},
        {"Name": "AccessRights", "Value": "FullAccess"},
    ],
}


def record(number=1):
    return {**RECORD, "Id": f"4d7e6990-0000-4cd5-9d76-{number:012d}"}


def ids(records):
    return [json.loads(each.raw)["Id"][-2:] for each in records if each.problem is None]


THREE = [record(1), record(2), record(3)]
LAYOUTS = {
    "a list": json.dumps(THREE),
    "a pretty list": json.dumps(THREE, indent=4),
    "a compact list": json.dumps(THREE, separators=(",", ":")),
    "JSON lines": "\n".join(json.dumps(each) for each in THREE),
    "JSON lines with Windows ends": "\r\n".join(json.dumps(each) for each in THREE) + "\r\n",
    "JSON lines with blank lines": "\n\n".join(json.dumps(each) for each in THREE) + "\n\n\n",
    "pretty objects one after the other": "\n".join(json.dumps(each, indent=2) for each in THREE),
    "objects with nothing between": "".join(json.dumps(each) for each in THREE),
    "lists one after the other": json.dumps(THREE[:2]) + "\n" + json.dumps(THREE[2:]),
    "a list of lists": json.dumps([THREE[:1], THREE[1:]]),
    "a Graph page": json.dumps({"@odata.context": "https://graph", "@odata.count": 3, "value": THREE}),
    "a page with its link behind": json.dumps(
        {"kind": "k", "items": THREE, "nextPageToken": "A:1"}, indent=1
    ),
    "pages one after the other": json.dumps({"items": THREE[:2], "nextPageToken": "x"})
    + json.dumps({"items": THREE[2:]}),
    "a list of pages": json.dumps(
        [{"kind": "k", "items": THREE[:1]}, {"kind": "k", "items": THREE[1:]}]
    ),
    "PowerShell's list with its count": json.dumps({"value": THREE, "Count": 3}),
    "a list of JSON texts": json.dumps([json.dumps(each) for each in THREE]),
    "Splunk lines": "\n".join(
        json.dumps({"preview": False, "offset": n, "result": {"_raw": json.dumps(each), "host": "h"}})
        for n, each in enumerate(THREE)
    )
    + '\n{"preview":false,"lastrow":true}\n',
    "Splunk's list": json.dumps([{"_raw": json.dumps(each), "_time": "2024"} for each in THREE]),
    "Splunk's results": json.dumps(
        {
            "preview": False,
            "init_offset": 0,
            "messages": [],
            "fields": [{"name": "_raw"}],
            "results": [{"_raw": json.dumps(each)} for each in THREE],
        }
    ),
    "what collect writes": "\n".join(
        json.dumps(
            {
                "time": 1.0,
                "host": "h",
                "source": "s",
                "sourcetype": "t",
                "index": "main",
                "data": json.dumps(each),
            }
        )
        for each in THREE
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_records(layout, exported):
    export, records = exported(LAYOUTS[layout])
    assert [json.loads(each.raw) for each in records] == THREE
    assert [each.problem for each in records] == [None] * 3
    assert sum(export.formats.values()) == 3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_sources_are_distinct_and_name_the_file(layout, exported):
    _, records = exported(LAYOUTS[layout], name="two words.json")
    sources = [each.source for each in records]
    assert len(set(sources)) == 3
    assert all(source.startswith("two words.json:") for source in sources)


def test_a_record_is_found_on_the_line_its_source_names(exported):
    text = json.dumps(THREE, indent=4)
    _, records = exported(text)
    for each in records:
        line = int(each.source.rpartition(":")[2])
        assert each.raw.startswith(text.split("\n")[line - 1].strip())


def test_records_on_one_line_are_told_apart_by_their_number(exported):
    _, records = exported(json.dumps(THREE))
    assert [each.source for each in records] == [
        "export.dat:1",
        "export.dat:record 2",
        "export.dat:record 3",
    ]


def test_the_text_of_a_record_is_not_rewritten(exported):
    odd = r'{"CreationTime":"2024", "Operation" :"x\/y","Size":1.50,"n":12345678901234567890,"é":"\u00e9"}'
    _, records = exported(f"[{odd}]")
    assert records[0].raw == odd


@pytest.mark.parametrize(
    ("one", "format"),
    [
        (record(), "Management API"),
        (
            {
                "RecordType": "ExchangeAdmin",
                "CreationDate": "/Date(1728344797000)/",
                "AuditData": record(),
            },
            "Search-UnifiedAuditLog",
        ),
        (
            {"RecordType": 1, "CreationDate": "x", "AuditData": json.dumps(record())},
            "Search-UnifiedAuditLog",
        ),
        (
            {"id": "1", "auditLogRecordType": "exchangeAdmin", "auditData": record()},
            "Microsoft Graph auditLogRecord",
        ),
        (
            {"TenantId": "t", "TimeGenerated": "2021", "Operation": "o", "OfficeWorkload": "Exchange"},
            "Sentinel OfficeActivity",
        ),
        ({"kind": "admin#reports#activity", "id": {"time": "2024"}, "events": []}, "Reports API"),
        (
            {"kind": "admin#reports#activity", "id": {"time": "2024"}, "event": {}},
            "Google Workspace add-on events",
        ),
        (
            {"id": {"time": "2024"}, "actor": {}, "name": "X", "parameters": {"A": "b"}},
            "Reports API single events",
        ),
        ({"protoPayload": {"serviceName": "admin.googleapis.com"}}, "Cloud Logging"),
    ],
)
def test_a_single_record_is_recognised_by_its_content(one, format, exported):
    export, records = exported(json.dumps(one, indent=2))
    assert dict(export.formats) == {format: 1}
    assert json.loads(records[0].raw) == one


def test_an_export_can_be_read_again(exported):
    export, records = exported(LAYOUTS["a Graph page"])
    assert list(export) == records
    assert sum(export.formats.values()) == 3
    assert export.done == 2 * export.size


def test_alfas_file_is_a_page_of_activities(exported):
    activities = [
        {"id": {"time": "2022", "applicationName": "admin"}, "events": [{"name": str(n)}]}
        for n in range(4)
    ]
    export, records = exported(json.dumps({"activities": activities}))
    assert dict(export.formats) == {"Reports API": 4}
    assert [json.loads(each.raw) for each in records] == activities


def test_alert_rules_are_recognised_as_no_records(exported):
    export, records = exported(
        json.dumps([{"displayName": "a", "description": "b", "state": "ACTIVE"}])
    )
    assert records == []
    assert dict(export.formats) == {"Workspace alert rules, no records": 0}


def test_an_object_of_no_known_shape_is_left_to_the_app_to_judge(exported):
    export, records = exported('{"odd": 1}')
    assert [each.raw for each in records] == ['{"odd": 1}']
    assert dict(export.formats) == {"JSON of another shape": 1}


def test_a_bare_tab_inside_a_string_does_not_break_a_record(exported):
    text = json.dumps(record(1)).replace("Exchange", "Ex\tchange")
    _, records = exported(text + "\n" + json.dumps(record(2)))
    assert [each.problem for each in records] == [None, None]
    assert records[0].raw == text


def test_an_empty_list_is_an_export_without_records(exported):
    for empty in ("[]", '{"value":[]}', '{"kind":"k","items":[]}'):
        export, records = exported(empty)
        assert records == []
        assert sum(export.formats.values()) == 0


def test_a_broken_line_is_kept_and_the_lines_around_it_are_read(exported):
    lines = [json.dumps(each) for each in THREE]
    broken = lines[1][:150]
    _, records = exported("\n".join([lines[0], broken, lines[2]]))
    assert ids(records) == ["01", "03"]
    assert [(each.raw, each.source) for each in records if each.problem] == [(broken, "export.dat:2")]


@pytest.mark.parametrize("indent", [None, 2], ids=["on one line", "pretty"])
def test_a_broken_element_does_not_spoil_the_list(indent, exported):
    text = json.dumps(THREE, indent=indent).replace('"Workload": "Exchange"', '"Workload": Exchange', 2)
    text = text.replace('"Workload": Exchange', '"Workload": "Exchange"', 1)
    _, records = exported(text)
    assert ids(records) == ["01", "03"]
    assert ['Workload": Exchange' in each.raw for each in records if each.problem] == [True]


@pytest.mark.parametrize(
    "layout", ["a list", "a pretty list", "JSON lines", "a Graph page", "a list of lists"]
)
def test_a_truncated_file_keeps_what_came_before_and_counts_the_rest_once(layout, exported):
    text = LAYOUTS[layout]
    _, records = exported(text[: text.rindex("4d7e6990") + 5])
    assert ids(records) == ["01", "02"]
    assert len([each for each in records if each.problem]) == 1


def test_a_list_cut_between_two_records_is_told(exported):
    text = json.dumps(THREE)
    _, records = exported(text[: text.rindex('{"CreationTime')])
    assert ids(records) == ["01", "02"]
    assert [each.problem for each in records if each.problem] == [
        "the file ends before its list is closed"
    ]


def test_every_cut_of_a_file_is_read_without_loss_or_exception(exported):
    text = LAYOUTS["a page with its link behind"]
    for cut in range(1, len(text), 7):
        try:
            _, records = exported(text[:cut])
        except BadInput:
            assert text[:cut].count('"Workload"') < 2
            continue
        whole = len([each for each in records if not each.problem])
        broken = len([each for each in records if each.problem])
        assert broken == 1
        assert whole >= text[:cut].count('"AccessRights"') - 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 bytes"),
        (b"  \r\n \n", "blank"),
        (b'[{"CreationTime":"2024-02-', "no record can be read"),
        (b"[1, 2, 3]", "no record can be read"),
        (b"not an export at all", "neither JSON nor a CSV"),
        (b"\x1f\x8b\x08\x00rest", "gzip"),
        (b"\x89PNG\r\n\x00\x00\x00\x00", "not a text file"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_line(content, says, exported):
    with pytest.raises(BadInput) as raised:
        exported(content, name="bad one.json")
    assert says in str(raised.value)
    assert str(raised.value).startswith("bad one.json: ")
    assert "\n" not in str(raised.value)


def test_a_record_nested_beyond_reason_is_an_unreadable_record(exported):
    deep = '{"Id":' + "[" * 100_000 + "]" * 100_000 + "}"
    _, records = exported("\n".join([json.dumps(record(1)), deep, json.dumps(record(2))]))
    assert ids(records) == ["01", "02"]
    assert [each.problem for each in records if each.problem] == ["not JSON: nested too deeply"]


def test_values_are_read_across_every_boundary_of_the_blocks():
    text = json.dumps([{**each, "é": '\u2028 }] , {"\\'} for each in THREE], ensure_ascii=False)
    for size in (1, 2, 3, 5, 7, 64):
        pieces = (text[at : at + size] for at in range(0, len(text), size))
        assert [each.value for each in values(pieces)] == json.loads(text)


def test_a_large_file_is_not_held_in_memory(tmp_path):
    path = tmp_path / "large.jsonl"
    line = json.dumps(record(1)) + "\n"
    with path.open("w") as stream:
        for _ in range(16 * BLOCK // len(line)):
            stream.write(line)
    tracemalloc.start()
    try:
        count = sum(1 for _ in read(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 16 * BLOCK // len(line)
    assert peak < 9 * BLOCK
