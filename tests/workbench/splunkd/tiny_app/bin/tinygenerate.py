"""Search command: makes rows and reads the KV store by its session key."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib"))

from splunklib.searchcommands import Configuration, GeneratingCommand, Option, dispatch


@Configuration()
class TinyGenerate(GeneratingCommand):
    """tinygenerate count=<int>"""

    count = Option(require=True)

    def generate(self):
        self.service.namespace["owner"] = "nobody"
        names = [collection.name for collection in self.service.kvstore]
        for number in range(int(self.count)):
            yield self.gen_record(number=number, collections=names)


dispatch(TinyGenerate, sys.argv, sys.stdin, sys.stdout, __name__)
