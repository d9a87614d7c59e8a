"""Whether whoever approves a delegation is a party to it."""

import pytest
from delegation_watch.splunk.parties import DELEGATE, GRANTOR, MEMBER, party_of

PARTIES = [(DELEGATE, "Anna@x.example"), (GRANTOR, "X\\olaf"), (MEMBER, "rita@x.example"), (MEMBER, "")]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["anna@x.example"], "the delegate"),
        (["ANNA@X.EXAMPLE"], "the delegate"),
        (["reviewer", "anna@x.example"], "the delegate"),
        (["anna"], "perhaps the delegate"),
        (["x\\anna"], "perhaps the delegate"),
        (["anna@other.example"], "perhaps the delegate"),
        (["x\\Olaf"], "the grantor"),
        (["olaf@x.example"], "perhaps the grantor"),
        (["rita@x.example"], "a member of the delegate"),
        # what is certain counts before what may be
        (["anna@other.example", "x\\olaf"], "the grantor"),
        (["annabel@x.example"], "None"),
        (["", "-"], "None"),
        ([], "None"),
    ],
)
def test_by_any_of_his_names_certainly_or_perhaps(names, said):
    assert str(party_of(names, PARTIES)) == said
