"""Exchange Online's admin APIs: `InvokeCommand` (what the PowerShell module speaks) and the Admin API v2.0.

Calls, headers and paging: KelvinTegelaar/CIPP-API New-ExoRequest; learn.microsoft.com/exchange/reference/admin-api-*
(reference office365.md part 4). The form of an error is Microsoft365DSC#2998's, the 403 whose body is NUL bytes (no app
role, or no Entra role) rknightion/graph2otel's. [unverified]: the body of a 401, what a call without X-AnchorMailbox
gets, and that v2.0 refuses what its pages do not document: folders named otherwise than by path, other parameters.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import urlencode

from flask import Response, request

from workbench.tenants.entra import EXCHANGE, Entra
from workbench.tenants.exchange_cmdlets import INTERNAL, Cmdlets, ExchangeError, bad_request
from workbench.tenants.faults import Faults
from workbench.tenants.mischief import as_json
from workbench.tenants.served import Served, UnknownRequestError, has, only
from workbench.tenants.standing import Standing

Row = Dict[str, Any]
_ANCHOR = re.compile(r"((UPN|AAD-UPN|SMTP|AAD-SMTP|APP|OID|MBX):)?[^@:\s]+@[^@\s]+$|(OID|MBX):[\w@.-]+$")
# of v2.0: the cmdlet of an endpoint that is built, and the parameters that its page documents for it
_ENDPOINTS: Dict[str, Tuple[str, Tuple[str, ...]]] = {
    "Mailbox": ("Get-Mailbox", ("Identity", "ResultSize", "IncludeGrantSendOnBehalfToWithDisplayNames")),
    "MailboxFolderPermission": ("Get-MailboxFolderPermission", ("Identity", "ResultSize")),
    "OrganizationConfig": ("Get-OrganizationConfig", ()),
}
_NUL = b"\x00" * 512


class Exchange:
    """The admin APIs of one tenant, read from what stands."""

    def __init__(self, site: Served, entra: Entra, tenant: str, standing: Standing, faults: Faults) -> None:
        self._site = site
        self._entra = entra
        self._tenant = tenant
        self._cmdlets = Cmdlets(tenant, standing, faults)
        self._faults = faults
        site.speech["exchange"] = _spoken
        app = site.app
        app.add_url_rule(
            "/adminapi/beta/<tenant>/InvokeCommand", "exchange/invoke", self._guarded(self._invoke), methods=["POST"]
        )
        app.add_url_rule(
            "/adminapi/v2.0/<tenant>/<endpoint>", "exchange/v2", self._guarded(self._version_2), methods=["POST"]
        )

    # who asks

    def _guarded(self, answer: Callable[..., Response]) -> Callable[..., Response]:
        def call(tenant: str, **path: str) -> Response:
            only("$select $skiptoken")
            grant = self._entra.bearer(EXCHANGE)
            if grant is None:
                bearer = 'Bearer client_id="00000002-0000-0ff1-ce00-000000000000", error="invalid_token"'
                return Response(status=401, headers={"WWW-Authenticate": bearer})
            needed = "Exchange.ManageAsAppV2" if request.path.startswith("/adminapi/v2.0/") else "Exchange.ManageAsApp"
            if needed not in grant.roles or not self._faults.exchange_role or tenant.lower() != grant.tenant:
                return Response(_NUL, 403)
            try:
                if not _ANCHOR.match(request.headers.get("X-AnchorMailbox", "")):
                    raise bad_request("InvalidRoutingHintException", "X-AnchorMailbox is missing or invalid.")
                return answer(**path)
            except ExchangeError as refused:
                return as_json(_error(refused), refused.status)

        return call

    def _invoke(self) -> Response:
        name, given = _input()
        return self._page(*self._cmdlets.run(name, given))

    def _version_2(self, endpoint: str) -> Response:
        if self._faults.admin_api is not True:
            return Response(status=self._faults.admin_api or 404)
        name, given = _input()
        cmdlet, known = _ENDPOINTS.get(endpoint, ("", ()))
        if cmdlet != name:
            raise UnknownRequestError(f"no rule for the cmdlet {name!r} at the endpoint {endpoint!r}")
        strange = [parameter for parameter in given if parameter not in known]
        if strange:
            raise bad_request("AmbiguousParameterSetException", f"Invalid cmdlet parameters specified. {strange[0]}")
        if endpoint == "MailboxFolderPermission" and ":\\" not in str(given.get("Identity")):
            raise bad_request("ParameterBindingException", "Identity must have the form <mailbox>:\\<FolderPath>.")
        return self._page(*self._cmdlets.run(name, given))

    def _page(self, found: Sequence[Row], warnings: List[str]) -> Response:
        size = min(self._faults.exchange_page, _preferred() or self._faults.exchange_page)
        offset = int(request.args.get("$skiptoken", "0"))
        if has("endless") and offset >= len(found):
            offset = 0
        end = 0 if has("empty_next") and "$skiptoken" not in request.args else offset + size
        root = self._site.root("exchange")
        body: Row = {
            "@odata.context": f"{root}/adminapi/beta/{self._tenant}/$metadata#Collection(Edm.Untyped)",
            "adminapi.warnings@odata.type": "#Collection(String)",
            "@adminapi.warnings": warnings,
        }
        if end < len(found) or has("endless") or has("loop"):
            following = {**request.args, "$skiptoken": str(offset if has("loop") else end)}
            body["@odata.nextLink"] = f"{root}{request.path}?{urlencode(following)}"
        wanted = request.args.get("$select", "").split(",") if "$select" in request.args else None
        body["value"] = [_selected(row, wanted) for row in found[offset:end]]
        return as_json(body)


def _input() -> Tuple[str, Mapping[str, Any]]:
    """The cmdlet and its parameters, out of the body's CmdletInput."""
    body = request.get_json(silent=True)
    asked = body.get("CmdletInput") if isinstance(body, dict) else None
    if not isinstance(asked, dict) or not isinstance(asked.get("CmdletName"), str):
        raise bad_request("InvalidCmdletInputException", "The request body must contain a CmdletInput.")
    given = asked.get("Parameters") or {}
    return asked["CmdletName"], {name: value for name, value in given.items() if not name.endswith("@odata.type")}


def _preferred() -> int:
    match = re.search(r"odata\.maxpagesize=(\d+)", request.headers.get("Prefer", ""))
    return int(match.group(1)) if match else 0


def _selected(row: Row, wanted: Optional[List[str]]) -> Row:
    return row if wanted is None else {name: value for name, value in row.items() if name.split("@")[0] in wanted}


def _error(refused: ExchangeError) -> Row:
    server = refused.kind.startswith(INTERNAL)
    message = "Error executing cmdlet" if server else "Invalid Operation"
    detail = {"code": "Context" if server else "Client", "target": ""}
    detail["message"] = f"{'Ex6F9304' if server else ''}|{refused.kind}|{refused.text}"
    inner = {
        "message": message,
        "type": "Microsoft.Exchange.Admin.OData.Core.ODataServiceException",
        "stacktrace": "",
        "internalexception": {"message": refused.text, "type": refused.kind, "stacktrace": ""},
    }
    return {"error": {"code": refused.code, "message": message, "details": [detail], "innererror": inner}}


def _spoken(status: int, code: str) -> Row:
    """An error that a plan asks for: the short form, which has neither details nor an inner error."""
    words = {429: "TooManyRequests", 503: "ServiceUnavailable", 401: "Unauthorized", 403: "Forbidden"}
    code = words.get(status, "InternalServerError")
    return {"error": {"code": code, "message": "The server could not answer as planned."}}
