"""Exchange Online's admin API: read-only cmdlets over HTTPS, as Exchange's own PowerShell module calls them.

`InvokeCommand` takes any cmdlet; the Admin API v2.0, which is in preview, a few, under a permission of its own. What
it serves is asked there when the application has that permission, else of InvokeCommand.
Sources: learn.microsoft.com/exchange/reference/admin-api-*; KelvinTegelaar/CIPP-API New-ExoRequest for InvokeCommand,
whose next page is had by sending the same body again.
"""

from typing import Any, Dict, Iterator, List, Optional
from urllib.parse import urlencode

from .errors import RefusedError
from .http import Http, Token
from .odata import OData, Page, Row

PERMISSION, PERMISSION_V2 = "Exchange.ManageAsApp", "Exchange.ManageAsAppV2"
# Cmdlets that the Admin API v2.0 serves, and its endpoint for each. Which columns it gives of a mailbox beside its
# delegates no document says [unverified], so mailboxes are only asked for there where there is no other way.
_SERVED = {"Get-MailboxFolderPermission": "MailboxFolderPermission"}
_BY_PATH = ("Get-MailboxFolderPermission",)
_SERVED_AT_NEED = {**_SERVED, "Get-Mailbox": "Mailbox"}
_PAGE = 1000
# Whose mailbox a call of the whole organisation is routed by; each organisation has this one.
_ORGANISATION = "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}"
_ROLE = (
    "give the application's service principal a role that may read recipients and permissions: Entra's Global Reader, "
    "or an Exchange role group with View-Only Recipients and View-Only Configuration"
)
_GONE = "ManagementObjectNotFoundException"


def gone(error: RefusedError) -> bool:
    """Whether a refusal says that there is no such mailbox or folder."""
    return error.code == _GONE


class ExchangeApi:
    """Cmdlets of one tenant; `calls` counts the requests."""

    def __init__(self, http: Http, root: str, tenant: str, token: Token):
        self._api = OData(http, root, token, "Exchange Online")
        self._tenant = tenant
        self._version_2: Optional[bool] = None  # whether v2.0 serves this tenant; None until it was asked

    @property
    def calls(self) -> int:
        """Requests so far, each that was put off too."""
        return self._api.calls

    def rows(self, cmdlet: str, select: str = "", mailbox: str = "", **parameters: Any) -> List[Row]:
        """All rows of a cmdlet; RefusedError where they did not come whole."""
        return [row for page in self.pages(cmdlet, select, mailbox, **parameters) for row in page.rows]

    def pages(
        self, cmdlet: str, select: str = "", mailbox: str = "", begin: str = "", **parameters: Any
    ) -> Iterator[Page]:
        """The pages of a cmdlet's rows, from the page with the address `begin` on.

        select: the columns wanted, joined by commas, all when empty; mailbox: the one it is about.
        """
        endpoint = "" if begin else self._endpoint(cmdlet, str(parameters.get("Identity", "")))
        if endpoint:
            try:
                yield from self._pages(f"v2.0/{self._tenant}/{endpoint}", "", cmdlet, mailbox, "", parameters)
                return
            except RefusedError as error:
                if error.status not in (403, 404, 405, 410, 501) or error.code:
                    raise
                self._version_2 = False  # not for this tenant: as if it were not there
        path = f"beta/{self._tenant}/InvokeCommand"
        yield from self._pages(path, select, cmdlet, mailbox, begin, parameters)

    def _pages(
        self, path: str, select: str, cmdlet: str, mailbox: str, begin: str, parameters: Dict[str, Any]
    ) -> Iterator[Page]:
        anchor = f"UPN:{mailbox}" if mailbox else f"APP:{_ORGANISATION}@{self._tenant}"
        headers = {"X-AnchorMailbox": anchor, "Prefer": f"odata.maxpagesize={_PAGE}"}
        body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}
        url = begin or f"{self._api.root}/adminapi/{path}" + (f"?{urlencode({'$select': select})}" if select else "")
        for page in self._api.pages("POST", url, self._advice(), headers=headers, json=body):
            told = page.answer.get("@adminapi.warnings")
            more = not page.following and any("more results available" in str(one) for one in told or ())
            if more and parameters.get("ResultSize", "Unlimited") == "Unlimited":
                raise RefusedError(f"Exchange Online keeps rows of {cmdlet} back: it warns of more results", 200)
            yield Page([_without_types(row) for row in page.rows], page.following, page.answer)

    def _endpoint(self, cmdlet: str, identity: str) -> str:
        """The endpoint of v2.0 for a cmdlet; empty where it is not to be used.

        It documents folders by mailbox and path alone: one that can only be named by its id is InvokeCommand's.
        """
        if cmdlet in _BY_PATH and ":\\" not in identity:
            return ""
        roles = self._api.roles()
        if self._version_2 is None:
            self._version_2 = PERMISSION_V2 in roles
        served = _SERVED if PERMISSION in roles else _SERVED_AT_NEED
        return served.get(cmdlet, "") if self._version_2 else ""

    def _advice(self) -> str:
        """What a refusal for want of rights most likely wants; Exchange itself does not tell."""
        if PERMISSION in self._api.roles():
            return _ROLE
        return f"give the application the permission {PERMISSION} of Office 365 Exchange Online, with admin consent"


def _without_types(row: Row) -> Row:
    return {name: value for name, value in row.items() if "@odata." not in name}
