"""Events as XML: what splunkd reads back is what the vendor wrote, whatever stands in it."""

import io
import json
import xml.etree.ElementTree as ET

import pytest
from delegation_watch.splunk.events import EventsXml, event_head, xml_text

HEAD = event_head("delegation_audit://hq", "delegation_audit://hq", "o365:management:activity", "mail")


def written(data, time=1.0, head=HEAD):
    """What splunkd's parser makes of one event."""
    stream = io.StringIO()
    EventsXml(head, [(time, data)]).write_to(stream)
    return ET.fromstring(stream.getvalue().encode("utf-8"))


@pytest.mark.parametrize(
    "data",
    [
        '{"Id":"1", "b":1.10,"a":"x"}', '{"a":"<b> & \\"c\\" ]]> \'d\' &amp;"}', '{"a":"é ß 漢字 😀 \u2028\u0085\x7f"}',
        "  text with blanks around it\t ", "", '{"a":"\\u0000\\ud83d"}', "<event><data>x</data></event>",
    ],
)  # fmt: skip
def test_the_record_comes_out_as_it_went_in(data):
    assert (written(data).findtext("data") or "") == data


def test_what_xml_cannot_hold_is_written_as_json_would_and_stays_the_same_text_to_json():
    data = '{"a":"' + "".join(map(chr, [*range(0, 9), 11, 12, *range(14, 32), 0xDFFF, 0xFFFE, 0xFFFF, 0xD83D])) + '"}'
    read = written(data).findtext("data")
    assert "\\u0000\\u0001" in read
    assert json.loads(read) == json.loads(data, strict=False)


def test_every_other_character_is_left_alone():
    kept = [9, 10, *range(32, 0xD800), *range(0xE000, 0xFFFE), 0x10000, 0x10FFFF]
    text = "".join(map(chr, kept))
    assert ET.fromstring(f"<a>{xml_text(text)}</a>").text == text


@pytest.mark.parametrize(
    ("time", "text"),
    [(1795176000, "1795176000.000"), (1795176000.1239, "1795176000.124"), (0, "0.000"), (None, None)],
)
def test_the_time_is_in_seconds_and_left_out_where_there_is_none(time, text):
    assert written("x", time).findtext("time") == text


def test_an_event_says_where_it_comes_from_and_where_it_goes():
    event = written("x")
    assert event.attrib == {"stanza": "delegation_audit://hq", "unbroken": "0"}
    fields = {name: event.findtext(name) for name in ("source", "sourcetype", "index")}
    assert fields == {"source": "delegation_audit://hq", "sourcetype": "o365:management:activity", "index": "mail"}


def test_a_stanza_of_any_name_does_no_harm():
    name = "delegation_audit://a\"b'<&>é"
    event = written("x", head=event_head(name, name, "s", "i"))
    assert event.get("stanza") == event.findtext("source") == name
