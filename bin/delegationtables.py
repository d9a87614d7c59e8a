"""Search command: what is wrong with the tables of weights and of benign patterns, the site's own included."""

import os
import sys

APP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(APP, "lib"))

from delegation_watch.risk import read_tables
from splunklib.searchcommands import Configuration, GeneratingCommand, dispatch


@Configuration()
class DelegationTables(GeneratingCommand):
    """Gives a row for each fault: file, line, problem, remedy; none where all is right."""

    def generate(self):
        """Yield the faults of the tables in the app's lookups folder, by file and line."""
        for fault in read_tables(os.path.join(APP, "lookups"))[1]:
            yield self.gen_record(table=fault.table, line=fault.line, problem=fault.problem, remedy=fault.remedy)


if __name__ == "__main__":
    dispatch(DelegationTables, sys.argv, sys.stdin, sys.stdout, __name__)
