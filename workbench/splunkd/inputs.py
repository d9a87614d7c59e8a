"""An app's modular inputs: their schemes, what a stanza's parameters are, and the events that a run gives."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Optional, Tuple

from workbench.conf import Props
from workbench.conf.files import true
from workbench.errors import BadInput
from workbench.splunkd.eventstream import Written
from workbench.splunkd.index import index_name
from workbench.splunkd.intervals import Interval
from workbench.splunkd.modinput import InputError, InputRun, ModularInput, Scheme, Server

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

Settings = Dict[str, str]

# Parameters that splunkd itself gives every modular input.
_STANDARD = {"disabled": "0", "host": "", "index": "default", "interval": "60"}
_KNOWN = {*_STANDARD, "source", "sourcetype", "python.version", "python.required", "run_only_one", "run_introspection"}


class Inputs:
    """Starts the inputs of one stand-in, one at a time."""

    def __init__(self, splunkd: Splunkd):
        self._splunkd = splunkd
        self._schemes: Dict[str, Scheme] = {}
        self._running: Optional[ModularInput] = None
        self._saved: Dict[str, Settings] = {}

    def scheme(self, name: str) -> Scheme:
        """What the input's `--scheme` says; asked once. BadInput when there is no such input."""
        if name not in self._schemes:
            try:
                self._schemes[name] = self._input(name).introspect()
            except InputError as error:
                raise BadInput(str(error)) from error
        return self._schemes[name]

    def check(self, stanza: str, params: Settings) -> str:
        """The input's own objection to these parameters, empty when it has none."""
        name, _, title = stanza.partition("://")
        settings = self._settings(stanza, params)
        if not self.scheme(name).validates:
            return ""
        with self._splunkd.sessions.issued() as key:
            try:
                self._input(name).validate(self._server(key), title, settings)
            except InputError as error:
                return str(error)
        return ""

    def save(self, stanza: str, params: Settings) -> str:
        """The input's objection when a stanza is saved that is new or changed; empty when it has none."""
        settings = self._settings(stanza, params)
        switch = {"disabled": settings["disabled"]}  # to switch one on or off is no change
        refused = "" if {**self._saved.get(stanza, {}), **switch} == settings else self.check(stanza, params)
        if not refused:
            self._saved[stanza] = settings
        return refused

    def run(
        self, stanza: str, params: Settings, take: Callable[[Dict[str, Any]], None], timeout: Optional[float]
    ) -> InputRun:
        """Run a stanza until it ends; see Splunkd.run_input. One that is new or changed is validated, as on saving."""
        refused = self.save(stanza, params)
        if refused:
            return InputRun(exit_code=1, errors=[refused], log=[f"ERROR {refused}"])
        settings = self._saved[stanza]
        props = Props(self._splunkd.conf)
        with self._splunkd.sessions.issued() as key:
            self._running = self._input(stanza.partition("://")[0])
            try:
                return self._running.run(
                    self._server(key),
                    stanza,
                    self._splunkd.app,
                    settings,
                    lambda written: take(self._event(written, stanza, settings, props)),
                    timeout,
                )
            finally:
                self._running = None

    def due(self, begin: float, end: float) -> Iterator[Tuple[float, str]]:
        """(epoch, stanza) of each start of the enabled stanzas, by a splunkd that runs from `begin` to `end`."""
        starts = []
        for stanza, settings in self.enabled().items():
            interval = Interval(settings["interval"], self._splunkd.tz)
            starts.append([(at, stanza) for at in interval.starts(begin, end)])
        return heapq.merge(*starts)

    def enabled(self) -> Dict[str, Settings]:
        """The settings of each stanza that is switched on."""
        stanzas = self._splunkd.conf.stanzas("inputs")
        found = {}
        for stanza in stanzas:
            scheme, mark, _ = stanza.partition("://")
            settings = {**_STANDARD, **stanzas.get(scheme, {}), **stanzas[stanza]}
            if mark and not true(settings["disabled"]):
                found[stanza] = settings
        return found

    def stop(self) -> bool:
        """End the input that is running, as splunkd does when it shuts down; False when none is."""
        running = self._running
        return running is not None and running.stop()

    def signal(self, number: int) -> bool:
        """Send a signal to the process of a running input, as the system may; False when none runs."""
        running = self._running
        return running is not None and running.signal(number)

    def _input(self, name: str) -> ModularInput:
        script = self._splunkd.app_dir / "bin" / f"{name}.py"
        if not script.is_file():
            raise BadInput(f"unknown input {name}: the app has no bin/{name}.py")
        return ModularInput(name, script, self._splunkd.home)

    def _server(self, key: str) -> Server:
        return Server(self._splunkd.server_name, self._splunkd.uri, key, self._splunkd.home)

    def _settings(self, stanza: str, params: Settings) -> Settings:
        """The stanza's parameters in force; BadInput for one that the scheme does not declare, or lacks."""
        name = stanza.partition("://")[0]
        scheme = self.scheme(name)
        if scheme.streaming_mode != "xml" or scheme.single_instance:
            raise BadInput(f"{name}: only inputs in XML mode with an instance for each stanza are simulated")
        settings = {**_STANDARD, "host": self._splunkd.server_name}
        for layer in (name, stanza):
            settings.update(self._splunkd.conf.stanza("inputs", layer) or {})
        settings.update(params)
        for key in params:
            if key not in scheme.arguments and key not in _KNOWN:
                raise BadInput(f'Argument "{key}" is not supported by {name}.')
        Interval(settings["interval"], self._splunkd.tz)
        missing = [key for key, arg in scheme.arguments.items() if arg.required_on_create and not settings.get(key)]
        if missing:
            raise BadInput(f"The following required arguments are missing: {', '.join(missing)}.")
        return settings

    def _event(self, written: Written, stanza: str, settings: Settings, props: Props) -> Dict[str, Any]:
        """What the input wrote, completed from the stanza and, for the time, from props.conf."""
        event: Dict[str, Any] = {
            "time": written.time,
            "host": written.host or settings["host"],
            "source": written.source or settings.get("source") or stanza,
            "sourcetype": written.sourcetype or settings.get("sourcetype") or stanza.partition("://")[0],
            "index": index_name(written.index or settings["index"]),
            "data": written.data,
        }
        return self._splunkd.timed(event, props)
