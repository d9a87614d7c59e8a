"""How dangerous a grant is, and why: tables of weights, applied to rows; knows no Splunk and no HTTP."""

from .judge import Factor, Judge, Verdict
from .summary import summary_text
from .tables import TableError, Tables, load_tables

__all__ = ["Factor", "Judge", "TableError", "Tables", "Verdict", "load_tables", "summary_text"]
