"""Search command: grant rows to scored rows."""

import gc
import os
import sys

APP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(APP, "lib"))

from delegation_watch.risk import Judge, TableError, load_tables, summary_text
from splunklib.searchcommands import Configuration, Option, StreamingCommand, dispatch, validators


@Configuration(distributed=False)
class DelegationRisk(StreamingCommand):
    """Adds delegation_score, delegation_level, delegation_factors and delegation_reason to each row."""

    summary = Option(
        doc="whether _raw becomes the row as one JSON object, as it goes into the summary index",
        require=False,
        default=False,
        validate=validators.Boolean(),
    )

    def stream(self, records):
        """Yield each row with its score; the weights are read once a search."""
        try:
            judge = Judge(load_tables(os.path.join(APP, "lookups")))
        except TableError as error:
            self.error_exit(error, str(error))
        summary = bool(self.summary)
        for record in records:
            judge.score(record)
            if summary:
                record["_raw"] = summary_text(record)
            yield record


if __name__ == "__main__":
    gc.set_threshold(100_000)  # rows hold no cycles, so the collector would look again and again and find nothing
    dispatch(DelegationRisk, sys.argv, sys.stdin, sys.stdout, __name__)
