"""The KV store: documents of the collections that collections.conf declares, each in its journal under SPLUNK_HOME.

Limits are limits.conf's [kvstore]; the query operators are those of the KV store's REST reference. Where no
document gives the text of a refusal it is marked [unverified].
"""

from __future__ import annotations

import json
import secrets
import threading
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

from workbench.conf import Conf
from workbench.splunkd.journal import Document, Journal

MAX_BATCH = 1_000
MAX_BATCH_BYTES = 50 * 1024 * 1024
MAX_ROWS = 50_000
_USER = "nobody"

_TYPES: Dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "time": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
}


class KVError(Exception):
    """A refusal: HTTP status and text."""

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status = status
        self.text = text


class Collection:
    """Documents by `_key`, in the order they came; every change is on disk before it is answered."""

    def __init__(self, name: str, settings: Dict[str, str], path: Path):
        self.name = name
        self.settings = settings
        self._lock = threading.RLock()
        self._journal = Journal(path)
        self._documents = self._journal.documents

    def get(self, key: str) -> Document:
        """One document; KVError 404 when there is none."""
        with self._lock:
            if key not in self._documents:
                raise KVError(404, "Could not find object.")
            return dict(self._documents[key])

    def all(self) -> List[Document]:
        """Every document, however many."""
        with self._lock:
            return list(self._documents.values())

    def query(
        self,
        query: Optional[Document] = None,
        sort: str = "",
        fields: str = "",
        limit: int = 0,
        skip: int = 0,
    ) -> List[Document]:
        """Documents that match, sorted by `a:1,b:-1`, cut to `fields`; at most 50,000."""
        matches = matcher(query or {})
        with self._lock:
            found = [document for document in self._documents.values() if matches(document)]
        for part in reversed([part for part in sort.split(",") if part]):
            name, _, way = part.partition(":")
            found.sort(key=lambda item: _order(_value(item, name)), reverse=way.strip() == "-1")
        found = found[skip : skip + (min(limit, MAX_ROWS) if limit > 0 else MAX_ROWS)]
        return [_project(document, fields) for document in found]

    def insert(self, document: Any) -> str:
        """Add a document and return its key; KVError 409 when the key is taken."""
        with self._lock:
            checked = self._checked(document)
            if checked["_key"] in self._documents:
                raise KVError(409, "A document with the same key and user already exists.")
            self._journal.put([checked])
            return str(checked["_key"])

    def replace(self, key: str, document: Any) -> str:
        """Replace the document of that key; KVError 404 when there is none."""
        with self._lock:
            self.get(key)
            self._journal.put([self._checked(document, key)])
            return key

    def save(self, documents: Any) -> List[str]:
        """Insert or replace several (batch_save); their keys. Nothing is written when one is refused."""
        if not isinstance(documents, list):
            raise KVError(400, "JSON in the request is invalid. ( Not an array )")
        if len(documents) > MAX_BATCH:
            raise KVError(
                400,
                "Request exceeds API limits - see limits.conf for details. (Too many documents for a single "
                f"batch save, max_documents_per_batch_save={MAX_BATCH})",
            )
        return self.store(documents)

    def store(self, documents: List[Document]) -> List[str]:
        """As `save`, without the limits of the REST endpoint (for outputlookup)."""
        with self._lock:
            checked = [self._checked(document) for document in documents]
            self._journal.put(checked)
            return [document["_key"] for document in checked]

    def delete(self, key: str) -> None:
        """Remove one document; KVError 404 when there is none."""
        with self._lock:
            self.get(key)
            self._journal.drop([key])

    def clear(self, query: Optional[Document] = None) -> None:
        """Remove what matches; everything without a query."""
        matches = matcher(query or {})
        with self._lock:
            self._journal.drop([key for key, value in self._documents.items() if matches(value)])

    def types(self) -> Dict[str, str]:
        """Declared types by field name."""
        return {
            key[len("field.") :]: value for key, value in self.settings.items() if key.startswith("field.")
        }

    def _checked(self, document: Any, key: Optional[str] = None) -> Document:
        """The document as it is stored. A field of the wrong type fails it where types are enforced, else goes."""
        if not isinstance(document, dict):
            raise KVError(400, "JSON in the request is invalid. ( Not an object )")
        enforce = self.settings.get("enforceTypes", "false").lower() in ("true", "1")
        stored = dict(document)
        for name, kind in self.types().items():
            if stored.get(name) is None or _TYPES.get(kind, lambda value: True)(stored[name]):
                continue
            if enforce:  # [unverified] text
                raise KVError(400, f"Invalid value for field '{name}': type must be {kind}.")
            del stored[name]
        given = key if key is not None else stored.get("_key")
        if given is not None and not isinstance(given, str):
            raise KVError(400, "The '_key' must be a string.")  # [unverified] text
        stored["_user"] = _USER
        stored["_key"] = given or secrets.token_hex(12)
        return stored


class KVStore:
    """The collections of one app; over REST their documents are refused as long as it is not `ready`."""

    def __init__(self, conf: Conf, folder: Path):
        self.ready = True
        self._conf = conf
        self._folder = folder
        self._open: Dict[str, Collection] = {}
        self._lock = threading.Lock()

    def names(self) -> List[str]:
        """Collections that collections.conf declares."""
        return list(self._conf.stanzas("collections"))

    def remove(self, name: str) -> bool:
        """Forget a collection and its documents; False for one that the app ships."""
        with self._lock:
            if not self._conf.remove("collections", name):
                return False
            self._open.pop(name, None)
            (self._folder / f"{name}.jsonl").unlink(missing_ok=True)
            return True

    def collection(self, name: str) -> Collection:
        """A declared collection; KVError 404 for any other name."""
        settings = self._conf.stanza("collections", name)
        if settings is None:
            raise KVError(404, "Could not find object.")
        with self._lock:
            if name not in self._open:
                self._open[name] = Collection(name, settings, self._folder / f"{name}.jsonl")
            return self._open[name]


def matcher(query: Any) -> Callable[[Document], bool]:
    """A test for documents from a query; KVError 400 for operators that the KV store does not have."""
    if not isinstance(query, dict):
        raise KVError(400, "The provided query was invalid.")
    tests = [_clause(name, wanted) for name, wanted in query.items()]
    return lambda document: all(test(document) for test in tests)


def _clause(name: str, wanted: Any) -> Callable[[Document], bool]:
    if name in ("$and", "$or"):
        if not isinstance(wanted, list):
            raise KVError(400, "The provided query was invalid.")
        parts = [matcher(part) for part in wanted]
        join = all if name == "$and" else any
        return lambda document: join(part(document) for part in parts)
    if name == "$not":
        part = matcher(wanted)
        return lambda document: not part(document)
    if name.startswith("$"):
        raise KVError(400, "The provided query was invalid.")
    if isinstance(wanted, dict) and any(key.startswith("$") for key in wanted):
        tests = [_comparison(name, operator, operand) for operator, operand in wanted.items()]
        return lambda document: all(test(document) for test in tests)
    return lambda document: _equal(_value(document, name), wanted)


_COMPARISONS: Dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda left, right: left > right,
    "$gte": lambda left, right: left >= right,
    "$lt": lambda left, right: left < right,
    "$lte": lambda left, right: left <= right,
}


def _comparison(name: str, operator: str, operand: Any) -> Callable[[Document], bool]:
    if operator == "$ne":
        return lambda document: not _equal(_value(document, name), operand)
    compare = _COMPARISONS.get(operator)
    if compare is None:
        raise KVError(400, "The provided query was invalid.")

    def test(document: Document) -> bool:
        value = _value(document, name)
        if _order(value)[0] != _order(operand)[0] or value is None:
            return False
        return compare(value, operand)

    return test


def _value(document: Document, name: str) -> Any:
    """A field, or a part of one by its dotted path."""
    if name in document:
        return document[name]
    value: Any = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(value, list) and not isinstance(wanted, list):
        return any(_equal(item, wanted) for item in value)
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _order(value: Any) -> Any:
    """Sort key over mixed types: null, numbers, text, the rest."""
    if value is None:
        return (0, 0)
    if isinstance(value, (int, float)):
        return (1, value)
    return (2, value) if isinstance(value, str) else (3, json.dumps(value, sort_keys=True))


def _project(document: Document, fields: str) -> Document:
    """The document cut to `a,b` (or without `a:0,b:0`); `_key` stays unless it is excluded."""
    parts = [part.strip().partition(":") for part in fields.split(",") if part.strip()]
    if not parts:
        return dict(document)
    excluded = {name for name, _, flag in parts if flag == "0"}
    wanted = {name for name, _, flag in parts if flag != "0"} | {"_key"}
    if excluded and len(excluded) == len(parts):
        return {name: value for name, value in document.items() if name not in excluded}
    return {name: value for name, value in document.items() if name in wanted - excluded}
