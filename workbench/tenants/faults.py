"""What can go wrong at a vendor, as switches and as a plan that a test or a demo may turn before or during a run.

Both vendors (`CommonFaults`). The documents behind a fault are named where it is built.

| switch | what happens |
|---|---|
| delay | seconds every answer is held back |
| plan | list of `plan.Rule`s: which call goes wrong how; several may apply at once |
| skew | seconds by which the service's own clock is ahead (it may be changed at any time: a clock that jumps) |
| date_skew | seconds by which the Date header alone is ahead |
| untrusted | the certificate is of another authority than `ca_file` says; read when the service starts |

| word in a plan | what the call gets |
|---|---|
| 401, 403, 429, 503, … | that HTTP status with an error in the service's own form; 429:5 with Retry-After 5 |
| AF20022, AF50000, … | that error of the Management Activity API; AF429:5 with Retry-After 5 |
| token_ends | 401, now and for every later call with the same token |
| redirect | 302 to a host of its own, whose calls `strays` has; redirect:<url> to that |
| error_in_200 | HTTP 200 with an error inside |
| html | HTTP 200 with a page of a proxy |
| truncated, nothing, nul | HTTP 200 with half of the JSON text; without any; with NUL bytes in its place |
| turned | a map where a list is due, and the other way |
| huge, deep, bad_utf8 | (pages and blobs) one record more: of 20 MB, of 10,000 levels, of invalid UTF-8 |
| cut, cut_chunked | the connection ends in the middle: Content-Length larger than the body; chunked without end |
| reset, reset_at_once | the connection is reset in the middle; before the answer |
| slow | byte by byte, 0.01 s each; slow:0.1 |
| silent | no answer for a second, then the connection ends; silent:30 |
| gzip, gzip_broken, gzip_cut | Content-Encoding gzip: right; with broken bytes; half of it |
| reordered, doubled | (activity/content) the rows of a page in another order; each row twice |
| endless | (pages) a next page is named always, and it is full again: the listing begins anew |
| loop | (pages) the next page is this one |
| empty_next | (pages) an empty page that names a next one, with what was due |
| disable, unlisted | (activity/content) the subscription is disabled now; (activity/list) no subscription is listed |
| shifting | (reports/list) pages are counted over what is there now: what arrived since moves them [unverified] |
| late | (activity/row) late:7200: the blob is listed two hours after its contentCreated |
| expired, missing, foreign_host | (activity/row) as in `blobs` below |

Endpoints for a plan: entra/token, entra/discovery; activity/list, /start, /stop, /content, /blob, and activity/row
(each blob of a listing; its key is the contentId); graph/query, /queries, /status, /records, /users, /user, /manager,
/groups, /members, /roles, /role_members, /assignments, /definitions, /principals, /principal, /assigned, /consents,
/batch (whose calls count by themselves too); exchange/invoke, exchange/v2. The key of a call is path, query and body.
Those of Workspace stand at `GoogleFaults`.

Office 365 (`Faults`); where the reference of the Management Activity API gives no HTTP status for a code the
stand-in answers 400.

| switch | what happens |
|---|---|
| throttle_every | every n-th call of the feed is refused: HTTP 403, AF429 |
| retry_after | seconds in a Retry-After header of those refusals; the vendor documents none |
| blobs | by the blob's number in order of availability over all types, one of the words of BLOB_FAULTS |
| page_size | blobs on one page of a listing |
| empty_page | the first page of every listing is empty and names a next page |
| page_header | the name of that header: NextPageUri, nextpageuri, NextPageUrl |
| disabled | content types whose subscription is disabled until it is started again: AF20023 |
| status_missing | content types whose element in subscriptions/list has no `status` |
| start_interval | seconds that must lie between two starts of subscriptions, of whatever types [unverified] |
| start_refusal | HTTP status and code of what comes too soon: (429, "AF429"), or (403, "429"), as some were given |
| audit_off | the tenant's unified audit is off: subscriptions/start gives 400, its code cut in the middle |
| long_windows | a window over 24 h is answered with its first day only, in place of AF20030 |
| secret_expired | AADSTS7000222 |
| token_seconds | life of a token |
| roles | application permissions in a token; without ActivityFeed.Read: AF10001 |
| exchange_role | False: the application holds no Entra or Exchange role: 403 with NUL bytes for a body |
| exchange_page | rows on one page of an Exchange answer, when the caller does not ask for fewer |
| admin_api | False: the tenant has no Admin API v2.0: 404; or the HTTP status it gives |
| folder_user | how a folder permission names its user: display_name or upn |
| graph_page | the most objects on one page of a Graph answer, whatever $top allows; 0: 100, or 999 with $top |
| audit_log_absent | version of Graph -> HTTP status: that version has no audit log query |
| query_polls, query_seconds | an audit log query ends after so many looks at it, and not before so many seconds |
| query_outcome | how it ends: succeeded, failed, cancelled, running (never) |
| record_limit | an audit log query gives no more records than this, though it succeeds; 0: no limit |
| audit_data | form of a record in an audit log query: plain, annotated (types of lists), dynamic (dynamicProperties) |

| word in `blobs` | what a GET of that blob gives |
|---|---|
| error | HTTP 500 AF50000, always |
| error_once | the same, the first time only |
| expired | AF20051 |
| missing | AF20050 |
| truncated | half of the JSON text, with HTTP 200 |
| not_a_list | an object where a list is due |
| foreign_host | its contentUri names a host that is not the vendor's: the same second one |

Workspace (`GoogleFaults`).

| switch | what happens |
|---|---|
| quota_every | every n-th call of the Reports API: HTTP 503 |
| token_errors | so many token requests are first refused with HTTP 503 internal_failure |
| token_seconds | life of a token |
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Optional, Set, Tuple, Union

from workbench.tenants.plan import Rule

BLOB_FAULTS = ("error", "error_once", "expired", "missing", "truncated", "not_a_list", "foreign_host")


ALL_ROLES = (
    "ActivityFeed.Read",
    "AuditLogsQuery.Read.All",
    "Directory.Read.All",
    "Exchange.ManageAsApp",
    "Exchange.ManageAsAppV2",
)


@dataclass
class CommonFaults:
    """Switches that both stand-ins have; all off by default."""

    delay: float = 0.0
    plan: List[Rule] = field(default_factory=list)
    skew: float = 0.0
    date_skew: float = 0.0
    untrusted: bool = False


@dataclass
class Faults(CommonFaults):
    """Switches of the Office 365 stand-in; all off by default. The module's table says what each does."""

    throttle_every: int = 0
    retry_after: Optional[int] = None
    blobs: Dict[int, str] = field(default_factory=dict)
    page_size: int = 200
    empty_page: bool = False
    page_header: str = "NextPageUri"
    disabled: Set[str] = field(default_factory=set)
    status_missing: Set[str] = field(default_factory=set)
    start_interval: float = 900.0
    start_refusal: Tuple[int, str] = (429, "AF429")
    audit_off: bool = False
    long_windows: bool = False
    secret_expired: bool = False
    token_seconds: int = 3599
    roles: Tuple[str, ...] = ALL_ROLES
    exchange_role: bool = True
    exchange_page: int = 1000
    admin_api: Union[bool, int] = True
    folder_user: str = "display_name"
    graph_page: int = 0
    audit_log_absent: Dict[str, int] = field(default_factory=dict)
    query_polls: int = 2
    query_seconds: float = 0.0
    query_outcome: str = "succeeded"
    record_limit: int = 0
    audit_data: str = "plain"


@dataclass
class GoogleFaults(CommonFaults):
    """Switches of the Workspace stand-in; all off by default.

    The module's table says what the first three do; endpoints for a plan: google/token; reports/list, and reports/row
    (each activity, by its qualifier, with late); directory/users, /user, /groups, /members, /roles, /assignments;
    gmail/delegates, gmail/batch, and gmail/part (each part of a batch, by its mailbox).

    | switch | what happens |
    |---|---|
    | refusals | by user, the error_description of the invalid_grant that his token requests get |
    | unauthorized_after | so many tokens are given, then unauthorized_client; -1 for never |
    | no_gmail | users whose Gmail is off, though they have a mailbox |
    | archived | users that are archived |
    | no_batches | the batch address is unknown: 404 |
    | shuffled | parts of a batch are answered in another order |
    | page_size | the most that a page of the Directory or Reports API holds, whatever is asked for |
    | stale_pages | page tokens are refused: 400 |
    | page_tokens_last | so many page tokens the Reports API takes in all, then 400; -1 for no end |
    | refused_windows | epoch times: a window of the Reports API that holds one of them is refused with 400 |
    | unlicensed | applications of the Reports API that this customer's edition does not have |
    | own_calls | each call of delegates.* leaves a `token` activity, as at Google |
    """

    quota_every: int = 0
    token_errors: int = 0
    token_seconds: int = 3599
    refusals: Dict[str, str] = field(default_factory=dict)
    unauthorized_after: int = -1
    no_gmail: Set[str] = field(default_factory=set)
    archived: Set[str] = field(default_factory=set)
    no_batches: bool = False
    shuffled: bool = False
    page_size: int = 0
    stale_pages: bool = False
    page_tokens_last: int = -1
    refused_windows: Set[float] = field(default_factory=set)
    unlicensed: Set[str] = field(default_factory=set)
    own_calls: bool = False
