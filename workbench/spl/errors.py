"""What a search raises: SearchError, in Splunk's own words where messages.conf or the manual has them."""

from __future__ import annotations

from workbench.errors import WorkbenchError


class SearchError(WorkbenchError):
    """A search that Splunk, or this engine, refuses; the text is what the person reads."""

    exit_code = 2


def in_command(command: str, text: str) -> SearchError:
    """The error as Splunk shows it when a command refuses its arguments."""
    return SearchError(f"Error in '{command}' command: {text}")


class Unclosed(SearchError):
    """A quote, bracket, comment or backtick that opens at `place` of the text and is never closed."""

    def __init__(self, text: str, place: int):
        super().__init__(text)
        self.place = place
