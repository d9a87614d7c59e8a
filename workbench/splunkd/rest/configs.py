"""The app's .conf files as entities: configs/conf-<name>, properties, and the endpoints that are views of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Dict, List, Optional, Pattern

from workbench.splunkd.rest.access import check_write
from workbench.splunkd.rest.messages import Call, Endpoints, Entry, Feed, RestError, only_arguments, page

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

# Arguments of a POST that are no settings.
_CONTROL = ("output_mode", "name")
_SWITCHES = {"enable": "0", "disable": "1"}


@dataclass(frozen=True)
class Stanzas:
    """Stanzas of one .conf file as an endpoint; an entity's name is the stanza's without `prefix`."""

    conf: str
    endpoint: str
    prefix: str = ""
    settings: Optional[Pattern[str]] = None  # what it takes; configs/conf-<name> takes anything

    def serve(self, splunkd: Splunkd, call: Call, path: List[str]) -> Feed:
        """List and create; with a name get, update and delete. An unknown file is an empty one."""
        if path == ["_reload"]:
            path = []  # settings are read when they are asked for
        if len(path) == 2 and path[1] in _SWITCHES and call.method == "POST":
            only_arguments(call, ())
            call.params["disabled"] = _SWITCHES[path[1]]
            path = path[:1]
        if len(path) > 1:
            raise RestError(501, f"{self.endpoint}/{{name}}/{path[1]} is not simulated.")
        if call.method not in ("GET", "POST", "DELETE"):
            raise RestError(405, "Method Not Allowed")
        names = self._names(splunkd, call)
        if not path:
            return self._create(splunkd, call, names) if call.method == "POST" else self._list(splunkd, call, names)
        name = path[0]
        if name not in names:
            raise RestError(404, f"Could not find object id={name}")
        if call.method == "DELETE":
            check_write(splunkd, call, self.conf, name)
            if not splunkd.conf_of(call.namespace.owner).remove(self.conf, self.prefix + name):  # [unverified] text
                raise RestError(400, f"Object id={name} cannot be deleted in config={self.conf}.")
            return Feed(self.endpoint, splunkd.app, [])
        if call.method == "POST":
            self._write(splunkd, call, name)
        return Feed(self.endpoint, splunkd.app, [self.entry(splunkd, call, name)])

    def entry(self, splunkd: Splunkd, call: Call, name: str) -> Entry:
        """One stanza as an entity."""
        conf, stanza = splunkd.conf_of(call.namespace.owner), self.prefix + name
        owner = call.namespace.owner if call.namespace.private and conf.own(self.conf, stanza) else "nobody"
        content = {"disabled": "0", "eai:appName": splunkd.app, "eai:userName": owner}
        return Entry(name, self.endpoint, {**content, **(conf.stanza(self.conf, stanza) or {})}, owner=owner)

    def _names(self, splunkd: Splunkd, call: Call) -> List[str]:
        if not splunkd.sees(call.namespace.app, self.conf):
            return []
        if not call.namespace.private and not splunkd.sharing.may(call.who.roles, self.conf, "read"):
            return []
        stanzas = splunkd.conf_of(call.namespace.owner).stanzas(self.conf)
        return [name[len(self.prefix) :] for name in stanzas if name.startswith(self.prefix)]

    def _list(self, splunkd: Splunkd, call: Call, names: List[str]) -> Feed:
        if call.method != "GET":
            raise RestError(405, "Method Not Allowed")
        entries = [self.entry(splunkd, call, name) for name in names]
        return page(entries, call, self.endpoint, splunkd.app)

    def _create(self, splunkd: Splunkd, call: Call, names: List[str]) -> Feed:
        name = call.params.get("name", "")
        if not name:
            raise RestError(400, 'Cannot perform action "POST" without a target name to act on.')
        own = not call.namespace.private or splunkd.conf_of(call.namespace.owner).own(self.conf, self.prefix + name)
        if name in names and own:
            raise RestError(409, f"An object with name={name} already exists")
        self._write(splunkd, call, name)
        return Feed(self.endpoint, splunkd.app, [self.entry(splunkd, call, name)], status=201)

    def _write(self, splunkd: Splunkd, call: Call, name: str) -> None:
        if call.namespace.app != splunkd.app:
            raise RestError(501, f"The stand-in writes settings of the app {splunkd.app} only.")
        check_write(splunkd, call, self.conf, name)
        if self.settings is not None:
            wrong = next((key for key in stanza_settings(call) if not self.settings.fullmatch(key)), None)
            if wrong is not None:
                raise RestError(400, f'Argument "{wrong}" is not supported by this handler.')
        splunkd.conf_of(call.namespace.owner).update(self.conf, self.prefix + name, stanza_settings(call))


def stanza_settings(call: Call) -> Dict[str, str]:
    """Parameters of a request that are settings of a stanza."""
    return {name: value for name, value in call.params.items() if name not in _CONTROL}


def _configs(splunkd: Splunkd, call: Call) -> Feed:
    file = call.path[0] if call.path else ""
    if not file.startswith("conf-"):
        raise RestError(404, "Not Found")
    return Stanzas(file[len("conf-") :], f"configs/{file}").serve(splunkd, call, call.path[1:])


def _properties(splunkd: Splunkd, call: Call) -> Feed:
    """Names of .conf files, or of one file's stanzas; 404 for a file that is not there."""
    if call.method != "GET":
        raise RestError(405, "Method Not Allowed")
    names = [name for name in splunkd.conf.names() if splunkd.sees(call.namespace.app, name)]
    if not call.path:
        return page([Entry(name, "properties", {}) for name in names], call, "properties", splunkd.app)
    if call.path[0] not in names or len(call.path) > 1:
        raise RestError(404, f"{call.path[0]} does not exist")
    endpoint = f"properties/{call.path[0]}"
    entries = [Entry(name, endpoint, {}) for name in splunkd.conf.stanzas(call.path[0])]
    return page(entries, call, endpoint, splunkd.app)


ENDPOINTS: Endpoints = {"configs": (_configs, True), "properties": (_properties, True)}
