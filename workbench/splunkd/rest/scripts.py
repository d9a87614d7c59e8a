"""The app's own endpoints: requests for persistent handlers of restmap.conf, and what comes back of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List
from urllib.parse import parse_qsl, urlsplit

from workbench.splunkd.persist import Endpoint, HandlerError
from workbench.splunkd.rest.messages import Call, Plain, RestError
from workbench.splunkd.users import SYSTEM

if TYPE_CHECKING:
    from workbench.splunkd.splunkd import Splunkd


def find(splunkd: Splunkd, path: List[str]) -> Endpoint:
    """The endpoint of an address; RestError 404 where there is none."""
    try:
        endpoint = splunkd.persistent.find(path)
    except HandlerError as error:
        raise RestError(501, str(error)) from error
    if endpoint is None:
        raise RestError(404, "Not Found")
    return endpoint


def serve(splunkd: Splunkd, endpoint: Endpoint, call: Call, content_type: str) -> Plain:
    """Check the capability, ask the handler, and hand on what it gives."""
    needed = endpoint.capability(call.method)
    if needed and not call.who.has(needed):
        raise RestError(  # [unverified] text
            403,
            f"You (user={call.who.name}) do not have permission to perform this operation "
            f"(requires capability: {needed}).",
        )
    modes = [mode.strip() for mode in endpoint.settings.get("output_modes", "xml").split(",")]
    mode = call.params.get("output_mode", modes[0])
    if mode not in modes:
        raise RestError(400, f"output_mode={mode} is not supported by this handler.")  # [unverified] text
    with splunkd.sessions.issued(SYSTEM) as system:
        request = _request(splunkd, endpoint, call, content_type, mode)
        if endpoint.flag("passSystemAuth", False):
            request["system_authtoken"] = system
        try:
            answer = splunkd.persistent.ask(endpoint, request)
        except HandlerError as error:
            raise RestError(500, str(error)) from error  # [unverified] text
    kind = {name.lower(): value for name, value in answer.headers.items()}.get("content-type")
    return Plain(answer.body, kind or f"application/{mode}; charset=UTF-8", answer.status)


def _request(splunkd: Splunkd, endpoint: Endpoint, call: Call, content_type: str, mode: str) -> Dict[str, Any]:
    """What the driver hands to the script. Source: requests as handlers of public apps quote them."""
    form = call.body.decode("utf-8", "replace") if "x-www-form-urlencoded" in content_type else ""
    request: Dict[str, Any] = {
        "output_mode": mode,
        "output_mode_explicit": "output_mode" in call.params,
        "server": {
            "rest_uri": splunkd.uri, "hostname": splunkd.server_name, "servername": splunkd.server_name,
            "guid": "00000000-0000-0000-0000-000000000000",
        },
        "query": [list(pair) for pair in call.query.items()],
        "connection": {"src_ip": "127.0.0.1", "ssl": True, "listening_port": urlsplit(splunkd.uri).port},
        "rest_path": "/".join([endpoint.match, *endpoint.below]),
        "method": call.method,
        "ns": {"app": call.namespace.app, "user": call.namespace.owner},
        "form": [list(pair) for pair in parse_qsl(form, keep_blank_values=True)],
    }  # fmt: skip
    if endpoint.below:
        request["path_info"] = "/".join(endpoint.below)
    if endpoint.flag("passConf", True):
        request["restmap"] = {"name": endpoint.name, "conf": endpoint.settings}
    if endpoint.flag("passSession", True) and call.user is not None:
        request["session"] = {"user": call.user.name, "authtoken": call.key}
    if endpoint.flag("passPayload", False) and call.body:
        request["payload"] = call.body.decode("utf-8", "replace")
    return request


