"""Search command: any audit record to grant rows."""

import gc
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

from delegation_watch.grants import grant_rows
from splunklib.searchcommands import Configuration, Option, StreamingCommand, dispatch, validators


@Configuration(required_fields=["_raw", "_time", "source"])
class DelegationGrants(StreamingCommand):
    """Turns each audit record into a row for every mailbox, folder, grantee and right it names."""

    keep = Option(
        doc="whether a record that grants nothing gives a row too, with an empty right",
        require=False,
        default=False,
        validate=validators.Boolean(),
    )

    def stream(self, records):
        """Yield the rows of each record; `_chunked_idx`, by which splunkd follows the order, stays with them."""
        keep = bool(self.keep)
        for record in records:
            raw = record.get("_raw") or ""
            index = record.get("_chunked_idx")
            for row in grant_rows(raw, record.get("source"), record.get("_time"), keep):
                row["_raw"] = raw if row["parse_error"] else None
                row["_chunked_idx"] = index
                yield row


if __name__ == "__main__":
    gc.set_threshold(100_000)  # rows hold no cycles, so the collector would look again and again and find nothing
    dispatch(DelegationGrants, sys.argv, sys.stdin, sys.stdout, __name__)
