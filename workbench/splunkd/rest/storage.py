"""storage/passwords and storage/collections."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from workbench.splunkd.kvstore import MAX_BATCH_BYTES, Collection, KVError
from workbench.splunkd.passwords import Key, entry_name
from workbench.splunkd.rest.messages import Call, Endpoints, Entry, Feed, Plain, RestError, as_json, page

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd

_PASSWORDS = "storage/passwords"
_CONFIG = "storage/collections/config"
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
    """Collections that collections.conf declares; served to the user context `nobody` alone."""
    if call.namespace.owner.lower() != "nobody":
        raise RestError(400, _NOBODY.format(call.namespace.owner or call.user))
    names = splunkd.kvstore.names() if splunkd.sees(call.namespace.app, "collections") else []
    if call.path:
        if call.path[0] not in names:
            raise RestError(404, f"Could not find object id={call.path[0]}")
        _only(call, "GET")
        return Feed(_CONFIG, splunkd.app, [_config_entry(splunkd, call.path[0])])
    if call.method == "POST":
        raise RestError(501, "The stand-in knows the collections of collections.conf only.")
    _only(call, "GET")
    return page([_config_entry(splunkd, name) for name in names], call, _CONFIG, splunkd.app)


def _config_entry(splunkd: Splunkd, name: str) -> Entry:
    settings = splunkd.conf.stanza("collections", name) or {}
    content = {"disabled": "0", "eai:appName": splunkd.app, "eai:userName": "nobody", **settings}
    return Entry(name, _CONFIG, content)


def _data(splunkd: Splunkd, call: Call) -> Plain:
    """Documents of one collection, or one document."""
    if not call.path or call.namespace.app != splunkd.app:
        raise KVError(404, "Could not find object.")
    collection = splunkd.kvstore.collection(call.path[0])
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
