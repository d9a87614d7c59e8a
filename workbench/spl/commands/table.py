"""What a search command is to the pipeline: a reader of its arguments that gives a stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Dict, Iterable, List, Optional

from workbench.spl.arguments import Arguments
from workbench.spl.environment import Environment, Window
from workbench.spl.values import Row

Stage = Callable[[List[Row]], List[Row]]


@dataclass
class Context:
    """One pipeline in the making; subsearches have a context of their own.

    `first` tells that the command being read starts the pipeline. `run` runs the text of a further
    pipeline: over rows, or from nothing when rows is None. `columns` is the order in which a
    transforming command left them; `window` the time that the base search covers.
    """

    env: Environment
    search: str
    depth: int
    run: Callable[[Context, str, Optional[Iterable[Row]]], List[Row]]
    messages: List[str] = field(default_factory=list)
    first: bool = False
    columns: List[str] = field(default_factory=list)
    window: Window = field(init=False)

    def __post_init__(self) -> None:
        self.window = self.env.window

    def subsearch(self, text: str, rows: Optional[Iterable[Row]] = None) -> List[Row]:
        """Run a pipeline one level down."""
        return self.run(self, text, rows)


Reader = Callable[[Arguments, Context], Stage]


@dataclass(frozen=True)
class SearchCommand:
    """A command: how it reads its arguments; whether it starts a search; whether `[...]` is a pipeline."""

    read: Reader
    generating: bool
    pipelines: bool


COMMANDS: Dict[str, SearchCommand] = {}


def command(*names: str, generating: bool = False, pipelines: bool = False) -> Callable[[Reader], Reader]:
    """Decorator: register the reader of a command under its names."""

    def register(read: Reader) -> Reader:
        for name in names:
            COMMANDS[name] = SearchCommand(read, generating, pipelines)
        return read

    return register
