"""What can go wrong at a vendor, as switches a test or a demo may turn before or during a run.

Office 365 (`Faults`); where the reference of the Management Activity API gives no HTTP status for a code the
stand-in answers 400.

| switch | what happens |
|---|---|
| delay | seconds every answer is held back |
| throttle_every | every n-th call of the feed is refused: HTTP 403, AF429 |
| retry_after | seconds in a Retry-After header of those refusals; the vendor documents none |
| blobs | by the blob's number in order of availability over all types, one of the words of BLOB_FAULTS |
| page_size | blobs on one page of a listing |
| empty_page | the first page of every listing is empty and names a next page |
| page_header | the name of that header: NextPageUri, nextpageuri, NextPageUrl |
| disabled | content types whose subscription is disabled until it is started again: AF20023 |
| status_missing | content types whose element in subscriptions/list has no `status` |
| start_interval | seconds that must lie between two calls of subscriptions/start: 429 (900 at the vendor) |
| audit_off | the tenant's unified audit is off: subscriptions/start gives 400, its code cut in the middle |
| long_windows | a window over 24 h is answered with its first day only, in place of AF20030 |
| secret_expired | AADSTS7000222 |
| token_seconds | life of a token |
| roles | application permissions in a token; without ActivityFeed.Read: AF10001 |

| word in `blobs` | what a GET of that blob gives |
|---|---|
| error | HTTP 500 AF50000, always |
| error_once | the same, the first time only |
| expired | AF20051 |
| missing | AF20050 |
| truncated | half of the JSON text, with HTTP 200 |
| not_a_list | an object where a list is due |
| foreign_host | its contentUri names a host that is not the vendor's |

Workspace (`GoogleFaults`).

| switch | what happens |
|---|---|
| delay | seconds every answer is held back |
| quota_every | every n-th call of the Reports API: HTTP 503 |
| token_errors | so many token requests are first refused with HTTP 503 internal_failure |
| token_seconds | life of a token |
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, Optional, Set, Tuple

BLOB_FAULTS = ("error", "error_once", "expired", "missing", "truncated", "not_a_list", "foreign_host")


@dataclass
class Faults:
    """Switches of the Office 365 stand-in; all off by default. The module's table says what each does."""

    delay: float = 0.0
    throttle_every: int = 0
    retry_after: Optional[int] = None
    blobs: Dict[int, str] = field(default_factory=dict)
    page_size: int = 200
    empty_page: bool = False
    page_header: str = "NextPageUri"
    disabled: Set[str] = field(default_factory=set)
    status_missing: Set[str] = field(default_factory=set)
    start_interval: float = 0.0
    audit_off: bool = False
    long_windows: bool = False
    secret_expired: bool = False
    token_seconds: int = 3599
    roles: Tuple[str, ...] = ("ActivityFeed.Read",)


@dataclass
class GoogleFaults:
    """Switches of the Workspace stand-in; all off by default. The module's table says what each does."""

    delay: float = 0.0
    quota_every: int = 0
    token_errors: int = 0
    token_seconds: int = 3599
