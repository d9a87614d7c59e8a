"""Who is who: names and ids that audit records tie together; knows no Splunk and no HTTP."""

from .account import ACCOUNT_FIELDS, account_rows
from .facts import FIELDS, identity_rows

__all__ = ["ACCOUNT_FIELDS", "FIELDS", "account_rows", "identity_rows"]
