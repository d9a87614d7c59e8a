"""Zip archives: members are read like files; what would do harm is refused."""

import io
import json
import zipfile

import pytest

from workbench.errors import BadInput
from workbench.exports import archive

LINE = json.dumps({"CreationTime": "2024-02-04T23:19:46", "Operation": "x", "Id": "1"}) + "\n"
CSV = 'RecordType,AuditData\n1,"{""Id"":""2"",""Operation"":""y""}"\n'


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return out.getvalue()


def test_each_member_is_read_by_the_same_rules(exported):
    content = zipped(
        **{
            "a dir/one.json": LINE * 2,
            "two.csv": CSV,
            "__MACOSX/x": b"\x00",
            "a dir/.DS_Store": b"\x00",
        }
    )
    export, records = exported(content, name="case 7.zip")
    assert [each.source for each in records] == [
        "case 7.zip/a dir/one.json:1",
        "case 7.zip/a dir/one.json:2",
        "case 7.zip/two.csv:2",
    ]
    assert dict(export.formats) == {"Management API": 2, "Search-UnifiedAuditLog CSV": 1}
    assert export.done == export.size


def test_a_member_that_cannot_be_used_counts_as_one_unreadable_record(exported):
    _, records = exported(zipped(**{"notes.txt": "hello", "one.json": LINE}), name="x.zip")
    assert [(each.source, bool(each.problem)) for each in records] == [
        ("x.zip/notes.txt", True),
        ("x.zip/one.json:1", False),
    ]
    assert records[0].problem.startswith("neither JSON nor a CSV")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zipped(**{"notes.txt": "hello", "more.txt": ""}), "x.zip/more.txt: the file is empty"),
        (zipped(**{"in.zip": zipped(a=LINE)}), "x.zip/in.zip: an archive inside an archive"),
        (zipped(**{"[Content_Types].xml": "x", "xl/a.xml": "y"}), "x.zip: an Office document"),
        (
            zipped(**{"bomb.json": b" " * (archive.RATIO_FROM + 1)}),
            "x.zip/bomb.json: unpacks to more than",
        ),
        (
            zipped(**{f"{n}.json": "" for n in range(archive.MEMBERS + 1)}),
            "x.zip: the archive holds 1001 files",
        ),
        (zipped(), "x.zip: the archive holds no file"),
        (zipped(a=LINE)[:40], "x.zip: cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "zip",
)
def test_what_cannot_or_must_not_be_unpacked_is_refused_in_one_line(content, says, exported):
    with pytest.raises(BadInput) as raised:
        exported(content, name="x.zip")
    assert str(raised.value).startswith(says)
    assert "\n" not in str(raised.value)


def test_a_zip_inside_under_another_name_is_refused_too(exported):
    with pytest.raises(BadInput):
        exported(zipped(**{"export.json": zipped(a=LINE)}), name="x.zip")


def test_damaged_data_inside_is_refused_and_no_exception_of_zipfile_leaks(exported):
    content = bytearray(zipped(a=LINE * 500))
    content[40] ^= 0xFF
    with pytest.raises(BadInput, match=r"x\.zip"):
        exported(bytes(content), name="x.zip")


def test_an_encrypted_member_is_refused(exported):
    content = bytearray(zipped(a=LINE))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadInput, match="encrypted"):
        exported(bytes(content), name="x.zip")
