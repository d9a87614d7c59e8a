"""The inventory of standing delegations: what its stanza says, checked, and the sweeps that come of it."""

import json
from calendar import timegm
from dataclasses import dataclass
from time import strptime
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple, Union

from .clouds import CUSTOM, EXCHANGE, GOOGLE_REPORTS
from .collect import cloud_of
from .entra import entra_token
from .errors import SettingsError, SourceError
from .exchange import KINDS, ExchangeSweep, Scope
from .exchange_api import ExchangeApi
from .exchange_mailboxes import FOLDER_TYPES, folder_name
from .feed import Event, Item, State
from .gmail import KIND as GMAIL
from .gmail import GmailSweep
from .google import read_key_file
from .google_api import GOOGLE_GMAIL, QUOTA
from .google_directory import GoogleDirectorySweep
from .graph_api import GraphApi
from .graph_directory import GraphDirectorySweep
from .health import Tally
from .http import Http, Token
from .settings import Account, connections_of, provider_of
from .sweep import DIRECTORY, SNAPSHOT, STALE, SWEEP, outage, stale_at, unfinished

DEFAULT_FOLDERS = "root, inbox, calendar, sent"
_KINDS: Dict[str, Tuple[str, ...]] = {"o365": KINDS, "workspace": (GMAIL,)}
_YES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_NAMED = 5  # mailboxes of one sweep that are told by name

Reader = Union[ExchangeSweep, GraphDirectorySweep, GmailSweep, GoogleDirectorySweep]


@dataclass(frozen=True)
class InventoryStanza:
    """One inventory: whose, which kinds of delegations of which folders and mailboxes, and whether who is who."""

    provider: str
    account: str
    kinds: Tuple[str, ...]
    folders: Tuple[str, ...]
    mailboxes: Tuple[str, ...]
    directory: bool
    connections: int


class Feed(NamedTuple):
    """One thing to read: its name among the checkpoints, the sourcetype of its events, and its reader."""

    name: str
    sourcetype: str
    reader: Reader


def read_inventory_stanza(given: Mapping[str, Optional[str]]) -> InventoryStanza:
    """The stanza's parameters, checked; SettingsError says which one is wrong and what it may be."""
    values = {name: (value or "").strip() for name, value in given.items()}
    provider = provider_of(values)
    kinds = tuple(dict.fromkeys(name.lower() for name in _words(values.get("kinds") or ", ".join(_KINDS[provider]))))
    unknown = [name for name in kinds if name not in _KINDS[provider]]
    if unknown or not kinds:
        raise SettingsError(f"kinds has {', '.join(unknown)}; {provider} knows {', '.join(_KINDS[provider])}")
    asked = _words(values.get("folders") or DEFAULT_FOLDERS)
    folders = tuple(dict.fromkeys(folder_name(name) for name in asked))
    if None in folders:
        wrong = ", ".join(name for name in asked if folder_name(name) is None)
        raise SettingsError(
            f"folders has {wrong}; write {', '.join(FOLDER_TYPES)}, or a path such as \\Projects\\2026"
        )
    mailboxes = tuple(dict.fromkeys(name.lower() for name in _words(values.get("mailboxes", ""))))
    if any("@" not in name for name in mailboxes):
        wrong = ", ".join(name for name in mailboxes if "@" not in name)
        raise SettingsError(f"mailboxes has {wrong}; name each mailbox by its address, or none for all of them")
    directory = _YES.get((values.get("directory") or "yes").lower())
    if directory is None:
        raise SettingsError(f"directory is {values['directory']!r}; it must be yes or no")
    return InventoryStanza(
        provider, values["account"], kinds, folders, mailboxes, directory, connections_of(values)
    )


def sweeps_of(stanza: InventoryStanza, account: Account, secret: str, source: str) -> Iterator[Feed]:
    """What the stanza asks for, the directory first: it says who the others are. source is the input's name."""
    http = Http(verify=account.ca_file or True, connections=stanza.connections)
    make = _office365 if stanza.provider == "o365" else _workspace
    directory, delegations = make(http, stanza, account, secret, source)
    if stanza.directory:
        yield Feed("directory", DIRECTORY, directory)
    yield Feed("delegations", SNAPSHOT, delegations)


def apis_of(http: Http, account: Account, secret: str) -> Tuple[ExchangeApi, GraphApi]:
    """Exchange's and Graph's, each with a token of its own."""
    _, exchange_root, graph_root = _hosts(account)
    exchange = ExchangeApi(http, exchange_root, account.tenant, token_for(http, account, secret, exchange_root))
    return exchange, GraphApi(http, graph_root, token_for(http, account, secret, graph_root))


def exchange_token(http: Http, account: Account, secret: str) -> Token:
    """The token with which an application of the account asks Exchange Online."""
    return token_for(http, account, secret, _hosts(account)[1])


def token_for(http: Http, account: Account, secret: str, root: str) -> Token:
    """A token for one of Microsoft's APIs, by its root."""
    scope = f"{root.rstrip('/')}/.default"
    return entra_token(http, _hosts(account)[0], account.tenant, account.client_id, secret, scope)


def _office365(
    http: Http, stanza: InventoryStanza, account: Account, secret: str, source: str
) -> Tuple[Reader, Reader]:
    exchange, graph = apis_of(http, account, secret)
    scope = Scope(stanza.kinds, stanza.folders, stanza.mailboxes)
    return (
        GraphDirectorySweep(graph, exchange, account.tenant, source, account.client_id),
        ExchangeSweep(exchange, account.tenant, source, account.client_id, scope, stanza.connections,
                      graph=graph),
    )  # fmt: skip


def _hosts(account: Account) -> Tuple[str, str, str]:
    """Where to sign in, where Exchange is and where Graph is."""
    cloud = cloud_of(account)
    exchange = account.exchange_root if account.cloud == CUSTOM else EXCHANGE[account.cloud or "commercial"]
    hosts = {"exchange_root": exchange, "graph_root": cloud.graph_root}
    missing = [name for name, host in hosts.items() if not host]
    if missing:
        raise SettingsError(f"account {account.name}: with cloud = custom this input needs {' and '.join(missing)}")
    return cloud.authority, exchange, cloud.graph_root


def _workspace(
    http: Http, stanza: InventoryStanza, account: Account, secret: str, source: str
) -> Tuple[Reader, Reader]:
    custom = account.cloud == CUSTOM
    key = read_key_file(secret, custom)
    admin, gmail = (account.api_root, account.api_root) if custom else (GOOGLE_REPORTS, GOOGLE_GMAIL)
    who = (key, account.subject, source, account.customer)
    return (
        GoogleDirectorySweep(http, admin, *who, connections=stanza.connections),
        GmailSweep(http, gmail, admin, *who, mailboxes=stanza.mailboxes, connections=stanza.connections),
    )


def names(stanza: InventoryStanza) -> List[str]:
    """The names of what the stanza asks for."""
    return [*(["directory"] if stanza.directory else []), "delegations"]


def due(feed: str, states: Mapping[str, State], now: float) -> bool:
    """Whether a feed is to be read in this run: not the directory again when only the delegations were cut off.

    But it is where they take longer than a day: what is known of people would grow old meanwhile.
    """
    cut = {name for name, state in states.items() if unfinished(state, now)}
    return feed != "directory" or cut != {"delegations"} or now - float(states["delegations"]["started"]) >= STALE


def patience(error: SourceError, state: State, began: float, now: float) -> float:
    """Until when a sweep that an outage ended, with this state, may go on; 0 after any other error.

    began: when it was first tried, where it has no state.
    """
    if not outage(error, QUOTA):
        return 0.0
    return stale_at(state, now) if unfinished(state, now) else began + STALE


def told(items: Iterable[Item], tally: Tally) -> Iterator[Item]:
    """The items of a sweep; what its closing event names as not read is told by the tally.

    A kind, or a part, is the feed's failure; single mailboxes are warnings. What is covered is the time of the sweep,
    once that has come to its end and read something: a run that is cut off covers nothing.
    """
    blind: List[str] = []
    for item in items:
        if isinstance(item, Event):
            tally.events += 1
            if item.sourcetype == SWEEP:
                closing = json.loads(item.raw)
                tally.warnings += _warnings(closing)
                blind = [f"{one['kind']}, {one['part']}: {one['why']}" for one in closing["failed_kinds"]]
                if closing["status"] != "failed":
                    tally.covered = (_epoch(closing["started"]), _epoch(closing["ended"]))
        yield item
    tally.failed += blind  # a sweep that ends with an error is told by that


def _epoch(text: str) -> float:
    return timegm(strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def _warnings(closing: Mapping[str, Any]) -> List[str]:
    failed = closing["failed"]
    lines = [f"{one['mailbox']}, {one['kind']}: {one['why']}" for one in failed[:_NAMED]]
    if len(failed) > _NAMED:
        lines.append(f"{len(failed) - _NAMED} more could not be read; the sweep's event names them")
    missing = closing.get("folders_missing")
    if missing:
        lines.append(f"no mailbox that was read has a folder {', '.join(missing)}; check folders of this input")
    return lines


def _words(text: str) -> Tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
