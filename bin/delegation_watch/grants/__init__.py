"""What an audit record says about delegations; knows no Splunk and no HTTP."""

from .fields import ACCESS, FIELDS, RIGHTS, Row
from .reader import grant_rows

__all__ = ["ACCESS", "FIELDS", "RIGHTS", "Row", "grant_rows"]
