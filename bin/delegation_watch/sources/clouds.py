"""Where Microsoft's clouds answer.

Sources: Office 365 Management APIs, "Activity API operations" and "Get started"; Microsoft Graph, "National cloud
deployments"; Exchange Online Admin API, "Supported environments and base URLs".
"""

from typing import Dict, NamedTuple


class Cloud(NamedTuple):
    """Where to sign in, where the feed is and where Graph is, all without a path."""

    authority: str
    api_root: str
    graph_root: str


CLOUDS: Dict[str, Cloud] = {
    "commercial": Cloud("https://login.microsoftonline.com", "https://manage.office.com", "https://graph.microsoft.com"),
    "gcc": Cloud("https://login.microsoftonline.com", "https://manage-gcc.office.com", "https://graph.microsoft.com"),
    "gcchigh": Cloud("https://login.microsoftonline.us", "https://manage.office365.us", "https://graph.microsoft.us"),
    "dod": Cloud(
        "https://login.microsoftonline.us", "https://manage.protection.apps.mil", "https://dod-graph.microsoft.us"
    ),
}
# Where Exchange Online's admin API is, by cloud.
EXCHANGE = {
    "commercial": "https://outlook.office365.com",
    "gcc": "https://outlook.office365.com",
    "gcchigh": "https://outlook.office365.us",
    "dod": "https://outlook-dod.office365.us",
}
# Clouds whose Graph has the audit log query. Source: Microsoft Graph, "Create auditLogQuery", national deployments.
AUDIT_QUERY = ("commercial", "gcc")
CUSTOM = "custom"
GOOGLE_REPORTS = "https://admin.googleapis.com"
