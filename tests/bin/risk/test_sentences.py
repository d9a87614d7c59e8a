"""The sentence of a row says what was done, in words that fit the act."""

import pytest
from delegation_watch.risk.reasons import sentence

WHO = {"actor": "ann@example.com", "mailbox": "cfo@example.com"}
ROWS = {
    "use": (
        {"grant_action": "use", "right": "send_as", "access": "send", "grantee": "ann@example.com"},
        "ann@example.com used the right to send as cfo@example.com: why",
    ),
    "a list that was cleared": (
        {"grant_action": "replace", "right": "send_on_behalf", "access": "none"},
        "ann@example.com took from everyone who had it the right to send on behalf of cfo@example.com: why",
    ),
    "a scope": (
        {"grant_action": "setting", "right": "role", "right_native": "scope VIPs", "access": "read", "mailbox": "*"},
        "ann@example.com set scope VIPs: why; if nobody asked for it, undo with: remove the role assignment of the "
        "grantee",
    ),
    "audit off": (
        {"grant_action": "setting", "right": "audit_bypass", "right_native": "AuditEnabled=False", "access": "own"},
        "ann@example.com set AuditEnabled=False for cfo@example.com: why; if nobody asked for it, undo with: "
        "set AuditEnabled=False of cfo@example.com back",
    ),
    "a member": (
        {"grant_action": "grant", "right": "group_member", "right_native": "member", "access": "none",
         "grantee": "bob@example.com", "mailbox": "team"},
        "ann@example.com let bob@example.com have what group team has, as its member: why",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("row", "expected"), ROWS.values(), ids=ROWS)
def test_an_act_is_told_as_what_it_is(row, expected):
    assert sentence({**WHO, **row}, "why") == expected
