"""Errors as Google's JSON APIs and its token endpoint write them.

Source: Admin SDK and Gmail API, "Resolve errors"; google-auth, google.oauth2._client.
"""

from __future__ import annotations

from typing import Any, Dict, Tuple

from flask import Response, jsonify

# Reason and message of the errors that a plan asks for, by their status.
_PLANNED: Dict[int, Tuple[str, str]] = {
    400: ("invalid", "Bad Request"),
    401: ("authError", "Invalid Credentials"),
    403: ("userRateLimitExceeded", "User Rate Limit Exceeded"),
    404: ("notFound", "Not Found"),
    429: ("rateLimitExceeded", "Too many concurrent requests for user"),
    503: ("backendError", "The service is currently unavailable."),
}
_USUAL = ("backendError", "Internal error encountered.")


def error_body(status: int, reason: str, message: str) -> Dict[str, Any]:
    """The body of an error."""
    detail = {"message": message, "domain": "global", "reason": reason}
    return {"error": {"code": status, "message": message, "errors": [detail]}}


def error(status: int, reason: str, message: str) -> Response:
    """The answer that such an error is."""
    response = jsonify(error_body(status, reason, message))
    response.status_code = status
    return response


def planned(status: int, code: str) -> Dict[str, Any]:
    """The body of an error that a plan asks for by its status."""
    return error_body(status, *_PLANNED.get(status, _USUAL))


def planned_token(status: int, code: str) -> Dict[str, Any]:
    """The same of the token endpoint."""
    return {"error": "internal_failure" if status >= 500 else "rate_limited", "error_description": "as planned"}
