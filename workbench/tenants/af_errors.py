"""The errors of the Management Activity API: HTTP status and text of each AF code.

Texts are the vendor's reference page's; AF20024 and AF20055 are quoted by users
(MicrosoftDocs/office-365-management-api#387, #503), as is the 401 of AF10001
(microsoft/coe-starter-kit#8300). The page gives no HTTP status: 400 is seen for AF20023 and AF20024, 403 for
AF429 and 500 for AF50000; that the others are 400 too is [unverified].
"""

from __future__ import annotations

import uuid
from typing import Any, Dict, Tuple

NO_PUBLISHER = "00000000-0000-0000-0000-000000000000"

ERRORS: Dict[str, Tuple[int, str]] = {
    "AF10001": (
        401,
        "The permission set ({0}) sent in the request does not include the expected permission.",
    ),
    "AF20001": (400, "Missing parameter: {0}."),
    "AF20002": (400, "Invalid parameter type: {0}. Expected type: {1}"),
    "AF20003": (400, "Expiration {0} provided is set to past date and time."),
    "AF20010": (
        400,
        "The tenant ID passed in the URL ({0}) does not match the tenant ID passed in the access token ({1}).",
    ),
    "AF20011": (400, "Specified tenant ID ({0}) does not exist in the system or has been deleted."),
    "AF20012": (400, "Specified tenant ID ({0}) is incorrectly configured in the system."),
    "AF20013": (400, "The tenant ID passed in the URL ({0}) is not a valid GUID."),
    "AF20020": (400, "The specified content type is not valid."),
    "AF20022": (400, "No subscription found for the specified content type."),
    "AF20023": (400, "The subscription was disabled by a tenant admin."),
    "AF20024": (400, "The subscription is already enabled. No property change."),
    "AF20030": (
        400,
        "Start time and end time must both be specified (or both omitted) and must be less than or equal "
        "to 24 hours apart, with the start time no more than 7 days in the past.",
    ),
    "AF20055": (
        400,
        "Start time and end time must both be specified (or both omitted) and must be less than or equal "
        "to 24 hours apart, with the start time prior to end time and start time no more than 7 days in "
        "the past.",
    ),
    "AF20031": (400, "Invalid nextPage Input: {0}."),
    "AF20050": (400, "The specified content ({0}) does not exist."),
    "AF20051": (
        400,
        "Content requested with the key {0} has already expired. Content older than 7 days cannot be retrieved.",
    ),
    "AF20052": (400, "Content ID {0} in the URL is invalid."),
    "AF429": (403, "Too many requests. Method={0}, PublisherId={1}"),
    "AF50000": (500, "An internal error occurred. Retry the request."),
}


class ApiError(Exception):
    """The API refuses the call with this AF code."""

    def __init__(self, code: str, *details: str) -> None:
        self.code = code
        self.details = details


def audit_off(tenant: str, content_type: str) -> Dict[str, Any]:
    """What a start gives while the unified audit is off: the service cuts its text in two at the application id.

    Seen with HTTP 400 in counteractive/o365beat#58 and MicrosoftDocs/power-platform#184.
    """
    where = f"[TenantId={tenant},ContentType={content_type},ApplicationId={tenant},PublisherId={NO_PUBLISHER}]"
    exception = f"Microsoft.Office.Compliance.Audit.DataServiceException: Tenant {tenant} does not exist."
    return {
        "error": {
            "code": f"StartSubscription [CorrId={uuid.uuid4()}]{where}[AppId",
            "message": f"{tenant[1:]}] failed. Exception: {exception}",
        }
    }


def spoken(status: int, code: str) -> Dict[str, Any]:
    """The body of an error that a plan asks for by code or by HTTP status; by code, `status` is the code's own."""
    if status == 401:
        return {"Message": "Authorization has been denied for this request."}
    code = code or {403: "AF10001", 429: "AF429"}.get(status, "AF50000")
    own, text = ERRORS[code]
    body: Dict[str, Any] = {"error": {"code": code, "message": text.format(*[NO_PUBLISHER] * 2)}}
    return body if status else {"status": own, **body}
