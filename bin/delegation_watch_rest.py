"""REST handler behind the setup and the review page; beside the inputs, the only reader of secrets."""

import os
import sys

_BIN = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _BIN)

from delegation_watch.splunk.libraries import own_libraries
from splunk.persistconn.application import PersistentServerConnectionApplication

with own_libraries(os.path.join(os.path.dirname(_BIN), "lib")):
    from delegation_watch.sources import examine
    from delegation_watch.sources.errors import SourceError
    from delegation_watch.sources.settings import Account
    from delegation_watch.splunk.accounts import Accounts, Vendors
    from delegation_watch.splunk.rest import Area, answer
    from delegation_watch.splunk.review import Review
    from delegation_watch.splunk.setup import Setup
    from delegation_watch.splunk.trace import Trace

TRACE = Trace()
VENDORS = Vendors(
    tuple(name for name in Account.__dataclass_fields__ if name != "name"), examine.checked_account,
    examine.check_secret, examine.examine, (SourceError,),
)  # fmt: skip
AREAS = {
    "setup": Area("delegation_watch_setup", Setup(Accounts(VENDORS, TRACE), TRACE).routes(), (SourceError,)),
    "review": Area("delegation_watch_review", Review(TRACE).routes()),
}


class DelegationWatchRest(PersistentServerConnectionApplication):
    """One for each request; nothing is kept from one to the next."""

    def __init__(self, command_line, command_arg):
        super().__init__()

    def handle(self, in_string):
        """The answer to a request; see delegation_watch.splunk.rest."""
        return answer(in_string, AREAS, TRACE)
