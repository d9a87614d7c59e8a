"""What the modular inputs have in common: parameters as splunkd is told of them, a run's log, events on their way."""

import sys
from typing import Any, Dict, Iterable, List, Tuple, Type

from splunklib.modularinput import Argument, EventWriter, Scheme, Script

from .checkpoints import Checkpoints
from .events import EventXml, event_head
from .session import SplunkError


class FeedInput(Script):
    """One process for each stanza; it reads what is new, writes it out, and ends.

    A script says title, description, arguments (name: title, description, required), which errors are for a person
    to mend, and has check(parameters) and collect(name, given, metadata, ew, tally). A tally has the lists `warnings`
    and `failed`, and its text is the run's closing line.
    """

    title = description = ""
    arguments: Dict[str, Tuple[str, str, bool]] = {}  # noqa: RUF012  never changed
    mendable: Tuple[Type[Exception], ...] = (SplunkError,)
    tally: Any = None
    failed = False

    def get_scheme(self) -> Scheme:
        """What splunkd shows and asks for."""
        scheme = Scheme(self.title)
        scheme.description = self.description
        scheme.use_external_validation = True
        scheme.use_single_instance = False
        for name, (title, description, required) in self.arguments.items():
            scheme.add_argument(Argument(name, title=title, description=description, required_on_create=required))
        return scheme

    def validate_input(self, definition: Any) -> None:
        """Refuse a stanza that cannot be right; the message is for the person who writes it."""
        self.check(definition.parameters)

    def check(self, parameters: Dict[str, Any]) -> None:
        """Raise an error that says what is wrong with the parameters, and what to do."""
        raise NotImplementedError

    def collect(self, name: str, given: Dict[str, Any], metadata: Dict[str, str], ew: EventWriter, tally: Any) -> None:
        """Read one stanza."""
        raise NotImplementedError

    def stream_events(self, inputs: Any, ew: EventWriter) -> None:
        """Read each stanza; an error that a person can mend is one ERROR line and a non-zero exit."""
        for name, given in inputs.inputs.items():
            tally = self.tally()
            try:
                self.collect(name, given, inputs.metadata, ew, tally)
            except self.mendable as error:
                tally.failed.append(str(error))
            self.tell(name, ew, tally)
            ew.log(EventWriter.INFO, f"input={name} {tally}")

    def tell(self, name: str, ew: EventWriter, tally: Any) -> None:
        """Log what a person should know while the run goes on, so that its end, whatever it be, costs no line."""
        self.failed = self.failed or bool(tally.failed)
        for level, prefix, lines in ((EventWriter.WARN, f"input={name} ", tally.warnings),
                                     (EventWriter.ERROR, "", tally.failed)):  # fmt: skip
            for line in lines:
                ew.log(level, prefix + line)
            lines.clear()

    def copy(
        self, name: str, given: Dict[str, Any], ew: EventWriter, tally: Any, checkpoints: Checkpoints, feed: str,
        sourcetype: str, items: Iterable[Any],
    ) -> None:  # fmt: skip
        """Write a feed's events out, and keep each checkpoint once the events before it are flushed."""
        index = given.get("index") or "default"
        heads: Dict[str, str] = {}
        for item in items:
            if hasattr(item, "state"):
                sys.stdout.flush()
                checkpoints.store(feed, item.state)
                self.tell(name, ew, tally)
                continue
            kind = item.sourcetype or sourcetype
            if kind not in heads:
                heads[kind] = event_head(name, name, kind, index)
            ew.write_event(EventXml(heads[kind], item.time, item.raw))


def run(script: Type[FeedInput], argv: List[str]) -> int:
    """Run the script as splunkd asks for it; the exit code, 1 where a run failed."""
    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # whatever the host's language is
    made = script()
    code: int = made.run(argv)
    return 1 if made.failed else code
