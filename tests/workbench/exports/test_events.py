"""Windows events as XML: taken apart one by one, in each of the forms in which tools write them (synthetic)."""

import pytest

from tests.bin.grants.windows_records import GRANT, cmdlet_ran
from workbench.errors import BadInput
from workbench.exports import read

ONE, TWO = cmdlet_ran("Add-MailboxPermission", GRANT), cmdlet_ran("Remove-MailboxPermission", GRANT)
FORMS = {
    "one line": ONE + TWO,
    "a line each": f"{ONE}\n{TWO}\n",
    "a list": f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>{ONE}{TWO}</Events>',
    "spread over lines": f"<Events>\n{ONE.replace('><', '>' + chr(10) + '<')}\n{TWO}</Events>\n",
}


def exported(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "events.xml"
    path.write_text(text, encoding=encoding)
    export = read(path)
    return export, list(export)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_each_event_is_one_record(tmp_path, text, encoding):
    export, found = exported(tmp_path, text, encoding)
    assert len(found) == 2
    assert all(each.problem is None and each.raw.startswith("<Event ") for each in found)
    assert len({each.source for each in found}) == 2
    assert export.formats == {"Windows events": 2}


def test_an_event_that_is_cut_off_is_told(tmp_path):
    _, found = exported(tmp_path, ONE + TWO[:200])
    assert [each.problem for each in found] == [None, "the file ends before its event is closed"]


def test_text_between_events_is_told_and_not_dropped(tmp_path):
    _, found = exported(tmp_path, f"{ONE}\nsomething else\n{TWO}")
    assert [bool(each.problem) for each in found] == [False, True, False]


@pytest.mark.parametrize("text", ["<html><body>no</body></html>", "<Events></Events>", "<Event>"])
def test_xml_without_an_event_cannot_be_used(tmp_path, text):
    with pytest.raises(BadInput, match="no Windows event"):
        exported(tmp_path, text)
