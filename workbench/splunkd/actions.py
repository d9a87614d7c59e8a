"""Custom alert actions of the app, run as processes by Splunk's protocol.

Sources: alert_actions.conf.spec; "Create a custom alert action script" and "Advanced options for working with custom
alert actions" of Splunk's developer manual. The lines of the log are those that splunkd.log is known to hold.
"""

from __future__ import annotations

import gzip
import json
import re
import time
import xml.etree.ElementTree as ET
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from workbench.conf.files import true
from workbench.errors import BadInput
from workbench.spl.timeformat import strftime
from workbench.spl.values import Row, text
from workbench.splunkd.alerts import FiredAlert, enabled_actions, seconds
from workbench.splunkd.frames import to_csv
from workbench.splunkd.process import Script

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

_TOKEN = re.compile(r"\$([\w.:{}-]+)\$")
_ARGUMENT = re.compile(r"alert\.execute\.cmd\.arg\.(\d+)")
_PARAMETER = re.compile(r"(?:action\.[\w-]+\.)?param\.(.+)")
_DEFAULT_MAXTIME = "5m"


@dataclass(frozen=True)
class ActionRun:
    """One start of an action's script: its exit code, and what splunkd would log."""

    action: str
    exit_code: int
    log: List[str] = field(default_factory=list)


class Actions:
    """Runs the actions of the alerts that fire in one stand-in."""

    def __init__(self, splunkd: Splunkd):
        self._splunkd = splunkd

    def run(self, stanza: Dict[str, str], alert: FiredAlert, sid: str, place: int) -> List[ActionRun]:
        """Run each custom action of a saved search's stanza that alert_actions.conf knows; others do nothing here.

        `place` counts the alerts of one run of the search, from 0. BadInput for an action that cannot be started.
        """
        found = []
        for action in enabled_actions(stanza):
            definition = self._splunkd.conf.stanza("alert_actions", action)
            if definition is not None and true(definition.get("is_custom", "0")):
                found.append(self._one(action, definition, stanza, alert, sid, place))
        return found

    def _one(
        self, action: str, definition: Dict[str, str], stanza: Dict[str, str], alert: FiredAlert, sid: str, place: int
    ) -> ActionRun:
        splunkd = self._splunkd
        script, arguments = self._command(action, definition)
        results = self._results(alert, sid, place, true(stanza.get("alert.digest_mode", "1")))
        with splunkd.sessions.issued(splunkd.username) as key:
            payload = self._payload(alert, stanza, sid, results, key)
            payload["configuration"] = configuration(action, definition, stanza, self._tokens(alert, stanza, payload))
            form = definition.get("payload_format", "xml").strip().lower()
            if form not in ("json", "xml"):
                raise BadInput(f"alert_actions.conf [{action}]: payload_format = {form} is neither json nor xml")
            written = json.dumps(payload, ensure_ascii=False).encode() if form == "json" else as_xml(payload)
            limit = seconds(action, "maxtime", definition.get("maxtime", _DEFAULT_MAXTIME))
            code, errors, took = execute(script, arguments, splunkd.home, written, limit)
        return ActionRun(action, code, _log(action, alert, sid, splunkd, errors, code, took))

    def _command(self, action: str, definition: Dict[str, str]) -> Tuple[Path, List[str]]:
        """The script in bin/ (`alert.execute.cmd`, else the stanza's name) and its arguments (else --execute)."""
        name = definition.get("alert.execute.cmd", f"{action}.py").strip()
        script = self._splunkd.app_dir / "bin" / name
        if not name.endswith(".py") or "/" in name or not script.is_file():
            raise BadInput(f"alert_actions.conf [{action}]: bin/{name} is no Python script of the app")
        found = [(_ARGUMENT.fullmatch(key), value) for key, value in definition.items()]
        given = sorted((int(match.group(1)), value) for match, value in found if match)
        return script, [value for _, value in given] or ["--execute"]

    def _results(self, alert: FiredAlert, sid: str, place: int, digest: bool) -> Path:
        """The rows as gzipped CSV in the dispatch directory, for one row in its own file."""
        folder = self._splunkd.home / "var" / "run" / "splunk" / "dispatch" / sid
        path = folder / "results.csv.gz" if digest else folder / "per_result_alert" / f"tmp_{place}.csv.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = list(dict.fromkeys(name for row in alert.rows for name in row))
        path.write_bytes(gzip.compress(to_csv(alert.rows, columns), mtime=0))
        return path

    def _payload(
        self, alert: FiredAlert, stanza: Dict[str, str], sid: str, results: Path, key: str
    ) -> Dict[str, Any]:
        splunkd = self._splunkd
        return {
            "app": splunkd.app,
            "owner": "nobody",
            "results_file": str(results),
            "results_link": f"http://{splunkd.server_name}:8000/app/{splunkd.app}/@go?sid={sid}",
            "search_uri": f"/servicesNS/nobody/{splunkd.app}/saved/searches/{alert.search.replace(' ', '+')}",
            "server_host": splunkd.server_name,
            "server_uri": splunkd.uri,
            "session_key": key,
            "sid": sid,
            "search_name": alert.search,
            "result": _first(alert.rows),
        }

    def _tokens(self, alert: FiredAlert, stanza: Dict[str, str], payload: Dict[str, Any]) -> Dict[str, str]:
        tz = self._splunkd.tz
        return {
            "app": payload["app"], "owner": payload["owner"], "name": alert.search,
            "search": stanza.get("search", ""), "description": stanza.get("description", ""),
            "cron_schedule": stanza.get("cron_schedule", ""), "results_link": payload["results_link"],
            "job.sid": payload["sid"], "job.resultCount": str(len(alert.rows)),
            "server.serverName": payload["server_host"],
            "trigger_time": str(int(alert.time)), "trigger_date": strftime(alert.time, "%B %d, %Y", tz),
            "trigger_timeHMS": strftime(alert.time, "%I:%M:%S %p", tz),
            **{f"result.{name}": "\n".join(value) if isinstance(value, list) else value
               for name, value in payload["result"].items()},
        }  # fmt: skip


def configuration(
    action: str, definition: Dict[str, str], stanza: Dict[str, str], tokens: Dict[str, str]
) -> Dict[str, str]:
    """`param.*` of alert_actions.conf with the saved search's `action.<name>.param.*` over them, tokens filled in.

    A token of a result's field that is missing gives nothing; other text between dollar signs stays [unverified].
    """
    own = {key: value for key, value in stanza.items() if key.startswith(f"action.{action}.param.")}
    found: Dict[str, str] = {}
    for key, value in [*definition.items(), *own.items()]:
        match = _PARAMETER.fullmatch(key)
        if match:
            found[match.group(1)] = _TOKEN.sub(lambda token: _token(token, tokens), value)
    return found


def _token(token: re.Match[str], tokens: Dict[str, str]) -> str:
    name = token.group(1)
    return tokens.get(name, "" if name.startswith("result.") else token.group())


def as_xml(payload: Dict[str, Any]) -> bytes:
    """The payload as an <alert> document; result fields and parameters have their names in an attribute."""
    root = ET.Element("alert")
    for name, value in payload.items():
        if name == "result":
            holder = ET.SubElement(root, name)
            for key, item in value.items():
                ET.SubElement(holder, "field", k=key).text = "\n".join(item) if isinstance(item, list) else item
        elif name == "configuration":
            holder = ET.SubElement(root, name)
            for key, item in value.items():
                ET.SubElement(holder, "param", name=key).text = item
        else:
            ET.SubElement(root, name).text = value
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def execute(
    script: Path, arguments: List[str], home: Path, payload: bytes, limit: float
) -> Tuple[int, List[str], float]:
    """Start the script, write the payload, wait; (exit code, lines on stderr, seconds). It is killed after `limit`."""
    begun = time.monotonic()
    running = Script(script, arguments, home)
    running.arm(limit)
    with suppress(OSError):  # a script may end without reading
        running.stdin.write(payload)
        running.stdin.flush()
    running.close_input()
    running.stdout.read()
    code = running.finish()
    errors = [*running.stderr, *([f"killed after {limit:g} s (maxtime)"] if running.timed_out else [])]
    return code, errors, time.monotonic() - begun


def _first(rows: List[Row]) -> Dict[str, Any]:
    """The first result; texts, and lists of texts where a field has several values."""
    shown = {name: value for name, value in (rows[0] if rows else {}).items() if value is not None}
    return {
        name: [text(item) for item in value] if isinstance(value, list) else text(value)
        for name, value in shown.items()
    }


def _log(
    action: str, alert: FiredAlert, sid: str, splunkd: Splunkd, errors: List[str], code: int, took: float
) -> List[str]:
    lines = [
        f'INFO sendmodalert - Invoking modular alert action={action} for search="{alert.search}" sid="{sid}" '
        f'in app="{splunkd.app}" owner="nobody" type="saved"'
    ]
    lines += [f"ERROR sendmodalert - action={action} STDERR - {line}" for line in errors]
    lines.append(
        f"INFO sendmodalert - action={action} - Alert action script completed in duration={took * 1000:.0f} ms "
        f"with exit code={code}"
    )
    if code:
        lines.append(f"WARN sendmodalert - action={action} - Alert action script returned error code={code}")
    return lines
