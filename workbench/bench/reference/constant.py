"""Reference search command: adds the four fields of delegationrisk, always with the same values."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "lib"))

from splunklib.searchcommands import Configuration, StreamingCommand, dispatch

REASON = (
    "user1234@example.com let user2345@example.com open all of mailbox user3456@example.com: opens the whole mailbox; "
    "if nobody asked for it, undo with: Remove-MailboxPermission user3456@example.com -User user2345@example.com "
    "-AccessRights FullAccess"
)


@Configuration(distributed=False)
class Constant(StreamingCommand):
    """Adds a score, a level, one factor and a sentence."""

    def stream(self, records):
        """Yield each row with four more fields."""
        for record in records:
            record["delegation_score"] = 50
            record["delegation_level"] = "medium"
            record["delegation_factors"] = ["full_access|50|opens the whole mailbox"]
            record["delegation_reason"] = REASON
            yield record


if __name__ == "__main__":
    dispatch(Constant, sys.argv, sys.stdin, sys.stdout, __name__)
