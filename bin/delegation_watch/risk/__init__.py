"""How dangerous a grant is, and why: tables of weights, applied to rows; knows no Splunk and no HTTP."""

from .faults import Fault, TableError
from .judge import Factor, Judge, Verdict
from .summary import summary_text
from .tables import Tables, load_tables, read_tables

__all__ = ["Factor", "Fault", "Judge", "TableError", "Tables", "Verdict", "load_tables", "read_tables", "summary_text"]
