"""storage/passwords and storage/collections."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from workbench.splunkd.kvstore import MAX_BATCH_BYTES, Collection, KVError
from workbench.splunkd.passwords import Key, entry_name
from workbench.splunkd.rest.access import check_write
from workbench.splunkd.rest.configs import stanza_settings
from workbench.splunkd.rest.messages import (
    Call,
    Endpoints,
    Entry,
    Feed,
    Plain,
    RestError,
    as_json,
    only_arguments,
    page,
)

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

_PASSWORDS = "storage/passwords"
_CONFIG = "storage/collections/config"
_SETTING = re.compile(r"(field|accelerated_fields)\.\S+|enforceTypes|(replicat|profiling)\w+|disabled")
_NOBODY = "Must use user context of 'nobody' when interacting with collection configurations (used user='{}')"


def _passwords(splunkd: Splunkd, call: Call) -> Feed:
    """List and create; with a name get, update and delete. Secrets belong to the app's namespace."""
    own = splunkd.sees(call.namespace.app, "passwords")
    if call.path:
        return _password(splunkd, call, own)
    if call.method == "GET":
        entries = [_password_entry(key, clear) for key, clear in splunkd.passwords.items()] if own else []
        return page(entries, call, _PASSWORDS, splunkd.app)
    _only(call, "POST")
    if call.namespace.app != splunkd.app:
        raise RestError(501, f"The stand-in keeps passwords of the app {splunkd.app} only.")
    only_arguments(call, ("password", "realm"))
    username, password = call.required("name"), call.required("password")
    realm = call.params.get("realm", "")
    if not splunkd.passwords.create(realm, username, password):
        raise RestError(409, f"An object with name={entry_name(realm, username)} already exists")
    feed = Feed(_PASSWORDS, splunkd.app, [_password_entry((realm, username), password)])
    feed.status = 201
    return feed


def _password(splunkd: Splunkd, call: Call, own: bool) -> Feed:
    key = splunkd.passwords.find(call.path[0]) if own and len(call.path) == 1 else None
    if key is None:
        raise RestError(404, f"Could not find object id={call.path[0]}")
    if call.method == "DELETE":
        splunkd.passwords.remove(key)
        return Feed(_PASSWORDS, splunkd.app, [])
    if call.method == "POST":
        splunkd.passwords.put(*key, call.required("password"))
    clear = dict(splunkd.passwords.items())[key]
    return Feed(_PASSWORDS, splunkd.app, [_password_entry(key, clear)])


def _password_entry(key: Key, clear: str) -> Entry:
    realm, username = key
    content = {
        "clear_password": clear,
        "encr_password": "$7$" + "*" * 8,
        "password": "*" * 8,
        "realm": realm,
        "username": username,
    }
    return Entry(entry_name(realm, username), _PASSWORDS, content)


def _config(splunkd: Splunkd, call: Call) -> Feed:
    """Collections of collections.conf, shipped or made here; served to the user context `nobody` alone."""
    if call.namespace.owner.lower() != "nobody":
        raise RestError(400, _NOBODY.format(call.namespace.owner or call.who.name))
    names = splunkd.kvstore.names() if splunkd.sees(call.namespace.app, "collections") else []
    if call.path:
        return _one_config(splunkd, call, call.path[0], names)
    if call.method == "POST":
        name = call.required("name")
        if name in names:
            raise RestError(409, f"An object with name={name} already exists")
        _configure(splunkd, call, name)
        return Feed(_CONFIG, splunkd.app, [_config_entry(splunkd, name)], 201)
    _only(call, "GET")
    return page([_config_entry(splunkd, name) for name in names], call, _CONFIG, splunkd.app)


def _one_config(splunkd: Splunkd, call: Call, name: str, names: List[str]) -> Feed:
    if name not in names or len(call.path) > 1:
        raise RestError(404, f"Could not find object id={name}")
    if call.method == "DELETE":
        check_write(splunkd, call, "collections", name)
        if not splunkd.kvstore.remove(name):
            raise RestError(400, f"Object id={name} cannot be deleted in config=collections.")  # [unverified] text
        return Feed(_CONFIG, splunkd.app, [])
    if call.method == "POST":
        _configure(splunkd, call, name)
    return Feed(_CONFIG, splunkd.app, [_config_entry(splunkd, name)])


def _configure(splunkd: Splunkd, call: Call, name: str) -> None:
    """Write a collection's settings; those of collections.conf.spec alone."""
    if call.namespace.app != splunkd.app:
        raise RestError(501, f"The stand-in keeps collections of the app {splunkd.app} only.")
    check_write(splunkd, call, "collections", name)
    settings = stanza_settings(call)
    wrong = next((key for key in settings if not _SETTING.fullmatch(key)), None)
    if wrong is not None:
        raise RestError(400, f'Argument "{wrong}" is not supported by this handler.')
    for key, value in settings.items():
        if key.startswith("field.") and value not in ("array", "number", "bool", "string", "cidr", "time"):
            raise RestError(400, f"Invalid type for field '{key[6:]}': {value}")  # [unverified] text
    splunkd.conf.update("collections", name, settings)


def _config_entry(splunkd: Splunkd, name: str) -> Entry:
    settings = splunkd.conf.stanza("collections", name) or {}
    content = {"disabled": "0", "eai:appName": splunkd.app, "eai:userName": "nobody", **settings}
    return Entry(name, _CONFIG, content)


def _data(splunkd: Splunkd, call: Call) -> Plain:
    """Documents of one collection, or one document."""
    if not call.path or call.namespace.app != splunkd.app:
        raise KVError(404, "Could not find object.")
    if call.namespace.private:
        raise RestError(501, "The stand-in keeps the documents of the user context 'nobody' only.")
    if not splunkd.kvstore.ready:  # [unverified] status and text, as users quote them
        raise KVError(503, "KV Store is initializing. Please try again later.")
    collection = splunkd.kvstore.collection(call.path[0])
    if call.method != "GET" and call.path[1:2] != ["batch_find"]:
        check_write(splunkd, call, "collections", call.path[0])
    if call.path[1:2] in (["batch_save"], ["batch_find"]):
        _only(call, "POST")
        return as_json(_batch(collection, call))
    if len(call.path) > 1:
        return _document(collection, call)
    if call.method == "GET":
        return as_json(_query(collection, call.params))
    if call.method == "DELETE":
        collection.clear(_parsed(call.params.get("query")))
        return as_json({})
    _only(call, "POST")
    return as_json({"_key": collection.insert(call.json())}, 201)


def _document(collection: Collection, call: Call) -> Plain:
    key = "/".join(call.path[1:])
    if call.method == "DELETE":
        collection.delete(key)
        return as_json({})
    if call.method == "POST":
        return as_json({"_key": collection.replace(key, call.json())})
    _only(call, "GET")
    return as_json(collection.get(key))


def _batch(collection: Collection, call: Call) -> Any:
    if call.path[1] == "batch_save":
        if len(call.body) > MAX_BATCH_BYTES:
            raise KVError(400, "Request exceeds API limits - see limits.conf for details.")
        return collection.save(call.json())
    queries = call.json()
    if not isinstance(queries, list) or not all(isinstance(query, dict) for query in queries):
        raise KVError(400, "The provided query was invalid.")
    return [_query(collection, query) for query in queries]


def _query(collection: Collection, params: Dict[str, Any]) -> List[Dict[str, Any]]:
    try:
        limit, skip = int(params.get("limit", 0)), int(params.get("skip", 0))
    except (ValueError, TypeError) as error:
        raise KVError(400, "limit and skip must be integers.") from error  # [unverified] text
    query = params.get("query")
    return collection.query(
        query if isinstance(query, dict) else _parsed(query),
        str(params.get("sort", "")),
        str(params.get("fields", "")),
        limit,
        skip,
    )


def _parsed(query: Optional[str]) -> Optional[Dict[str, Any]]:
    if not query:
        return None
    try:
        parsed = json.loads(query)
    except ValueError as error:
        raise KVError(400, "The provided query was invalid.") from error
    if not isinstance(parsed, dict):
        raise KVError(400, "The provided query was invalid.")
    return parsed


def _only(call: Call, method: str) -> None:
    if call.method != method:
        raise RestError(405, "Method Not Allowed")


ENDPOINTS: Endpoints = {
    _PASSWORDS: (_passwords, True),
    _CONFIG: (_config, True),
    "storage/collections/data": (_data, True),
}
