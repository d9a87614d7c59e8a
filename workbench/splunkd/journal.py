"""Documents by key in a file to which each change is appended; what a document means is kvstore.py's business.

Each line is a JSON object, `put` with documents or `drop` with keys, and counts only with the end of its line: what was
cut off while it was written was never answered for. The file is written anew, one line for all, when most of it is of
the past.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterable, List

from workbench.conf.files import write_whole

Document = Dict[str, Any]
# Bytes that the past may take in any case.
_SLACK = 1_000_000


class Journal:
    """`documents` by `_key`, in the order they came; a change is on disk when `put` or `drop` comes back."""

    def __init__(self, path: Path):
        self._path = path
        self.documents: Dict[str, Document] = {}
        self._size, self._most = 0, _SLACK
        if path.is_file():
            for line in path.read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    self._apply(**json.loads(line))
                    self._size += len(line)
            self._compact()

    def put(self, documents: List[Document]) -> None:
        """Add documents or replace those of the same `_key`: all of them, or none when the file cannot be written."""
        self._change(put=documents)

    def drop(self, keys: Iterable[str]) -> None:
        """Remove the documents of these keys."""
        self._change(drop=list(keys))

    def _change(self, **change: List[Any]) -> None:
        line = _line(change)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("r+b" if self._size else "wb") as stream:
            stream.truncate(self._size)  # what is behind was cut off
            stream.seek(self._size)
            stream.write(line)
        self._size += len(line)
        self._apply(**change)
        if self._size > self._most:
            self._compact()

    def _apply(self, put: Iterable[Document] = (), drop: Iterable[str] = ()) -> None:
        self.documents.update((document["_key"], document) for document in put)
        for key in drop:
            del self.documents[key]

    def _compact(self) -> None:
        line = _line({"put": list(self.documents.values())})
        write_whole(self._path, line.decode())
        self._size, self._most = len(line), 2 * len(line) + _SLACK


def _line(change: Dict[str, List[Any]]) -> bytes:
    return json.dumps(change).encode() + b"\n"
