"""What a stanza and an account say, checked: nothing is asked of a vendor with settings that cannot be right."""

import re
import time
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Tuple

from ..grants.values import epoch
from .clouds import CLOUDS, CUSTOM
from .errors import SettingsError
from .http import origin
from .workspace import applications

# Content of each provider's feed that may be asked for. Sources: Management Activity API, content types; Reports API,
# applicationName.
FEEDS: Dict[str, Tuple[str, ...]] = {
    "o365": ("Audit.Exchange", "Audit.AzureActiveDirectory", "Audit.General", "Audit.SharePoint", "DLP.All"),
    "workspace": (
        "access_transparency", "admin", "calendar", "chat", "chrome", "context_aware_access", "data_studio", "drive",
        "gcp", "gemini_in_workspace_apps", "gmail", "groups", "groups_enterprise", "keep", "login", "meet", "mobile",
        "rules", "saml", "token", "user_accounts", "vault",
    ),
}  # fmt: skip
DEFAULT_FEEDS = {"o365": "Audit.Exchange, Audit.AzureActiveDirectory", "workspace": "admin, login, token"}
DEFAULT_START = "-7d"
GRAPH_VERSIONS = ("v1.0", "beta")
_SPAN = re.compile(r"^-0*([1-9]\d*)([smhdw])$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)


@dataclass(frozen=True)
class Stanza:
    """One input: whose feed, which of its content, from when on at the first run, over how many connections.

    `backfill` is how far back Graph is asked for what is older, empty for not at all; `backfill_operations` what for,
    empty for what matters here, `*` for all; `backfill_version` of Graph, empty for whichever has the query.
    """

    provider: str
    account: str
    content_types: Tuple[str, ...]
    start: str
    connections: int
    backfill: str = ""
    backfill_operations: Tuple[str, ...] = ()
    backfill_version: str = ""


@dataclass(frozen=True)
class Account:
    """One tenant and how it is reached; no secret is here. `write_` is what may change it, a credential of its own."""

    name: str
    provider: str
    tenant: str = ""
    client_id: str = ""
    publisher: str = ""
    customer: str = ""
    subject: str = ""
    cloud: str = ""
    authority: str = ""
    api_root: str = ""
    graph_root: str = ""
    exchange_root: str = ""
    ca_file: str = ""
    write_client_id: str = ""
    write_subject: str = ""

    @property
    def of(self) -> List[str]:
        """What names its tenant. Nothing names a customer of Google for sure: its feeds find out by what they read."""
        return [self.tenant] if self.provider == "o365" else []

    @property
    def customer_names(self) -> List[str]:
        """What a customer is given by: one of its domains, of which it may have many, and its id, if it is entered."""
        names = (self.subject.rpartition("@")[2].lower(), self.customer)
        return [name for name in names if name not in ("", "my_customer")]


def read_stanza(given: Mapping[str, Optional[str]]) -> Stanza:
    """The stanza's parameters, checked; SettingsError says which one is wrong and what it may be."""
    values = {name: (value or "").strip() for name, value in given.items()}
    provider = provider_of(values)
    names = values.get("content_types") or DEFAULT_FEEDS[provider]
    known = {feed.lower(): feed for feed in FEEDS[provider]}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name.lower() not in known]
    if unknown or not wanted:
        raise SettingsError(
            f"content_types has {', '.join(unknown) or 'nothing'}; {provider} knows {', '.join(FEEDS[provider])}"
        )
    start = values.get("start") or DEFAULT_START
    if start_time(start, time.time()) > time.time():
        raise SettingsError(f"start is {start!r}, which is yet to come; nothing would be read until then")
    connections = connections_of(values)
    feeds = applications(known[name.lower()] for name in wanted)
    return Stanza(provider, values["account"], feeds, start, connections, *_backfill(values, provider))


def provider_of(values: Mapping[str, str]) -> str:
    """The provider of an input's parameters; SettingsError where it is none, or where there is no account."""
    provider = values.get("provider", "")
    if provider not in FEEDS:
        raise SettingsError(f"provider is {provider!r}; it must be o365 or workspace")
    if not values.get("account"):
        raise SettingsError("the input has no account; name one that is set up in delegation_watch_accounts.conf")
    return provider


def connections_of(values: Mapping[str, str]) -> int:
    """How many calls an input makes at once."""
    connections = values.get("connections") or "4"
    if not connections.isdecimal() or not 1 <= int(connections) <= 16:
        raise SettingsError(f"connections is {connections!r}; it must be a number from 1 to 16")
    return int(connections)


def _backfill(values: Mapping[str, str], provider: str) -> Tuple[str, Tuple[str, ...], str]:
    """The settings of the backfill, checked."""
    backfill, version = values.get("backfill", ""), values.get("backfill_version", "").lower()
    if not backfill:
        return "", (), ""
    if provider != "o365":
        raise SettingsError("backfill is for o365; a workspace input reads up to 180 days back by start")
    start_time(backfill, 0, "backfill")
    if version not in ("", *GRAPH_VERSIONS):
        raise SettingsError(f"backfill_version is {version!r}; it must be {' or '.join(GRAPH_VERSIONS)}, or empty")
    operations = tuple(filter(None, (name.strip() for name in values.get("backfill_operations", "").split(","))))
    return backfill, operations, version


def start_time(text: str, now: float, name: str = "start") -> float:
    """Epoch of a start: `-7d`, `-31h`, `-90m`, or an ISO 8601 time, in UTC where it has no zone."""
    span = _SPAN.match(text.strip())
    if span:
        return now - int(span.group(1)) * _SECONDS[span.group(2)]
    try:
        return float(epoch(text if "T" in text or " " in text.strip() else text.strip() + "T00:00:00"))
    except ValueError:
        raise SettingsError(
            f"{name} is {text!r}; it must be a span like -7d or -31h, or a time like 2026-03-01T00:00:00Z"
        ) from None


def read_account(name: str, given: Mapping[str, Optional[str]], provider: str) -> Account:
    """An account's settings, checked for the provider of the input that uses it."""
    values = {key: (value or "").strip() for key, value in given.items() if key in Account.__dataclass_fields__}
    values["name"] = name
    for key in ("tenant", "publisher"):  # records have them in small letters, and everything is joined by them
        if key in values:
            values[key] = values[key].lower()
    account = Account(**{"provider": provider, **{key: value for key, value in values.items() if value}})
    if account.provider != provider:
        raise SettingsError(f"account {name} is for {account.provider}, the input for {provider}")
    wanted = ("tenant", "client_id") if provider == "o365" else ("subject",)
    missing = [key for key in wanted if not getattr(account, key)]
    if missing:
        raise SettingsError(f"account {name} has no {' and no '.join(missing)}")
    if provider == "o365" and not _GUID.match(account.tenant):
        raise SettingsError(f"account {name}: tenant must be the directory's GUID; the feed takes no domain name")
    if provider == "workspace" and "@" not in account.subject:
        raise SettingsError(f"account {name}: subject must be an administrator's e-mail address")
    if account.publisher and not _GUID.match(account.publisher):
        raise SettingsError(f"account {name}: publisher must be the GUID of a tenant")
    if account.cloud == CUSTOM:
        roots = ("authority", "api_root") if provider == "o365" else ("api_root",)
        for key in roots:
            if not getattr(account, key):
                raise SettingsError(f"account {name}: cloud = custom needs {key}")
            origin(getattr(account, key))
        for key in ("graph_root", "exchange_root"):
            if getattr(account, key):
                origin(getattr(account, key))
    elif provider == "o365" and (account.cloud or "commercial") not in CLOUDS:
        raise SettingsError(f"account {name}: cloud is {account.cloud!r}; it must be {', '.join(CLOUDS)} or custom")
    return account
