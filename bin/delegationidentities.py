"""Search command: any audit record to facts on who is who."""

import gc
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

from delegation_watch.identity import account_rows, identity_rows
from splunklib.searchcommands import Configuration, Option, StreamingCommand, dispatch, validators


@Configuration(required_fields=["_raw", "_time"])
class DelegationIdentities(StreamingCommand):
    """Gives a row for each name or id that a record ties to an identity."""

    accounts = Option(
        doc="whether to tell what becomes of accounts and mailboxes instead of ids: made, disabled, privileged, shared",
        require=False,
        default=False,
        validate=validators.Boolean(),
    )

    def stream(self, records):
        """Yield the facts of each record; a record without any gives none."""
        read = account_rows if self.accounts else identity_rows
        for record in records:
            index = record.get("_chunked_idx")
            for row in read(record.get("_raw") or "", record.get("_time")):
                row["_chunked_idx"] = index
                yield row


if __name__ == "__main__":
    gc.set_threshold(100_000)  # rows hold no cycles, so the collector would look again and again and find nothing
    dispatch(DelegationIdentities, sys.argv, sys.stdin, sys.stdout, __name__)
