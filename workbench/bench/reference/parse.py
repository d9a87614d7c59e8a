"""Reference search command: parses _raw with json and writes as many columns as it is told, and no more."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "lib"))

from splunklib.searchcommands import Configuration, Option, StreamingCommand, dispatch, validators


@Configuration()
class Parse(StreamingCommand):
    """Writes the values of each record's own keys, over and over, until `filled` columns hold one."""

    columns = Option(require=True, validate=validators.Integer())
    filled = Option(require=True, validate=validators.Integer())

    def stream(self, records):
        """Yield one row a record."""
        names = [f"column_{number}" for number in range(self.columns)]
        for record in records:
            values = [value for value in json.loads(record["_raw"]).values() if isinstance(value, str) and value]
            values = (values * self.filled)[: self.filled]
            yield dict(zip(names, values + [None] * (len(names) - len(values))))


if __name__ == "__main__":
    dispatch(Parse, sys.argv, sys.stdin, sys.stdout, __name__)
