"""Signing in to a Splunk by splunk-sdk: TLS verified, the app's namespace, and errors that say what to do."""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional
from urllib.parse import urlsplit

from splunklib import client
from splunklib.binding import AuthenticationError, HTTPError

from workbench.errors import BadInput

_PORT = 8089


@dataclass(frozen=True)
class Access:
    """Where a Splunk is and who asks. A token is one of Splunk's authentication tokens, or a session key."""

    url: str
    token: str = ""
    user: str = ""
    password: str = ""
    ca_file: Optional[Path] = None


def connect(access: Access, app: str) -> client.Service:
    """A client in the app's namespace, as the user who signed in. BadInput for whatever stands in the way."""
    try:
        service = client.Service(**_options(access), app=app, owner="nobody")
        if not access.token:
            service.login()
        # The token alone does not tell who asks; private objects need the name.
        who = entry_of(service, "/services/authentication/current-context")
        service.username = str(who["username"])
        _check_app(service, app)
    except AuthenticationError as error:
        raise BadInput(f"{access.url} does not take {_credentials(access)}. Make a new one, or mend it.") from error
    except HTTPError as error:
        raise BadInput(f"{access.url} refuses: {said(error)}") from error
    except ssl.SSLCertVerificationError as error:
        raise BadInput(
            f"{access.url}: its certificate cannot be verified ({error.verify_message}). Name the authority's "
            "certificate by SPLUNK_CA=FILE; a Splunk with its own default one keeps it in etc/auth/cacert.pem."
        ) from error
    except (OSError, socket.timeout) as error:
        raise BadInput(f"{access.url} cannot be reached: {error}. It must be Splunk's management port.") from error
    return service


def entry_of(service: client.Service, path: str) -> Dict[str, Any]:
    """The content of the one entity at an address."""
    entries = json.loads(service.get(path, output_mode="json").body.read())["entry"]
    return dict(entries[0]["content"])


def said(error: HTTPError) -> str:
    """What a refusal says, without status and markup."""
    text = str(error)
    return text.partition(" -- ")[2] or text


def _options(access: Access) -> Dict[str, Any]:
    parts = urlsplit(access.url)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.username:
        raise BadInput(f"SPLUNK_URL={access.url or '…'}: https://<host>:<management port> is needed, 8089 as a rule")
    options: Dict[str, Any] = {"host": parts.hostname, "port": parts.port or _PORT, "scheme": "https", "verify": True}
    options["context"] = _context(access.ca_file)
    if access.token:
        # Authentication tokens are JSON Web Tokens and go as Bearer; anything else is a session key.
        options["splunkToken" if access.token.count(".") == 2 else "token"] = access.token
    elif access.user and access.password:
        options.update(username=access.user, password=access.password)
    else:
        raise BadInput("Who asks? Set SPLUNK_TOKEN, or SPLUNK_USER and SPLUNK_PASSWORD.")
    return options


def _context(ca_file: Optional[Path]) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except OSError as error:
        raise BadInput(f"SPLUNK_CA={ca_file}: no file with a certificate: {error}") from error


def _credentials(access: Access) -> str:
    return "this token" if access.token else f"this password of {access.user}"


def _check_app(service: client.Service, app: str) -> None:
    try:
        service.get(f"/services/apps/local/{app}").body.read()
    except HTTPError as error:
        if error.status == 404:
            raise BadInput(f"The app {app} is not installed there: install what `make package` gives.") from error
        raise
