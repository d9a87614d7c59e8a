"""What the records of an export show that they hold, and so what they cannot show."""


import pytest

from workbench.report.coverage import GAPS, SIGNS, Signs, gaps

MAILBOX_AUDIT = '{"Operation":"MailItemsAccessed","RecordType":50,"Workload":"Exchange"}'
SIGN_EXAMPLES = {
    "office365": '{"RecordType":1}',
    "workspace": '{"id":{"applicationName":"login"}}',
    "inventory": '{"delegation_watch_inventory": "Get-MailboxPermission"}',
    "delegates": '{"delegation_watch_inventory": "gmail"}',
    "admin cmdlets": '{"CreationTime":"x","RecordType":1,"a":2}',
    "directory": '{"AuditData":"{\\"RecordType\\":15,\\"a\\":1}"}',
    "use": MAILBOX_AUDIT,
    "folders": '{"RecordType":"ExchangeItem","AuditData":{"Operation": "ModifyFolderPermissions"}}',
    "admin console": '{"id":{"applicationName": "admin"}}',
    "tokens": '{"id":{"applicationName": "token"}}',
}


@pytest.mark.parametrize("sign", SIGNS)
def test_each_sign_is_seen_in_a_record_that_shows_it_and_not_in_a_sign_in_of_another_vendor(sign):
    signs = Signs()
    signs.look('{"RecordTypes": 150, "user": "a", "text": "SendAs"}')
    assert signs.seen == set()
    signs.look(SIGN_EXAMPLES[sign])
    assert sign in signs.seen


def test_record_type_15_is_not_taken_for_type_1():
    signs = Signs()
    signs.look('{"Operation":"UserLoggedIn","RecordType":15,"Workload":"AzureActiveDirectory"}')
    assert signs.seen == {"office365", "directory"}


def test_a_gap_is_told_only_while_the_records_that_close_it_are_missing():
    for gap in GAPS:
        assert gap.text in gaps({gap.has})
        assert not gap.lacks or gap.text not in gaps({gap.has, gap.lacks})
        assert gap.text not in gaps(set())
