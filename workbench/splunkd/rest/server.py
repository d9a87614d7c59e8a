"""server/info and auth/login."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from workbench.splunkd.chunked import VERSION
from workbench.splunkd.rest.messages import Call, Endpoints, Entry, Feed, Plain, RestError

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd


def _info(splunkd: Splunkd, call: Call) -> Feed:
    content = {
        "version": VERSION,
        "serverName": splunkd.server_name,
        "host": splunkd.server_name,
        "guid": "00000000-0000-0000-0000-000000000000",
        "product_type": "enterprise",
        "kvStoreStatus": "ready",
        "isFree": "0",
        "isTrial": "0",
        "startup_time": f"{splunkd.started:.0f}",
        "os_name": "Linux",
        "cpu_arch": "x86_64",
        "server_roles": ["indexer", "license_master", "kv_store", "search_head"],
    }
    return Feed("server/info", "system", [Entry("server-info", "server/info", content, ("list",))])


def _login(splunkd: Splunkd, call: Call) -> Plain:
    user = splunkd.users.signed_in(call.params.get("username", ""), call.params.get("password", ""))
    if user is None:
        raise RestError(401, "Login failed", "WARN")
    root = ET.Element("response")
    ET.SubElement(root, "sessionKey").text = splunkd.sessions.issue(user.name)
    return Plain(ET.tostring(root, encoding="utf-8"), "text/xml; charset=UTF-8")


ENDPOINTS: Endpoints = {"server/info": (_info, False), "auth/login": (_login, False)}
