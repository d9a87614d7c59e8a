"""Who is who: names and ids that audit records tie together; knows no Splunk and no HTTP."""

from .facts import FIELDS, identity_rows

__all__ = ["FIELDS", "identity_rows"]
