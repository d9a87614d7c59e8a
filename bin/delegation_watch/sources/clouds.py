"""Where Microsoft's clouds answer. Source: Office 365 Management APIs, "Activity API operations" and "Get started"."""

from typing import Dict, NamedTuple


class Cloud(NamedTuple):
    """Where to sign in and where the feed is, both without a path."""

    authority: str
    api_root: str


CLOUDS: Dict[str, Cloud] = {
    "commercial": Cloud("https://login.microsoftonline.com", "https://manage.office.com"),
    "gcc": Cloud("https://login.microsoftonline.com", "https://manage-gcc.office.com"),
    "gcchigh": Cloud("https://login.microsoftonline.us", "https://manage.office365.us"),
    "dod": Cloud("https://login.microsoftonline.us", "https://manage.protection.apps.mil"),
}
CUSTOM = "custom"
GOOGLE_REPORTS = "https://admin.googleapis.com"
