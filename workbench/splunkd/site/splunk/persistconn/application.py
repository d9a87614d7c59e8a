"""The class that a persistent REST handler derives from, with the methods that Splunk's has."""

from typing import Any


class PersistentServerConnectionApplication:
    """One is made for each request, with the words of `script.arg.N` and with `script.param`."""

    def __init__(self) -> None:
        pass

    def handle(self, in_string: bytes) -> Any:
        """Answer a request, JSON in bytes, by a text or by a dictionary, which goes out as JSON."""
        raise NotImplementedError("PersistentServerConnectionApplication.handle")

    def done(self) -> None:
        """The request is over."""
