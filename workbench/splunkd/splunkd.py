"""The stand-in itself: one app, one SPLUNK_HOME, a REST port, an index; it runs inputs, searches and the schedule."""

from __future__ import annotations

import secrets
import time
from datetime import timezone, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Type

from workbench.conf import Conf, Props
from workbench.conf.timestamps import event_time
from workbench.errors import BadInput
from workbench.spl import Result, Row, Window, search
from workbench.spl.errors import in_command
from workbench.spl.timemods import moment
from workbench.spl.values import text
from workbench.splunkd.actions import Actions
from workbench.splunkd.alerts import Alerts, FiredAlert
from workbench.splunkd.chunked import Host
from workbench.splunkd.environment import AppEnvironment
from workbench.splunkd.index import EventIndex, index_name
from workbench.splunkd.indexes import Indexes
from workbench.splunkd.inputs import Inputs
from workbench.splunkd.jobs import Jobs
from workbench.splunkd.kvstore import KVStore
from workbench.splunkd.modinput import InputRun
from workbench.splunkd.passwords import Passwords
from workbench.splunkd.persist import Persistent
from workbench.splunkd.rest import RestService
from workbench.splunkd.scheduler import History, Run, Schedule
from workbench.splunkd.sessions import Sessions
from workbench.splunkd.sharing import Sharing
from workbench.splunkd.tables import Tables
from workbench.splunkd.users import Users

Event = Dict[str, Any]

_BATCH = 1_000


class Splunkd:
    """A context manager. Nothing is written into `app_dir`; local settings and all data lie below `home`.

    `clock` gives the time that events are indexed at and searches run at, unless a call says another.
    """

    # Where a search looks that names no index: the default of Splunk's roles.
    default_indexes: Optional[Sequence[str]] = ("main",)
    # The user's time zone, for snaps, bounds and cron lines.
    tz: tzinfo = timezone.utc

    def __init__(self, app_dir: Path, home: Path, clock: Callable[[], float] = time.time):
        self.app_dir, self.home, self.clock = Path(app_dir).resolve(), Path(home).resolve(), clock
        self.app = _app_id(self.app_dir)
        self.server_name = "workbench"
        self.username, self.password = "admin", secrets.token_urlsafe(24)
        self.sharing = Sharing(self.app_dir)
        self.started = clock()
        own = self.home / "etc" / "apps" / self.app
        data = self.home / "var" / "lib" / "splunk"
        self.conf = Conf(self.app_dir, own / "local")
        self.users = Users(self.conf)
        self.users.add(self.username, self.password, ("admin",))
        self.persistent = Persistent(self.conf, self.app_dir, self.home)
        self.indexes = Indexes(self.conf)
        self.kvstore = KVStore(self.conf, data / "kvstore" / self.app)
        self.passwords = Passwords()
        self.sessions = Sessions()
        self.session_key = self.sessions.issue(self.username)
        self.tables = Tables(self.conf, own / "lookups", self.kvstore)
        self.events = EventIndex(data / "events.jsonl")
        self._rest = RestService(self, self.home / "etc" / "auth")
        self.uri, self.ca_file = self._rest.uri, self._rest.ca_file
        self.host = Host(self.app, self.app_dir, self.home, self.uri, self.sessions)
        self.jobs = Jobs(clock)
        self.bulletins: Dict[str, str] = {}
        self._alerts = Alerts(lambda condition, rows, now: self.search(condition, rows=rows, now=now).rows)
        self._actions = Actions(self)
        self._history = History()
        self.inputs = Inputs(self)

    def __enter__(self) -> Splunkd:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and close the files."""
        self._rest.close()
        self.persistent.close()
        self.events.close()

    @property
    def alerts(self) -> List[FiredAlert]:
        """Alerts fired so far, oldest first."""
        return self._alerts.fired

    def history(self, name: str) -> List[Run]:
        """The runs of one saved search, scheduled or not, newest first."""
        return self._history.of(name)

    def sees(self, app: str, kind: str) -> bool:
        """Whether an app's namespace shows our objects of a kind (a conf's name): own, wildcard, or exported."""
        return app in (self.app, "-") or self.sharing.exported(kind)

    def conf_of(self, owner: str) -> Conf:
        """The settings that a user sees: the app's, and above them the user's private ones where there are any."""
        return self.conf if owner in ("", "-", "nobody") else self.conf.private(self._private(owner))

    def _private(self, owner: str) -> Path:
        return self.home / "etc" / "users" / owner / self.app / "local"

    def set_secret(self, realm: str, username: str, password: str) -> None:
        """Put a secret into storage/passwords; it is kept in memory only."""
        self.passwords.put(realm, username, password)

    def run_input(
        self,
        stanza: str,
        params: Optional[Dict[str, str]] = None,
        take: Optional[Callable[[Event], None]] = None,
        timeout: Optional[float] = None,
    ) -> InputRun:
        """Start one stanza (`scheme://name`) as splunkd does: introspect, validate, run until it ends.

        `params` go over those of inputs.conf. Events are indexed, or given to `take` as
        {time, host, source, sourcetype, index, data}. A refusal by the input itself is a run without events;
        what splunkd refuses (an unknown input, a parameter that its scheme lacks) is BadInput.
        """
        if take is not None:
            return self.inputs.run(stanza, params or {}, take, timeout)
        batch = _Batches(self.index)
        try:
            return self.inputs.run(stanza, params or {}, batch.add, timeout)
        finally:
            batch.flush()

    def index(self, events: Iterable[Event]) -> int:
        """Index events {time, host, source, sourcetype, index, data}; their number.

        An event without a time gets it by props.conf. `indextime` may say when it was indexed.
        """
        props = Props(self.conf)
        now = self.clock()
        return self.events.add(_stored(self.timed(dict(event), props), now) for event in events)

    def timed(self, event: Event, props: Props) -> Event:
        """The event with a time: its own, or by the props in force for it."""
        if event.get("time") is None:
            names = (str(event.get(name) or "") for name in ("host", "source", "sourcetype"))
            event["time"] = event_time(event["data"], props.settings(*names), self.clock())
        return event

    def search(
        self,
        spl: str,
        earliest: Optional[str] = None,
        latest: Optional[str] = None,
        now: Optional[float] = None,
        rows: Optional[Iterable[Row]] = None,
        index_earliest: Optional[str] = None,
        index_latest: Optional[str] = None,
        owner: str = "nobody",
    ) -> Result:
        """Run a search at `now`; bounds are times as Splunk writes them (`-1d@d`, an epoch, ISO 8601).

        A search of an `owner` sees this user's private objects before the app's.
        """
        at = self.clock() if now is None else now
        environment = self.environment(at, owner)
        bounds = (earliest, latest, index_earliest, index_latest)
        environment.window = Window(*(_bound(written, at, self.tz) for written in bounds))
        said = len(self.host.messages)
        result = search(spl, environment, rows)
        result.messages.extend(dict.fromkeys(self.host.messages[said:]))
        return result

    def environment(self, now: Optional[float] = None, owner: str = "nobody") -> AppEnvironment:
        """What a search of `owner` at `now` sees: knowledge objects, the app's events and commands."""
        at = self.clock() if now is None else now
        conf = self.conf_of(owner)
        tables = self.tables if conf is self.conf else self.tables.seen_by(conf)
        environment = AppEnvironment(conf, self.events, tables, self.host, at, self._collector(at))
        environment.tz = self.tz
        environment.default_indexes = None if self.default_indexes is None else list(self.default_indexes)
        return environment

    def run_saved_search(self, name: str, now: Optional[float] = None) -> Result:
        """Dispatch a saved search at `now`; its alert fires when its condition holds and it is not throttled.

        Times of its window are relative to `now`. Custom alert actions run as processes; see `history`.
        """
        stanza = self.conf.stanza("savedsearches", name)
        if stanza is None or not stanza.get("search"):
            raise BadInput(f"no saved search named {name}")
        return self.dispatch(name, stanza, self.clock() if now is None else now)

    def dispatch(
        self, name: str, stanza: Dict[str, str], at: float, act: bool = True, owner: str = "nobody"
    ) -> Result:
        """Run the search of a stanza as a saved search of that name; unless `act`, no alert comes of it."""
        result = self.search(
            stanza["search"],
            stanza.get("dispatch.earliest_time"),
            stanza.get("dispatch.latest_time"),
            at,
            None,
            stanza.get("dispatch.index_earliest"),
            stanza.get("dispatch.index_latest"),
            owner,
        )
        if not act:
            return result
        sid = self._history.sid(self.app, name, at)
        fired = self._alerts.consider(name, stanza, at, result.rows)
        actions = [run for place, alert in enumerate(fired) for run in self._actions.run(stanza, alert, sid, place)]
        self._history.add(Run(sid, name, at, len(result.rows), len(fired), actions))
        return result

    def run_schedule(self, start: float, end: float) -> int:
        """Run every enabled scheduled search at its times after `start`, up to `end`; the number of runs."""
        runs = 0
        for at, name in Schedule(self.conf.stanzas("savedsearches"), self.tz).between(start, end):
            self.run_saved_search(name, at)
            runs += 1
        return runs

    def _collector(self, now: float) -> Callable[[List[Row], Dict[str, str]], None]:
        def collect(rows: List[Row], options: Dict[str, str]) -> None:
            if any(row.get("_raw") is None for row in rows):
                raise in_command("collect", "rows without _raw are not simulated.")
            written: List[Event] = [
                {
                    "host": options.get("host") or self.server_name,
                    "source": options.get("source") or "workbench",
                    "sourcetype": options.get("sourcetype") or "stash",
                    "index": options.get("index") or "summary",
                    "data": text(row["_raw"]),
                }
                for row in rows
            ]
            props = Props(self.conf)
            self.events.add(_stored(self.timed(event, props), now) for event in written)

        return collect


class _Batches:
    """Indexes events some hundred at a time."""

    def __init__(self, index: Callable[[List[Event]], int]):
        self._index = index
        self._held: List[Event] = []

    def add(self, event: Event) -> None:
        """Take one event."""
        self._held.append(event)
        if len(self._held) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Index what is held."""
        held, self._held = self._held, []
        if held:
            self._index(held)


def _stored(event: Event, now: float) -> Event:
    """An event as the index keeps it."""
    return {
        "_time": float(event["time"]),
        "_indextime": float(event.get("indextime", now)),
        "_raw": event["data"],
        "index": index_name(event.get("index")),
        "source": event.get("source") or "",
        "sourcetype": event.get("sourcetype") or "",
        "host": event.get("host") or "",
        "splunk_server": "workbench",
    }


def _bound(written: Optional[str], now: float, tz: tzinfo) -> Optional[float]:
    """A bound in epoch seconds; none for an empty one and for `0`. BadInput for what is no time."""
    if written is None or str(written).strip() in ("", "0"):
        return None
    found = moment(str(written), now, tz)
    if found is None:
        raise BadInput(f"{written}: no time; write an epoch, ISO 8601 or something like -24h@h")
    return found


def _app_id(app_dir: Path) -> str:
    """The app's id: [package] id or [id] name of app.conf, else its folder's name."""
    if not (app_dir / "default").is_dir():
        raise BadInput(f"{app_dir}: no app here (no default/ folder)")
    conf = Conf(app_dir)
    package, own = conf.stanza("app", "package") or {}, conf.stanza("app", "id") or {}
    return package.get("id") or own.get("name") or app_dir.name
