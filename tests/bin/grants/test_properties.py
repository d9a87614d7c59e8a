"""Properties over records that lie: made up, mutated and mixed, they never raise and never grant more than they say."""

import json

from delegation_watch.grants import ACCESS, FIELDS, RIGHTS, grant_rows
from delegation_watch.identity import identity_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bin.grants.records import EVERY_SHAPE, cmdlet, folder_cmdlet, full_access
from tests.bin.grants.windows_records import EVERY_EVENT, script

QUICK = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SHAPES = st.sampled_from(list(EVERY_SHAPE.values()))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["Name", "Value", "ID", "Type", "NewValue", "Path", "MemberUpn", "Operation", "Parameters"])


def mutated(record, draw):
    """A copy with some values anywhere in it exchanged for anything, or for what stands elsewhere in a record."""
    if isinstance(record, dict):
        return {key: mutated(value, draw) for key, value in record.items()}
    if isinstance(record, list):
        return [mutated(value, draw) for value in record]
    return draw(ANYTHING) if draw(st.integers(0, 5)) == 0 else record


def checked(text):
    rows = grant_rows(text, "file:1", "1.0", True)
    assert rows
    for row in rows:
        assert set(row) == set(FIELDS)
        assert row["right"] is None or row["right"] in RIGHTS
        assert row["access"] is None or row["access"] in ACCESS
        assert all(value is None or isinstance(value, (str, int, float)) for value in row.values()), row
        json.dumps(row, ensure_ascii=False).encode("utf-8")
    for fact in identity_rows(text):
        assert isinstance(fact["id"], str)
        assert isinstance(fact["identity"], str)
    return rows


@QUICK
@given(st.data(), SHAPES)
def test_a_record_with_values_of_the_wrong_kind_is_read_or_told(data, record):
    checked(json.dumps(mutated(record, data.draw)))


@QUICK
@given(SHAPES, SHAPES, st.lists(NAMES, max_size=4), ANYTHING)
def test_a_record_made_of_two_is_read_or_told(one, other, names, value):
    checked(json.dumps({**one, **{key: other[key] for key in other if len(key) % 2}, **dict.fromkeys(names, value)}))


@QUICK
@given(ANYTHING)
def test_any_json_is_read_or_told(value):
    checked(json.dumps(value))


@QUICK
@given(st.text(max_size=200))
def test_any_text_is_read_or_told(text):
    checked(text)


@QUICK
@given(st.sampled_from(list(EVERY_EVENT.values())), st.integers(0, 1500), st.text(max_size=10))
def test_a_windows_event_with_text_put_into_it_is_read_or_told(event, at, text):
    checked(event[:at] + text + event[at:])


@QUICK
@given(st.text(max_size=300))
def test_any_script_is_read_or_told(text):
    clean = "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
    checked(script("Add-MailboxPermission " + clean))


@QUICK
@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters=",;|"), min_size=1, max_size=20))
def test_a_right_that_nobody_documented_counts_as_reading_and_is_shown(right):
    for row in checked(json.dumps(full_access(rights="Zz" + right))):
        assert (row["right"], row["access"]) == ("unknown", "read")
    for row in checked(json.dumps(folder_cmdlet(rights="Zz" + right))):
        assert (row["right"], row["access"]) == ("unknown", "read")
        assert row["parse_error"]


@QUICK
@given(st.text(min_size=1, max_size=30))
def test_an_operation_that_nobody_knows_grants_nothing(operation):
    record = cmdlet("Zz" + operation, {"Identity": "a@example.com", "User": "b@example.com"})
    assert [row["right"] for row in checked(json.dumps(record))] == [None]
