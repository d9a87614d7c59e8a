"""Search command: adds what it was told and how many rows came before."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

from splunklib.searchcommands import Configuration, Option, StreamingCommand, dispatch, validators


@Configuration(distributed=False)
class TinyStream(StreamingCommand):
    """tinystream [times=<int>] [drop=<field>]"""

    times = Option(require=False, default=1, validate=validators.Integer(1, 5))
    say = Option(require=False, default="")
    fail = Option(require=False, default=False, validate=validators.Boolean())

    def stream(self, records):
        info = self.metadata.searchinfo
        if self.say:
            self.write_info(self.say)
        for number, record in enumerate(records):
            if self.fail:
                raise ValueError("no good")
            for _ in range(self.times):
                self.add_field(record, "told", "|".join([info.command, *info.args]))
                self.add_field(record, "number", number)
                yield record


dispatch(TinyStream, sys.argv, sys.stdin, sys.stdout, __name__)
